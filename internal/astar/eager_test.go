package astar_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// asEstimated measures every call at its estimates.
func asEstimated(_ context.Context, _ int, s astar.Step) (astar.Measured, error) {
	return astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}, nil
}

// With exact estimates it takes the published search's path and spends what that spends.
func TestEagerWithExactEstimatesIsPublished(t *testing.T) {
	each(t, 41, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		for i := range p.Ops {
			p.Ops[i].Cost = max(p.Ops[i].Cost, edit.MinSeconds)
		}
		want, wantErr := astar.Published(context.Background(), p)
		got, err := astar.Eager(context.Background(), p, asEstimated)
		if errors.Is(wantErr, edit.ErrNoPath) && errors.Is(err, edit.ErrNoPath) {
			return
		}
		linear := !slices.ContainsFunc(p.Ops, func(op astar.Op) bool { return len(op.Needs) > 1 })
		if !linear {
			// What a real executor cannot run, or runs on what another path made, the
			// published search takes for runnable: no more is promised than a sound path.
			if err == nil {
				runnable(t, p, got)
			}
			return
		}
		if err != nil || wantErr != nil {
			t.Fatalf("errors %v and %v", err, wantErr)
		}
		if !slices.Equal(ids(got.Path), ids(want.Path)) || !near(got.F, want.F) {
			t.Errorf("got %v (f %v), published %v (f %v)", ids(got.Path), got.F, ids(want.Path), want.F)
		}
		if len(got.Ran) != want.Runs || !near(got.Seconds, want.Spent) || got.Skipped != 0 {
			t.Errorf("%d runs of %v s, %d skipped; published %d of %v s", len(got.Ran), got.Seconds, got.Skipped, want.Runs, want.Spent)
		}
	})
}

// runnable checks that every step of a path was made from steps before it, the last completing.
func runnable(t *testing.T, p astar.Problem, r astar.EagerResult) {
	t.Helper()
	for i, n := range r.Steps {
		s := r.Ran[n]
		if i > 0 && r.Steps[i-1] >= n || s.Op.Call.ID() != r.Path[i].Call.ID() {
			t.Errorf("step %d of the path is %d, %s; the path has %s", i, n, s.Op.Call.ID(), r.Path[i].Call.ID())
		}
		for _, slot := range s.Op.Needs {
			if slices.Contains(p.Held, slot) {
				continue
			}
			from, ok := s.Inputs[slot]
			if !ok || from >= n || !slices.Contains(r.Ran[from].Op.Makes, slot) || !slices.Contains(r.Steps, from) {
				t.Errorf("%s takes its %s from step %d (%v), path %v", s.Op.Call.ID(), slot, from, ok, r.Steps)
			}
		}
	}
	if last := r.Path[len(r.Path)-1]; !last.Completes {
		t.Errorf("the path ends with %s, which completes nothing", last.Call.ID())
	}
}

// Whatever is measured and fails, it ends, its account adds up, and a second run is the same.
func TestEagerWhenCallsFail(t *testing.T) {
	broken := errors.New("broken")
	found := 0
	each(t, 42, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		share, seed := 0.5*r.Float64(), r.Uint64()
		var results [2]astar.EagerResult
		for i := range results {
			w := &truth{seed: seed}
			spent, failed := 0.0, 0
			res, err := astar.Eager(context.Background(), p, func(_ context.Context, n int, s astar.Step) (astar.Measured, error) {
				if n != len(w.keys) {
					t.Errorf("step %d is told as %d", len(w.keys), n)
				}
				key := w.key(s)
				w.keys = append(w.keys, key)
				m := astar.Measured{Cost: s.Op.Cost * (0.5 + w.luck(key)), Quality: w.luck(key + "q")}
				if w.luck(key+"f") < share {
					m.Failed, failed = broken, failed+1
				}
				spent += m.Cost
				return m, nil
			})
			if err != nil && !errors.Is(err, edit.ErrNoPath) {
				t.Fatal(err)
			}
			if !near(res.Seconds, spent) || len(res.Ran) != len(w.keys) || len(res.Failed) != failed {
				t.Errorf("%d runs of %v s, %d failed; the account says %d, %v, %d", len(w.keys), spent, failed, len(res.Ran), res.Seconds, len(res.Failed))
			}
			if err == nil {
				found++
				runnable(t, p, res)
				if slices.ContainsFunc(res.Steps, func(n int) bool { return slices.Contains(res.Failed, n) }) {
					t.Errorf("the path %v has a failed step of %v", res.Steps, res.Failed)
				}
			}
			results[i] = res
		}
		if !reflect.DeepEqual(results[0], results[1]) {
			t.Errorf("two runs differ: %v and %v", results[0].Steps, results[1].Steps)
		}
	})
}

// The released search keeps one path to a call, the one of least g: reached by
// the cheap poor call, the long one that follows comes to 16.5, where the best is 11.6.
func TestOneLabelPerCallMissesTheBest(t *testing.T) {
	ops := []astar.Op{op("a: image -> x", 1, 0.5), op("b: image -> x", 1.6, 1), op("s: x -> y", 0, 1), op("t: y -> !", 10, 1)}
	checkLazyAndEager(t, astar.Problem{Ops: ops, Held: []string{"image"}, Alpha: 1}, compared{
		f: 11.6, path: "b → s → t", seconds: 11.6, eagerF: 16.5, eagerPath: "a → s → t", eagerSeconds: 12.602, eagerRuns: 5,
	})
}

// Recolouring with the published tool table at α = 1: 13.614 by running 12.3 s
// of tools, against 14.70 by running 27.0 s.
func TestRecolorWithThePublishedTable(t *testing.T) {
	checkLazyAndEager(t, astar.Problem{Ops: recolor(), Held: []string{"image"}, Alpha: 1}, compared{
		f: 13.614, path: "dino → sam → inpaint", seconds: 12.265, eagerF: 14.70, eagerPath: "search-recolor", eagerSeconds: 27.02, eagerRuns: 6,
	})
}

