package subroutines

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Limits on what is read, so that no file or row can be endless.
const (
	maxSteps      = 64
	maxConditions = 32
	maxText       = 2000 // bytes of an id, a name, a reason
	maxList       = 10000
)

// Check says what makes a subroutine unusable: what it lacks, a condition that
// cannot be met, evidence that is no evidence. The error is a sentence without a full stop.
func (s *Subroutine) Check() error {
	for _, t := range []struct{ what, text string }{{"id", s.ID}, {"task", s.Task}} {
		if t.text == "" {
			return fmt.Errorf("it has no %s", t.what)
		}
		if len(t.text) > 200 || strings.ContainsFunc(t.text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
			return fmt.Errorf("its %s %.40q is too long or has spaces", t.what, t.text)
		}
	}
	if !slices.Contains(States(), s.State) {
		return fmt.Errorf("%q is no state: candidate, active, suspended or retired", s.State)
	}
	for _, b := range slices.Concat(s.Bands, s.Refused, s.Shortcut, s.Dear, slices.Collect(maps.Keys(s.Tolls))) {
		if b.bit() == 0 {
			return fmt.Errorf("%.40q is no band of alpha: quality, balanced or speed", b)
		}
	}
	if s.Version < 1 {
		return fmt.Errorf("its version %d is below 1", s.Version)
	}
	if err := s.checkTexts(); err != nil {
		return err
	}
	if err := s.Path.check(); err != nil {
		return err
	}
	if len(s.When) > maxConditions {
		return fmt.Errorf("%d conditions are more than %d", len(s.When), maxConditions)
	}
	for _, c := range s.When {
		if err := c.Check(); err != nil {
			return err
		}
	}
	if _, ok := s.When.Canonical(); !ok {
		return fmt.Errorf("nothing can meet all its conditions: %s", s.When)
	}
	if err := (Evidence{s.Cost, s.Failing, s.Pass, s.Quality}).check(); err != nil {
		return err
	}
	for _, t := range s.Tolls {
		if err := t.check(); err != nil {
			return err
		}
	}
	for tool := range s.Docs {
		if !plainName.MatchString(tool) {
			return fmt.Errorf("the digest of %.40q is of no tool", tool)
		}
	}
	for from, e := range s.Others {
		if !plainName.MatchString(from) {
			return fmt.Errorf("%.40q is no name of a source", from)
		}
		if err := e.check(); err != nil {
			return fmt.Errorf("the evidence from %s: %w", from, err)
		}
	}
	return s.Watch.check()
}

func (s *Subroutine) checkTexts() error {
	if len(s.Name) > maxText || len(s.Provenance.Proposer) > maxText || len(s.Provenance.Verification) > maxText {
		return fmt.Errorf("its name or provenance is longer than %d bytes", maxText)
	}
	if len(s.History) > maxList || len(s.Provenance.Traces) > maxList || len(s.Provenance.Notes) > maxList || len(s.Others) > maxList {
		return fmt.Errorf("its history, traces, notes or sources are more than %d", maxList)
	}
	return nil
}

func (p Path) check() error {
	if len(p) == 0 || len(p) > maxSteps {
		return fmt.Errorf("its path has %d steps, not 1 to %d", len(p), maxSteps)
	}
	for i, s := range p {
		if !plainName.MatchString(s.Tool) || s.Variant < 0 {
			return fmt.Errorf("step %d of its path names no call", i)
		}
		for _, in := range s.Inputs {
			if in < 0 || in >= i {
				return fmt.Errorf("step %d of its path takes the result of step %d, which is not before it", i, in)
			}
		}
		if err := checkParam(s.Params); err != nil {
			return fmt.Errorf("step %d of its path: %w", i, err)
		}
	}
	return nil
}

// plainName is what tools, parameters and sources are called.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$`)

// checkParam refuses what files could not carry: numbers that are none, and odd names.
func checkParam(v any) error {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a parameter is %v", v)
		}
	case []any:
		for _, part := range v {
			if err := checkParam(part); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, part := range v {
			if !plainName.MatchString(name) {
				return fmt.Errorf("%.40q is no name of a parameter", name)
			}
			if err := checkParam(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// most bounds every count, time and size of evidence, so that products of them stay finite.
const most = 1e9

func (e Evidence) check() error {
	for _, c := range []Cost{e.Cost, e.Failing} {
		if err := c.check(); err != nil {
			return err
		}
	}
	return firstOutside([]span{
		{"runs that passed", e.Pass.Passed, 0, most},
		{"runs that failed", e.Pass.Failed, 0, most},
		{"measured qualities", e.Quality.N, 0, most},
		{"quality", e.Quality.Mean, 0, 1},
	})
}

func (c Cost) check() error {
	return firstOutside([]span{
		{"timed runs", c.N, 0, most},
		{"seconds", c.Seconds, 0, most},
		{"spread of the seconds", c.SD, 0, most},
		{"megapixels", c.Megapixels, 0, most},
		{"spread of the megapixels", c.MegapixelsSD, 0, most},
		{"seconds per megapixel", c.PerMegapixel, -most, most},
	})
}

func (w Watch) check() error {
	return firstOutside([]span{
		{"change detector's sum", w.Sum, 0, most}, {"change detector's uses", float64(w.Uses), 0, most}, {"change detector's base", w.Base, 0, 1},
	})
}

func (t Toll) check() error {
	return firstOutside([]span{
		{"pairs", float64(t.Pairs), 0, most},
		{"lost quality", t.Lost, -1, 1},
		{"doubt of the lost quality", t.Width, 0, most},
		{"saved seconds", t.Saved, -most, most},
		{"share of the subtasks", t.Share, 0, 1},
	})
}

type span struct {
	what      string
	v, lo, hi float64
}

func firstOutside(all []span) error {
	for _, s := range all {
		if !(s.v >= s.lo && s.v <= s.hi) { // NaN is outside too
			return fmt.Errorf("its %s cannot be %v", s.what, s.v)
		}
	}
	return nil
}
