package learn

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// Verification is how far the verification of a subroutine has come.
type Verification struct {
	Subroutine *subroutines.Subroutine // as it is now
	Trial      trial.Trial
	Seconds    float64 // of tools, spent now
	Verdict    trial.Verdict
	Text       string // the evidence as a sentence
	Left       int    // pictures that it could be tried on and was not, for want of seconds or for a stop
	Skipped    int    // pictures that were looked at now and tell nothing
}

// Why says in words why the verification ended as it did.
func (v *Verification) Why() string {
	if v.Verdict != trial.Open {
		return v.Text
	}
	switch {
	case v.Left > 0:
		return fmt.Sprintf("%d pictures are left to be tried: %s", v.Left, v.Text)
	case v.Trial.Pairs == 0:
		return "no kept picture that had no part in finding it tells anything of it; it waits for more edits"
	}
	return "all pictures are used and do not decide; it waits for more edits: " + v.Text
}

// Pair is what editing one picture both ways came to.
type Pair struct {
	Subroutine    string // its id
	Trace         int64  // whose picture it is
	Number        int    // of the pair, from 1; 0: the picture tells nothing
	With, Without trial.Arm
	FellBack      bool   // the subroutine did not pass there
	Skipped       string // why the picture tells nothing
}

// books are what is kept of a verification between two sittings.
type books struct {
	Trial    trial.Trial          `json:"trial"`
	Evidence subroutines.Evidence `json:"evidence"`
	Done     []string             `json:"done"`   // what was edited both ways
	Same     int                  `json:"same"`   // pairs in which both ways made the very same calls
	Dearer   int                  `json:"dearer"` // pairs in which the rule was worth less
}

// shortcut is how many pairs must all have made the same calls either way before
// a rule that saves nothing is taken for what it is: the search's own answer, known beforehand.
const shortcut = knownAfter

// Verify edits held-out pictures both ways until the evidence decides about a
// candidate, a suspended subroutine, or the budget in seconds of tools is spent:
// then it is gone on with the next time, with the same error budget.
func (l *Learner) Verify(ctx context.Context, id string, budget float64) (Verification, error) {
	s, err := l.Engine.Subroutines.Get(ctx, id)
	if err != nil {
		return Verification{}, err
	}
	cases, slow, err := l.cases(ctx, s)
	if err != nil {
		return Verification{}, err
	}
	if n := slow.known(); n > 0 && (s.State == subroutines.Candidate || s.Unknown(l.band())) && s.Total().Cost.N > 0 {
		return l.settle(ctx, id, Verification{Subroutine: s, Verdict: trial.Accepted, Text: fmt.Sprintf("it is what the search did on each of the last %d pictures where it holds", n)}, subroutines.Evidence{})
	}
	key := l.booksKey(s)
	b, err := l.open(ctx, key, s, &slow)
	if err != nil {
		return Verification{}, err
	}
	v := Verification{Subroutine: s, Trial: b.Trial, Verdict: b.Trial.Verdict}
	for i, c := range cases {
		if b.verdict(l.Options.MinPass) != trial.Open {
			break
		}
		if slices.Contains(b.Done, c.key) {
			continue
		}
		if v.Seconds >= budget {
			v.Left = len(cases) - i
			break
		}
		p, spent, failed := l.pair(ctx, s, c, &b)
		v.Seconds += spent
		if err = failed; err != nil {
			v.Left = len(cases) - i
			break // what is finished is kept
		}
		if p.Skipped != "" {
			v.Skipped++
		}
		if l.Pair != nil {
			l.Pair(p)
		}
	}
	err = errors.Join(err, l.save(ctx, key, b))
	v.Trial, v.Verdict, v.Text = b.Trial, b.verdict(l.Options.MinPass), b.String()
	if err != nil || v.Verdict == trial.Open {
		return v, err
	}
	return l.settle(ctx, id, v, b.Evidence)
}

// band is that of alpha which is verified.
func (l *Learner) band() subroutines.Band { return subroutines.BandOf(l.Options.Alpha) }

// settle enters a verdict in the table.
func (l *Learner) settle(ctx context.Context, id string, v Verification, e subroutines.Evidence) (_ Verification, err error) {
	v.Subroutine, err = l.Engine.Subroutines.Change(ctx, id, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) {
		if v.Verdict == trial.Accepted {
			return s.VerifiedIn(l.band(), e, l.Engine.Digests(), v.Text, l.Now()), nil
		}
		return s.RejectedIn(l.band(), v.Text, l.Now()), nil
	})
	if err == nil {
		_, err = l.cover(ctx)
	}
	return v, err
}

// verdict is the trial's, or acceptance of a shortcut.
func (b *books) verdict(pass float64) trial.Verdict {
	if b.Trial.Verdict != trial.Accepted && b.Same >= shortcut && b.Dearer == 0 && b.Evidence.Pass.Mean() >= pass {
		return trial.Accepted
	}
	return b.Trial.Verdict
}

