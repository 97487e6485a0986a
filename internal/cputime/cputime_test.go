//go:build unix

package cputime

import (
	"math"
	"testing"
)

// TestProcess: it is known here, and rises with work.
func TestProcess(t *testing.T) {
	before := Process()
	if before <= 0 {
		t.Fatalf("the process has worked %v", before)
	}
	sum := 0.0
	for after := before; after <= before; after = Process() {
		for i := range 1000 {
			sum += math.Sqrt(float64(i))
		}
	}
	if sum <= 0 {
		t.Error("nothing was computed")
	}
}
