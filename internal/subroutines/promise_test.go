package subroutines_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	. "pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/subroutines/trial"
)

// truth is what a rule really is: the slow path takes a second on average and
// the rule cost; where it does not pass, the slow path is gone after it.
type truth struct{ cost, pass, quality float64 }

func spread(r *rand.Rand, sd float64) float64 { return math.Exp(sd*r.NormFloat64() - sd*sd/2) }

// pair is a picture edited both ways, with shared draws, and the rule's use on it.
func (w truth) pair(r *rand.Rand) (trial.Pair, Use) {
	about := func(mean float64) float64 { return min(max(mean+0.02*r.NormFloat64(), 0), 1) }
	slow := trial.Arm{Seconds: spread(r, 0.1), Quality: about(0.94)}
	u := Use{Pass: r.Float64() < w.pass, Seconds: w.cost * spread(r, 0.1), Megapixels: 1, Timed: true, Quality: math.NaN()}
	if !u.Pass {
		return trial.Pair{With: trial.Arm{Seconds: u.Seconds + slow.Seconds, Quality: slow.Quality}, Without: slow}, u
	}
	u.Quality = about(0.94 + w.quality)
	return trial.Pair{With: trial.Arm{Seconds: u.Seconds, Quality: u.Quality}, Without: slow, Passed: true}, u
}

// life is a rule on its way through the states, as the table would keep it.
type life struct {
	*Subroutine
	now time.Time
	was bool // ever active
}

// propose begins a life as mining does.
func propose(t *testing.T) *life {
	t.Helper()
	s := removal("r1", "")
	s.State, s.Provenance, s.History = Candidate, Provenance{Proposer: "mined"}, nil
	s.SetOwn(Evidence{})
	return &life{Subroutine: s, now: noon}
}

// verify has a trial decide on at most so many pairs, and returns how many it took.
func (l *life) verify(t *testing.T, r *rand.Rand, w truth, pairs int) int {
	t.Helper()
	plan := trial.NewPlan(1, w.cost, trial.Arm{Seconds: 1, Quality: 0.94})
	plan.Pass = mine.DefaultOptions().MinPass
	tr, err := trial.New(plan)
	if err != nil {
		t.Fatal(err)
	}
	var e Evidence
	for tr.Pairs < pairs && tr.Verdict == trial.Open {
		p, u := w.pair(r)
		tr, e = tr.Add(p), e.Observed(u)
	}
	switch tr.Verdict {
	case trial.Accepted:
		l.Subroutine, l.was = l.Verified(e, nil, tr.String(), l.now), true
	case trial.Rejected:
		l.Subroutine = l.Rejected(tr.String(), l.now)
	case trial.Open:
	}
	return tr.Pairs
}

// use has edits take the rule so often, and tries it again whenever it is due.
func (l *life) use(r *rand.Rand, w truth, times int) {
	for range times {
		switch l.State {
		case Active:
			_, u := w.pair(r)
			l.Subroutine = l.Observed(u, l.now)
		case Suspended:
			l.now = l.Trials.Next
			uses := make([]Use, TrialRuns)
			for i := range uses {
				_, uses[i] = w.pair(r)
			}
			l.Subroutine = l.Tried(uses, l.now)
		case Candidate, Retired: // nobody uses those
		}
	}
}

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

const lives = 1000

// Of 1,000 useless candidates of each kind at most 5 % are ever active, though
// their trials go on over 150 pairs.
func TestUselessCandidatesNeverBecomeActive(t *testing.T) {
	for name, draw := range map[string]func(r *rand.Rand) truth{
		"saves nothing": func(r *rand.Rand) truth {
			c := between(r, 0.3, 0.98)
			return truth{cost: c, pass: c}
		},
		"the slow path again": func(*rand.Rand) truth { return truth{cost: 1, pass: 1} },
		"loses seconds":       func(r *rand.Rand) truth { p := between(r, 0.5, 1); return truth{cost: p + between(r, 0, 0.4), pass: p} },
		"loses quality":       func(*rand.Rand) truth { return truth{cost: 0.5, pass: 1, quality: -0.1} },
		"seldom good":         func(*rand.Rand) truth { return truth{cost: 0.2, pass: 0.2} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(21, 5))
			active, retired := 0, 0
			for range lives {
				l := propose(t)
				l.verify(t, r, draw(r), 150)
				if l.was {
					active++
				}
				if l.State == Retired {
					retired++
				}
			}
			t.Logf("%d of %d ever active, %d retired", active, lives, retired)
			if active > lives/20 {
				t.Errorf("%d of %d useless candidates became active", active, lives)
			}
		})
	}
}

// Of 1,000 useful candidates (B of -10 or better) at least 80 % are active within
// 60 relevant traces, and while they stay as good, they stay in use.
func TestUsefulCandidatesBecomeActive(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 5))
	active, pairs, rejected, kept := 0, 0, 0, 0
	for range lives {
		p := between(r, 0.85, 1)
		w := truth{cost: p - between(r, 0.1, 0.4), pass: p}
		l := propose(t)
		n := l.verify(t, r, w, 60)
		switch l.State {
		case Active:
			active, pairs = active+1, pairs+n
			if l.use(r, w, 100); l.State != Retired {
				kept++
			}
		case Retired:
			rejected++
		case Candidate, Suspended:
		}
	}
	t.Logf("%d of %d active after %.1f pairs on average, %d rejected; %d of them not retired after 100 uses", active, lives, float64(pairs)/float64(max(active, 1)), rejected, kept)
	if active < lives*8/10 || kept < active*95/100 {
		t.Errorf("%d of %d useful candidates became active, %d of them still in use", active, lives, kept)
	}
}

// A rule that turned bad leaves for good: suspended, tried again in vain, retired; one
// that was bad for a while comes back.
func TestTurnedBadThroughItsLife(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 5))
	good, poor := truth{cost: 0.5, pass: 0.95}, truth{cost: 0.5, pass: 0.5}
	soon, before, gone, back := 0, 0, 0, 0
	for n := range lives {
		l := propose(t)
		for l.verify(t, r, good, 60); l.State != Active; l = propose(t) {
			l.verify(t, r, good, 60)
		}
		if l.use(r, good, 100); l.State != Active {
			before++ // a false alarm, not yet tried again
			continue
		}
		uses := 0
		for ; l.State == Active && uses < 60; uses++ {
			_, u := poor.pair(r)
			l.Subroutine = l.Observed(u, l.now)
		}
		if uses <= 15 {
			soon++
		}
		if n%2 == 0 {
			l.use(r, poor, 3)
			if l.State == Retired {
				gone++
			}
		} else if l.use(r, good, 3); l.State == Active {
			back++
		}
	}
	fell := lives - before
	t.Logf("%d of %d suspended within 15 uses of the fall; %d in suspense before; of about half each, %d that stayed bad retired and %d that recovered active", soon, fell, before, gone, back)
	if soon < fell*95/100 {
		t.Errorf("only %d of %d were suspended within 15 uses", soon, fell)
	}
	if before > lives*6/100 || gone < fell/2*80/100 || back < fell/2*85/100 {
		t.Errorf("%d in suspense before, %d retired, %d back", before, gone, back)
	}
}
