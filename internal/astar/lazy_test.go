package astar_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// truth is a world in which what a call costs and is worth depends on where
// its inputs came from.
type truth struct {
	seed  uint64
	keys  []string        // of the steps run so far: the call and, recursively, its inputs
	seen  map[string]bool // keys that ran
	value func(key string, op astar.Op) astar.Measured
}

// key names a call with the whole provenance of its inputs.
func (w *truth) key(s astar.Step) string {
	var in []string
	for _, slot := range s.Op.Needs {
		if n, ok := s.Inputs[slot]; ok {
			in = append(in, slot+"="+w.keys[n])
		}
	}
	slices.Sort(in)
	in = slices.Compact(in)
	return fmt.Sprintf("%s/%v(%s)", s.Op.Call.ID(), s.Op.Completes, strings.Join(in, ","))
}

// luck is a number in [0,1) that a key always has.
func (w *truth) luck(key string) float64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s", w.seed, key)
	return rand.New(rand.NewPCG(h.Sum64(), 1)).Float64()
}

// lazily runs Lazy in a world and checks what it promises of every step.
func lazily(t *testing.T, p astar.Problem, w *truth, opt astar.LazyOptions) (astar.LazyResult, error) {
	t.Helper()
	w.seen = make(map[string]bool)
	var planned astar.Result
	opt.Planned = func(r astar.Result) { planned = r }
	res, err := astar.Lazy(context.Background(), p, opt, func(_ context.Context, n int, s astar.Step) (astar.Measured, error) {
		if n != len(w.keys) {
			t.Errorf("step %d is told as %d", len(w.keys), n)
		}
		for _, slot := range s.Op.Needs {
			if slices.Contains(p.Held, slot) {
				continue
			}
			if from, ok := s.Inputs[slot]; !ok || from >= n {
				t.Errorf("%s runs before its %s is made", s.Op.Call.ID(), slot)
			}
		}
		if !slices.Contains(ids(planned.Path), s.Op.Call.ID()) {
			t.Errorf("%s runs and is not on the best path %v", s.Op.Call.ID(), ids(planned.Path))
		}
		key := w.key(s)
		if w.seen[key] {
			t.Errorf("%s runs twice", key)
		}
		w.seen[key] = true
		w.keys = append(w.keys, key)
		return w.value(key, s.Op), nil
	})
	return res, err
}

// With exact estimates the result is the optimum, and nothing else ran.
func TestLazyWithExactEstimates(t *testing.T) {
	each(t, 31, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		want, found := search(t, p)
		w := &truth{value: func(_ string, op astar.Op) astar.Measured {
			return astar.Measured{Cost: op.Cost, Quality: op.Quality}
		}}
		got, err := lazily(t, p, w, astar.LazyOptions{Sunk: r.IntN(2) == 0, Alike: r.IntN(2) == 0})
		if !found {
			if !errors.Is(err, edit.ErrNoPath) {
				t.Errorf("error %v, want no path", err)
			}
			return
		}
		if err != nil || !slices.Equal(ids(got.Path), ids(want.Path)) || !near(got.F, want.F) {
			t.Errorf("got %v (f %v, %v), want %v (f %v)", ids(got.Path), got.F, err, ids(want.Path), want.F)
		}
		if len(got.Ran) != len(want.Path) {
			t.Errorf("%d calls ran for a path of %d", len(got.Ran), len(want.Path))
		}
	})
}

// With estimates that promise no less than what is, the result is the true
// optimum among all calls on all inputs.
func TestLazyWithOptimisticEstimates(t *testing.T) {
	wasted, tried := 0, 0
	each(t, 32, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Threshold, p.Alpha = 0, 2*r.Float64()
		w := &truth{seed: r.Uint64()}
		w.value = func(key string, op astar.Op) astar.Measured {
			x := w.luck(key)
			return astar.Measured{Cost: op.Cost * (1 + x), Quality: op.Quality * (1 - 0.5*w.luck(key+"q"))}
		}
		whole, ok := everyProvenance(p, w)
		if !ok {
			return
		}
		want, found := search(t, whole)
		if !found {
			return
		}
		got, err := lazily(t, p, w, astar.LazyOptions{})
		if err != nil || got.F > want.F*(1+1e-9) || got.F < want.F*(1-1e-9) {
			t.Errorf("f is %v (%v), the optimum %v", got.F, err, want.F)
		}
		wasted, tried = wasted+len(got.Ran)-len(got.Path), tried+1
	})
	if tried > 0 {
		t.Logf("%d problems, %d calls run in vain", tried, wasted)
	}
}

