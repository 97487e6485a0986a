package astar

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// tangle makes a random graph: calls that need up to three slots and make up
// to two, in any direction.
func tangle(r *rand.Rand) Problem {
	const slots, tools = 7, 12
	slot := func() string { return fmt.Sprint("s", r.IntN(slots)) }
	p := Problem{Held: []string{"s0"}, Threshold: 0.6}
	for i := range tools {
		op := Op{Call: edit.Call{Tool: fmt.Sprintf("t%02d", i)}, Cost: 10 * r.Float64(), Quality: r.Float64()}
		for range 1 + r.IntN(3) {
			op.Needs = append(op.Needs, slot())
		}
		op.Makes = []string{slot(), slot()}[:1+r.IntN(2)]
		op.Completes = i < 2
		p.Ops = append(p.Ops, op)
	}
	return p
}

// TestBoundNeverOverestimates compares the bound of every set of slots with
// what the cheapest set of calls that makes them all really takes.
func TestBoundNeverOverestimates(t *testing.T) {
	states, inner := 0, 0
	for seed := range uint64(400) {
		p := tangle(rand.New(rand.NewPCG(seed, 21)))
		g, err := compile(&p)
		if err != nil {
			continue
		}
		criteria := map[string]*criterion{"cost": &g.cost, "loss": &g.loss}
		if g.weakness != nil {
			criteria["weakness"] = g.weakness
		}
		for name, c := range criteria {
			truth := cheapest(g, c)
			for set, least := range truth {
				var open []int32
				for s := range g.makers {
					if set&(1<<s) != 0 {
						open = append(open, int32(s))
					}
				}
				states++
				if len(open) > 1 {
					inner++
				}
				if b := c.bound(g, open); b > least*(1+1e-12)+1e-12 {
					t.Fatalf("seed %d: %s of %v is bounded by %v, but %v does it", seed, name, open, b, least)
				}
			}
		}
	}
	if states < 1000 || inner < 500 {
		t.Fatalf("only %d sets of slots looked at, %d of more than one", states, inner)
	}
}

// cheapest finds by trying all sets of calls, for every set of slots, the
// least weight of calls that can run and make it.
func cheapest(g *graph, c *criterion) []float64 {
	truth := make([]float64, 1<<len(g.makers))
	for i := range truth {
		truth[i] = math.Inf(1)
	}
	for calls := range 1 << len(g.ops) {
		made, sum := 0, 0.0
		left := calls
		for again := true; again; {
			again = false
			for i := range g.ops {
				if left&(1<<i) != 0 && bits(g.ops[i].needs)&^made == 0 {
					made |= bits(g.ops[i].makes)
					left &^= 1 << i
					sum += c.weight[i]
					again = true
				}
			}
		}
		if left == 0 {
			for sub := made; ; sub = (sub - 1) & made {
				truth[sub] = min(truth[sub], sum)
				if sub == 0 {
					break
				}
			}
		}
	}
	return truth
}

func bits(slots []int32) (set int) {
	for _, s := range slots {
		set |= 1 << s
	}
	return set
}

func TestGivesUpAtTheLimit(t *testing.T) {
	p := Problem{Alpha: 1}
	for i := range 6 {
		op := Op{Call: edit.Call{Tool: fmt.Sprint("t", i)}, Makes: []string{fmt.Sprint("s", i)}, Cost: 1, Quality: 1, Completes: i == 5}
		if i > 0 {
			op.Needs = []string{fmt.Sprint("s", i-1)}
		}
		p.Ops = append(p.Ops, op)
	}
	g, err := compile(&p)
	if err != nil {
		t.Fatal(err)
	}
	a := &bestAim{alpha: 1}
	e := newEngine(g, a)
	a.engine, e.limit = e, 0
	if err := e.run(context.Background()); err == nil || errors.Is(err, edit.ErrNoPath) || !strings.Contains(err.Error(), "given up") {
		t.Errorf("error %v", err)
	}
}

// The published heuristic keeps one pair of cost and quality per call, and so overestimates.
func TestPublishedHeuristicOverestimates(t *testing.T) {
	tool := func(name, need, makes string, cost, quality float64) Op {
		return Op{Call: edit.Call{Tool: name}, Needs: []string{need}, Makes: []string{makes}, Completes: makes == "", Cost: cost, Quality: quality}
	}
	p := Problem{Alpha: 1, Held: []string{"image"}, Ops: []Op{
		tool("a", "y", "", 1, 0.5), tool("b", "y", "", 1.6, 1), tool("p", "image", "p", 1, 1), tool("y", "p", "y", 10, 1),
	}}
	g, err := compile(&p)
	if err != nil {
		t.Fatal(err)
	}
	const call = 2 // p, by name
	if h := newPublished(g, 1).h[call]; math.Abs(h-16.5) > 1e-9 {
		t.Errorf("h is %v, want 16.5, though the rest can be had for 11.6", h)
	}
	if truth := Objective(1, 11.6, 1); truth != 11.6 {
		t.Errorf("f is %v, want 11.6", truth)
	}
}
