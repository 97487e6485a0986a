package agent

import (
	"context"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// report completes what was measured of a tool by what is known of it.
func (c *calibration) report(ctx context.Context, spec *edit.ToolSpec, out Calibration) Calibration {
	known, err := recall(ctx, c.Engine.Store, c.Engine.today())
	if err != nil && out.Reason == "" {
		out.Reason = err.Error()
	}
	out.Event = "calibrated"
	return known.describe(spec, c.Engine.device(spec), out)
}

// describe fills in what is known of a tool on a device.
func (k *knowledge) describe(spec *edit.ToolSpec, device string, out Calibration) Calibration {
	e := k.costs.Estimate(spec.Name, device, 0, spec.Cost)
	out.Tool, out.Device, out.N = spec.Name, device, e.N
	out.Seconds, out.PerMegapixel, out.Load = e.Fixed, e.PerMegapixel, e.Load
	out.Doc = DocCost{spec.Cost.Seconds, spec.Cost.PerMegapixel, spec.Cost.USD}
	var off []float64
	for _, r := range out.Sizes {
		if at := e.Fixed + e.PerMegapixel*r.Megapixels; r.Seconds > 0 && at > 0 {
			off = append(off, math.Abs(r.Seconds-at)/at)
		}
	}
	if len(off) > 0 {
		out.Spread = middle(off)
	}
	for _, t := range spec.Tasks {
		q := k.qualities.Estimate(edit.Call{Tool: spec.Name}.ID(), t.Task, nil, t.Quality)
		out.Qualities = append(out.Qualities, TaskQuality{t.Task, t.Quality, q.Mean(), q.N})
	}
	return out
}

// Learned tells what is known of tools, of every device that one was measured
// on; of all tools where no name is given, of which nothing is known too.
func (k *Kit) Learned(ctx context.Context, st *store.Store, names []string, tell func(Calibration)) error {
	specs, err := k.chosen(names)
	if err != nil {
		return err
	}
	known, err := recall(ctx, st, k.Engine.today())
	if err != nil {
		return err
	}
	for _, spec := range specs {
		devices := []string{}
		for _, e := range known.costs.Entries {
			if e.Tool == spec.Name {
				devices = append(devices, e.Device)
			}
		}
		if len(devices) == 0 {
			devices = append(devices, "")
		}
		for _, device := range devices {
			state := "measured"
			if device == "" {
				state = "prior"
			}
			tell(known.describe(spec, device, Calibration{Event: "learned", State: state}))
		}
	}
	return nil
}

// Unlearn drops what was measured of tools, of all where no name is given:
// their seconds on every device and their judged qualities. Traces and kept
// results stay. It returns how many tools' seconds and tasks' qualities went.
func (k *Kit) Unlearn(ctx context.Context, st *store.Store, names []string) (costs, qualities int, err error) {
	if _, err := k.chosen(names); err != nil {
		return 0, 0, err
	}
	var drop []string
	for _, prefix := range []string{costKeys, qualityKeys} {
		all, err := st.Statistics(ctx, prefix)
		if err != nil {
			return 0, 0, err
		}
		for key := range all {
			if of := toolOf(key[len(prefix):]); len(names) > 0 && !slices.Contains(names, of) {
				continue
			}
			drop = append(drop, key)
			if prefix == costKeys {
				costs++
			} else {
				qualities++
			}
		}
	}
	return costs, qualities, st.Drop(ctx, drop...)
}

// toolOf is the tool of a statistic's key without its prefix: tool@device, or tool#variant@task.
func toolOf(key string) string {
	call, _, _ := strings.Cut(key, "@")
	tool, _, _ := strings.Cut(call, "#")
	return tool
}
