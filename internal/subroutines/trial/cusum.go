package trial

import "math"

// The parameters of a Detector, chosen by simulation (TestDetector): the least
// false alarms, to a little, under which a fall from .95 to .50 is found within 15 uses in
// 95 % of runs. At a true .95 they raise a false alarm within 1,000 uses in about 28 % of
// runs, which costs a verification, not a rule.
const (
	// OddsFall is by how much the odds of passing fall in the change that is looked for: from .95 to .70.
	OddsFall = 8.0
	// Alarm is the evidence, in nats, at which a change is declared.
	Alarm = 5.6
	// least and most bound the pass rate that a detector watches against, so
	// that one failure is never the whole evidence, nor a change unfindable.
	least, most = 0.6, 0.95
)

// Detector finds a fall of a pass rate: the cumulative sum of the
// log-likelihood ratio of Bad against Base (Page 1954; Lorden 1971 shows that
// no detector with as few false alarms is faster in the worst case). Its only state is the sum.
type Detector struct {
	Base float64 // pass rate to be expected, in (0,1)
	Bad  float64 // pass rate that is looked for, below Base
}

// NewDetector watches against a pass rate, cut to [0.6, 0.95]; 0.95 for what is no number.
func NewDetector(base float64) Detector {
	if math.IsNaN(base) {
		base = most
	}
	base = min(max(base, least), most)
	odds := base / (1 - base) / OddsFall
	return Detector{Base: base, Bad: odds / (1 + odds)}
}

// Next is the sum after one more use, and whether it is an alarm. The sum
// begins at 0 and is never below.
func (d Detector) Next(sum float64, pass bool) (next float64, alarm bool) {
	if pass {
		sum += math.Log(d.Bad / d.Base)
	} else {
		sum += math.Log((1 - d.Bad) / (1 - d.Base))
	}
	sum = max(0, sum)
	return sum, sum >= Alarm
}
