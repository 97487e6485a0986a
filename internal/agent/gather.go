package agent

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"pentimento/internal/estimate"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// Experience is what edits on another machine leave to be learned from. The seconds of tools
// are no part of it but as traces tell them: what a tool takes there says nothing of here.
type Experience struct {
	Traces    []store.Trace                 `json:"traces,omitempty"`
	Qualities map[string]estimate.Qualities `json:"qualities,omitempty"` // by key of the store's statistics
	Uses      []RuleUse                     `json:"uses,omitempty"`
}

// RuleUse is one use of a subroutine.
type RuleUse struct {
	ID         string     `json:"id"`
	At         time.Time  `json:"at"`
	Pass       bool       `json:"pass,omitempty"`
	Seconds    float64    `json:"seconds"`
	Megapixels float64    `json:"megapixels"`
	Quality    store.Real `json:"quality"` // null where it was not measured
}

// Experience is all that the engine's store holds of edits that began with an empty one, with the uses
// that their outcome tells of.
func (e *Engine) Experience(ctx context.Context, out Outcome) (Experience, error) {
	var x Experience
	for _, id := range slices.Sorted(maps.Keys(out.Uses)) {
		u := out.Uses[id]
		x.Uses = append(x.Uses, RuleUse{u.ID, e.Now(), u.Pass, u.Seconds, u.Megapixels, store.Real(u.Quality)})
	}
	if e.Store == nil {
		return x, nil
	}
	var err error
	if x.Traces, err = e.Store.Traces(ctx, store.Filter{}); err != nil {
		return x, err
	}
	found, err := e.Store.Statistics(ctx, qualityKeys)
	if err != nil {
		return x, err
	}
	x.Qualities = make(map[string]estimate.Qualities, len(found))
	for key, text := range found {
		var q estimate.Qualities
		if err := json.Unmarshal(text, &q); err != nil {
			return x, err
		}
		x.Qualities[key] = q
	}
	return x, nil
}

// Gather adds the experience of another machine to the engine's own; without a store it is passed over.
func (e *Engine) Gather(ctx context.Context, x Experience) error {
	if e.Store == nil {
		return nil
	}
	for _, t := range x.Traces {
		if _, err := e.Store.AddTrace(ctx, t); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(x.Qualities)) {
		if err := observe(ctx, e.Store, key, func(q *estimate.Qualities) { *q = q.Plus(x.Qualities[key]) }); err != nil {
			return err
		}
	}
	if e.Subroutines == nil {
		return nil
	}
	var failed error
	for _, u := range x.Uses { // of a rule that was dropped meanwhile nothing is kept
		quality := math.NaN()
		if u.Quality.Measured() {
			quality = float64(u.Quality)
		}
		_, err := e.Subroutines.Observe(ctx, u.ID, subroutines.Use{Pass: u.Pass, Seconds: u.Seconds, Megapixels: u.Megapixels, Quality: quality}, u.At)
		failed = errors.Join(failed, err)
	}
	return failed
}
