package mine_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"pentimento/internal/subroutines/mine"
)

// Mining over 100,000 traces of two task types with sixty features; the
// greatest heap is that of the columns and the search, since no trace is kept.
// What is found is looked at for rules within it, as mining does with the rules in use.
func BenchmarkMine(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		var table mine.Table
		r := rand.New(rand.NewPCG(1, 1))
		for i := range n {
			f := make(map[string]any)
			noise(r, f, 60)
			for j := 0; j < 60; j += 3 {
				f[fmt.Sprintf("noise-%d", j+1)] = r.Float64() // most are numbers
			}
			good := 0.3
			if f["noise-0"].(float64) > 0.6 && f["noise-2"].(bool) {
				good = 0.95
			}
			attempts := make([]attempt, 5)
			for k := range attempts {
				attempts[k] = attempt{tool: fmt.Sprintf("tool-%d", k), seconds: 1 + float64(k), quality: 0.9, pass: r.Float64() < good}
			}
			r.Shuffle(len(attempts), func(i, j int) { attempts[i], attempts[j] = attempts[j], attempts[i] })
			table.Add(traceOf(int64(i+1), fmt.Sprintf("task-%d", i%2), f, attempts...))
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-kept")
		o := mine.DefaultOptions()
		o.Alike = func(string, string) bool { return true } // what is found in one task is looked for in the other, and in both
		list, err := table.Mine(o)
		if err != nil || len(list) == 0 {
			b.Fatalf("%d rules: %v", len(list), err)
		}
		for i := range list { // as those are that are in use
			if _, err := table.Split(list[i].Subroutine, o); err != nil {
				b.Fatal(err)
			}
		}
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapSys)/1e6, "MB-heap")
		b.ReportMetric(float64(len(list)), "rules")
	}
}
