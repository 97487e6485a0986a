package trial

import (
	"fmt"
	"math"
	"slices"
)

// Arm is what one way of doing a subtask came to on one picture.
type Arm struct {
	Seconds float64 `json:"seconds"` // with failed attempts, >= 0
	Quality float64 `json:"quality"` // in [0,1]; 0 where it failed altogether
}

// Pair is a picture edited both ways, with shared random draws.
type Pair struct {
	With    Arm  `json:"with"`    // the rule first, then what its failure leaves to do
	Without Arm  `json:"without"` // the slow path at once
	Passed  bool `json:"passed"`  // the rule did not fail; of no matter where the plan asks for no pass rate
}

// Value is f = C^α·(2−Q)^(2−α), to be minimised (CoSTA*); C in seconds, at least a millisecond.
func (a Arm) Value(alpha float64) float64 {
	const least = 0.001 // as edit.MinSeconds
	return math.Pow(max(a.Seconds, least), alpha) * math.Pow(2-min(max(a.Quality, 0), 1), 2-alpha)
}

// Plan is what is fixed before a trial begins.
type Plan struct {
	Alpha float64 `json:"alpha"` // the dial, in [0,2]
	// Error is the greatest probability that a useless candidate is ever accepted.
	Error float64 `json:"error"`
	// Miss is the greatest probability that a candidate which saves Gain is ever rejected.
	Miss float64 `json:"miss"`
	// Gain is the share of f that a candidate must save to be worth the search for it, in (0,1).
	Gain float64 `json:"gain"`
	// Margin is the mean loss of quality that a candidate must be shown not to reach.
	Margin float64 `json:"margin"`
	// Drop is the loss of mean quality in the pairs themselves above which nothing is accepted, whatever it
	// saves. What it loses below that is paid from the table's budget (subroutines.QualityBudget).
	Drop float64 `json:"drop"`
	// Stake scales the bets: the most that f can rise in one pair. What is beyond counts as that much.
	Stake float64 `json:"stake"`
	// Pass is the least pass rate that is accepted, in [0,1); 0: any. A rule that fails
	// more often belongs under a narrower condition, even where it saves.
	Pass float64 `json:"pass,omitempty"`
	// Least is how many pairs are looked at before anything is decided.
	Least int `json:"least"`
}

// NewPlan is the usual plan for a rule whose failure wastes about so many seconds,
// where the slow path is expected to come to slow. Estimates do: they scale the
// bets and bias nothing as long as losses stay below the stake, which has a quarter to spare.
func NewPlan(alpha, waste float64, slow Arm) Plan {
	both := Arm{Seconds: waste + slow.Seconds, Quality: slow.Quality}
	return Plan{
		Alpha: alpha, Error: 0.05, Miss: 0.1, Gain: 0.1, Margin: 0.05, Drop: 0.03, Least: 5,
		Stake: 1.25 * max(both.Value(alpha)-slow.Value(alpha), 1e-9),
	}
}

// Verdict is where a trial stands.
type Verdict string

// The verdicts.
const (
	Open     Verdict = "open"     // more pairs are needed
	Accepted Verdict = "accepted" // better than the slow path, and no worse in quality
	Rejected Verdict = "rejected" // it does not save what would be worth it
)

// Trial is a sequential comparison of a rule with the slow path: plain data,
// so that it can be kept and gone on with. Apart from Verdict it does not
// depend on the order of the pairs.
type Trial struct {
	Plan    Plan    `json:"plan"`
	Pairs   int     `json:"pairs"`
	Passed  int     `json:"passed"`  // of them
	With    Arm     `json:"with"`    // sums over the pairs
	Without Arm     `json:"without"` // sums over the pairs
	Saves   Capital `json:"saves"`   // against: f is no less with the rule
	Spared  Moments `json:"spared"`  // f without the rule less that with it and less Gain of it
	Gained  Moments `json:"gained"`  // quality with the rule less that without
	Lent    Lent    `json:"lent,omitzero"`
	// Verdict is final once it is not Open; Add changes nothing after.
	Verdict Verdict `json:"verdict"`
	Values  Values  `json:"values"` // sums of f over the pairs
}

