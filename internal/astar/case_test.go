package astar_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// op reads "name: need need -> make make", or "-> !" for a completing call.
func op(line string, cost, quality float64) astar.Op {
	name, ports, _ := strings.Cut(line, ":")
	needs, makes, _ := strings.Cut(ports, "->")
	o := astar.Op{Call: edit.Call{Tool: name}, Needs: strings.Fields(needs), Makes: strings.Fields(makes), Cost: cost, Quality: quality}
	if len(o.Makes) == 1 && o.Makes[0] == "!" {
		o.Makes, o.Completes = nil, true
	}
	return o
}

func cached(o astar.Op) astar.Op {
	o.Cached = true
	return o
}

func TestSearchCases(t *testing.T) {
	cases := []struct {
		name             string
		ops              []astar.Op
		alpha, threshold float64
		want             string
	}{
		{name: "several inputs are all made", ops: []astar.Op{
			op("detect: start -> boxes", 1, 0.9), op("read: start -> words", 1, 0.9), op("end: boxes words -> !", 1, 0.9),
		}, want: "detect → read → end"},
		{name: "a shared step counts once", alpha: 2, ops: []astar.Op{
			op("shared: start -> a", 6, 1), op("b1: a -> b", 1, 1), op("c1: a -> c", 1, 1),
			op("b2: start -> b", 4.5, 1), op("c2: start -> c", 4.5, 1), op("end: b c -> !", 1, 1),
		}, want: "shared → b1 → c1 → end"},
		{name: "one call that makes two artifacts beats two calls", alpha: 2, ops: []astar.Op{
			op("a: start -> a", 1, 1), op("b: start -> b", 1, 1), op("both: start -> a b", 1.5, 1), op("end: a b -> !", 1, 1),
		}, want: "both → end"},
		{name: "a call with two outputs, one of them needed for what goes beside the other", alpha: 1, ops: []astar.Op{
			op("m: start -> s t", 1, 1), op("x: t -> o", 1, 1), op("end: s o -> !", 1, 1), op("slow: start -> t", 5, 1),
		}, want: "m → x → end"},
		{name: "a cycle of free calls ends", alpha: 2, ops: []astar.Op{
			op("ab: a -> b", 0, 1), op("ba: b -> a", 0, 1), op("in: start -> a", 1, 1), op("end: b -> !", 0, 1),
		}, want: "in → ab → end"},
		{name: "a cycle through two outputs", alpha: 1, ops: []astar.Op{
			op("p: b -> a x", 1, 1), op("q: a -> b", 1, 1), op("r: start -> a", 1, 1), op("end: x -> !", 1, 1),
		}, want: "r → q → p → end"},
		{name: "ties: cached first", alpha: 1, ops: []astar.Op{
			op("a: start -> !", 2, 0.9), cached(op("b: start -> !", 2, 0.9)),
		}, want: "b"},
		{name: "ties: cached before fewer calls", alpha: 1, ops: []astar.Op{
			op("a: start -> !", 2, 0.9), cached(op("y: start -> s", 1, 0.9)), cached(op("z: s -> !", 1, 1)),
		}, want: "y → z"},
		{name: "ties: then fewer calls", alpha: 1, ops: []astar.Op{
			op("a: start -> s", 1, 0.9), op("b: s -> !", 1, 1), op("z: start -> !", 2, 0.9),
		}, want: "z"},
		{name: "ties: then names", alpha: 1, ops: []astar.Op{
			op("b: start -> !", 2, 0.9), op("a: start -> !", 2, 0.9),
		}, want: "a"},
		{name: "names count sorted, whichever path is met first", alpha: 1, ops: []astar.Op{
			op("b: s -> !", 1, 0.9), op("c: start -> s", 1, 0.9), op("d: t -> !", 1, 0.9), op("a: start -> t", 1, 0.9),
		}, want: "a → d"},
		{name: "at α=0 equal qualities fall to the cheaper, cached or not", ops: []astar.Op{
			cached(op("a: start -> !", 9, 0.9)), op("b: start -> !", 1, 0.9),
		}, want: "b"},
		{name: "at α=2 equal costs fall to the better", alpha: 2, ops: []astar.Op{
			op("a: start -> !", 1, 0.5), op("b: start -> !", 1, 0.9),
		}, want: "b"},
		{name: "at α=2 a worthless cheap call wins without a threshold", alpha: 2, ops: []astar.Op{
			op("fill: start -> !", 9, 0.95), op("paint: start -> !", 1, 0.2),
		}, want: "paint"},
		{name: "not with one", alpha: 2, threshold: 0.8, ops: []astar.Op{
			op("fill: start -> !", 9, 0.95), op("paint: start -> !", 1, 0.2),
		}, want: "fill"},
		{name: "quality at the threshold is enough", alpha: 2, threshold: 0.8, ops: []astar.Op{
			op("fill: start -> !", 9, 0.95), op("paint: start -> !", 1, 0.8),
		}, want: "paint"},
		{name: "below the threshold when no other path is left", alpha: 1, threshold: 0.8, ops: []astar.Op{
			op("fill: missing -> !", 9, 0.95), op("paint: start -> !", 1, 0.2),
		}, want: "paint"},
		{name: "then no needless weak step beside the one that must be", alpha: 2, threshold: 0.8, ops: []astar.Op{
			op("fast: start -> s", 1, 0.3), op("good: start -> s", 9, 0.9), op("paint: s -> !", 1, 0.2),
		}, want: "good → paint"},
		{name: "only slots that are held already", alpha: 1, ops: []astar.Op{
			op("again: start -> start", 1, 1), op("end: start -> !", 1, 1),
		}, want: "end"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, found := search(t, astar.Problem{Ops: c.ops, Held: []string{"start"}, Alpha: c.alpha, Threshold: c.threshold})
			if !found || r.Toolpath().String() != c.want {
				t.Errorf("got %q, want %q", r.Toolpath(), c.want)
			}
		})
	}
}

