package patchmatch

import (
	"math"
	"testing"
)

// TestSolveMeetsTies ties one side of a large grid to 10 and leaves the rest
// free: the answer is 10 everywhere, which takes the coarse grids to find.
func TestSolveMeetsTies(t *testing.T) {
	const w, h = 190, 260
	g := newGrid(w, h)
	b := make([]float32, 3*w*h)
	for y := range h {
		for x := range w {
			i := y*w + x
			if x < w-1 {
				g.right[i] = 1
			}
			if y < h-1 {
				g.down[i] = 1
			}
			if x == w-1 {
				g.tie[i] = 1
				b[3*i] = 10
			}
		}
	}
	g.ready()
	u, err := g.solve(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	var worst float64
	for i := range w * h {
		worst = max(worst, math.Abs(float64(u[3*i])-10))
	}
	if worst > 0.5 {
		t.Errorf("an answer is %.2f from the 10 that all should be", worst)
	}
}
