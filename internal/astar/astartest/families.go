package astartest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// Alphas are the nine values of the dial that the search is measured at.
func Alphas() []float64 { return []float64{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2} }

// Family is a kind of random tool graph.
type Family struct {
	Name string
	// Small makes a graph that brute force can solve; Large one of about that many calls,
	// three makers to an artifact.
	Small func(*rand.Rand) astar.Problem
	Large func(r *rand.Rand, tools int) astar.Problem
}

// Families lists the three kinds: layers, shortcuts, conjunctive.
func Families() []Family {
	return []Family{
		{"layers", smallLayers, largeLayers},
		{"shortcuts", smallShortcuts, largeShortcuts},
		{"conjunctive", smallConjunctive, largeConjunctive},
	}
}

// builder collects the calls of a graph. All hold the slot "start".
type builder struct {
	r   *rand.Rand
	ops []astar.Op
	// coarse draws costs and qualities from few values, so that ties abound.
	coarse bool
}

const start = "start"

func (b *builder) problem() astar.Problem {
	return astar.Problem{Ops: b.ops, Held: []string{start}}
}

// seconds draws a cost: most tools take a moment, some take long.
func (b *builder) seconds() float64 {
	if b.coarse {
		return float64(1+b.r.IntN(4)) / 10
	}
	return 0.1 + 10*b.r.Float64()
}

func (b *builder) quality() float64 {
	if b.coarse {
		return []float64{0.5, 0.8, 0.9, 1}[b.r.IntN(4)]
	}
	return 0.5 + 0.5*b.r.Float64()
}

func (b *builder) add(op astar.Op) {
	op.Call = edit.Call{Tool: fmt.Sprintf("tool-%05d", len(b.ops))}
	op.Cost, op.Quality = b.seconds(), b.quality()
	op.Cached = b.coarse && b.r.IntN(3) == 0
	b.ops = append(b.ops, op)
}

func newBuilder(r *rand.Rand) *builder { return &builder{r: r, coarse: r.IntN(4) == 0} }

// smallLayers is the published comparison's shape: four layers of three tools,
// any of which can follow any of the layer before.
func smallLayers(r *rand.Rand) astar.Problem {
	b := newBuilder(r)
	b.layers(4, 3)
	return b.problem()
}

func (b *builder) layers(depth, width int) {
	from := start
	for layer := range depth {
		to := "layer-" + strconv.Itoa(layer)
		for range width {
			b.add(astar.Op{Needs: []string{from}, Makes: []string{to}, Completes: layer == depth-1})
		}
		from = to
	}
}

// smallShortcuts adds tools that complete the subtask in one hop, slower than
// one step and worse than most.
func smallShortcuts(r *rand.Rand) astar.Problem {
	b := newBuilder(r)
	b.layers(4, 3)
	for range 1 + r.IntN(2) {
		b.add(astar.Op{Needs: []string{start}, Completes: true})
		if op := &b.ops[len(b.ops)-1]; !b.coarse {
			op.Cost *= 2
		}
	}
	return b.problem()
}

// smallConjunctive has calls that need up to three artifacts and make up to
// two, in any direction, cycles included.
func smallConjunctive(r *rand.Rand) astar.Problem {
	b := newBuilder(r)
	const tools = 11
	artifacts := 4 + r.IntN(3)
	cyclic := r.IntN(3) == 0
	slot := func(i int) string { return "artifact-" + strconv.Itoa(i) }
	for i := range tools {
		to := i * artifacts / tools
		op := astar.Op{Makes: []string{slot(to)}}
		if r.IntN(4) == 0 {
			op.Makes = append(op.Makes, slot(r.IntN(artifacts)))
		}
		for range r.IntN(4) {
			below := to
			if cyclic {
				below = artifacts
			}
			if below == 0 {
				break
			}
			op.Needs = append(op.Needs, slot(r.IntN(below)))
		}
		if len(op.Needs) == 0 {
			op.Needs = []string{start}
		}
		b.add(op)
	}
	for range 1 + r.IntN(2) {
		op := astar.Op{Completes: true}
		for range 1 + r.IntN(3) {
			op.Needs = append(op.Needs, slot(artifacts-1-r.IntN(min(3, artifacts))))
		}
		b.add(op)
	}
	return b.problem()
}

// large makes about that many calls in layers of artifacts, three makers each; a call
// needs one artifact of the layer before, and with the given chance a second one.
func (b *builder) large(tools int, conjunctive float64) {
	const makers = 3
	artifacts := max(2, tools/makers)
	depth := max(2, min(8, int(math.Sqrt(float64(artifacts)))))
	width := (artifacts + depth - 1) / depth
	slot := func(layer, i int) string { return fmt.Sprintf("artifact-%d-%d", layer, i) }
	ends := max(1, tools/100)
	for layer := range depth {
		for i := range width {
			for range makers {
				if len(b.ops) >= tools-ends {
					break
				}
				op := astar.Op{Needs: []string{start}, Makes: []string{slot(layer, i)}}
				if layer > 0 {
					op.Needs = []string{slot(layer-1, b.r.IntN(width))}
					if b.r.Float64() < conjunctive {
						op.Needs = append(op.Needs, slot(layer-1, b.r.IntN(width)))
					}
				}
				b.add(op)
			}
		}
	}
	last := (len(b.ops) - 1) / (makers * width)
	for range ends {
		b.add(astar.Op{Needs: []string{slot(last, b.r.IntN(max(1, (len(b.ops)-makers*width*last)/makers)))}, Completes: true})
	}
}

func largeLayers(r *rand.Rand, tools int) astar.Problem {
	b := &builder{r: r}
	b.large(tools, 0)
	return b.problem()
}

func largeShortcuts(r *rand.Rand, tools int) astar.Problem {
	b := &builder{r: r}
	b.large(tools-tools/50-1, 0)
	for range tools/50 + 1 {
		b.add(astar.Op{Needs: []string{start}, Completes: true})
		b.ops[len(b.ops)-1].Cost *= 4
	}
	return b.problem()
}

func largeConjunctive(r *rand.Rand, tools int) astar.Problem {
	b := &builder{r: r}
	b.large(tools, 0.3)
	return b.problem()
}
