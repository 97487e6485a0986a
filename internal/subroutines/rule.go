package subroutines

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/features"
)

// Rule is a conjunction: it holds where each condition does; an empty one holds everywhere.
type Rule []Condition

// Holds reports whether every condition is known to be true.
func (r Rule) Holds(s features.Set) bool { return r.Truth(s) == Yes }

// Truth is No where a condition is, else Unknown where one is, else Yes.
func (r Rule) Truth(s features.Set) Truth {
	all := Yes
	for _, c := range r {
		switch c.Truth(s) {
		case No:
			return No
		case Unknown:
			all = Unknown
		case Yes:
		}
	}
	return all
}

// Canonical is the rule in the one form of all that say the same with the same
// features: at most one condition a feature (thresholds joined to ranges, sets
// to what they share), by name. ok is false where nothing can meet it.
func (r Rule) Canonical() (out Rule, ok bool) {
	ok = true
	sorted := slices.Clone(r)
	slices.SortStableFunc(sorted, func(a, b Condition) int { return cmp.Compare(a.Feature, b.Feature) })
	for _, c := range sorted {
		last := len(out) - 1
		if last < 0 || out[last].Feature != c.Feature {
			out = append(out, c)
			continue
		}
		var can bool
		out[last], can = out[last].and(c)
		ok = ok && can
	}
	return out, ok
}

// and is the condition that holds where both do; false where none does.
func (c Condition) and(o Condition) (Condition, bool) {
	switch {
	case c.kind() != o.kind():
		return c, false
	case c.Op == Is:
		return c, c.Want == o.Want
	case c.Op == In:
		c.Words = slices.DeleteFunc(slices.Clone(c.Words), func(w string) bool { return !slices.Contains(o.Words, w) })
		return c, len(c.Words) > 0
	}
	hasLow, hasHigh := c.Op != Below, c.Op != AtLeast
	if o.Op != Below {
		if !hasLow || o.Low > c.Low {
			c.Low = o.Low
		}
		hasLow = true
	}
	if o.Op != AtLeast {
		if !hasHigh || o.High < c.High {
			c.High = o.High
		}
		hasHigh = true
	}
	switch {
	case hasLow && hasHigh:
		c.Op = Between
	case hasLow:
		c.Op = AtLeast
	default:
		c.Op = Below
	}
	return c, c.Op != Between || c.Low < c.High
}

// String joins the conditions with "and"; an empty rule is "always".
func (r Rule) String() string {
	if len(r) == 0 {
		return "always"
	}
	all := make([]string, len(r))
	for i, c := range r {
		all[i] = c.String()
	}
	return strings.Join(all, " and ")
}

// Values is a trace's features as a Set: numbers, strings and bools by name; anything else is left out.
func Values(m map[string]any) features.Set {
	typed := make(map[string]features.Value, len(m))
	for name, v := range m {
		switch v := v.(type) {
		case float64:
			typed[name] = features.Value{Type: features.Number, Number: v}
		case string:
			typed[name] = features.Value{Type: features.Category, Category: v}
		case bool:
			typed[name] = features.Value{Type: features.Bool, Bool: v}
		}
	}
	return features.FromMap(typed)
}

// PathStep is one call of a toolpath.
type PathStep struct {
	Tool    string         `json:"tool"`
	Variant int            `json:"variant,omitempty"` // 0: the doc's own parameters; n: its n-th variant
	Params  map[string]any `json:"params,omitempty"`  // the variant's parameters; numbers are float64
	Inputs  []int          `json:"inputs,omitempty"`  // indices of the earlier steps whose results it takes
}

// Call is the step as the engine runs it.
func (p PathStep) Call() edit.Call {
	return edit.Call{Tool: p.Tool, Variant: p.Variant, Params: p.Params}
}

// Path is a toolpath with what each call takes from which.
type Path []PathStep

// String joins the calls' ids with arrows.
func (p Path) String() string { return p.Toolpath().String() }

// Toolpath is the path's calls.
func (p Path) Toolpath() edit.Toolpath {
	out := make(edit.Toolpath, len(p))
	for i, s := range p {
		out[i] = s.Call()
	}
	return out
}

// Makes reports whether a path's calls are those with these ids and no other, in whatever order.
func (p Path) Makes(calls []string) bool {
	if len(p) != len(calls) || !slices.Contains(calls, p[len(p)-1].Call().ID()) { // the last tells most
		return false
	}
	left := slices.Clone(calls)
	for _, step := range p {
		n := slices.Index(left, step.Call().ID())
		if n < 0 {
			return false
		}
		left = slices.Delete(left, n, n+1)
	}
	return true
}

// State is where a subroutine stands in its life.
type State string

// The states.
const (
	Candidate State = "candidate" // proposed; used only by verification
	Active    State = "active"    // offered to edits
	Suspended State = "suspended" // turned bad, switched off or out of date; may come back
	Retired   State = "retired"   // stays bad or is covered by another; kept for the record
)

// States lists the states in the order of a life.
func States() []State { return []State{Candidate, Active, Suspended, Retired} }

// Cause is what suspended a subroutine, which decides how it comes back.
type Cause string

// The causes.
const (
	ByPerson Cause = "person" // agent subroutines disable: only a person enables it
	ByWatch  Cause = "watch"  // the change detector: tried again later
	ByDocs   Cause = "docs"   // a tool is gone or its doc changed: verified anew, or the doc is back
	ByBudget Cause = "budget" // the quality that it loses is spent on other rules: offered when there is room
)