func TestCostIsAtLeastAMillisecond(t *testing.T) {
	r, _ := search(t, astar.Problem{Ops: []astar.Op{op("a: -> s", 0, 1), op("b: s -> !", 0, 1)}, Alpha: 1})
	if r.Cost != 2*edit.MinSeconds {
		t.Errorf("cost %v, want %v", r.Cost, 2*edit.MinSeconds)
	}
}

func TestWeakCountsStepsBelowThreshold(t *testing.T) {
	r, _ := search(t, astar.Problem{Ops: []astar.Op{op("a: -> s", 1, 0.5), op("b: s -> !", 1, 0.9)}, Alpha: 1, Threshold: 0.8})
	if r.Weak != 1 {
		t.Errorf("%d weak steps, want 1", r.Weak)
	}
}

func TestUnusableEstimatesAreRefused(t *testing.T) {
	good := op("tool: -> !", 1, 0.5)
	cases := map[string]struct {
		change func(*astar.Problem)
		names  string
	}{
		"NaN cost":         {func(p *astar.Problem) { p.Ops[0].Cost = math.NaN() }, "tool"},
		"negative cost":    {func(p *astar.Problem) { p.Ops[0].Cost = -1 }, "tool"},
		"infinite cost":    {func(p *astar.Problem) { p.Ops[0].Cost = math.Inf(1) }, "tool"},
		"NaN quality":      {func(p *astar.Problem) { p.Ops[0].Quality = math.NaN() }, "tool"},
		"negative quality": {func(p *astar.Problem) { p.Ops[0].Quality = -0.1 }, "tool"},
		"quality above 1":  {func(p *astar.Problem) { p.Ops[0].Quality = 1.1 }, "tool"},
		"NaN alpha":        {func(p *astar.Problem) { p.Alpha = math.NaN() }, "alpha"},
		"alpha above 2":    {func(p *astar.Problem) { p.Alpha = 2.1 }, "alpha"},
		"negative alpha":   {func(p *astar.Problem) { p.Alpha = -0.1 }, "alpha"},
		"threshold":        {func(p *astar.Problem) { p.Threshold = 2 }, "threshold"},
		"a call twice":     {func(p *astar.Problem) { p.Ops = append(p.Ops, p.Ops[0]) }, "tool"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := astar.Problem{Ops: []astar.Op{good}, Alpha: 1}
			c.change(&p)
			_, err := astar.Search(context.Background(), p)
			if err == nil || errors.Is(err, edit.ErrNoPath) || !strings.Contains(err.Error(), c.names) {
				t.Errorf("error %v, want one that names %q", err, c.names)
			}
			if _, ferr := astar.Frontier(context.Background(), p); ferr == nil || ferr.Error() != err.Error() {
				t.Errorf("Frontier says %v, Search %v", ferr, err)
			}
		})
	}
}

func TestQualityZeroAndHugeCostsAreUsable(t *testing.T) {
	ops := []astar.Op{op("a: -> s", 1e200, 0), op("b: s -> !", 1e200, 0)}
	for _, alpha := range []float64{0, 1, 2} {
		r, found := search(t, astar.Problem{Ops: ops, Alpha: alpha})
		if !found || r.Quality != 0 || len(r.Path) != 2 {
			t.Errorf("α %v: %v with quality %v", alpha, r.Toolpath(), r.Quality)
		}
	}
}

func TestNoPathSaysWhy(t *testing.T) {
	_, err := astar.Search(context.Background(), astar.Problem{
		Ops: []astar.Op{
			op("recolor: image mask -> !", 1, 1), op("segment: image boxes -> mask", 1, 1),
			op("find: image phrase -> boxes", 1, 1), op("blur: image -> soft", 1, 1),
		},
		Held: []string{"image"}, Alpha: 1,
	})
	var none *astar.NoPathError
	if !errors.Is(err, edit.ErrNoPath) || !errors.As(err, &none) {
		t.Fatalf("error %v", err)
	}
	want := "no toolpath: recolor lacks mask; nothing makes phrase"
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if len(none.Missing) != 3 || none.Missing[0].Slot != "boxes" || none.Missing[0].NeededBy[0] != "segment" ||
		none.Missing[0].Makers[0].Call != "find" || none.Missing[0].Makers[0].Lacks[0] != "phrase" {
		t.Errorf("missing %+v", none.Missing)
	}
}

func TestNoPathWithoutCompletingCall(t *testing.T) {
	for _, ops := range [][]astar.Op{nil, {op("a: -> s", 1, 1)}} {
		_, err := astar.Search(context.Background(), astar.Problem{Ops: ops, Alpha: 1})
		if want := "no toolpath: no call completes the subtask"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestNoPathInACycle(t *testing.T) {
	ops := []astar.Op{op("ab: a -> b", 0, 1), op("ba: b -> a", 0, 1), op("end: b -> !", 0, 1)}
	_, err := astar.Search(context.Background(), astar.Problem{Ops: ops, Alpha: 1})
	if want := "no toolpath: end lacks b"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := astar.Problem{Ops: []astar.Op{op("a: -> !", 1, 1)}, Alpha: 1}
	if _, err := astar.Search(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: %v", err)
	}
	if _, err := astar.Frontier(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("Frontier: %v", err)
	}
	if _, err := astar.Published(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("Published: %v", err)
	}
}
