package astartest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// Alphas are the nine values of the dial that the search is measured at.
func Alphas() []float64 { return []float64{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2} }

// Family is a kind of random tool graph.
type Family struct {
	Name string
	// Small makes a graph that brute force can take on.
	Small func(*rand.Rand) astar.Problem
	// Large makes one of that many calls, three makers to an artifact.
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
	return 0.5 * math.Pow(30, b.r.Float64())
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

// smallShortcuts adds tools that complete the subtask in one hop, at about
// the cost of the whole way and worse than most ways, and now and then one
// that skips layers.
func smallShortcuts(r *rand.Rand) astar.Problem {
	b := newBuilder(r)
	depth := 3 + r.IntN(2)
	b.layers(depth, 3)
	for range 1 + r.IntN(2) {
		b.add(astar.Op{Needs: []string{start}, Completes: true})
		if op := &b.ops[len(b.ops)-1]; !b.coarse {
			op.Cost = 3 + 12*r.Float64()
			op.Quality = 0.55 + 0.4*r.Float64()
		}
	}
	if r.IntN(2) == 0 {
		b.add(astar.Op{Needs: []string{start}, Makes: []string{"layer-" + strconv.Itoa(depth-2)}})
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

// shape says what a large graph is like.
type shape struct {
	tools int
	// second and third are the chances that a call needs a second or a third
	// artifact, double that it makes a second one.
	second, third, double float64
	skips                 int // calls that make a late artifact straight from the start
	direct                int // calls that complete the subtask in one hop
}

const makersEach = 3

// large makes a graph of exactly that many calls: layers of artifacts, three
// makers to each, that narrow towards three completing calls. A fifth of the
// calls are of no use: half cannot be reached, half make what nobody needs.
// Most of the others survive pruning.
func (b *builder) large(s shape) astar.Problem {
	useless := s.tools / 5
	live := s.tools - useless - s.skips - s.direct - makersEach
	layers := b.artifacts(live / makersEach)
	for i, artifacts := range layers {
		for _, a := range artifacts {
			for range makersEach {
				op := astar.Op{Needs: []string{start}, Makes: []string{a}}
				if i > 0 {
					op.Needs = b.needs(layers[i-1], s)
				}
				if b.r.Float64() < s.double {
					op.Makes = append(op.Makes, b.pick(artifacts))
				}
				b.add(op)
			}
		}
	}
	top := layers[len(layers)-1]
	for i := range makersEach {
		needs := b.needs(top, s)
		needs[0] = top[i%len(top)]
		b.add(astar.Op{Needs: needs, Completes: true})
	}
	for range s.skips {
		late := layers[len(layers)-1-b.r.IntN(min(3, len(layers)))]
		b.add(astar.Op{Needs: []string{start}, Makes: []string{b.pick(late)}})
		b.ops[len(b.ops)-1].Cost *= 3
	}
	for range s.direct {
		b.add(astar.Op{Needs: []string{start}, Completes: true})
		b.ops[len(b.ops)-1].Cost *= float64(len(layers))
	}
	for i := 0; len(b.ops) < s.tools; i++ {
		if i%2 == 0 {
			b.add(astar.Op{Needs: []string{"nobody-makes-this"}, Makes: []string{b.pick(top)}})
		} else {
			b.add(astar.Op{Needs: []string{start}, Makes: []string{"nobody-needs-this"}})
		}
	}
	return b.problem()
}

// artifacts names count artifacts in layers, the last of three, each before it
// up to three times as wide, about eight layers where there are enough.
func (b *builder) artifacts(count int) [][]string {
	wide := max(3, (count+7)/8)
	var layers [][]string
	for width, left := 3, count; left > 0; width = min(wide, width*makersEach) {
		layer := make([]string, min(width, left))
		for i := range layer {
			layer[i] = fmt.Sprintf("artifact-%d-%d", len(layers), i)
		}
		left -= len(layer)
		layers = append(layers, layer)
	}
	slices.Reverse(layers)
	return layers
}

func (b *builder) pick(from []string) string { return from[b.r.IntN(len(from))] }

// needs picks the inputs of a call. The first goes round the layer, so that every artifact has a user.
func (b *builder) needs(layer []string, s shape) []string {
	needs := []string{layer[len(b.ops)%len(layer)]}
	if b.r.IntN(2) == 0 {
		needs[0] = b.pick(layer)
	}
	if x := b.r.Float64(); x < s.second+s.third {
		needs = append(needs, b.pick(layer))
		if x < s.third {
			needs = append(needs, b.pick(layer))
		}
	}
	return needs
}

func largeLayers(r *rand.Rand, tools int) astar.Problem {
	return (&builder{r: r}).large(shape{tools: tools})
}

func largeShortcuts(r *rand.Rand, tools int) astar.Problem {
	return (&builder{r: r}).large(shape{tools: tools, skips: tools / 25, direct: 1 + tools/250})
}

func largeConjunctive(r *rand.Rand, tools int) astar.Problem {
	return (&builder{r: r}).large(shape{tools: tools, second: 0.3, third: 0.05, double: 0.1})
}