// everyProvenance writes out every call on every choice of inputs, with its true
// cost and quality: slots are named by what made them. Not ok when there are too many.
func everyProvenance(p astar.Problem, w *truth) (astar.Problem, bool) {
	out := p
	out.Ops = nil
	results := make(map[string][]string) // by slot: names of results
	have := make(map[string]bool)
	for grown := true; grown; {
		grown = false
		for i := range p.Ops {
			op := &p.Ops[i]
			for _, in := range combinations(p.Held, op.Needs, results) {
				var parts []string
				for k, slot := range op.Needs {
					if in[k] != slot {
						parts = append(parts, slot+"="+strings.SplitN(in[k], "@", 2)[1])
					}
				}
				slices.Sort(parts)
				key := fmt.Sprintf("%s/%v(%s)", op.Call.ID(), op.Completes, strings.Join(slices.Compact(parts), ","))
				if have[key] {
					continue
				}
				have[key], grown = true, true
				m := w.value(key, *op)
				inst := astar.Op{Call: edit.Call{Tool: key}, Needs: in, Cost: m.Cost, Quality: m.Quality, Completes: op.Completes}
				for _, s := range op.Makes {
					if slices.Contains(p.Held, s) {
						continue
					}
					inst.Makes = append(inst.Makes, s+"@"+key)
					if !op.Completes && !slices.Contains(results[s], s+"@"+key) {
						results[s] = append(results[s], s+"@"+key)
					}
				}
				out.Ops = append(out.Ops, inst)
				if len(out.Ops) > 150 {
					return out, false
				}
			}
		}
	}
	return out, true
}

func combinations(held, needs []string, results map[string][]string) [][]string {
	list := [][]string{nil}
	for i, slot := range needs {
		choices := results[slot]
		if slices.Contains(held, slot) {
			choices = []string{slot}
		}
		if k := slices.Index(needs[:i], slot); k >= 0 {
			choices = nil // the same slot twice is the same result
			for _, l := range list {
				choices = append(choices, l[k])
			}
		}
		var next [][]string
		for n, l := range list {
			for m, c := range choices {
				if slices.Index(needs[:i], slot) >= 0 && m != n {
					continue
				}
				next = append(next, append(slices.Clone(l), c))
			}
		}
		list = next
	}
	return list
}

// Whatever is measured and whatever fails: it ends, and what it returns is what was measured.
func TestLazyWhenCallsFail(t *testing.T) {
	broken := errors.New("broken")
	each(t, 33, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		if r.IntN(5) > 0 {
			return // many searches each
		}
		p.Alpha = 2 * r.Float64()
		share, frozen := r.Float64(), r.IntN(2) == 0
		w := &truth{seed: r.Uint64()}
		measured := make(map[string]astar.Measured)
		w.value = func(key string, op astar.Op) astar.Measured {
			m := astar.Measured{Cost: op.Cost * (0.5 + w.luck(key)), Quality: w.luck(key + "q")}
			if w.luck(key+"f") < share {
				m.Failed, m.Usable = broken, w.luck(key+"u") < 0.5
			}
			measured[key] = m
			return m
		}
		best := r.IntN(2) == 0
		got, err := lazily(t, p, w, astar.LazyOptions{
			Frozen: frozen, AcceptBest: best, Sunk: r.IntN(2) == 0, Alike: r.IntN(2) == 0, MaxRuns: 20, MaxFailed: 1 + r.IntN(8),
		})
		if err != nil {
			if !errors.Is(err, edit.ErrNoPath) && !errors.Is(err, astar.ErrTooManyRuns) {
				t.Errorf("error %v", err)
			}
			return
		}
		cost, quality, poor := 0.0, 1.0, false
		for i, n := range got.Steps {
			m := measured[w.keys[n]]
			c := m.Cost
			if frozen {
				c = got.Ran[n].Op.Cost
			}
			cost, quality, poor = cost+max(c, edit.MinSeconds), quality*m.Quality, poor || m.Failed != nil
			if got.Path[i].Call.ID() != got.Ran[n].Op.Call.ID() {
				t.Errorf("call %d of the path is %s, step %d ran %s", i, got.Path[i].Call.ID(), n, got.Ran[n].Op.Call.ID())
			}
		}
		if !near(got.Cost, cost) || !near(got.Quality, quality) || got.Poor != poor || poor && !best {
			t.Errorf("cost %v quality %v poor %v, measured %v %v %v", got.Cost, got.Quality, got.Poor, cost, quality, poor)
		}
	})
}

