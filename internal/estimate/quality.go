package estimate

import (
	"cmp"
	"math"
	"slices"
)

// ShrinkWeight is how many observations the general quality of a call counts
// as when its quality in one context is estimated.
const ShrinkWeight = 4

// tellingEvidence is the log of the Bayes factor from which a mark is taken to
// tell: ten to one, "strong" in Jeffreys' scale (1961), since several marks are tried.
const tellingEvidence = math.Ln10

// suspendAt is the share of the posterior that must lie below a threshold
// before a tool whose doc puts it above is ranked below it.
const suspendAt = 0.99

// halfLife is in how many days without a new result what was observed comes to count half.
const halfLife = 30

// scoreUnit is the step to which scores are rounded before they are added up:
// sums of whole numbers are the same in every order.
const scoreUnit = 1e-6

// Tally is what was observed of the quality of one (tool, task, mark).
type Tally struct {
	N      int64 `json:"n"`      // judged results
	Sum    int64 `json:"sum"`    // of their scores, in millionths
	Passed int64 `json:"passed"` // how many the judge let pass
}

func (t Tally) add(o Tally) Tally { return Tally{t.N + o.N, t.Sum + o.Sum, t.Passed + o.Passed} }
func (t Tally) sub(o Tally) Tally { return Tally{t.N - o.N, t.Sum - o.Sum, t.Passed - o.Passed} }

// score is the sum of the scores, in [0,N].
func (t Tally) score() float64 { return float64(t.Sum) * scoreUnit }

// counts are the pseudo-counts of good and bad: a score of .7 is .7 of a success.
func (t Tally) counts() (good, bad float64) { return part(t.score(), t.N) }

// passes are the counts of results that the judge let pass, and of the others.
func (t Tally) passes() (good, bad float64) { return part(float64(t.Passed), t.N) }

func part(good float64, of int64) (float64, float64) {
	all := max(0, float64(of))
	good = min(max(0, good), all)
	return good, all - good
}

// halved is the tally at half its weight, times over, with its mean as it was.
func (t Tally) halved(times int64) Tally {
	n := t.N >> min(max(times, 0), 62)
	if n == 0 {
		return Tally{}
	}
	share := float64(n) / float64(t.N)
	return Tally{n, int64(math.Round(float64(t.Sum) * share)), int64(math.Round(float64(t.Passed) * share))}
}

// QualityEntry is one row of Qualities. Mark is "" for all contexts, else a
// feature and the part of its range that a context lay in, as features.Set.Bucket has it.
type QualityEntry struct {
	Tool string `json:"tool"`
	Task string `json:"task"`
	Mark string `json:"mark,omitempty"`
	Day  int64  `json:"day,omitempty"` // of the latest result, counted from 1970
	Tally
}

func (e QualityEntry) compare(o QualityEntry) int {
	return cmp.Or(cmp.Compare(e.Tool, o.Tool), cmp.Compare(e.Task, o.Task), cmp.Compare(e.Mark, o.Mark))
}

// Qualities holds the tallies of every (tool, task, mark), sorted by those.
// The zero value knows nothing yet.
type Qualities struct {
	Entries []QualityEntry `json:"entries"`
}

// Sort puts entries that were read in any order into the order that Qualities promises.
func (q *Qualities) Sort() { slices.SortFunc(q.Entries, QualityEntry.compare) }

// Aged is the state as it counts on a day: what had no new result for halfLife
// days weighs half, and half again, so that a tool that was put aside is tried
// again some day. The steps are whole, so that a day's runs agree.
func (q Qualities) Aged(day int64) Qualities {
	var out Qualities
	for _, e := range q.Entries {
		if e.Tally = e.halved((day - e.Day) / halfLife); e.N > 0 {
			out.Entries = append(out.Entries, e)
		}
	}
	return out
}

// QualityObservation is one judged result.
type QualityObservation struct {
	Tool string
	Task string
	// Marks are what its context was like, each a tally of its own.
	Marks []string
	Day   int64
	Score float64 // in [0,1]
	Pass  bool    // the judge's verdict
}

// Observe returns the state with one judged result added to its (tool, task)
// and to each of its marks. A score that is no number in [0,1], or an
// observation without a tool, changes nothing.
func (q Qualities) Observe(o QualityObservation) Qualities {
	if !(o.Score >= 0 && o.Score <= 1) || o.Tool == "" {
		return q
	}
	one := Tally{N: 1, Sum: int64(math.Round(o.Score / scoreUnit))}
	if o.Pass {
		one.Passed = 1
	}
	out := Qualities{Entries: slices.Clone(q.Entries)}
	for _, mark := range slices.Compact(slices.Sorted(slices.Values(append([]string{""}, o.Marks...)))) {
		e := QualityEntry{Tool: o.Tool, Task: o.Task, Mark: mark, Day: o.Day, Tally: one}
		i, found := slices.BinarySearchFunc(out.Entries, e, QualityEntry.compare)
		if found {
			out.Entries[i].Tally, out.Entries[i].Day = out.Entries[i].add(one), max(out.Entries[i].Day, o.Day)
		} else {
			out.Entries = slices.Insert(out.Entries, i, e)
		}
	}
	return out
}

