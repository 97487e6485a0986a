package subroutines

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/subroutines/trial"
)

// This file is the life of a subroutine as pure functions: each returns a
// changed copy and leaves what it was given as it was.

// Knobs of the life cycle.
const (
	// alarm is the detector's sum, in nats, at which an active subroutine is
	// suspended: less than trial.Alarm, which is for a pass rate that is known. One
	// that is estimated lies below a true .95, and looks for a deeper fall.
	alarm = 5.0
	// keptShare is how much the evidence from before an alarm still counts after it.
	keptShare = 0.25
	// TrialRuns are the runs of one attempt to bring back a subroutine that turned bad.
	TrialRuns = 8
	// trialEvidence is the least likelihood ratio of "as good as it was" over "turned bad" that brings it back.
	trialEvidence = 3
	// maxTrials in vain retire it.
	maxTrials = 3
	// firstWait is how long the first attempt waits; each further one twice as long.
	firstWait = 24 * time.Hour
	// keptHistory bounds the changes that are kept; the first is always among them.
	keptHistory = 100
)

// clone is a copy that shares nothing that the life cycle changes.
func (s *Subroutine) clone() *Subroutine {
	c := *s
	c.History = slices.Clone(s.History)
	c.Docs = maps.Clone(s.Docs)
	c.Others = maps.Clone(s.Others)
	c.Provenance.Notes = slices.Clone(s.Provenance.Notes)
	c.Bands, c.Refused, c.Shortcut, c.Dear = slices.Clone(s.Bands), slices.Clone(s.Refused), slices.Clone(s.Shortcut), slices.Clone(s.Dear)
	c.Tolls = maps.Clone(s.Tolls)
	return &c
}

// move puts s into a state and writes down why.
func (s *Subroutine) move(to State, cause Cause, reason string, at time.Time) {
	s.History = append(s.History, Change{At: at.UTC(), From: s.State, To: to, Reason: reason})
	if n := len(s.History); n > keptHistory {
		s.History = slices.Delete(s.History, 1, n-keptHistory+1)
	}
	s.State, s.Cause = to, cause
}

// Use is one run of a subroutine on a person's edit or in a trial.
type Use struct {
	Pass       bool    // the judge let every step pass
	Seconds    float64 // spent, without loading models; until it was stopped where it was
	Megapixels float64
	Timed      bool    // the calls had a core each and nothing came from the cache, so that the seconds tell the cost
	Quality    float64 // of the result where it passed; NaN: not measured
}

// Observed adds a use to the evidence. Numbers that are none are left out.
func (e Evidence) Observed(u Use) Evidence {
	e.Pass = e.Pass.Observe(u.Pass)
	if c := NewCost(u.Seconds, u.Megapixels); u.Timed && c.check() == nil {
		if u.Pass {
			e.Cost = e.Cost.Plus(c)
		} else {
			e.Failing = e.Failing.Plus(c)
		}
	}
	if u.Pass && u.Quality >= 0 && u.Quality <= 1 {
		e.Quality = e.Quality.Plus(Quality{1, u.Quality})
	}
	return e
}

// Observed is s after a use at that time: its posteriors hold it, and where
// the change detector finds that an active one's pass rate fell, it is suspended,
// and what was seen before the fall counts for little.
func (s *Subroutine) Observed(u Use, at time.Time) *Subroutine {
	s = s.clone()
	before := s.Own()
	s.SetOwn(before.Observed(u))
	if s.State != Active {
		return s
	}
	if s.Watch.Sum == 0 { // nothing speaks for a change: what is known by now is what it is held to
		s.Watch.Base = before.Pass.Mean()
	}
	d := trial.NewDetector(s.Watch.Base)
	s.Watch.Sum, _ = d.Next(s.Watch.Sum, u.Pass)
	s.Watch.Uses++
	if s.Watch.Sum >= alarm {
		s.move(Suspended, ByWatch, fmt.Sprintf("it turned bad: after %d uses its failures speak for a pass rate of %.2f instead of %.2f", s.Watch.Uses, d.Bad, d.Base), at)
		s.Trials = Trials{Next: at.UTC().Add(firstWait)}
		s.SetOwn(s.Own().Times(keptShare))
	}
	return s
}

// Verified is a candidate or suspended one that verification accepted: active,
// with the evidence, which is added to its own, and the digests of its tools'
// docs then. text is the evidence as a sentence.
func (s *Subroutine) Verified(e Evidence, docs map[string]string, text string, at time.Time) *Subroutine {
	s = s.clone()
	if s.Cause == ByDocs { // what was measured of other tools is no evidence of these
		s.SetOwn(Evidence{})
		s.Others = nil
	}
	s.SetOwn(s.Own().Plus(e))
	s.Docs = s.docsOf(docs)
	s.Provenance.Verification = text
	s.activate("verified: "+text, at)
	return s
}

