package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// This file measures what tools take on this machine: each over a ladder of
// picture sizes, cold loads apart from warm runs. What it learns goes where
// edits put what they learn.

// CalibrateOptions say what to measure and for how long.
type CalibrateOptions struct {
	Tools   []string     // by name; empty: all that cost no money
	Image   *pixel.Image // in place of the example picture; nil: that one
	Seconds float64      // in all, shared among the tools; above 0
	Repeats int          // warm runs of each size, at least 1
}

// Calibration is what is known of one tool on one device. Seconds are the
// posterior that searches use: the doc's prior with all that was ever measured.
type Calibration struct {
	Event  string `json:"event"` // "calibrated" or "learned"
	Tool   string `json:"tool"`
	Device string `json:"device,omitempty"`
	// State is "measured", "busy" (no run had a core to itself), "failed", "not installed", "unusable" or "skipped".
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	Sizes  []Rung `json:"sizes,omitempty"`

	Seconds      float64 `json:"seconds"`       // of a call, the fixed part
	PerMegapixel float64 `json:"per_megapixel"` // and the part that grows, in seconds per 10^6 pixels
	Load         float64 `json:"load_seconds"`  // 0: no load was seen
	// Spread is the median distance of the sizes' medians from that line, as a share of it.
	Spread    float64       `json:"spread"`
	N         int64         `json:"n"` // timed calls learned from, of all time
	Doc       DocCost       `json:"doc"`
	Qualities []TaskQuality `json:"qualities,omitempty"`
}

// DocCost is what the tool doc says a call takes.
type DocCost struct {
	Seconds      float64 `json:"seconds"`
	PerMegapixel float64 `json:"per_megapixel"`
	USD          float64 `json:"usd"`
}

// Rung is what was measured at one size.
type Rung struct {
	Megapixels float64 `json:"megapixels"`
	Seconds    float64 `json:"seconds"` // the median of those that had a core, 0: none had
	Runs       int     `json:"runs"`
	Discarded  int     `json:"discarded"` // runs of these that others had the core of
}

// TaskQuality is the quality of a tool at a task: the doc's, and the posterior of n judged results.
type TaskQuality struct {
	Task  string  `json:"task"`
	Prior float64 `json:"prior"`
	Mean  float64 `json:"mean"`
	N     int64   `json:"n"`
}

// rungs are the sizes of the ladder, in megapixels.
var rungs = []float64{0.1, 0.25, 0.6, 1.5, 4}

// Knobs of the measurement.
const (
	maxTries  = 3    // runs of a size for each that is asked for, where cores are not free
	briefly   = 0.15 // seconds: a size is run more often until its runs took so long,
	mostBrief = 9    // or so many were made
	nearBest  = 0.9  // share of the cores that the best run of a size had, below which others had some
)