// String is the evidence as a sentence.
func (b *books) String() string {
	switch {
	case b.Same > 0 && b.Same == b.Trial.Pairs:
		return fmt.Sprintf("the slow path made the very same calls on each of %d pictures", b.Same)
	case b.Same > 0 && b.Dearer == 0:
		return fmt.Sprintf("the slow path made the very same calls on %d of %d pictures, and the rule was worth more on the others", b.Same, b.Trial.Pairs)
	}
	return b.Trial.String()
}

// booksKey tells the verifications of a subroutine's versions apart, those in each band of
// alpha, and those with the docs of its tools as they are now from those with others.
func (l *Learner) booksKey(s *subroutines.Subroutine) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s %d %s", s.Key(), s.Version, l.band())
	docs := l.Engine.Digests()
	for _, step := range s.Path {
		_, _ = fmt.Fprintf(h, " %s", docs[step.Tool])
	}
	return fmt.Sprintf("trial/%s/%.16x", s.ID, h.Sum(nil))
}

// open begins the books or goes on with those that are kept. Until a first pair is
// entered the plan follows what is known of the slow path.
func (l *Learner) open(ctx context.Context, key string, s *subroutines.Subroutine, slow *habit) (books, error) {
	text, err := l.Engine.Store.Statistic(ctx, key)
	var b books
	if err != nil || len(text) > 0 && json.Unmarshal(text, &b) == nil && b.Trial.Pairs > 0 {
		return b, err
	}
	b = books{Done: b.Done}
	plan := trial.NewPlan(l.Options.Alpha, l.waste(s, slow), slow.arm())
	plan.Pass = l.Options.MinPass
	b.Trial, err = trial.New(plan)
	return b, err
}

// leastWaste is the least share of the slow path's seconds that a failing rule is taken to waste.
const leastWaste = 0.1

// waste is about what a failing run of a rule costs: not the calls on the way that
// the slow path makes as well, which are then at hand.
func (l *Learner) waste(s *subroutines.Subroutine, slow *habit) float64 {
	rule := s.Total().Cost.At(1)
	if s.Total().Cost.N == 0 {
		rule = 0
		for _, step := range s.Path {
			if spec := l.spec(step.Tool); spec != nil {
				rule += spec.Cost.Seconds
			}
		}
	}
	typical := slow.arm().Seconds
	return max(rule-slow.shared/max(slow.n, 1), leastWaste*typical)
}

func (l *Learner) save(ctx context.Context, key string, b books) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return l.Engine.Store.Update(context.WithoutCancel(ctx), key, func(old []byte) []byte {
		if bytes.Equal(old, text) {
			return nil
		}
		return text
	})
}

// replay is a subtask on a picture, as a trace tells it.
type replay struct {
	key     string // picture and subtask
	picture string
	subtask edit.Subtask
	trace   store.Trace
}

// replayOf is a trace's subtask on its own.
func replayOf(t *store.Trace) (replay, bool) {
	st := t.Subtask
	st.ID, st.After, st.Clause = 1, nil, ""
	text, err := json.Marshal(st)
	if err != nil {
		return replay{}, false
	}
	if t.Shown {
		text = append(text, pointed...) // what was found without help is another attempt
	}
	return replay{key: fmt.Sprintf("%x", sha256.Sum256(append(text, t.Picture...))), picture: t.Picture, subtask: st, trace: *t}, true
}

// habit is what the search came to where a rule holds.
type habit struct {
	seconds, quality float64 // sums over the attempts that it is verified on
	shared           float64 // of the seconds, in calls that the rule makes on the way too
	n                float64
	same             []bool // of all attempts, the oldest first: whether it made the rule's calls and no other, and they passed
}

// arm is the mean of the attempts that it is verified on.
func (h *habit) arm() trial.Arm {
	n := max(h.n, 1)
	return trial.Arm{Seconds: max(h.seconds/n, edit.MinSeconds), Quality: h.quality / n}
}

// The search's answer is known beforehand where it was the same on each of so many attempts: the latest, since it learns.
const (
	knownAfter  = 5
	knownLatest = 6
)

// known is on how many of the latest attempts the search made the very calls of
// the rule, 0 where it did not on each of them. Such a rule neither saves nor
// loses a call, so there is nothing to try: it spares the search.
func (h *habit) known() int {
	latest := h.same[max(0, len(h.same)-knownLatest):]
	if len(latest) < knownAfter || slices.Contains(latest, false) {
		return 0
	}
	return len(latest)
}

// enter adds an attempt.
func (h *habit) enter(t *store.Trace, path subroutines.Path) {
	calls := path.Toolpath().IDs()
	same := t.Outcome == edit.StatusDone && len(t.Steps) == len(calls)
	for _, s := range t.Steps {
		n := slices.Index(calls, s.Call)
		if same = same && n >= 0 && s.Final; !same {
			break
		}
		calls = slices.Delete(calls, n, n+1)
	}
	h.same = append(h.same, same)
}

