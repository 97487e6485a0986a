package astar_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// Whatever order the calls, their slots and the held slots come in, the result is the
// same to the last bit.
func TestOrderOfOpsChangesNothing(t *testing.T) {
	each(t, 11, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		want, found := search(t, p)
		front, _ := astar.Frontier(context.Background(), p)
		mixed := shuffled(r, p)
		got, again := search(t, mixed)
		if found != again || !reflect.DeepEqual(got.Toolpath(), want.Toolpath()) ||
			got.Cost != want.Cost || got.Quality != want.Quality || got.F != want.F || got.Stats != want.Stats {
			t.Errorf("got %v %+v, want %v %+v", got.Toolpath(), got.Stats, want.Toolpath(), want.Stats)
		}
		other, _ := astar.Frontier(context.Background(), mixed)
		if len(other) != len(front) {
			t.Errorf("the frontier has %d paths, had %d", len(other), len(front))
		}
	})
}

func shuffled(r *rand.Rand, p astar.Problem) astar.Problem {
	p.Ops = slices.Clone(p.Ops)
	mix := func(slots []string) []string {
		slots = slices.Clone(slots)
		r.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
		return slots
	}
	for i := range p.Ops {
		p.Ops[i].Needs, p.Ops[i].Makes = mix(p.Ops[i].Needs), mix(p.Ops[i].Makes)
	}
	r.Shuffle(len(p.Ops), func(i, j int) { p.Ops[i], p.Ops[j] = p.Ops[j], p.Ops[i] })
	p.Held = mix(append(slices.Clone(p.Held), "held-but-needless"))
	return p
}

// A tool that is no better than another in any way changes nothing.
func TestDominatedToolChangesNothing(t *testing.T) {
	each(t, 12, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		want, found := search(t, p)
		worse := p.Ops[r.IntN(len(p.Ops))]
		worse.Call.Tool = "zz-worse" // after all others by name
		worse.Cost += r.Float64()
		worse.Quality *= 1 - r.Float64()/2
		worse.Cached = false
		if len(worse.Makes) > 0 {
			worse.Makes = worse.Makes[:1]
		}
		worse.Needs = append(slices.Clone(worse.Needs), p.Ops[r.IntN(len(p.Ops))].Needs...)
		p.Ops = append(slices.Clone(p.Ops), worse)
		got, again := search(t, p)
		if found != again || !slices.Equal(ids(got.Path), ids(want.Path)) {
			t.Errorf("got %v, want %v", ids(got.Path), ids(want.Path))
		}
	})
}

// A further tool never makes f greater; a dearer or worse one never makes it less.
func TestMonotone(t *testing.T) {
	each(t, 13, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Threshold, p.Alpha = 0, 2*r.Float64()
		before, found := search(t, p)
		if !found {
			return
		}
		more := p
		extra := p.Ops[r.IntN(len(p.Ops))]
		extra.Call.Tool, extra.Cost, extra.Quality = "extra", 5*r.Float64(), r.Float64()
		more.Ops = append(slices.Clone(p.Ops), extra)
		if after, _ := search(t, more); after.F > before.F*(1+1e-12) {
			t.Errorf("a further tool raised f from %v to %v", before.F, after.F)
		}
		less := p
		less.Ops = slices.Clone(p.Ops)
		i := r.IntN(len(less.Ops))
		less.Ops[i].Cost *= 1 + r.Float64()
		less.Ops[i].Quality *= r.Float64()
		if after, _ := search(t, less); after.F < before.F*(1-1e-12) {
			t.Errorf("a worse tool lowered f from %v to %v", before.F, after.F)
		}
	})
}

// Names of slots, and the unit of cost, carry no meaning.
func TestRenamedSlotsAndOtherUnit(t *testing.T) {
	each(t, 14, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha = 2 * r.Float64()
		want, _ := search(t, p)
		renamed := p
		rename := func(slots []string) []string {
			out := make([]string, len(slots))
			for i, s := range slots {
				b := []byte(s)
				slices.Reverse(b)
				out[i] = strings.ToUpper(string(b))
			}
			return out
		}
		renamed.Held = rename(p.Held)
		renamed.Ops = slices.Clone(p.Ops)
		for i := range renamed.Ops {
			op := &renamed.Ops[i]
			op.Needs, op.Makes = rename(op.Needs), rename(op.Makes)
			op.Cost *= 1024 // exact, so that ties stay ties
		}
		if got, _ := search(t, renamed); !slices.Equal(ids(got.Path), ids(want.Path)) {
			t.Errorf("got %v, want %v", ids(got.Path), ids(want.Path))
		}
	})
}

// A slot that is held from the start is never made, and holding more never costs more.
func TestHoldingMore(t *testing.T) {
	each(t, 15, func(t *testing.T, r *rand.Rand, p astar.Problem) {
		p.Alpha, p.Threshold = 2*r.Float64(), 0
		before, found := search(t, p)
		op := p.Ops[r.IntN(len(p.Ops))]
		if !found || len(op.Makes) == 0 {
			return
		}
		p.Held = append(slices.Clone(p.Held), op.Makes...)
		after, found := search(t, p)
		if !found || after.F > before.F*(1+1e-12) {
			t.Errorf("holding %v raised f from %v to %v", op.Makes, before.F, after.F)
		}
		for _, call := range after.Path {
			useful := call.Completes || slices.ContainsFunc(call.Makes, func(s string) bool { return !slices.Contains(p.Held, s) })
			if !useful {
				t.Errorf("%s makes nothing that is not held", call.Call.ID())
			}
		}
	})
}

// A tool and its variants are calls apart: ruling one out leaves the others.
func TestVariantsStandInForEachOther(t *testing.T) {
	spec := edit.ToolSpec{
		Name: "t", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "x", Quality: 0.9}}, Cost: edit.Cost{Seconds: 1},
		Variants: []map[string]any{{"score": 0.2}, {"score": 0.1}},
	}
	failed := map[string]bool{}
	prior := astar.Priors("x", 1)
	for _, want := range []string{"t", "t#1", "t#2"} {
		ops := astar.Build([]edit.ToolSpec{spec}, "x", func(s *edit.ToolSpec, c edit.Call, last bool) (float64, float64, bool) {
			cost, quality, _ := prior(s, c, last)
			return cost, quality, !failed[c.ID()]
		})
		r, found := search(t, astar.Problem{Ops: ops, Alpha: 1})
		if !found || r.Path[0].Call.ID() != want {
			t.Fatalf("got %v, want %s", r.Toolpath(), want)
		}
		failed[want] = true
	}
}
