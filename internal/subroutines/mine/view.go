package mine

import (
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/subroutines"
)

// What became of a path in a trace.
const (
	untried = iota
	passed
	failed
)

// view is a task's traces as one toolpath sees them. Slices go by row.
type view struct {
	task  *task
	path  subroutines.Path
	alpha float64
	state []uint8
	tries []try
	// slow is f of the slow path where the rule's path is not tried first, and
	// lost f where it is and fails: its seconds are then spent beside.
	slow, lost []float64
	// ruled marks the traces on which a subroutine took another path: no word of the slow path.
	ruled []bool
}

// value is f = C^α·(2−Q)^(2−α).
func value(seconds, quality, alpha float64) float64 {
	c, q := max(seconds, edit.MinSeconds), 2-quality
	if alpha == 1 {
		return c * q
	}
	return math.Pow(c, alpha) * math.Pow(q, 2-alpha)
}

// look sees the traces as a path with these keys does. A failure of any of its
// steps is the path's.
func (k *task) look(path subroutines.Path, keys []string, alpha float64) *view {
	n := len(k.rows)
	v := &view{task: k, path: path, alpha: alpha, state: make([]uint8, n), tries: make([]try, n), slow: make([]float64, n), lost: make([]float64, n), ruled: make([]bool, n)}
	for i, key := range keys {
		for _, t := range k.tries[key] {
			switch {
			case !t.pass && (v.state[t.row] != failed || t.seconds > v.tries[t.row].seconds):
				v.state[t.row], v.tries[t.row] = failed, t
			case t.pass && i == len(keys)-1 && v.state[t.row] == untried:
				v.state[t.row], v.tries[t.row] = passed, t
			}
		}
	}
	v.weigh()
	return v
}

// weigh finds what the slow path came to without the path's failed attempts,
// and with them. Where the path was not tried its failure is taken to cost
// what it did on average, or, if it never failed, what it took to pass.
func (v *view) weigh() {
	var own, whole [failed + 1]float64
	var n [failed + 1]float64
	for r, s := range v.state {
		n[s]++
		own[s] += v.tries[r].own
		whole[s] += v.tries[r].seconds
	}
	miss := 0.0
	switch {
	case n[failed] > 0:
		miss = own[failed] / n[failed]
	case n[passed] > 0:
		miss = whole[passed] / n[passed]
	}
	for r := range v.state {
		row := &v.task.rows[r]
		v.ruled[r] = row.ruled && (v.state[r] == untried || v.tries[r].beside)
		alone, both := row.seconds, row.seconds+miss
		if v.state[r] == failed && v.tries[r].beside {
			both = row.seconds + v.tries[r].own
		} else if v.state[r] == failed {
			alone, both = row.seconds-v.tries[r].own, row.seconds
		}
		v.slow[r], v.lost[r] = value(alone, row.quality, v.alpha), value(both, row.quality, v.alpha)
	}
}

// beside is on how many traces the path was tried to learn of it.
func (v *view) beside(rows []int32) (n int) {
	for _, r := range rows {
		if v.state[r] != untried && v.tries[r].beside {
			n++
		}
	}
	return n
}

// tally is what some traces say of a path.
type tally struct {
	rows, tried, passed int
	known               int     // rows that tell what the slow path comes to
	slow, lost, good    float64 // sums of f: over the known rows, over the known rows, over those that passed
}

func (v *view) tally(rows []int32) tally {
	t := tally{rows: len(rows)}
	for _, r := range rows {
		if !v.ruled[r] {
			t.known++
			t.slow += v.slow[r]
			t.lost += v.lost[r]
		}
		if v.state[r] == untried {
			continue
		}
		t.tried++
		if v.state[r] == passed {
			t.passed++
			t.good += value(v.tries[r].seconds, v.tries[r].quality, v.alpha)
		}
	}
	return t
}

// rate is the share of attempts that passed.
func (t *tally) rate() float64 { return float64(t.passed) / float64(max(t.tried, 1)) }

// saved is the expected f saved over these traces if the path is tried first
// and passes with probability p: Σ f_slow − p·n·f_pass − (1−p)·Σ f_lost.
func (t *tally) saved(p float64) float64 {
	if t.passed == 0 {
		return t.slow - t.lost
	}
	return t.slow - p*float64(t.known)*t.good/float64(t.passed) - (1-p)*t.lost
}

// gain is the share of f that is saved.
func (t *tally) gain(p float64) float64 {
	if !(t.slow > 0) {
		return 0
	}
	return t.saved(p) / t.slow
}

// known are the rows that tell what the slow path comes to.
func (v *view) known(rows []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(rows), func(r int32) bool { return v.ruled[r] })
}

// pays marks the traces where trying the path first is better than not, at the rate p.
func (v *view) pays(t *tally, p float64) func(r int32) bool {
	good := t.good / float64(max(t.passed, 1))
	return func(r int32) bool { return v.slow[r] > p*good+(1-p)*v.lost[r] }
}

func (t *tally) evidence() Evidence {
	return Evidence{Pictures: t.rows, Tried: t.tried, Passed: t.passed, Gain: t.gain(t.rate())}
}
