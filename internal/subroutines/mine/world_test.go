package mine_test

import (
	"fmt"
	"math/rand/v2"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// attempt is one way of doing the planted task: reading, then a tool that completes it.
type attempt struct {
	tool             string
	seconds, quality float64
	pass             bool
}

// traceOf is a trace of the attempts in turn; the last one that passes is kept.
func traceOf(id int64, task string, features map[string]any, attempts ...attempt) store.Trace {
	tr := store.Trace{
		ID: id, Picture: fmt.Sprintf("picture-%d", id), Subtask: edit.Subtask{Task: task}, Features: features,
		Alpha: 1, Threshold: 0.8, Outcome: edit.StatusFailed, Quality: store.Unmeasured(),
	}
	step := func(tool string, seconds, quality float64, v store.Verdict, inputs ...int) {
		tr.Steps = append(tr.Steps, store.Step{
			Call: tool, Tool: tool, Seconds: seconds, Megapixels: 1, FreeCore: true, Inputs: inputs,
			Judgement: store.Judgement{Quality: store.Real(quality), Verdict: v},
		})
		tr.Seconds += seconds
	}
	step("reader", 3, 1, store.Unjudged)
	for _, a := range attempts {
		verdict := store.Fail
		if a.pass {
			verdict = store.Pass
		}
		step(a.tool, a.seconds, a.quality, verdict, 0)
		if a.pass {
			tr.Outcome, tr.Quality = edit.StatusDone, store.Real(a.quality)
			tr.Steps[0].Final, tr.Steps[len(tr.Steps)-1].Final = true, true
			break
		}
	}
	return tr
}

// noise adds features that mean nothing.
func noise(r *rand.Rand, features map[string]any, n int) {
	for i := range n {
		switch i % 3 {
		case 0:
			features[fmt.Sprintf("noise-%d", i)] = r.Float64()
		case 1:
			features[fmt.Sprintf("noise-%d", i)] = []string{"a", "b", "c", "d"}[r.IntN(4)]
		case 2:
			features[fmt.Sprintf("noise-%d", i)] = r.IntN(2) == 0
		}
	}
}

// painted are traces of text removal where painting over, cheap, passes at .95
// on uniform grounds and at .20 elsewhere, and the fill, dear, at .97. Every other
// picture sees painting tried first.
func painted(seed uint64, n int) []store.Trace {
	r := rand.New(rand.NewPCG(seed, 1))
	traces := make([]store.Trace, n)
	for i := range traces {
		ground := []string{"uniform", "plain", "gradient", "complex"}[r.IntN(4)]
		f := map[string]any{"ground": ground, "always": true, "one": 1.0}
		noise(r, f, 30)
		rate := 0.2
		if ground == "uniform" {
			rate = 0.95
		}
		paint := attempt{tool: "painting", seconds: 0.05, quality: 0.3, pass: r.Float64() < rate}
		if paint.pass {
			paint.quality = 0.95
		}
		fill := attempt{tool: "fill", seconds: 14, quality: 0.97, pass: r.Float64() < 0.97}
		if r.IntN(2) == 0 {
			traces[i] = traceOf(int64(i+1), "text-removal", f, paint, fill)
		} else {
			traces[i] = traceOf(int64(i+1), "text-removal", f, fill, paint)
		}
	}
	return traces
}