// Trials are the attempts to bring back a subroutine that turned bad.
type Trials struct {
	Failed int       `json:"failed,omitempty"` // attempts in vain, one after another
	Next   time.Time `json:"next,omitzero"`    // not before
}

// Change is one entry of a subroutine's history.
type Change struct {
	At     time.Time `json:"at"`
	From   State     `json:"from,omitempty"` // empty: it came to be
	To     State     `json:"to"`
	Reason string    `json:"reason"` // a sentence
}

// Band is a range of the dial alpha. What a rule is worth depends on the dial, and so
// does what the slow path does: a rule is verified at an alpha, and offered to edits in its band.
type Band string

// The bands.
const (
	ForQuality Band = "quality"  // alpha in [0, 0.5)
	Balanced   Band = "balanced" // alpha in [0.5, 1.5)
	ForSpeed   Band = "speed"    // alpha in [1.5, 2]
)

// BandOf is the band that an alpha lies in.
func BandOf(alpha float64) Band {
	switch {
	case alpha < 0.5:
		return ForQuality
	case alpha < 1.5:
		return Balanced
	}
	return ForSpeed
}

// bit is the band in a set of bands; 0: it is none.
func (b Band) bit() uint8 {
	switch b {
	case ForQuality:
		return 1
	case Balanced:
		return 2
	case ForSpeed:
		return 4
	}
	return 0
}

// Provenance is where a subroutine comes from.
type Provenance struct {
	Traces []int64 `json:"traces,omitempty"` // ids of some traces it was induced from
	// Folds are the parts of the pictures that had no part in finding it (package
	// mine); none: it was found elsewhere, and no picture had.
	Folds []int `json:"folds,omitempty"`
	// Proposer is who proposed it: "mined", "llm", "published", a person's name.
	Proposer string `json:"proposer"`
	// Verification is a sentence with the evidence that its last verification gave; empty: none yet.
	Verification string `json:"verification,omitempty"`
	// Notes tell what a reader must know, such as an assumed translation of a condition.
	Notes []string `json:"notes,omitempty"`
}

// Watch is the state of the change detector (CUSUM) that runs beside an active
// subroutine's posteriors.
type Watch struct {
	Sum  float64 `json:"sum,omitempty"`  // evidence for a change, >= 0; an alarm when it passes the limit
	Uses int64   `json:"uses,omitempty"` // since the detector was set to 0
	Base float64 `json:"base,omitempty"` // pass rate that it watches against, in (0,1); 0: not set
}

// Subroutine is a toolpath for a task type that is worth taking where its rule
// holds, with the evidence for it.
type Subroutine struct {
	ID      string `json:"id"`             // unique in a table, kept through versions
	Name    string `json:"name,omitempty"` // for people; may be empty
	Task    string `json:"task"`           // task type
	Path    Path   `json:"path"`           // at least one step; the last completes the task
	When    Rule   `json:"when,omitempty"` // activation rule; empty: always
	State   State  `json:"state"`
	Version int    `json:"version"` // from 1, one more with every change of path or rule

	// Bands are those of alpha that it was verified in, and is offered in; none: it was
	// activated on a person's word, for all. Refused are those in which verification found it not worth it.
	Bands   []Band `json:"bands,omitempty"`
	Refused []Band `json:"refused,omitempty"`
	// Shortcut are bands in which it is only known to be what the search does anyway: there
	// it is offered where the search is about to make its very calls, and waits to be verified for more.
	Shortcut []Band `json:"shortcut,omitempty"`
	// Dear are bands in which it was verified and is not offered, because the table's budget of
	// quality is spent on rules that save more for it.
	Dear []Band `json:"dear,omitempty"`
	// Tolls are what its trials tell of the quality that it costs, by band.
	Tolls map[Band]Toll `json:"tolls,omitempty"`

	Cost    Cost    `json:"cost,omitzero"`    // of whole runs that passed
	Failing Cost    `json:"failing,omitzero"` // what runs spent that failed
	Pass    Rate    `json:"pass,omitzero"`    // whether the judge let all steps pass
	Quality Quality `json:"quality,omitzero"` // of runs that passed
	// Others is the evidence of other people's tables, whole, by their source.
	Others map[string]Evidence `json:"others,omitempty"`
	Watch  Watch               `json:"watch,omitzero"`
	Cause  Cause               `json:"cause,omitempty"` // why it is suspended; empty in any other state
	// Coverer is the id of the active subroutine that a retired one was superfluous
	// beside; empty where it was retired for another reason.
	Coverer string `json:"coverer,omitempty"`
	Trials  Trials `json:"trials,omitzero"`

	Provenance Provenance `json:"provenance"`
	// Docs are the digests of the run-relevant fields of the path's tool docs, by
	// tool, when the evidence was gathered. A tool without one is not checked.
	Docs    map[string]string `json:"docs,omitempty"`
	History []Change          `json:"history,omitempty"` // the oldest first
}

// Key says whether two subroutines are the same rule for the same toolpath: a
// sha256 in hex over task, path and canonical rule.
func (s *Subroutine) Key() string {
	when, _ := s.When.Canonical()
	texts := make([]string, len(when))
	for i, c := range when {
		texts[i] = c.String()
	}
	b, err := json.Marshal([]any{s.Task, s.Path, texts})
	if err != nil {
		return fmt.Sprintf("invalid: %v", err) // parameters that JSON cannot hold, which Check refuses
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// NewID names a new subroutine by its content, short enough to be typed.
func (s *Subroutine) NewID() string { return "r" + s.Key()[:8] }
