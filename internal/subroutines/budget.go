package subroutines

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// QualityBudget is how much quality the rules that are known to lose some may lose together
// against the slow path, in a band of alpha and in the mean of all subtasks.
const QualityBudget = 0.005

// free is the mean loss of quality in the pairs up to which a rule costs nothing, unless it is more than chance.
const free = 0.02

// Toll is what the pairs of a rule's trial, edited both ways, tell of a use of it in a band of alpha,
// and how often it can be used. Quality and seconds are against the slow path.
type Toll struct {
	Pairs int     `json:"pairs"`
	Lost  float64 `json:"lost"`            // mean quality lost; below 0: gained
	Width float64 `json:"width"`           // how much more it may be, but for 5 %
	Saved float64 `json:"saved"`           // mean seconds saved
	Share float64 `json:"share,omitempty"` // of all subtasks, in whatever task, those on which the rule holds
}

// Loses reports whether the pairs show a loss: one that is more than chance, or of more than a trial lets pass for nothing.
func (t Toll) Loses() bool { return t.Lost > min(t.Width, free) }

// Most is what the rule costs the table: the upper confidence bound of its loss, in the mean of all subtasks; 0
// where its pairs show none.
func (t Toll) Most() float64 {
	if !t.Loses() {
		return 0
	}
	return t.Share * (t.Lost + t.Width)
}

// String is the arithmetic as a sentence.
func (t Toll) String() string {
	text := fmt.Sprintf("it holds on %.1f %% of subtasks and saves %.3g s on one; ", 100*t.Share, t.Saved)
	if !t.Loses() {
		return text + fmt.Sprintf("%d pairs show no loss of quality (%+.3f ± %.3f), so that it costs none of the budget", t.Pairs, -t.Lost, t.Width)
	}
	return text + fmt.Sprintf("it loses %.3f of quality, at most %.3f (%d pairs): %.4f in the mean of all subtasks", t.Lost, t.Lost+t.Width, t.Pairs, t.Most())
}

// Budgeted says how a table's budget of quality is spent in a band.
type Budgeted struct {
	Band        Band
	In, Out     []*Subroutine // those that may be offered and those for which there is no room, in the order they were looked at
	Spent, Most float64       // sum of the upper confidence bounds of what In loses; the budget
}

// Budget spends the budget where it saves most: rules that were verified in a band come in the order of seconds
// saved for the quality they may lose, and each is in if those in before it leave room. A rule without a toll
// (a person activated it, or it only repeats the search) costs nothing. It does not depend on the order of all.
func Budget(all []*Subroutine, b Band, most float64) Budgeted {
	out := Budgeted{Band: b, Most: most}
	var paying []*Subroutine
	for _, s := range all {
		if _, ok := s.Tolls[b]; ok && s.wants(b) {
			paying = append(paying, s)
		}
	}
	price := func(s *Subroutine) float64 { // seconds for a unit of quality
		t := s.Tolls[b]
		if cost := t.Most(); cost > 0 {
			return t.Share * t.Saved / cost
		}
		return math.Inf(1)
	}
	slices.SortFunc(paying, func(x, y *Subroutine) int { return cmp.Or(cmp.Compare(price(y), price(x)), cmp.Compare(x.ID, y.ID)) })
	for _, s := range paying {
		if cost := s.Tolls[b].Most(); cost == 0 || out.Spent+cost <= most {
			out.Spent += cost
			out.In = append(out.In, s)
		} else {
			out.Out = append(out.Out, s)
		}
	}
	return out
}

// wants reports whether a rule was verified in a band and would be offered there if the budget allows.
func (s *Subroutine) wants(b Band) bool {
	return s.State == Active && slices.Contains(s.Bands, b) || s.dear(b) && (s.State == Active || s.Cause == ByBudget)
}

// dear reports whether a rule is left out of a band for want of budget.
func (s *Subroutine) dear(b Band) bool { return slices.Contains(s.Dear, b) }

// Charged is s with what its trial in a band tells of the quality it costs.
func (s *Subroutine) Charged(b Band, t Toll) *Subroutine {
	s = s.clone()
	if s.Tolls == nil {
		s.Tolls = make(map[Band]Toll)
	}
	s.Tolls[b] = t
	return s
}

// Afforded is s offered in a band, or not, as the budget allows. One that is offered in none any more is suspended
// until there is room; s itself where nothing changes.
func (s *Subroutine) Afforded(b Band, in bool, why string, at time.Time) *Subroutine {
	if in != s.dear(b) {
		return s
	}
	s = s.clone()
	other := func(o Band) bool { return o == b }
	if in {
		s.Dear, s.Bands = slices.DeleteFunc(s.Dear, other), append(s.Bands, b)
		s.move(Active, "", why, at)
		return s
	}
	s.Bands, s.Dear = slices.DeleteFunc(s.Bands, other), append(s.Dear, b)
	s.restore(why, at)
	return s
}

// Why says what a rule costs, in words.
func (b Budgeted) Why(s *Subroutine, in bool) string {
	t := s.Tolls[b.Band]
	if in {
		return fmt.Sprintf("offered for %s, of the table's budget of quality %.4g is spent: %s", b.Band, b.Spent, t)
	}
	return fmt.Sprintf("not offered for %s, of the table's budget of quality, %.4g, %.4g is spent on rules that save more for it: %s", b.Band, b.Most, b.Spent, t)
}

// Balance spends the budget of a band anew and returns what is offered now and was not, or the other way round. shares are, by id, of how many subtasks a rule holds;
// one that is not among them keeps what was known.
func (t *Table) Balance(ctx context.Context, b Band, most float64, shares map[string]float64, at time.Time) ([]*Subroutine, error) {
	return t.changeAll(ctx, func(all []*Subroutine) ([]*Subroutine, error) { return balance(all, b, most, shares, at), nil })
}

func balance(all []*Subroutine, b Band, most float64, shares map[string]float64, at time.Time) (changed []*Subroutine) {
	was := make(map[string]*Subroutine)
	for i, s := range all {
		was[s.ID] = s
		if toll, ok := s.Tolls[b]; ok {
			if share, known := shares[s.ID]; known && share != toll.Share {
				toll.Share = share
				all[i] = s.Charged(b, toll)
			}
		}
	}
	done := Budget(all, b, most)
	settle := func(list []*Subroutine, in bool) {
		for _, s := range list {
			if now := s.Afforded(b, in, done.Why(s, in), at); now != was[s.ID] {
				changed = append(changed, now)
			}
		}
	}
	settle(done.In, true)
	settle(done.Out, false)
	return changed
}