// Plus returns the state with all results of another added.
func (q Qualities) Plus(o Qualities) Qualities {
	out := Qualities{Entries: slices.Clone(q.Entries)}
	for _, e := range o.Entries {
		i, found := slices.BinarySearchFunc(out.Entries, e, QualityEntry.compare)
		if found {
			out.Entries[i].Tally, out.Entries[i].Day = out.Entries[i].add(e.Tally), max(out.Entries[i].Day, e.Day)
		} else {
			out.Entries = slices.Insert(out.Entries, i, e)
		}
	}
	return out
}

// Tally returns what was observed of one (tool, task, mark).
func (q Qualities) Tally(tool, task, mark string) Tally {
	e := QualityEntry{Tool: tool, Task: task, Mark: mark}
	if i, found := slices.BinarySearchFunc(q.Entries, e, QualityEntry.compare); found {
		return q.Entries[i].Tally
	}
	return Tally{}
}

// Marked reports whether anything is known of a task by its marks.
func (q Qualities) Marked(task string) bool {
	return slices.ContainsFunc(q.Entries, func(e QualityEntry) bool { return e.Task == task && e.Mark != "" })
}

// QualityEstimate is the posterior of the quality of a call: Beta(A, B).
type QualityEstimate struct {
	A     float64 `json:"a"`
	B     float64 `json:"b"`
	N     int64   `json:"n"`              // judged results with that mark
	Mark  string  `json:"mark,omitempty"` // by which it was told apart; "" for none
	Prior float64 `json:"prior"`          // of the doc, in [0,1]
}

// Mean is the expected quality, in [0,1]; the doc's prior where nothing was observed.
func (e QualityEstimate) Mean() float64 { return min(max(e.A/(e.A+e.B), 0), 1) }

// Rank is the quality to choose by, in [0,1]: the mean, but not below a
// threshold that the doc's prior reaches before it is clear (suspendAt) that
// the tool does not. A call below the threshold is a last resort, so that
// without this one unlucky result would end the chance to see another.
func (e QualityEstimate) Rank(threshold float64) float64 {
	mean := e.Mean()
	if mean >= threshold || e.Prior < threshold || BetaQuantile(suspendAt, e.A, e.B) < threshold {
		return mean
	}
	return threshold
}

// Variance is that of the posterior. A score of .5 counts as half a success,
// which makes it wider than the spread of the scores: it errs on the careful side.
func (e QualityEstimate) Variance() float64 {
	n := e.A + e.B
	return e.A * e.B / (n * n * (n + 1))
}

// Interval is the central credible interval of that confidence, in (0,1).
func (e QualityEstimate) Interval(confidence float64) Interval {
	return BetaInterval(e.A, e.B, confidence)
}

// Estimate is the quality to expect of a tool at a task in a context, given
// the prior of its doc, in [0,1]. Of the context's marks the one that tells
// most is used, if any does (telling); its posterior has the results without
// that mark for its prior, counting as ShrinkWeight of them or as fewer where there are fewer.
func (q Qualities) Estimate(tool, task string, marks []string, prior float64) QualityEstimate {
	return q.posterior(tool, task, marks, prior, Tally.counts)
}

// PassRate is the same for the share of results that the judge let pass.
func (q Qualities) PassRate(tool, task string, marks []string, prior float64) QualityEstimate {
	return q.posterior(tool, task, marks, prior, Tally.passes)
}

func (q Qualities) posterior(tool, task string, marks []string, prior float64, counts func(Tally) (good, bad float64)) QualityEstimate {
	if !(prior >= 0) {
		prior = 0
	}
	prior = min(prior, 1)
	all := q.Tally(tool, task, "")
	out := QualityEstimate{Prior: prior}
	here, mean, weight := all, prior, float64(PriorWeight)
	if out.Mark = q.telling(tool, task, marks); out.Mark != "" {
		here = q.Tally(tool, task, out.Mark)
		good, bad := counts(all.sub(here))
		good, bad = good+mean*weight, bad+(1-mean)*weight
		mean, weight = good/(good+bad), min(good+bad, ShrinkWeight)
	}
	good, bad := counts(here)
	out.A, out.B, out.N = mean*weight+good, (1-mean)*weight+bad, here.N
	return out
}

// telling is the mark that parts a tool's results best into two kinds, "" when
// none does so strongly: by the Bayes factor of two pass rates over one, each
// uniform before. It counts evidence and information gain at once, so that no
// least number of results need be set.
func (q Qualities) telling(tool, task string, marks []string) string {
	all := q.Tally(tool, task, "")
	best, most := "", tellingEvidence
	for _, mark := range slices.Sorted(slices.Values(marks)) {
		here := q.Tally(tool, task, mark)
		if mark == "" || here.N == 0 {
			continue
		}
		if e := evidence(here) + evidence(all.sub(here)) - evidence(all); e > most {
			best, most = mark, e
		}
	}
	return best
}

// evidence is the log of the marginal likelihood of a tally's verdicts under a uniform rate: ln B(1+passed, 1+failed).
func evidence(t Tally) float64 {
	good, bad := t.passes()
	a, _ := math.Lgamma(1 + good)
	b, _ := math.Lgamma(1 + bad)
	ab, _ := math.Lgamma(2 + good + bad)
	return a + b - ab
}