// With Sunk and estimates that promise no more than what is, all that was spent
// and what it bought are no worse than the first plan said.
func TestLazySunkKeepsItsFirstWord(t *testing.T) {
	each(t, 34, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Threshold, p.Alpha = 0, 2*r.Float64()
		first, found := search(t, p)
		if !found {
			return
		}
		w := &truth{seed: r.Uint64()}
		spent := 0.0
		w.value = func(key string, op astar.Op) astar.Measured {
			m := astar.Measured{Cost: op.Cost * (1 - 0.9*w.luck(key)), Quality: op.Quality + (1-op.Quality)*w.luck(key+"q")}
			spent += max(m.Cost, edit.MinSeconds)
			return m
		}
		got, err := lazily(t, p, w, astar.LazyOptions{Sunk: true})
		if err != nil || !near(got.Spent, spent) {
			t.Fatalf("spent %v (%v), want %v", got.Spent, err, spent)
		}
		f := astar.Objective(p.Alpha, spent, got.Quality)
		if f > first.F*(1+1e-9) {
			t.Errorf("α %v: %v s for quality %v, f %v; the first plan said %v", p.Alpha, spent, got.Quality, f, first.F)
		}
	})
}

// A result a little worse than hoped for is no reason to pay for another call,
// one that is much worse is; and a tool that did badly is expected to do so again.
func TestLazyCountsWhatWasSpent(t *testing.T) {
	ops := []astar.Op{op("here: image -> !", 10, 0.95), op("there: image -> !", 10.1, 0.95), op("there: image -> !", 10.2, 0.95)}
	ops[2].Call.Variant = 1
	p := astar.Problem{Ops: ops, Held: []string{"image"}, Threshold: 0.8}
	for _, c := range []struct {
		alpha   float64
		opt     astar.LazyOptions
		quality map[string]float64 // those that are not as estimated
		want    []string
	}{
		{1, astar.LazyOptions{}, map[string]float64{"here": 0.9}, []string{"here", "there"}},
		{1, astar.LazyOptions{Sunk: true}, map[string]float64{"here": 0.9}, []string{"here"}},
		{0.1, astar.LazyOptions{Sunk: true}, map[string]float64{"here": 0.82}, []string{"here", "there"}},
		{2, astar.LazyOptions{Sunk: true}, map[string]float64{"here": 0.82}, []string{"here"}},
		// Without Alike the variant is hoped to reach what it is estimated at.
		{0, astar.LazyOptions{Sunk: true}, map[string]float64{"here": 0.9, "there": 0.85}, []string{"here", "there", "there#1"}},
		{0, astar.LazyOptions{Sunk: true, Alike: true}, map[string]float64{"here": 0.92, "there": 0.85}, []string{"here", "there"}},
	} {
		p.Alpha = c.alpha
		var ran []string
		res, err := astar.Lazy(context.Background(), p, c.opt, func(_ context.Context, _ int, s astar.Step) (astar.Measured, error) {
			ran = append(ran, s.Op.Call.ID())
			m := astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}
			if q, ok := c.quality[s.Op.Call.ID()]; ok {
				m.Quality = q
			}
			return m, nil
		})
		if err != nil || !slices.Equal(ran, c.want) {
			t.Errorf("α %v, %+v: ran %v (%v), want %v", c.alpha, c.opt, ran, err, c.want)
		}
		if len(res.Path) != 1 || !near(res.Cost, res.Path[0].Cost) || !near(res.F, astar.Objective(c.alpha, res.Cost, res.Quality)) {
			t.Errorf("α %v, %+v: a path %v of cost %v and f %v", c.alpha, c.opt, ids(res.Path), res.Cost, res.F)
		}
	}
}

