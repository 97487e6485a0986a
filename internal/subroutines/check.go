package subroutines

import (
	"fmt"
	"math"
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
	for from, e := range s.Others {
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
		if s.Tool == "" || s.Variant < 0 {
			return fmt.Errorf("step %d of its path names no call", i)
		}
		for _, in := range s.Inputs {
			if in < 0 || in >= i {
				return fmt.Errorf("step %d of its path takes the result of step %d, which is not before it", i, in)
			}
		}
		for name, v := range s.Params {
			if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				return fmt.Errorf("step %d of its path: %s is %v", i, name, f)
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
		{"runs that passed", e.Pass.Passed, 0, most}, {"runs that failed", e.Pass.Failed, 0, most},
		{"measured qualities", e.Quality.N, 0, most}, {"quality", e.Quality.Mean, 0, 1},
	})
}

func (c Cost) check() error {
	return firstOutside([]span{
		{"timed runs", c.N, 0, most}, {"seconds", c.Seconds, 0, most}, {"spread of the seconds", c.SD, 0, most},
		{"megapixels", c.Megapixels, 0, most}, {"spread of the megapixels", c.MegapixelsSD, 0, most},
		{"seconds per megapixel", c.PerMegapixel, -most, most},
	})
}

func (w Watch) check() error {
	return firstOutside([]span{
		{"change detector's sum", w.Sum, 0, most}, {"change detector's uses", float64(w.Uses), 0, most}, {"change detector's base", w.Base, 0, 1},
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
