package learn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
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
	Done     []string             `json:"done"`              // what was edited both ways
	Origins  []string             `json:"origins,omitempty"` // what the requests of the trial's pairs began with, each once
	Same     int                  `json:"same"`              // pairs in which both ways made the very same calls, which tell of no difference and are not in the trial
	// Apart is what the judge said of the rule on pictures on which the search made other calls, in the pair or when they were edited.
	Apart  subroutines.Rate `json:"apart"`
	Dearer int              `json:"dearer"` // pairs of other calls in which the rule was worth less
	Within int              `json:"within"` // pairs in which the search made the rule's calls and others too, which did not pass
}

// shortcut is how many pairs made the same calls either way before a rule is taken for
// the search's own answer, known beforehand.
const shortcut = knownAfter

// seldomOther is how many pairs of the same calls show that the search seldom makes others, so
// that one picture less need be seen on which it does: little is lost if the rule is no good there.
const seldomOther = 45

// Verify edits held-out pictures both ways until the evidence decides about a
// candidate, a suspended subroutine, or the budget in seconds of tools is spent:
// then it is gone on with the next time, with the same error budget.
func (l *Learner) Verify(ctx context.Context, id string, budget float64) (Verification, error) {
	s, err := l.Engine.Subroutines.Get(ctx, id)
	if err != nil {
		return Verification{}, err
	}
	found, err := l.look(ctx, []*subroutines.Subroutine{s})
	if err != nil {
		return Verification{}, err
	}
	return l.verify(ctx, s, found[id], budget)
}

// verify is Verify with what the traces tell of the rule.
func (l *Learner) verify(ctx context.Context, s *subroutines.Subroutine, known *cases, budget float64) (Verification, error) {
	id, slow := s.ID, &known.slow
	pictures, err := l.open(ctx, known)
	if err != nil {
		return Verification{}, err
	}
	repeats := s.State == subroutines.Active && s.Repeats(l.band())
	if n := slow.known(); n > 0 && !repeats && (s.State == subroutines.Candidate || s.Unknown(l.band())) && s.Total().Cost.N > 0 {
		at, err := l.repeat(ctx, id, Verification{Subroutine: s, Text: fmt.Sprintf("it is what the search did on each of the last %d pictures where it holds", n)}, subroutines.Evidence{})
		if err != nil || len(pictures) == 0 || at.Subroutine.State != subroutines.Active { // covered
			return at, err
		}
		// It may be worth more than that, which the pictures tell on which the search did something else.
		v, err := l.verify(ctx, at.Subroutine, known, budget)
		if v.Verdict == trial.Open {
			v.Subroutine, v.Verdict, v.Text = at.Subroutine, at.Verdict, at.Text
		}
		return v, err
	}
	key := l.booksKey(s)
	b, err := l.books(ctx, key, s, slow)
	if err != nil {
		return Verification{}, err
	}
	lent, err := l.trials(ctx, known.kin)
	if err != nil {
		return Verification{}, err
	}
	b.lend(lent)
	v := Verification{Subroutine: s, Trial: b.Trial, Verdict: b.Trial.Verdict}
	for i, c := range pictures {
		if b.verdict() != trial.Open || !repeats && b.repeats(l.Options.MinPass) {
			break
		}
		if slices.Contains(b.Done, c.key) || repeats && c.same {
			continue
		}
		if v.Seconds >= budget {
			v.Left = len(pictures) - i
			break
		}
		p, spent, failed := l.pair(ctx, s, &c, &b)
		b.lend(lent)
		v.Seconds += spent
		if err = failed; err != nil {
			v.Left = len(pictures) - i
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
	v.Trial, v.Verdict, v.Text = b.Trial, b.verdict(), b.String()
	switch {
	case err != nil:
		return v, err
	case v.Verdict != trial.Open:
		return l.settle(ctx, id, v, &b, known.share())
	case !repeats && b.repeats(l.Options.MinPass):
		return l.repeat(ctx, id, v, b.Evidence)
	}
	return v, nil
}

// repeat puts a rule to use as the search's own answer; its trial goes on.
func (l *Learner) repeat(ctx context.Context, id string, v Verification, e subroutines.Evidence) (_ Verification, err error) {
	v.Verdict = trial.Accepted
	v.Subroutine, err = l.Engine.Subroutines.Change(ctx, id, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) {
		return s.RepeatsIn(l.band(), e, l.Engine.Digests(), v.Text, l.Now()), nil
	})
	if err != nil {
		return v, err
	}
	return l.spend(ctx, v)
}

// band is that of alpha which is verified.
func (l *Learner) band() subroutines.Band { return subroutines.BandOf(l.Options.Alpha) }

// settle enters a verdict in the table.
func (l *Learner) settle(ctx context.Context, id string, v Verification, b *books, share float64) (_ Verification, err error) {
	v.Subroutine, err = l.Engine.Subroutines.Change(ctx, id, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) {
		if v.Verdict == trial.Accepted {
			s = s.VerifiedIn(l.band(), b.Evidence, l.Engine.Digests(), v.Text, l.Now())
			return s.Charged(l.band(), b.toll(share)), nil
		}
		return s.RejectedIn(l.band(), v.Text, l.Now()), nil
	})
	if err != nil {
		return v, err
	}
	return l.spend(ctx, v)
}

