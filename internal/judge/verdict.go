package judge

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// PassMark is the score from which a result passes; it is the default quality
// threshold of an edit, so that a judged quality and a tool's prior compare.
const PassMark = 0.8

// Verdict is what a check says of one result.
type Verdict struct {
	Check string  // the check's name: "recolor"
	Score float64 // in [0,1]
	Pass  bool    // Score is at least PassMark
	// Parts is how many measures counted. With none the result is sound as far
	// as can be told, Score is PassMark, and the caller's own estimate is worth more.
	Parts  int
	Reason string // one plain sentence
	// Measures are the numbers behind the score: shares and ratios by name;
	// "joint" is the value before it was stretched to PassMark.
	Measures map[string]float64
}

// part is one measure's share in the score.
type part struct {
	score  float64
	reason string
}

// tally collects the parts of one check.
type tally struct {
	check    string
	parts    []part
	fatal    string
	missing  []string
	measures map[string]float64
}

func newTally(check string) *tally { return &tally{check: check, measures: make(map[string]float64)} }

// steepness makes falling 0.95 at fine and 0.05 at bad.
const steepness = 2.944

// falling maps a measure to (0,1): 0.95 at fine, 0.05 at bad, by a logistic
// curve, so that it falls strictly however far the measure goes. Fine may be
// above bad: then more is better. A value that is not a number gives 0.
func falling(v, fine, bad float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	x := (v - (fine+bad)/2) / ((bad - fine) / 2)
	return 1 / (1 + math.Exp(steepness*x))
}

// add enters a measure whose value is right at fine and wrong at bad; reason
// says what is wrong when it is, and may hold one %s for the value in percent.
func (t *tally) add(name string, v, fine, bad float64, reason string) {
	t.addWeighted(name, v, fine, bad, 1, reason)
}

// addWeighted is add for a measure that may lower the score only to 1-weight:
// one that tells less.
func (t *tally) addWeighted(name string, v, fine, bad, weight float64, reason string) {
	t.measures[name] = v
	if strings.Contains(reason, "%s") {
		reason = fmt.Sprintf(reason, fmt.Sprintf("%.0f %%", 100*v))
	}
	t.parts = append(t.parts, part{score: 1 - weight*(1-falling(v, fine, bad)), reason: reason})
}

// note records a number that does not count.
func (t *tally) note(name string, v float64) { t.measures[name] = v }

// fail ends the check with score 0; the first reason stays.
func (t *tally) fail(reason string) {
	if t.fatal == "" {
		t.fatal = reason
	}
}

// skip says what could not be measured.
func (t *tally) skip(what string) { t.missing = append(t.missing, what) }

// verdict joins the parts: the square root of the worst part times the
// geometric mean of all. One bad part is enough to sink a result, two are worse.
func (t *tally) verdict(good string) Verdict {
	v := Verdict{Check: t.check, Measures: t.measures, Parts: len(t.parts)}
	if t.fatal != "" {
		v.Reason = sentence(t.fatal, t.missing)
		t.measures["joint"] = 0
		return v
	}
	if len(t.parts) == 0 {
		v.Reason = sentence(good, append(t.missing, "how good it is"))
		v.Score, v.Pass, t.measures["joint"] = PassMark, true, Cut(t.check)
		return v
	}
	worst, logs := t.parts[0], 0.0
	for _, p := range t.parts {
		if p.score < worst.score {
			worst = p
		}
		logs += math.Log(max(p.score, 1e-12))
	}
	joint := math.Sqrt(worst.score * math.Exp(logs/float64(len(t.parts))))
	t.measures["joint"] = joint
	v.Score = stretch(joint, Cut(t.check))
	v.Pass = v.Score >= PassMark
	reason := good
	if !v.Pass {
		reason = worst.reason
	}
	v.Reason = sentence(reason, t.missing)
	return v
}

// stretch maps [0,1] onto itself, linearly on both sides of cut, which becomes PassMark.
func stretch(v, cut float64) float64 {
	if v < cut {
		return PassMark * v / cut
	}
	return PassMark + (1-PassMark)*(v-cut)/(1-cut)
}

func sentence(s string, missing []string) string {
	if len(missing) > 0 {
		sort.Strings(missing)
		s += "; not measured: " + strings.Join(missing, ", ")
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
