package trial

// Lent is what trials of the same rule in other tasks tell, counted for less: the calls that
// take nearly all of its time are the same there, and so are the conditions. It adds to
// what is known of quality and of the pass rate. Savings are shown by a trial's own pairs alone, so
// that the error of accepting what saves nothing is as it was.
type Lent struct {
	Pairs  float64 `json:"pairs"`
	Passed float64 `json:"passed"` // of them
	Gained Moments `json:"gained"` // quality with the rule less that without
}

// A pair of another task counts half, as if one in two told of this one (a power prior;
// Ibrahim and Chen, Statistical Science 2000), and all of them as two pairs at most, so
// that three pairs of its own are always needed, and outweigh what is lent.
const (
	lentShare = 0.5
	lentMost  = 2.0
	leastOwn  = 3
)

// lentDrop is the loss of mean quality above which nothing is accepted beside what is lent: that may
// hide a loss, so that less than a plan's drop is allowed.
const lentDrop = 0.02

// Beside is the trial with what trials of the same rule in other tasks have come to by now.
func (t Trial) Beside(others ...Trial) Trial {
	if t.Verdict != Open {
		return t
	}
	var all Lent
	for i := range others {
		all = all.plus(Lent{float64(others[i].Pairs), float64(others[i].Passed), others[i].Gained}, 1)
	}
	t.Lent = Lent{}
	if all.Pairs > 0 {
		t.Lent = t.Lent.plus(all, min(lentShare, lentMost/all.Pairs))
	}
	if t.Pairs > 0 {
		t.Verdict = t.judge()
	}
	return t
}

// pooled is what its own pairs tell and, from the third on, what is lent.
func (t Trial) pooled() Lent {
	own := Lent{float64(t.Pairs), float64(t.Passed), t.Gained}
	if t.Pairs < leastOwn {
		return own
	}
	return own.plus(t.Lent, 1)
}

// plus joins two, the second counting share times as much.
func (l Lent) plus(o Lent, share float64) Lent {
	return Lent{l.Pairs + share*o.Pairs, l.Passed + share*o.Passed, Moments{l.Gained.Sum + share*o.Gained.Sum, l.Gained.Squares + share*o.Gained.Squares}}
}