// proposed is when a subroutine began. What was edited after had no part in finding it.
func proposed(s *subroutines.Subroutine) time.Time {
	if len(s.History) == 0 {
		return time.Time{}.AddDate(9999, 0, 0)
	}
	return s.History[0].At
}

// cases are the attempts on which the rule holds and that had no part in finding
// it, held out or made since, each subtask on a picture once, in an order that has nothing to do with how they went, and what the search came to where it holds.
func (l *Learner) cases(ctx context.Context, s *subroutines.Subroutine) (all []replay, slow habit, err error) {
	seen := make(map[string]bool)
	way := s.Path.Toolpath().IDs()
	way = way[:len(way)-1]
	_, err = l.each(ctx, s.Task, func(t store.Trace) {
		if !s.When.Holds(subroutines.Values(t.Features)) {
			return
		}
		if subroutines.BandOf(t.Alpha) == l.band() {
			slow.enter(&t, s.Path)
		}
		if f := s.Provenance.Folds; len(f) > 0 && !slices.Contains(f, l.Options.Fold(t)) && !t.Time.After(proposed(s)) {
			return
		}
		c, ok := replayOf(&t)
		if !ok || seen[c.key] {
			return
		}
		seen[c.key] = true
		all = append(all, c)
		if t.Shown {
			return
		}
		slow.seconds += t.Seconds
		for _, step := range t.Steps {
			if slices.Contains(way, step.Call) {
				slow.shared += step.Seconds
			}
		}
		if t.Quality.Measured() {
			slow.quality += float64(t.Quality)
		}
		slow.n++
	})
	slices.SortFunc(all, func(a, b replay) int { return cmp.Compare(a.key, b.key) })
	return all, slow, err
}

// pointed is why an attempt cannot be repeated where a person showed the place.
const pointed = "a person showed the place there, which no trace keeps"

// pair edits a picture both ways and enters what came of it. It returns the
// seconds of tools that it took, too. A picture that is gone, on which the rule turns out
// not to hold, or which neither way completes, says nothing.
func (l *Learner) pair(ctx context.Context, s *subroutines.Subroutine, c replay, b *books) (p Pair, spent float64, err error) {
	p = Pair{Subroutine: s.ID, Trace: c.trace.ID}
	if c.trace.Shown {
		p.Skipped = pointed
		return p, 0, nil
	}
	img, ok, err := l.Picture(ctx, c.picture)
	if err != nil || !ok {
		p.Skipped = "its picture is not kept any more"
		return p, 0, err
	}
	job := agent.Job{
		Image: img, Plan: edit.Plan{Request: c.trace.Request, Subtasks: []edit.Subtask{c.subtask}},
		Alpha: l.Options.Alpha, Threshold: c.trace.Threshold, Trial: true, Rules: []*subroutines.Subroutine{s},
	}
	with, err := l.Engine.Run(ctx, job, nil)
	spent = with.Summary.ToolSeconds
	if err != nil {
		return p, spent, err
	}
	use, tried := with.Uses[c.subtask.ID]
	if !tried {
		b.Done = append(b.Done, c.key)
		p.Skipped = "the rule does not hold there, or its path cannot be followed"
		return p, spent, nil
	}
	job.Rules, job.NoSubroutines = nil, true
	without, err := l.Engine.Run(ctx, job, nil)
	spent += without.Summary.ToolSeconds
	if err != nil {
		return p, spent, err
	}
	b.Done = append(b.Done, c.key)
	p.With, p.Without, p.FellBack = arm(&with), arm(&without), !use.Pass
	if p.With.Quality == 0 && p.Without.Quality == 0 {
		p.Skipped = "neither way completes it"
		return p, spent, nil
	}
	before := b.Trial.Pairs
	b.Trial = b.Trial.Add(trial.Pair{With: p.With, Without: p.Without, Passed: use.Pass})
	if b.Trial.Pairs > before {
		b.Evidence = b.Evidence.Observed(use.Use)
		switch alpha := l.Options.Alpha; {
		case slices.Equal(calls(&with), calls(&without)):
			b.Same++
		case p.With.Value(alpha) > p.Without.Value(alpha):
			b.Dearer++
		}
	}
	p.Number = b.Trial.Pairs
	return p, spent, nil
}

// calls are those that an edit of one subtask made, in the order of their names.
func calls(out *agent.Outcome) (all []string) {
	for _, s := range out.Steps[out.Summary.Subtasks[0].ID] {
		all = append(all, s.Call)
	}
	slices.Sort(all)
	return all
}

// arm is what an edit of one subtask came to.
func arm(out *agent.Outcome) trial.Arm {
	a := trial.Arm{}
	for _, s := range out.Steps[out.Summary.Subtasks[0].ID] {
		a.Seconds += s.Seconds // what it takes with nothing at hand
	}
	if r := out.Summary.Subtasks[0]; r.Status == edit.StatusDone {
		a.Quality = r.Quality
	}
	return a
}