// A call that is ruled out without being run costs nothing and uses up no bound.
func TestLazySkips(t *testing.T) {
	ops := []astar.Op{op("one: image -> !", 1, 0.95), op("two: image -> !", 2, 0.95), op("three: image -> !", 3, 0.95)}
	p := astar.Problem{Ops: ops, Held: []string{"image"}, Alpha: 1, Threshold: 0.8}
	res, err := astar.Lazy(context.Background(), p, astar.LazyOptions{Sunk: true, Alike: true, MaxRuns: 2, MaxFailed: 2}, func(_ context.Context, n int, s astar.Step) (astar.Measured, error) {
		m := astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}
		switch n {
		case 0:
			m.Quality, m.Failed = 0.3, errors.New("poor")
		case 1:
			m.Failed, m.Skipped = errors.New("as before"), true
		}
		return m, nil
	})
	if err != nil || !slices.Equal(res.Steps, []int{2}) || !near(res.Spent, 4) {
		t.Errorf("steps %v, %v s (%v); want the third, after 4 s", res.Steps, res.Spent, err)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// A retry is a call of its own, an error of the runner ends the search, and a
// mask made from other boxes has an estimate of its own.
func TestLazyCases(t *testing.T) {
	ops := []astar.Op{
		op("fast: image -> boxes", 1, 0.9), op("sure: image -> boxes", 2, 0.9),
		op("cut: image boxes -> mask", 1, 0.95), op("paint: image mask -> done", 1, 0.9),
	}
	for i := range ops {
		ops[i].Completes = slices.Contains(ops[i].Makes, "done")
	}
	p := astar.Problem{Ops: ops, Held: []string{"image"}, Alpha: 1, Threshold: 0.8}
	var ran []string
	res, err := astar.Lazy(context.Background(), p, astar.LazyOptions{}, func(_ context.Context, _ int, s astar.Step) (astar.Measured, error) {
		ran = append(ran, s.Op.Call.ID())
		m := astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}
		if s.Op.Call.ID() == "cut" && len(ran) == 2 {
			m.Failed = errors.New("a poor mask")
		}
		return m, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"fast", "cut", "sure", "cut", "paint"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	if want := []int{2, 3, 4}; !slices.Equal(res.Steps, want) || !slices.Equal(res.Failed, []int{1}) {
		t.Errorf("path is steps %v with %v failed, want %v", res.Steps, res.Failed, want)
	}
	stop := errors.New("not found")
	if _, err := astar.Lazy(context.Background(), p, astar.LazyOptions{}, func(context.Context, int, astar.Step) (astar.Measured, error) {
		return astar.Measured{}, stop
	}); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}

// A tool that takes longer than estimated makes its variants take longer too,
// not another variant look cheap.
func TestLazyTakesVariantsToErrAlike(t *testing.T) {
	ops := []astar.Op{op("cut: image -> mask", 1, 0.9), op("cut: image -> mask", 1.1, 0.9), op("paint: image mask -> !", 1, 0.9)}
	ops[1].Call.Variant = 1
	p := astar.Problem{Ops: ops, Held: []string{"image"}, Alpha: 1, Threshold: 0.8}
	for alike, want := range map[bool][]string{true: {"cut", "paint"}, false: {"cut", "cut#1", "paint"}} {
		var ran []string
		_, err := astar.Lazy(context.Background(), p, astar.LazyOptions{Alike: alike}, func(_ context.Context, _ int, s astar.Step) (astar.Measured, error) {
			ran = append(ran, s.Op.Call.ID())
			m := astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}
			if s.Op.Call.Tool == "cut" {
				m.Cost *= 3
			}
			return m, nil
		})
		if err != nil || !slices.Equal(ran, want) {
			t.Errorf("alike %v: ran %v (%v), want %v", alike, ran, err, want)
		}
	}
}
