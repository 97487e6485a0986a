package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// This file makes a repeated request take the toolpath that it took before:
// what was learned since may favour another, and then tools would run for a
// result that is at hand.

// pathKey is the content address of a question to the search: the subtask, all
// it starts with, the dials, and the tools that may take part. "" when its
// answer is not to be kept.
func (x *execution) pathKey(specs []edit.ToolSpec) string {
	if x.results.store == nil || x.job.Pinned != nil || x.job.Trial {
		return ""
	}
	held, ok := x.results.identities(x.base)
	if !ok {
		return ""
	}
	var past string
	var seen []string
	if x.past != nil {
		past, seen = x.results.digest(x.past).String(), slices.Sorted(maps.Keys(x.sight.seen))
	}
	tools := make([]string, len(specs))
	for i := range specs {
		tools[i] = specs[i].Name + " " + specs[i].Digest
	}
	return contentKey(map[string]any{
		"path": program(), "subtask": asked(x.st), "finding": x.finding, "held": held, "past": past, "seen": seen, "tools": tools, "seed": x.job.Seed,
		"alpha": x.job.Alpha, "threshold": x.job.Threshold, "frozen": x.job.Frozen, "usd": x.job.secondsPerUSD(), "picked": x.job.Picked[x.st.ID], "pins": x.pins(),
		"reviews": x.learned.reviews[x.st.Task], // what was rejected is not made again
	})
}

// repeat follows the toolpath that answered the same question before; done is
// false where there is none, or where it does not pass any more.
func (x *execution) repeat(ctx context.Context, key string) (done bool, err error) {
	if key == "" {
		return false, nil
	}
	rec, ok, err := x.results.store.GetCall(ctx, key)
	var trail Trail
	if err != nil || !ok || json.Unmarshal(rec.Extra, &trail) != nil {
		return false, nil //nolint:nilerr // the search answers it
	}
	x.pinned, x.repeated = &trail, true
	if err = x.follow(ctx); err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	for _, s := range x.steps {
		x.wasted += s.seconds
	}
	x.pinned, x.repeated, x.steps, x.done, x.held = nil, false, nil, nil, x.base
	*x.log = Trail{}
	x.ruledOut = make(map[string]error)
	return false, nil
}

// keepPath keeps the toolpath that answered a question and passed.
func (x *execution) keepPath(ctx context.Context, key string) {
	if key == "" || x.poor {
		return
	}
	text, err := json.Marshal(x.log)
	if err == nil {
		err = x.results.store.PutCall(context.WithoutCancel(ctx), key, store.CallRecord{Tool: x.path[len(x.path)-1], Evidence: store.Unmeasured(), Extra: text})
	}
	if err != nil {
		x.results.fail(fmt.Errorf("the toolpath: %w", err))
	}
}