// Values are sums of f.
type Values struct {
	With    float64 `json:"with"`
	Without float64 `json:"without"`
}

// New begins a trial. It fails for a plan that no test could keep.
func New(p Plan) (Trial, error) {
	share := func(v float64) bool { return v > 0 && v < 1 }
	switch {
	case !(p.Alpha >= 0 && p.Alpha <= 2):
		return Trial{}, fmt.Errorf("alpha is %v; it goes from 0 to 2", p.Alpha)
	case !share(p.Error), !share(p.Miss), !share(p.Gain):
		return Trial{}, fmt.Errorf("error %v, miss %v and gain %v must lie between 0 and 1", p.Error, p.Miss, p.Gain)
	case !(p.Margin > 0 && p.Margin <= 1), !(p.Drop >= 0):
		return Trial{}, fmt.Errorf("the margin, %v, must lie between 0 and 1; the drop, %v, is not negative", p.Margin, p.Drop)
	case !(p.Pass >= 0 && p.Pass < 1):
		return Trial{}, fmt.Errorf("the pass rate, %v, goes from 0 to below 1", p.Pass)
	case !(p.Stake > 0), math.IsInf(p.Stake, 1):
		return Trial{}, fmt.Errorf("the stake, %v, must be positive", p.Stake)
	}
	return Trial{Plan: p, Verdict: Open}, nil
}

// Add is the trial with one more pair. A pair with a number that is none, or
// after a verdict, changes nothing.
func (t Trial) Add(p Pair) Trial {
	a, b := p.With.Value(t.Plan.Alpha), p.Without.Value(t.Plan.Alpha)
	if t.Verdict != Open || !sane(p.With) || !sane(p.Without) {
		return t
	}
	t.Pairs++
	if p.Passed {
		t.Passed++
	}
	t.With.Seconds += p.With.Seconds
	t.With.Quality += p.With.Quality
	t.Without.Seconds += p.Without.Seconds
	t.Without.Quality += p.Without.Quality
	t.Values.With += a
	t.Values.Without += b
	t.Saves = t.Saves.bet((b - a) / t.Plan.Stake)
	t.Spared = t.Spared.with((1-t.Plan.Gain)*b - a)
	t.Gained = t.Gained.with(p.With.Quality - p.Without.Quality)
	t.Verdict = t.judge()
	return t
}

func sane(a Arm) bool {
	return a.Seconds >= 0 && !math.IsInf(a.Seconds, 1) && a.Quality >= 0 && a.Quality <= 1
}

// seldom is the error of each bound of the pass rate.
const seldom = 0.01

func (t Trial) judge() Verdict {
	known := t.pooled()
	if known.Pairs < float64(t.Plan.Least) {
		return Open
	}
	if t.Pairs >= t.Plan.Least && t.useless() {
		return Rejected
	}
	if t.Saves.log() < -math.Log(t.Plan.Error) || known.Gained.above(known.Pairs, t.Plan.Error, spread) < -t.Plan.Margin {
		return Open
	}
	if min(t.Gained.mean(float64(t.Pairs)), known.Gained.mean(known.Pairs)) < -t.drop() || (known.Passed+1)/(known.Pairs+2) < t.Plan.Pass {
		return Open
	}
	if t.Plan.Alpha == 1 && !(t.Benefit() < 0) {
		return Open
	}
	return Accepted
}

// useless reports whether its own pairs show that the candidate seldom passes, saves
// nothing to speak of or loses quality.
func (t Trial) useless() bool {
	n := float64(t.Pairs)
	return t.Plan.Pass > 0 && Upper(t.Passed, t.Pairs, seldom) < t.Plan.Pass ||
		t.Spared.below(n, t.Plan.Miss/2, t.doubt()) < 0 || t.Gained.below(n, t.Plan.Miss/2, spread) < -t.drop()
}

