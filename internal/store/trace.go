package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"pentimento/internal/edit"
)

// Real is a measured value, or NaN where it was not measured: null in JSON and
// in the database, which both have no NaN. An infinity is no measurement either.
type Real float64

// Unmeasured is the Real that stands for no measurement.
func Unmeasured() Real { return Real(math.NaN()) }

// Measured reports whether there is a value.
func (r Real) Measured() bool { return !math.IsNaN(float64(r)) && !math.IsInf(float64(r), 0) }

// MarshalJSON implements json.Marshaler.
func (r Real) MarshalJSON() ([]byte, error) {
	if !r.Measured() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(r))
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Real) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*r = Unmeasured()
		return nil
	}
	return json.Unmarshal(b, (*float64)(r))
}

// Value implements driver.Valuer.
func (r Real) Value() (driver.Value, error) {
	if !r.Measured() {
		return nil, nil
	}
	return float64(r), nil
}

// Scan implements sql.Scanner.
func (r *Real) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*r = Unmeasured()
	case float64:
		*r = Real(v)
	default:
		return fmt.Errorf("%T is no measured value", v)
	}
	return nil
}

// Verdict is what a judge said of a step.
type Verdict string

// The verdicts; Unjudged where no judge looked.
const (
	Unjudged Verdict = ""
	Pass     Verdict = "pass"
	Fail     Verdict = "fail"
)

// Judgement is a judge's word on one result.
type Judgement struct {
	Quality Real            `json:"quality"`           // in [0,1]
	Verdict Verdict         `json:"verdict,omitempty"` // pass, fail or not judged
	Scores  map[string]Real `json:"scores,omitempty"`  // by check, in [0,1]
	Reason  string          `json:"reason,omitempty"`  // a sentence
}

// Trace is the record of one attempt at one subtask, failed ones too.
type Trace struct {
	ID      int64     `json:"id"` // given by AddTrace, growing
	Time    time.Time `json:"time"`
	Request string    `json:"request"`
	Session string    `json:"session,omitempty"`
	Picture string    `json:"picture,omitempty"` // digest of the picture that the attempt began with
	Origin  string    `json:"origin,omitempty"`  // digest of the picture that the whole request began with
	// Subroutine is the id of the one that made the result; empty: the search did.
	Subroutine string `json:"subroutine,omitempty"`
	// Subtask is as planned. What its arguments lose in JSON (a colour's value beside its name) is lost here.
	Subtask edit.Subtask `json:"subtask"`
	// Features are those of the picture that the attempt began with: numbers,
	// strings and bools by name. A number that is not finite is left out.
	Features  map[string]any `json:"features,omitempty"`
	Shown     bool           `json:"shown,omitempty"` // the person pointed at the place
	Alpha     float64        `json:"alpha"`           // the dial, in [0,2]
	Threshold float64        `json:"threshold"`       // of quality, in [0,1]
	Outcome   edit.Status    `json:"outcome"`
	Reason    string         `json:"reason,omitempty"`
	// Review is what the person thought of the result, which outweighs the judge: the last
	// step that counted has that verdict, and the quality is the person's.
	Review  Verdict `json:"review,omitempty"`
	Opinion string  `json:"opinion,omitempty"` // why, in the person's words
	Quality Real    `json:"quality"`           // of the toolpath taken, in [0,1]
	Seconds float64 `json:"seconds"`
	Steps   []Step  `json:"steps"`
}

// Step is one call that an attempt ran or took from the cache.
type Step struct {
	Call        string         `json:"call"` // edit.Call's ID
	Tool        string         `json:"tool"`
	Variant     int            `json:"variant,omitempty"`
	Params      map[string]any `json:"params,omitempty"` // numbers come back as float64
	Inputs      []int          `json:"inputs,omitempty"` // indices of the steps whose results it took
	Megapixels  float64        `json:"megapixels"`       // of the picture it worked on
	Seconds     float64        `json:"seconds"`          // without loading
	LoadSeconds float64        `json:"load_seconds,omitempty"`
	FreeCore    bool           `json:"free_core"` // it had a core to itself, so that its seconds tell its cost
	Cached      bool           `json:"cached,omitempty"`
	Final       bool           `json:"final"`           // on the toolpath whose result was kept
	Error       string         `json:"error,omitempty"` // why it made nothing: it broke, which nobody judges
	Judgement
}

// check names a number of the trace that is none, which would be lost in the database.
func (t *Trace) check() error {
	numbers := map[string]float64{"alpha": t.Alpha, "threshold": t.Threshold, "seconds": t.Seconds}
	for i, s := range t.Steps {
		for name, v := range map[string]float64{"megapixels": s.Megapixels, "seconds": s.Seconds, "load seconds": s.LoadSeconds} {
			numbers[fmt.Sprintf("%s of step %d, %s", name, i, s.Call)] = v
		}
	}
	for name, v := range numbers {
		if !Real(v).Measured() {
			return fmt.Errorf("a trace needs its %s, got %v", name, v)
		}
	}
	return nil
}

// finite is m without the numbers that JSON cannot hold.
func finite(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for name, v := range m {
		switch v := v.(type) {
		case float64:
			if !Real(v).Measured() {
				continue
			}
		case float32:
			if !Real(v).Measured() {
				continue
			}
		}
		out[name] = v
	}
	return out
}
