package simworld

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Clock is virtual time: it stands still but for what runs cost. Its zero value is ready.
type Clock struct{ elapsed atomic.Int64 }

// Now reads the clock.
func (c *Clock) Now() time.Time { return time.Unix(0, 0).UTC().Add(c.Elapsed()) }

// Elapsed is how far the clock has moved since it was made.
func (c *Clock) Elapsed() time.Duration { return time.Duration(c.elapsed.Load()) }

func (c *Clock) advance(seconds float64) {
	c.elapsed.Add(int64(math.Round(seconds * float64(time.Second))))
}

// Assumed is what is taken for granted beyond what a world's sources give.
type Assumed struct {
	Otherwise    float64 // quality of a step whose conditions do not hold, in [0,1]
	QualityNoise float64 // standard deviation of a step's quality
	CostNoise    float64 // standard deviation of the log of a run's seconds
}

// Assume is the world's noise with one of the qualities to be tried.
func (w *World) Assume(otherwise float64) Assumed {
	return Assumed{Otherwise: otherwise, QualityNoise: w.Assumed.QualityNoise, CostNoise: w.Assumed.CostNoise}
}

// Runner runs a world's tools. What a run costs and how good its result is
// depends on the seed, the picture, the object and what the inputs were
// made by, and on nothing else, so that a repeated run repeats exactly.
type Runner struct {
	Clock   *Clock
	world   *World
	seed    int64
	assumed Assumed
}

var _ tools.Runner = (*Runner)(nil)

// NewRunner runs the published world's tools, with a clock of its own.
func NewRunner(seed int64, assumed Assumed) *Runner { return Published().NewRunner(seed, assumed) }

// NewRunner runs the world's tools, with a clock of its own.
func (w *World) NewRunner(seed int64, assumed Assumed) *Runner {
	return &Runner{Clock: new(Clock), world: w, seed: seed, assumed: assumed}
}

// Available reports whether the doc is one of the world's.
func (r *Runner) Available(spec *edit.ToolSpec) error {
	_, err := r.find(spec)
	return err
}

func (r *Runner) find(spec *edit.ToolSpec) (*doc, error) {
	if spec == nil || spec.Runtime.Builtin == nil {
		return nil, edit.Userf("a simulated tool needs the name of an operation")
	}
	d := r.world.docs[spec.Runtime.Builtin.Op]
	if d == nil {
		return nil, edit.Userf("the world %q has no tool %q", r.world.Name, spec.Runtime.Builtin.Op)
	}
	return d, nil
}

// Run pretends to execute one call.
func (r *Runner) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	d, err := r.find(req.Spec)
	if err != nil {
		return tools.Response{}, err
	}
	return tools.Guard(ctx, req, func(context.Context) (tools.Response, error) {
		in, err := gather(req)
		if err != nil {
			return tools.Response{}, err
		}
		mean, broken := r.mean(d, in)
		chance := r.chance(d, in)
		out := mark{
			picture: in.picture, history: in.history, subject: in.subject, tools: in.tools | d.bit,
			quality: min(max(mean+r.assumed.QualityNoise*chance.NormFloat64(), 0), 1),
			mean:    in.mean * mean, broken: in.broken || broken,
		}
		r.Clock.advance(d.Seconds * math.Exp(r.assumed.CostNoise*chance.NormFloat64()))
		resp := tools.Response{Outputs: make(map[string]edit.Artifact), Quality: math.NaN()}
		for _, p := range req.Spec.Outputs {
			m := out
			if p.Name == edit.SlotImage {
				m.history = hash(m.history, m.tools, m.subject, math.Float64bits(m.quality))
			}
			resp.Outputs[p.Name] = m.artifact(p.Kind)
		}
		return resp, nil
	})
}

// gather puts together what the inputs carry. What was done to the picture
// before is no part of how its inputs were made.
func gather(req tools.Request) (mark, error) {
	all := mark{mean: 1}
	for _, p := range req.Spec.Inputs {
		if p.Slot() == edit.SlotObject {
			object, _ := req.Inputs[p.Name].(edit.Text)
			all.subject = subjectOf(string(object))
			continue
		}
		m, ok := read(req.Inputs[p.Name])
		if !ok {
			return mark{}, &tools.ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf("input %q was not made in a simulated world", p.Name)}
		}
		all.picture, all.history = m.picture, m.history
		if p.Name == edit.SlotImage {
			continue
		}
		all.tools |= m.tools
		all.broken = all.broken || m.broken
		all.mean = min(all.mean, m.mean) // of inputs with steps in common, the one that has most
		if all.subject == 0 {
			all.subject = m.subject
		}
	}
	if m, ok := read(req.Inputs[edit.SlotImage]); ok {
		all.picture, all.history = m.picture, m.history
	}
	return all, nil
}