type compared struct {
	f            float64
	path         string
	seconds      float64
	eagerF       float64
	eagerPath    string
	eagerSeconds float64
	eagerRuns    int
}

func checkLazyAndEager(t *testing.T, p astar.Problem, want compared) {
	t.Helper()
	spent := 0.0
	lazy, err := astar.Lazy(context.Background(), p, astar.LazyOptions{}, func(ctx context.Context, n int, s astar.Step) (astar.Measured, error) {
		m, err := asEstimated(ctx, n, s)
		spent += m.Cost
		return m, err
	})
	if err != nil || lazy.Toolpath().String() != want.path || math.Abs(lazy.F-want.f) > 0.005 || math.Abs(spent-want.seconds) > 0.005 {
		t.Errorf("Lazy: %v with f %v after %v s (%v), want %+v", lazy.Toolpath(), lazy.F, spent, err, want)
	}
	eager, err := astar.Eager(context.Background(), p, asEstimated)
	if err != nil || eager.Toolpath().String() != want.eagerPath || math.Abs(eager.F-want.eagerF) > 0.005 {
		t.Errorf("Eager: %v with f %v (%v), want %+v", eager.Toolpath(), eager.F, err, want)
	}
	if math.Abs(eager.Seconds-want.eagerSeconds) > 0.005 || len(eager.Ran) != want.eagerRuns {
		t.Errorf("Eager ran %d calls for %v s, want %+v", len(eager.Ran), eager.Seconds, want)
	}
}

func TestEagerCases(t *testing.T) {
	variant := op("cut: boxes -> mask", 1, 0.98)
	variant.Call.Variant = 1
	further := variant
	further.Call.Variant = 2
	end := op("paint: mask -> !", 1, 0.9)
	broken := errors.New("broken")
	cases := []struct {
		name  string
		ops   []astar.Op
		fails []string
		ran   string
		path  string // "" : none
		skips int
	}{
		{
			name: "a variant is tried where the call fails, and only once", fails: []string{"cut", "cut#1"},
			ops: []astar.Op{op("find: image -> boxes", 1, 1), op("cut: boxes -> mask", 1, 1), variant, further, end},
			ran: "[find cut cut#1]",
		},
		{
			name: "and not where it does not", ops: []astar.Op{op("find: image -> boxes", 1, 1), op("cut: boxes -> mask", 1, 1), variant, further, end},
			ran: "[find cut paint]", path: "find → cut → paint",
		},
		{
			name: "a variant that works completes the path", fails: []string{"cut"},
			ops: []astar.Op{op("find: image -> boxes", 1, 1), op("cut: boxes -> mask", 1, 1), variant, further, end},
			ran: "[find cut cut#1 paint]", path: "find → cut#1 → paint",
		},
		{
			name: "what the path lacks is taken from another",
			ops:  []astar.Op{op("read: image -> words", 1, 1), op("font: image -> style", 2, 1), op("end: words style -> !", 1, 1)},
			ran:  "[font read end]", path: "font → read → end",
		},
		{
			name: "what nothing made yet is skipped", skips: 1,
			ops: []astar.Op{op("read: image -> words", 1, 1), op("see: image -> x", 1.1, 1), op("font: x -> style", 2, 1), op("end: words style -> !", 1, 1)},
			ran: "[read see font end]", path: "read → see → font → end",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var ran []string
			res, err := astar.Eager(context.Background(), astar.Problem{Ops: c.ops, Held: []string{"image"}, Alpha: 1}, func(_ context.Context, _ int, s astar.Step) (astar.Measured, error) {
				ran = append(ran, s.Op.Call.ID())
				m := astar.Measured{Cost: s.Op.Cost, Quality: s.Op.Quality}
				if slices.Contains(c.fails, s.Op.Call.ID()) {
					m.Failed = broken
				}
				return m, nil
			})
			if fmt.Sprint(ran) != c.ran || res.Skipped != c.skips {
				t.Errorf("ran %v, skipped %d; want %s, %d", ran, res.Skipped, c.ran, c.skips)
			}
			if c.path == "" {
				if !errors.Is(err, edit.ErrNoPath) {
					t.Errorf("error %v, want no path", err)
				}
				return
			}
			if err != nil || res.Toolpath().String() != c.path {
				t.Errorf("path %v (%v), want %s", res.Toolpath(), err, c.path)
			}
		})
	}
}

func TestEagerStops(t *testing.T) {
	p := astar.Problem{Ops: recolor(), Held: []string{"image"}, Alpha: 1}
	stop := errors.New("stop")
	if res, err := astar.Eager(context.Background(), p, func(context.Context, int, astar.Step) (astar.Measured, error) {
		return astar.Measured{}, stop
	}); !errors.Is(err, stop) || len(res.Path) != 0 {
		t.Errorf("error %v, path %v", err, res.Path)
	}
	ctx, cancel := context.WithCancel(context.Background())
	runs := 0
	if _, err := astar.Eager(ctx, p, func(ctx context.Context, n int, s astar.Step) (astar.Measured, error) {
		runs++
		cancel()
		return asEstimated(ctx, n, s)
	}); !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("error %v after %d runs", err, runs)
	}
	for _, m := range []astar.Measured{{Cost: math.NaN(), Quality: 1}, {Cost: 1, Quality: 2}} {
		if _, err := astar.Eager(context.Background(), p, func(context.Context, int, astar.Step) (astar.Measured, error) { return m, nil }); err == nil {
			t.Errorf("%+v was taken", m)
		}
	}
}
