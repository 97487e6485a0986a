package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/store"
)

// knowledge is what was measured before a run began: one snapshot for all of it.
type knowledge struct {
	costs     estimate.Costs
	qualities estimate.Qualities
}

const (
	costKeys    = "cost/"
	qualityKeys = "quality/"
)

// recall reads what was measured so far; nothing where there is no store.
func recall(ctx context.Context, st *store.Store) (knowledge, error) {
	var k knowledge
	if st == nil {
		return k, nil
	}
	costs, err := st.Statistics(ctx, costKeys)
	if err != nil {
		return k, err
	}
	for _, text := range costs {
		var e estimate.CostEntry
		if json.Unmarshal(text, &e) == nil {
			k.costs.Entries = append(k.costs.Entries, e)
		}
	}
	qualities, err := st.Statistics(ctx, qualityKeys)
	if err != nil {
		return k, err
	}
	for _, text := range qualities {
		var e estimate.QualityEntry
		if json.Unmarshal(text, &e) == nil {
			k.qualities.Entries = append(k.qualities.Entries, e)
		}
	}
	k.costs.Sort()
	k.qualities.Sort()
	return k, nil
}

// estimator estimates from the docs' priors and what was measured: seconds of
// the tool on this machine, and the quality that the judge found it to have when it completes the task.
func (x *execution) estimator() astar.Estimator {
	megapixels := x.megapixels()
	priors := astar.Priors(x.st.Task, megapixels)
	return func(spec *edit.ToolSpec, call edit.Call, completes bool) (float64, float64, bool) {
		_, quality, ok := priors(spec, call, completes)
		cost := x.learned.costs.Estimate(call.Tool, x.device(spec), megapixels, spec.Cost)
		if completes && !x.finding {
			quality = x.learned.qualities.Estimate(call.ID(), x.st.Task, nil, quality).Mean()
		}
		return cost.Total(true), quality, ok
	}
}

// device is what a tool runs on, as far as times hold for it.
func (x *execution) device(spec *edit.ToolSpec) string {
	if d, ok := x.Runners[spec.Runtime.Kind].(deviced); ok {
		if name, _ := d.Device(); name != "" && name != unsettled {
			return name
		}
	}
	return "cpu"
}

// learn keeps what the calls of an attempt took and how the judge found them.
func (x *execution) learn(ctx context.Context, st *store.Store, megapixels float64) error {
	for _, s := range x.steps {
		if s.cached {
			continue
		}
		id := s.call.ID()
		cost := estimate.CostObservation{
			Tool: s.call.Tool, Device: x.device(s.spec), // its variants take about as long
			FreeCore: s.freeCore,
			Timing:   estimate.Timing{Megapixels: megapixels, Seconds: s.cost}, LoadSeconds: s.load,
		}
		if s.made != nil && s.freeCore {
			if err := observe(ctx, st, costKeys+cost.Tool+"@"+cost.Device, func(e *estimate.CostEntry) {
				c := estimate.Costs{}
				if e.Tool != "" {
					c.Entries = append(c.Entries, *e)
				}
				if c = c.Observe(cost); len(c.Entries) == 1 {
					*e = c.Entries[0]
				}
			}); err != nil {
				return err
			}
		}
		if s.verdict == nil || s.verdict.Parts == 0 || !s.completes || x.finding || math.IsNaN(s.quality) {
			continue
		}
		quality := estimate.QualityObservation{Tool: id, Task: x.st.Task, Score: s.quality, Pass: s.verdict.Pass}
		if err := observe(ctx, st, qualityKeys+id+"@"+quality.Task, func(e *estimate.QualityEntry) {
			q := estimate.Qualities{}
			if e.Tool != "" {
				q.Entries = append(q.Entries, *e)
			}
			if q = q.Observe(quality); len(q.Entries) == 1 {
				*e = q.Entries[0]
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// observe changes one stored entry, or begins it.
func observe[T any](ctx context.Context, st *store.Store, key string, change func(*T)) error {
	err := st.Update(ctx, key, func(old []byte) []byte {
		var e T
		if len(old) > 0 && json.Unmarshal(old, &e) != nil {
			return nil
		}
		change(&e)
		text, err := json.Marshal(e)
		if err != nil {
			return nil
		}
		return text
	})
	if err != nil {
		return fmt.Errorf("what was measured was not kept: %w", err)
	}
	return nil
}

// snapshot is the hash of what the run's estimates come from.
func (k *knowledge) snapshot() string {
	hash, err := estimate.NewSnapshot(k.costs, k.qualities, nil).Hash()
	if err != nil {
		return ""
	}
	return hash
}