// repeats reports whether the rule is known to be what the search does anyway on
// some pictures. It is offered there only, so that nothing need be shown of the others.
func (b *books) repeats(pass float64) bool {
	return b.Same >= shortcut && b.Evidence.Pass.Mean() >= pass
}

// verdict is the trial's, or acceptance of a rule that is the search's own answer on some
// pictures, and on each of the first on which the search went another way passed and was worth no less; or of one that on each picture
// is the search's answer without its detours, which no run of it can make dearer.
func (b *books) verdict() trial.Verdict {
	least := float64(shortcut)
	if b.Same >= seldomOther {
		least--
	}
	good := b.Apart.Failed == 0 && b.Apart.Passed >= least && b.Dearer == 0 && b.Trial.Holds()
	switch {
	case good && b.Within == b.Trial.Pairs && b.Within > 0:
		return trial.Accepted // little as it may save
	case good && b.Same >= shortcut && b.Trial.Verdict == trial.Open:
		return trial.Accepted
	}
	return b.Trial.Verdict
}

// enter adds a picture that was edited both ways, by the same calls or not. On one where
// the search made other calls once, it was apart even if it makes the same now.
func (b *books) enter(p trial.Pair, u subroutines.Use, same, within, apart bool) {
	before := b.pairs()
	if apart || !same {
		b.Apart = b.Apart.Observe(u.Pass)
	}
	if same {
		b.Same++
	} else {
		b.Trial = b.Trial.Add(p)
		if within && u.Pass {
			b.Within++
		}
		if alpha := b.Trial.Plan.Alpha; p.With.Value(alpha) > p.Without.Value(alpha) {
			b.Dearer++
		}
	}
	if b.pairs() > before {
		b.Evidence = b.Evidence.Observed(u)
	}
}

// pairs is how many tell anything.
func (b *books) pairs() int { return b.Trial.Pairs + b.Same }

// String is the evidence as a sentence.
func (b *books) String() string {
	switch {
	case b.Same == 0:
		return b.Trial.String()
	case b.Trial.Pairs == 0:
		return fmt.Sprintf("the slow path made the very same calls on each of %d pictures", b.Same)
	}
	return fmt.Sprintf("the slow path made the very same calls on %d of %d pictures; on the others: %s", b.Same, b.pairs(), b.Trial)
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

// books begins the books or goes on with those that are kept. Until a first pair is
// entered the plan follows what is known of the slow path.
func (l *Learner) books(ctx context.Context, key string, s *subroutines.Subroutine, slow *habit) (books, error) {
	text, err := l.Engine.Store.Statistic(ctx, key)
	var b books
	if err != nil || len(text) > 0 && json.Unmarshal(text, &b) == nil && b.pairs() > 0 {
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

// pointed is why an attempt cannot be repeated where a person showed the place.
const pointed = "a person showed the place there, which no trace keeps"

// pair edits a picture both ways and enters what came of it. It returns the
// seconds of tools that it took, too. A picture that is gone, on which the rule turns out
// not to hold, or which neither way completes, says nothing.
func (l *Learner) pair(ctx context.Context, s *subroutines.Subroutine, c *met, b *books) (p Pair, spent float64, err error) {
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
	mine, theirs := calls(&with), calls(&without)
	b.enter(trial.Pair{With: p.With, Without: p.Without, Passed: use.Pass}, use.Use, slices.Equal(mine, theirs), among(mine, theirs), !c.same)
	if b.Trial.Pairs > before && !slices.Contains(b.Origins, c.trace.Origin) {
		b.Origins = append(b.Origins, c.trace.Origin)
	}
	p.Number = b.pairs()
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

// among reports whether all of some calls are among others. Both are sorted.
func among(some, others []string) bool {
	for _, call := range some {
		i, found := slices.BinarySearch(others, call)
		if !found {
			return false
		}
		others = others[i+1:]
	}
	return true
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