// drop is the plan's, or less beside what is lent.
func (t Trial) drop() float64 {
	if t.Lent.Pairs > 0 {
		return min(t.Plan.Drop, lentDrop)
	}
	return t.Plan.Drop
}

// Holds reports whether quality in the pairs so far is lower by no more than the plan's drop; true without pairs.
func (t Trial) Holds() bool { return t.Pairs == 0 || t.Gained.mean(float64(t.Pairs)) >= -t.Plan.Drop }

// Lost is what the pairs, and what is lent, tell of the quality that a use of the rule loses, with so many more in
// which both ways made the same calls and so lost nothing: the mean, below 0 where it gains, and how much more it may be (but for
// the plan's error, whenever one looks; without pairs, infinitely much).
func (t Trial) Lost(same int) (mean, width float64) {
	known := t.pooled()
	n := known.Pairs + float64(same)
	return -known.Gained.mean(n), known.Gained.width(n, t.Plan.Error, spread)
}

// doubt is by how much f is taken to vary from pair to pair before the pairs have told.
func (t Trial) doubt() float64 { return unsure * t.Values.Without / float64(max(t.Pairs, 1)) }

// Benefit is the published net benefit B = ΔC% − ΔQ%, each the relative
// change of a mean with the rule, in percent: below 0 is good. NaN without pairs.
func (t Trial) Benefit() float64 {
	if t.Pairs == 0 || !(t.Without.Seconds > 0) || !(t.Without.Quality > 0) {
		return math.NaN()
	}
	return 100 * (t.With.Seconds/t.Without.Seconds - t.With.Quality/t.Without.Quality)
}

// String is the evidence as a sentence.
func (t Trial) String() string {
	if t.Pairs == 0 {
		return "no pair yet"
	}
	n := float64(t.Pairs)
	lent := ""
	if t.Lent.Pairs > 0 {
		lent = fmt.Sprintf(" and %.3g lent by the same rule in other tasks", t.Lent.Pairs)
	}
	return fmt.Sprintf("%s after %d pairs%s: %.3g s with the rule, %.3g s without; quality %.3f and %.3f, at worst %+.3f; f %.4g and %.4g at alpha %g; B %+.1f; odds %.3g that it saves",
		t.Verdict, t.Pairs, lent, t.With.Seconds/n, t.Without.Seconds/n, t.With.Quality/n, t.Without.Quality/n, t.Gained.above(n, t.Plan.Error, spread),
		t.Values.With/n, t.Values.Without/n, t.Plan.Alpha, t.Benefit(), math.Exp(t.Saves.log()))
}

// stakes are the shares of the capital that are staked on each pair: a mixture,
// because the best is not known, of fixed ones, so that the order of the pairs is all one.
var stakes = [...]float64{0.12, 0.3, 0.6, 0.95}

// parted is how the capital is parted among the stakes at the start: savings
// vary much from pair to pair, which high stakes do not survive.
var parted = [len(stakes)]float64{0.12, 0.23, 0.3, 0.35}

// Capital is what became of 1 that was bet on a mean above 0: the logarithm
// for each of the stakes. Its zero value is untouched.
type Capital [len(stakes)]float64

// bet stakes on x, whose mean is at most 0 if the hypothesis is true. What is below −1 counts as −1.
func (c Capital) bet(x float64) Capital {
	for i, stake := range stakes {
		c[i] += math.Log1p(stake * max(x, -1))
	}
	return c
}

// log is the logarithm of the whole capital.
func (c Capital) log() float64 {
	top := slices.Max(c[:])
	sum := 0.0
	for i, w := range parted {
		sum += w * math.Exp(c[i]-top)
	}
	return top + math.Log(sum)
}