// VerifiedIn is s accepted by verification in a band of alpha: as Verified where it
// was not active before, else only offered in that band too.
func (s *Subroutine) VerifiedIn(b Band, e Evidence, docs map[string]string, text string, at time.Time) *Subroutine {
	if s.State != Active {
		s = s.Verified(e, docs, text, at)
		s.begin()
		s.Bands = []Band{b}
		return s
	}
	s = s.clone()
	s.Bands = append(s.Bands, b)
	s.Shortcut = slices.DeleteFunc(s.Shortcut, func(o Band) bool { return o == b })
	s.move(Active, "", "verified for "+string(b)+" too: "+text, at)
	return s
}

// RepeatsIn is s found by verification to be what the search does anyway in a band of
// alpha: active, if it was not, but offered in that band only where the search is about to do just that.
func (s *Subroutine) RepeatsIn(b Band, e Evidence, docs map[string]string, text string, at time.Time) *Subroutine {
	if s.State != Active {
		s = s.Verified(e, docs, text, at)
		s.begin()
		s.Shortcut = []Band{b}
		return s
	}
	s = s.clone()
	s.Shortcut = append(s.Shortcut, b)
	s.move(Active, "", "for "+string(b)+" too: "+text, at)
	return s
}

// begin forgets what was known of bands of alpha.
func (s *Subroutine) begin() {
	s.Bands, s.Refused, s.Shortcut, s.Dear, s.Tolls = nil, nil, nil, nil, nil
}

// Repeats reports whether it is offered in a band only as the search's own answer.
func (s *Subroutine) Repeats(b Band) bool { return slices.Contains(s.Shortcut, b) }

// Limited reports whether it is offered only as the search's own answer, in whatever band.
func (s *Subroutine) Limited() bool { return len(s.Shortcut) > 0 && len(s.Bands) == 0 }

// RejectedIn is s refused by verification in a band of alpha: as Rejected where it is not active.
func (s *Subroutine) RejectedIn(b Band, text string, at time.Time) *Subroutine {
	if s.State != Active {
		return s.Rejected(text, at)
	}
	s = s.clone()
	s.Refused = append(s.Refused, b)
	s.move(Active, "", "not for "+string(b)+": "+text, at)
	return s
}

// Unknown reports whether an active subroutine still waits to be verified in a band.
func (s *Subroutine) Unknown(b Band) bool {
	return s.State == Active && len(s.Bands)+len(s.Shortcut) > 0 && !slices.Contains(slices.Concat(s.Bands, s.Refused, s.Dear), b)
}

func (s *Subroutine) activate(reason string, at time.Time) {
	s.move(Active, "", reason, at)
	s.Watch = Watch{Base: s.Total().Pass.Mean()}
	s.Trials = Trials{}
}

// restore puts s back among those that are offered, as far as the budget of quality lets it.
func (s *Subroutine) restore(reason string, at time.Time) {
	if len(s.Dear) > 0 && len(s.Bands)+len(s.Shortcut) == 0 {
		s.move(Suspended, ByBudget, reason, at)
	} else {
		s.move(Active, "", reason, at)
	}
}

// docsOf are the digests of the path's tools among docs.
func (s *Subroutine) docsOf(docs map[string]string) map[string]string {
	out := make(map[string]string)
	for _, step := range s.Path {
		if digest, ok := docs[step.Tool]; ok {
			out[step.Tool] = digest
		}
	}
	return out
}

// Rejected is a candidate that verification found useless: retired.
func (s *Subroutine) Rejected(text string, at time.Time) *Subroutine {
	s = s.clone()
	s.Provenance.Verification = text
	s.move(Retired, "", "verification rejected it: "+text, at)
	return s
}

// Cover says which active subroutine makes another superfluous, and why, as a sentence.
type Cover struct{ By, Reason string }

// Covered is s given up beside another, for as long as that is active.
func (s *Subroutine) Covered(c Cover, at time.Time) *Subroutine {
	s = s.clone()
	s.move(Retired, "", c.Reason, at)
	s.Coverer = c.By
	return s
}

// Uncovered is s as it was before it was given up beside another, which is not active any more.
func (s *Subroutine) Uncovered(at time.Time) *Subroutine {
	s = s.clone()
	reason := "rule " + s.Coverer + ", beside which it was given up, is not active any more"
	if was := s.History[len(s.History)-1].From; was == Candidate {
		s.move(was, "", reason, at)
	} else {
		s.restore(reason, at)
	}
	s.Coverer = ""
	return s
}

