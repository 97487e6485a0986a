package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// ShrinkWeight is how many observations a parent counts as when a bucket's
// quality is estimated.
const ShrinkWeight = 4

// scoreUnit is the step to which scores are rounded before they are added up:
// sums of whole numbers are the same in every order.
const scoreUnit = 1e-6

// Tally is what was observed of the quality of one (tool, task, bucket).
type Tally struct {
	N      int64 `json:"n"`      // judged results
	Sum    int64 `json:"sum"`    // of their scores, in millionths
	Passed int64 `json:"passed"` // how many the judge let pass
}

func (t Tally) add(o Tally) Tally { return Tally{t.N + o.N, t.Sum + o.Sum, t.Passed + o.Passed} }
func (t Tally) sub(o Tally) Tally { return Tally{t.N - o.N, t.Sum - o.Sum, t.Passed - o.Passed} }

// score is the sum of the scores, in [0,N].
func (t Tally) score() float64 { return float64(t.Sum) * scoreUnit }

// QualityEntry is one row of Qualities. Bucket is "" for all contexts, else
// the parts that Join put together.
type QualityEntry struct {
	Tool   string `json:"tool"`
	Task   string `json:"task"`
	Bucket string `json:"bucket"`
	Tally
}

func (e QualityEntry) compare(o QualityEntry) int {
	return cmp.Or(cmp.Compare(e.Tool, o.Tool), cmp.Compare(e.Task, o.Task), cmp.Compare(e.Bucket, o.Bucket))
}

// Qualities holds the tallies of every (tool, task, bucket), sorted by those.
// The zero value knows nothing yet.
type Qualities struct {
	Entries []QualityEntry `json:"entries"`
}

// Sort puts entries that were read in any order into the order that Qualities promises.
func (q *Qualities) Sort() { slices.SortFunc(q.Entries, QualityEntry.compare) }

// QualityObservation is one judged result.
type QualityObservation struct {
	Tool string
	Task string
	// Buckets are the parts of the context it was made in, coarse to fine:
	// every prefix of them is a bucket, and the parent of the next.
	Buckets []string
	Score   float64 // in [0,1]
	Pass    bool    // the judge's verdict
}

// Join makes the bucket of a row from the parts of a context.
func Join(parts []string) string { return strings.Join(parts, " & ") }

// Observe returns the state with one judged result added to its (tool, task)
// and to each of its buckets. A score that is no number in [0,1], or an
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
	for depth := range len(o.Buckets) + 1 {
		e := QualityEntry{Tool: o.Tool, Task: o.Task, Bucket: Join(o.Buckets[:depth]), Tally: one}
		i, found := slices.BinarySearchFunc(out.Entries, e, QualityEntry.compare)
		if found {
			out.Entries[i].Tally = out.Entries[i].add(one)
		} else {
			out.Entries = slices.Insert(out.Entries, i, e)
		}
	}
	return out
}

// Tally returns what was observed of one (tool, task, bucket).
func (q Qualities) Tally(tool, task string, buckets []string) Tally {
	e := QualityEntry{Tool: tool, Task: task, Bucket: Join(buckets)}
	if i, found := slices.BinarySearchFunc(q.Entries, e, QualityEntry.compare); found {
		return q.Entries[i].Tally
	}
	return Tally{}
}

// QualityEstimate is the posterior of the quality of a call: Beta(A, B).
type QualityEstimate struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
	N int64   `json:"n"` // judged results of the finest bucket that has any
	// Depth is how many parts of the context had evidence of their own.
	Depth int `json:"depth"`
}

// Mean is the expected quality, in [0,1]; the doc's prior where nothing was observed.
func (e QualityEstimate) Mean() float64 { return min(max(e.A/(e.A+e.B), 0), 1) }

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
// the prior of its doc, in [0,1]. Each level takes the mean of the level above,
// without its own observations, as its prior.
func (q Qualities) Estimate(tool, task string, buckets []string, prior float64) QualityEstimate {
	return q.posterior(tool, task, buckets, prior, Tally.score)
}

// PassRate is the same for the share of results that the judge let pass.
func (q Qualities) PassRate(tool, task string, buckets []string, prior float64) QualityEstimate {
	return q.posterior(tool, task, buckets, prior, func(t Tally) float64 { return float64(t.Passed) })
}

func (q Qualities) posterior(tool, task string, buckets []string, prior float64, good func(Tally) float64) QualityEstimate {
	if !(prior >= 0) {
		prior = 0
	}
	mean, weight := min(prior, 1), float64(PriorWeight)
	out := QualityEstimate{A: mean * weight, B: (1 - mean) * weight}
	here := q.Tally(tool, task, nil)
	for depth := 0; ; depth++ {
		var below Tally
		if depth < len(buckets) {
			below = q.Tally(tool, task, buckets[:depth+1])
		}
		rest := here
		if below.N > 0 {
			rest = here.sub(below)
		}
		a, b := good(rest), float64(rest.N)-good(rest)
		out.A, out.B = mean*weight+max(0, a), (1-mean)*weight+max(0, b)
		if below.N == 0 {
			out.N, out.Depth = here.N, depth
			return out
		}
		// What the level above knows counts as ShrinkWeight observations here, or as fewer where it has fewer.
		mean, weight = out.Mean(), min(out.A+out.B, ShrinkWeight)
		here = below
	}
}