// mean is the quality of a step without noise, and whether conditions of it do not hold.
// A rule's quality is its path's, so the steps before have their share taken out.
// Where those did not hold, they are charged for it and the step is as in the table.
func (r *Runner) mean(d *doc, in mark) (mean float64, broken bool) {
	rule := r.world.rule(d, in.tools)
	switch {
	case rule == nil, in.broken:
		return d.Quality, false
	case !rule.holds(r.features(in.picture, in.subject)):
		return min(r.assumed.Otherwise, d.Quality), true
	}
	return min(rule.Quality/in.mean, 1), false
}

// rule is the one about a tool after the given ones; nil where there is none.
func (w *World) rule(d *doc, before uint64) *Rule {
	for i := range w.Rules {
		if w.Rules[i].Task == d.Task && w.Rules[i].tools == before|d.bit {
			return &w.Rules[i]
		}
	}
	return nil
}

func (r *Rule) holds(features map[string]string) bool {
	for name, values := range r.When {
		if !slices.Contains(values, features[name]) {
			return false
		}
	}
	return true
}

// chance is the source of a step's noise.
func (r *Runner) chance(d *doc, in mark) *rand.Rand {
	return rand.New(rand.NewPCG(hash(uint64(r.seed), in.picture, in.history, in.subject), hash(in.tools, math.Float64bits(in.mean), hashText(d.name))))
}

// Features are what is true of an object in a simulated picture, by name: the
// conditions of the rules ask for them. Object may be empty.
func (r *Runner) Features(img *pixel.Image, object string) (map[string]string, error) {
	m, ok := read(img)
	if !ok {
		return nil, edit.Userf("the picture is no simulated one")
	}
	return r.features(m.picture, subjectOf(object)), nil
}

func (r *Runner) features(picture, subject uint64) map[string]string {
	values := make(map[string]string, len(r.world.Features))
	for i := range r.world.Features {
		f := &r.world.Features[i]
		left := rand.New(rand.NewPCG(hash(uint64(r.seed), picture, subject), hashText(f.Name))).Float64()
		for _, v := range slices.Sorted(maps.Keys(f.Values)) {
			values[f.Name] = v
			if left -= f.Values[v]; left < 0 {
				break
			}
		}
	}
	return values
}

// Judge reads the quality that the step's result carries: an agent's Judge. The worst of several outputs counts.
func (r *Runner) Judge(ctx context.Context, _ judge.Judge, s judge.Step) (judge.Verdict, error) {
	if err := ctx.Err(); err != nil {
		return judge.Verdict{}, err
	}
	quality := 1.0
	for _, slot := range slices.Sorted(maps.Keys(s.Outputs)) {
		m, ok := read(s.Outputs[slot])
		if !ok {
			return judge.Verdict{}, &tools.ContractError{Tool: s.Spec.Name, Detail: fmt.Sprintf("output in %q was not made in a simulated world", slot)}
		}
		quality = min(quality, m.quality)
	}
	v := judge.Verdict{Check: "simulated", Score: quality, Pass: quality >= judge.PassMark, Parts: 1, Measures: map[string]float64{"quality": quality}}
	v.Reason = fmt.Sprintf("The simulated quality is %.2f.", quality)
	return v, nil
}

// Truth is how good a step's outputs are without the noise of the judge, the
// steps they were made by included: the worst of them, in [0,1]. What the
// simulator did not make is worth nothing.
func (r *Runner) Truth(outputs map[string]edit.Artifact) float64 {
	truth := 1.0
	for _, a := range outputs {
		m, ok := read(a)
		if !ok {
			return 0
		}
		if _, number := a.(edit.Number); number { // it has no room for more
			m.mean = m.quality
		}
		truth = min(truth, m.mean)
	}
	return truth
}

// subjectOf is the object that a phrase names, as a number; 0 for none.
func subjectOf(object string) uint64 {
	object = strings.ToLower(strings.TrimSpace(object))
	if object == "" {
		return 0
	}
	return hashText(object)
}

func hashText(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

func hash(words ...uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, w := range words {
		binary.LittleEndian.PutUint64(b[:], w)
		_, _ = h.Write(b[:]) // never fails
	}
	return h.Sum64()
}