// Due reports whether a subroutine that turned bad may be tried again.
func (s *Subroutine) Due(now time.Time) bool {
	return s.State == Suspended && s.Cause == ByWatch && !now.Before(s.Trials.Next)
}

// Tried is a suspended subroutine after an attempt of TrialRuns uses, which
// verification makes, never a person's edit. It is active again where they speak
// for its old pass rate; else it waits twice as long, and after three attempts
// in vain it is retired.
func (s *Subroutine) Tried(uses []Use, at time.Time) *Subroutine {
	s = s.clone()
	passed, ratio := 0, 0.0
	d := trial.NewDetector(s.Watch.Base)
	e := s.Own()
	for _, u := range uses {
		e = e.Observed(u)
		if u.Pass {
			passed++
			ratio += math.Log(d.Base / d.Bad)
		} else {
			ratio += math.Log((1 - d.Base) / (1 - d.Bad))
		}
	}
	s.SetOwn(e)
	tally := fmt.Sprintf("tried again: %d of %d passed", passed, len(uses))
	switch {
	case ratio >= math.Log(trialEvidence):
		s.activate(tally, at)
	case s.Trials.Failed+1 >= maxTrials:
		s.move(Retired, "", fmt.Sprintf("%s, and so did %d attempts before", tally+", too few", s.Trials.Failed), at)
	default:
		s.Trials.Failed++
		s.Trials.Next = at.UTC().Add(firstWait << s.Trials.Failed)
		s.move(Suspended, ByWatch, tally+", too few; it waits", at)
	}
	return s
}

// Stale says what of its path differs from the installed docs (digest by tool); "" where nothing does.
func (s *Subroutine) Stale(docs map[string]string) string {
	var gone, changed []string
	for _, step := range s.Path {
		now, there := docs[step.Tool]
		then, known := s.Docs[step.Tool]
		switch {
		case !there && !slices.Contains(gone, step.Tool):
			gone = append(gone, step.Tool)
		case there && known && now != then && !slices.Contains(changed, step.Tool):
			changed = append(changed, step.Tool)
		}
	}
	var parts []string
	if len(gone) > 0 {
		parts = append(parts, "not installed: "+strings.Join(gone, ", "))
	}
	if len(changed) > 0 {
		parts = append(parts, "doc changed since it was measured: "+strings.Join(changed, ", "))
	}
	return strings.Join(parts, "; ")
}

// Docked is s brought into line with the installed docs: an active one whose
// tools changed is suspended until it is verified anew, and one suspended for that
// is active again when the very docs of its evidence are back. It returns s itself where nothing changes.
func (s *Subroutine) Docked(docs map[string]string, at time.Time) *Subroutine {
	stale := s.Stale(docs)
	switch {
	case (s.State == Active || s.Cause == ByBudget) && stale != "":
		s = s.clone()
		s.move(Suspended, ByDocs, stale, at)
	case s.State == Suspended && s.Cause == ByDocs && stale == "":
		s = s.clone()
		s.restore("its tools are again those that it was measured with", at)
	}
	return s
}

// Disabled is s switched off by a person until a person enables it. The error says why it cannot be.
func (s *Subroutine) Disabled(reason string, at time.Time) (*Subroutine, error) {
	switch {
	case s.State == Retired:
		return nil, edit.Userf("subroutine %s is retired: it is not used anyway", s.ID)
	case s.Cause == ByPerson:
		return nil, edit.Userf("subroutine %s is disabled already", s.ID)
	}
	s = s.clone()
	s.move(Suspended, ByPerson, reason, at)
	return s, nil
}

// Enabled is s put to use on a person's word, verified or not. What cannot be
// chosen from (no measured cost) or run (docs) is an error that says so.
func (s *Subroutine) Enabled(docs map[string]string, reason string, at time.Time) (*Subroutine, error) {
	if s.State == Active {
		return nil, edit.Userf("subroutine %s is active already", s.ID)
	}
	if err := s.Check(); err != nil {
		return nil, edit.Userf("subroutine %s cannot be used: %v", s.ID, err)
	}
	if stale := s.Stale(docs); stale != "" {
		return nil, &edit.UserError{
			Msg:  fmt.Sprintf("subroutine %s cannot be used with the tools as they are: %s", s.ID, stale),
			Hint: "agent tools list shows what is installed; after a change it has to be verified anew",
		}
	}
	if !(s.Total().Cost.N > 0) {
		return nil, &edit.UserError{Msg: fmt.Sprintf("subroutine %s has no measured cost, so it cannot be compared with the slow path", s.ID), Hint: "verify it first"}
	}
	s = s.clone()
	s.Bands = append(s.Bands, s.Dear...)
	s.Dear, s.Tolls = nil, nil // a person's word costs no budget
	s.activate(reason, at)
	return s, nil
}
