package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/store"
)

// knowledge is what was measured before a run began: one snapshot for all of it.
type knowledge struct {
	costs     estimate.Costs
	qualities estimate.Qualities
	reviews   map[string]string // by task: how many results a person accepted or rejected
}

// Keys of the statistics: a cost entry per tool@device, and the qualities of a call at a task, call@task.
const (
	costKeys    = "cost/"
	qualityKeys = "quality/"
)

// recall reads what was measured so far, as it counts on that day; nothing where there is no store.
func recall(ctx context.Context, st *store.Store, day int64) (knowledge, error) {
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
		var q estimate.Qualities
		if json.Unmarshal(text, &q) == nil {
			k.qualities.Entries = append(k.qualities.Entries, q.Entries...)
		}
	}
	reviews, err := st.Statistics(ctx, reviewKeys)
	if err != nil {
		return k, err
	}
	k.reviews = make(map[string]string, len(reviews))
	for key, n := range reviews {
		k.reviews[strings.TrimPrefix(key, reviewKeys)] = string(n)
	}
	k.costs.Sort()
	k.qualities = k.qualities.Aged(day)
	k.qualities.Sort()
	return k, nil
}

// today counts days from 1970, as results are dated by.
func (e *Engine) today() int64 { return e.Now().Unix() / (24 * 60 * 60) }

// estimator estimates from the docs' priors and what was measured: seconds of
// the tool on this machine with its model loaded, money at the job's price, and
// the quality that the judge found it to have when it completes the task.
// What depends on the moment is expect's.
func (x *execution) estimator() astar.Estimator {
	megapixels := x.megapixels()
	priors := astar.Priors(x.st.Task, megapixels)
	return func(spec *edit.ToolSpec, call edit.Call, completes bool) (float64, float64, bool) {
		_, quality, ok := priors(spec, call, completes)
		cost := x.learned.costs.Estimate(call.Tool, x.device(spec), megapixels, spec.Cost)
		if completes && !x.finding {
			quality = x.learned.qualities.Estimate(call.ID(), x.st.Task, nil, quality).Rank(x.job.Threshold)
		}
		return cost.Total(true, x.job.secondsPerUSD()), quality, ok
	}
}

// device is what a tool runs on, as far as times hold for it.
func (e *Engine) device(spec *edit.ToolSpec) string {
	if d, ok := e.Runners[spec.Runtime.Kind].(deviced); ok {
		if name, _ := d.Device(); name != "" && name != unsettled {
			return name
		}
	}
	return "cpu"
}

// learn keeps what the calls of an attempt took and how the judge found them;
// marks are what the picture and the object were like.
func (x *execution) learn(ctx context.Context, st *store.Store, megapixels float64, marks []string) error {
	for _, s := range x.steps {
		if s.cached {
			continue
		}
		if s.made != nil && s.freeCore {
			if err := learnCost(ctx, st, estimate.CostObservation{
				Tool: s.call.Tool, Device: x.device(s.spec), // its variants take about as long
				FreeCore: s.freeCore,
				Timing:   estimate.Timing{Megapixels: megapixels, Seconds: s.cost}, LoadSeconds: s.load,
			}); err != nil {
				return err
			}
		}
		if s.verdict == nil || s.verdict.Parts == 0 || x.finding || math.IsNaN(s.quality) {
			continue
		}
		quality := estimate.QualityObservation{
			Tool: s.call.ID(), Task: onTheWay, Marks: marks, Day: x.today(), Score: s.quality, Pass: s.verdict.Pass,
		}
		if err := learnQuality(ctx, st, quality, 1); err != nil {
			return err
		}
		if quality.Task = x.st.Task; s.completes {
			if err := learnQuality(ctx, st, quality, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// taskOf is what a call's results are counted under: its task, or, where it is a step
// on the way, no task, for it makes the same whatever it is made for.
func (x *execution) taskOf(completes bool) string {
	if completes {
		return x.st.Task
	}
	return onTheWay
}

// onTheWay stands for the task of calls that complete none.
const onTheWay = ""

// learnQuality adds one judged result to what is known of its call at its task, as so many.
func learnQuality(ctx context.Context, st *store.Store, o estimate.QualityObservation, weight int) error {
	return observe(ctx, st, qualityKeys+o.Tool+"@"+o.Task, func(q *estimate.Qualities) {
		for range weight {
			*q = q.Observe(o)
		}
	})
}

// learnCost adds one timed call to what is known of its tool on its device.
func learnCost(ctx context.Context, st *store.Store, o estimate.CostObservation) error {
	return observe(ctx, st, costKeys+o.Tool+"@"+o.Device, func(e *estimate.CostEntry) {
		c := estimate.Costs{}
		if e.Tool != "" {
			c.Entries = append(c.Entries, *e)
		}
		if c = c.Observe(o); len(c.Entries) == 1 {
			*e = c.Entries[0]
		}
	})
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

// snapshot is the hash of what the run's estimates come from, and of the rules in force.
func (k *knowledge) snapshot(rules []string) string {
	hash, err := estimate.NewSnapshot(k.costs, k.qualities, rules).Hash()
	if err != nil {
		return ""
	}
	return hash
}