// Calibrate measures tools one after the other and tells each as it is
// finished; those that the time does not suffice for are told as skipped. It
// returns ctx's error when it was stopped; what was finished is kept.
func (k *Kit) Calibrate(ctx context.Context, o CalibrateOptions, notice func(string), tell func(Calibration)) error {
	specs, err := k.chosen(o.Tools)
	if err != nil {
		return err
	}
	if err := k.SettleDevice(ctx); err != nil {
		return err
	}
	k.Remember(ctx, func(e edit.Event) { notice(e.Message) })
	if k.Engine.Store == nil {
		return &edit.UserError{Msg: "there is no place to keep what is measured", Hint: "check the data folder with: agent doctor"}
	}
	start := k.Engine.Now()
	timed, cancel := context.WithTimeout(ctx, time.Duration(o.Seconds*float64(time.Second)))
	defer cancel()
	c := &calibration{Kit: k, ladder: newLadder(o.Image), repeats: max(1, o.Repeats)}
	for i, spec := range specs {
		left := o.Seconds - k.Engine.Now().Sub(start).Seconds()
		switch state, reason := k.State(spec); {
		case state != "ready":
			tell(c.report(ctx, spec, Calibration{State: state, Reason: reason}))
			continue
		case spec.Cost.USD > 0 && len(o.Tools) == 0:
			tell(c.report(ctx, spec, Calibration{State: "skipped", Reason: "a run costs " + dollars(spec.Cost.USD) + "; name it to measure it"}))
			continue
		case left <= 0 || timed.Err() != nil:
			tell(c.report(ctx, spec, Calibration{State: "skipped", Reason: timeUp}))
			continue
		}
		out := c.tool(timed, spec, left/float64(len(specs)-i))
		if len(out.Sizes) == 0 && timed.Err() != nil { // it was stopped before it showed anything
			out = Calibration{State: "skipped", Reason: timeUp}
		}
		if len(out.Sizes) > 0 || ctx.Err() == nil {
			tell(c.report(context.WithoutCancel(ctx), spec, out))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// chosen are the tools of those names, all where none is given.
func (k *Kit) chosen(names []string) ([]*edit.ToolSpec, error) {
	for _, name := range names {
		if k.Engine.spec(name) == nil {
			return nil, &UsageError{&edit.UserError{Msg: fmt.Sprintf("there is no tool %q", name), Hint: "agent tools list shows them all"}}
		}
	}
	var specs []*edit.ToolSpec
	for i := range k.Engine.Specs {
		if spec := &k.Engine.Specs[i]; len(names) == 0 || slices.Contains(names, spec.Name) {
			specs = append(specs, spec)
		}
	}
	return specs, nil
}

// timeUp is why a tool was not measured.
const timeUp = "the time was up"

// calibration is the state of one such measurement.
type calibration struct {
	*Kit
	ladder  *ladder
	repeats int
}

// sampled is one timed run.
type sampled struct{ seconds, load, cores float64 }

// unloader is a Runner that can free its models.
type unloader interface{ Unload() }

// tool measures a tool within about that many seconds and keeps what it learned.
func (c *calibration) tool(ctx context.Context, spec *edit.ToolSpec, budget float64) Calibration {
	out := Calibration{State: "measured"}
	start := c.Engine.Now()
	left := func() float64 { return budget - c.Engine.Now().Sub(start).Seconds() }
	fail := func(err error) Calibration {
		out.State, out.Reason = "failed", err.Error()
		return out
	}
	loads, err := c.cold(ctx, spec)
	if err != nil {
		return fail(err)
	}
	var timings []estimate.Timing
	last := 0.0
	for i, mp := range rungs {
		if i > 0 && last*mp/rungs[i-1] > left() {
			break
		}
		in := c.ladder.at(mp)
		if spec.MaxPixels > 0 && int64(in.img.W)*int64(in.img.H) > spec.MaxPixels {
			break
		}
		rung, free, err := c.rung(ctx, spec, in, left)
		if rung.Runs > 0 {
			out.Sizes = append(out.Sizes, rung)
			timings = append(timings, free...)
		}
		if err != nil {
			if len(timings) == 0 || ctx.Err() == nil {
				return fail(err)
			}
			break // stopped: what is finished is kept
		}
		last = max(rung.Seconds, edit.MinSeconds)
	}
	if len(timings) == 0 {
		out.State, out.Reason = "busy", "no run had a core to itself: others use the machine"
		return out
	}
	if err := c.keep(context.WithoutCancel(ctx), spec, timings, loads); err != nil {
		return fail(err)
	}
	return out
}

// cold runs a tool with its model not loaded, which also warms everything else
// up, and returns the load's seconds where it had a core.
func (c *calibration) cold(ctx context.Context, spec *edit.ToolSpec) (loads []float64, err error) {
	for range maxTries {
		if u, ok := c.Engine.Runners[spec.Runtime.Kind].(unloader); ok {
			u.Unload()
		}
		s, err := c.once(ctx, spec, c.ladder.at(rungs[0]))
		if err != nil {
			return nil, err
		}
		if s.load <= 0 {
			return nil, nil
		}
		if s.cores >= freeShare {
			return []float64{s.load}, nil
		}
	}
	return nil, nil
}

// rung runs a tool at one size, until enough runs had a core or time is up.
func (c *calibration) rung(ctx context.Context, spec *edit.ToolSpec, in subject, left func() float64) (Rung, []estimate.Timing, error) {
	rung := Rung{Megapixels: in.img.Megapixels()}
	var all []sampled
	var free []float64
	spent := 0.0
	for len(all) == 0 || left() > 0 {
		s, err := c.once(ctx, spec, in)
		if err != nil {
			return rung, nil, err
		}
		all = append(all, s)
		spent += s.seconds
		free = undisturbed(all)
		enough := len(free) >= c.repeats && (spent >= briefly || len(all) >= mostBrief)
		if enough || len(all) >= max(maxTries*c.repeats, mostBrief) {
			break
		}
	}
	rung.Runs, rung.Discarded = len(all), len(all)-len(free)
	timings := make([]estimate.Timing, len(free))
	for i, seconds := range free {
		timings[i] = estimate.Timing{Megapixels: rung.Megapixels, Seconds: seconds}
	}
	if len(free) > 0 {
		rung.Seconds = middle(free)
	}
	return rung, timings, nil
}

// undisturbed are the seconds of the runs that had a core to themselves, and
// about as many cores as the best of them.
func undisturbed(all []sampled) []float64 {
	best := 0.0
	for _, s := range all {
		best = max(best, s.cores)
	}
	var free []float64
	for _, s := range all {
		if s.cores >= freeShare && s.cores >= nearBest*best {
			free = append(free, s.seconds)
		}
	}
	return free
}

// middle is the median of at least one number.
func middle(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// once runs a tool on a picture that no runner has seen.
func (c *calibration) once(ctx context.Context, spec *edit.ToolSpec, in subject) (sampled, error) {
	again := *in.img // another identity, the same samples: what is remembered by picture does not count
	in.img = &again
	req := tools.Request{Spec: spec, Params: params(spec, edit.Call{Tool: spec.Name}), Inputs: make(map[string]edit.Artifact)}
	for _, p := range spec.Inputs {
		req.Inputs[p.Name] = in.input(spec, p)
	}
	var busy float64
	if c.Engine.CPU != nil {
		busy = c.Engine.CPU()
	}
	start := c.Engine.Now()
	resp, err := c.Engine.Runners[spec.Runtime.Kind].Run(ctx, req)
	wall := c.Engine.Now().Sub(start).Seconds()
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	if err != nil && !errors.As(err, &nf) && !errors.As(err, &amb) { // these are answers
		return sampled{}, err
	}
	s := sampled{seconds: max(wall-resp.LoadSeconds, 1e-9), load: resp.LoadSeconds}
	switch {
	case c.Engine.device(spec) != "cpu": // it waits for the device, which is not the machine's business
		s.cores = 1
	case c.Engine.CPU != nil && wall > 0:
		s.cores = (c.Engine.CPU() - busy) / wall
	}
	return s, nil
}

// keep adds what was measured to the estimates.
func (c *calibration) keep(ctx context.Context, spec *edit.ToolSpec, timings []estimate.Timing, loads []float64) error {
	o := estimate.CostObservation{Tool: spec.Name, Device: c.Engine.device(spec), FreeCore: true}
	for _, seconds := range loads {
		o.LoadSeconds = seconds
		if err := learnCost(ctx, c.Engine.Store, o); err != nil {
			return err
		}
	}
	o.LoadSeconds = 0
	for _, o.Timing = range timings {
		if err := learnCost(ctx, c.Engine.Store, o); err != nil {
			return err
		}
	}
	return nil
}
