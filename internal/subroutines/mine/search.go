package mine

import (
	"cmp"
	"math"
	"slices"

	"pentimento/internal/features"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// rule is a conjunction on its way, with the rows it is found on.
type rule struct {
	when  subroutines.Rule // canonical
	key   string
	tests []test
	rows  []int32
	sum   tally
	p     float64 // corrected, of its least certain condition
	score float64
}

// search is a beam search for the condition of one path.
type search struct {
	*Options
	view    *view
	columns []column
	all     tally   // of every row that rules are found on
	looked  int     // conditions looked at
	level   float64 // the error that each condition may have, corrected
	atLeast int     // conditions that a rule needs
}

// miss is how often the bound of a pass rate that rules are ranked by may be too high.
const miss = 0.1

// score is the share of the task's f that a rule saves, at the lower bound
// of its pass rate, less the penalty of its conditions.
func (s *search) score(r *rule) float64 {
	p := trial.Score(r.sum.passed, r.sum.tried, miss)
	return r.sum.saved(p)/max(s.all.slow, math.SmallestNonzeroFloat64) - s.Penalty*float64(len(r.tests))
}

// best finds the rules worth proposing among those that hold on some of the
// rows, the best first.
func (s *search) best(start rule) []rule {
	var found []rule
	beam, seen := []rule{start}, map[string]bool{start.key: true}
	for depth := 0; len(beam) > 0; depth++ {
		for i := range beam {
			if s.worth(&beam[i]) {
				found = append(found, beam[i])
			}
		}
		if depth == s.Conditions {
			break
		}
		var next []rule
		for i := range beam {
			for _, r := range s.extend(&beam[i]) {
				if !seen[r.key] {
					seen[r.key] = true
					next = append(next, r)
				}
			}
		}
		slices.SortStableFunc(next, byScore)
		beam = next[:min(len(next), s.Beam)]
	}
	slices.SortStableFunc(found, byScore)
	return found
}

func byScore(a, b rule) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.tests), len(b.tests)), cmp.Compare(a.key, b.key))
}

// worth reports whether a rule has the evidence to be proposed.
func (s *search) worth(r *rule) bool {
	least := s.Least
	if len(r.tests) > 0 { // what a condition means was tested
		least = s.LeastIn
	}
	return len(r.tests) >= s.atLeast && r.sum.tried >= least && r.sum.passed > 0 && r.sum.evidence().good(s.Options)
}

// extend gives the rules with one more condition: of each feature, those that
// tell best where the path passes, and, where it mostly does, where it pays.
func (s *search) extend(r *rule) []rule {
	var out []rule
	add := func(rows []int32, label func(int32) bool) {
		labels := make([]bool, len(rows))
		for i, row := range rows {
			labels[i] = label(row)
		}
		for i := range s.columns {
			for _, c := range s.cuts(&s.columns[i], rows, labels, s.looks(len(r.tests))) {
				if child, ok := s.child(r, c); ok {
					out = append(out, child)
				}
			}
		}
	}
	tried := make([]int32, 0, r.sum.tried)
	for _, row := range r.rows {
		if s.view.state[row] != untried {
			tried = append(tried, row)
		}
	}
	if r.sum.passed < r.sum.tried {
		add(tried, func(row int32) bool { return s.view.state[row] == passed })
	}
	if p := r.sum.rate(); p >= s.MinPass {
		add(s.view.known(r.rows), s.view.pays(&r.sum, p))
	}
	return out
}

// cut is a test with how surely it tells.
type cut struct {
	test test
	p    float64 // corrected for the thresholds or sets of its feature that it was chosen from
}

func (s *search) child(r *rule, c cut) (rule, bool) {
	s.looked++
	child := rule{p: max(r.p, c.p), rows: c.test.of(r.rows)}
	if len(child.rows) == len(r.rows) {
		return child, false
	}
	if child.sum = s.view.tally(child.rows); child.sum.tried < s.LeastIn {
		return child, false
	}
	child.tests = append(slices.Clone(r.tests), c.test)
	var ok bool
	if child.when, ok = append(slices.Clone(r.when), c.test.cond).Canonical(); !ok {
		return child, false
	}
	child.key = child.when.String()
	child.score = s.score(&child)
	return child, true
}

// bin counts the rows of a code with and without the label.
type bin struct{ yes, no float64 }

func (b bin) n() float64 { return b.yes + b.no }

// cuts are the conditions on one feature that part the rows with a label from
// those without, as far as their evidence outlives the correction.
func (s *search) cuts(c *column, rows []int32, labels []bool, looks float64) []cut {
	var counts [2][maxBins + 1]int32
	for i, r := range rows {
		n := 0
		if labels[i] {
			n = 1
		}
		counts[n][c.codes[r]]++
	}
	var bins [maxBins + 1]bin
	var all bin
	for i := range bins {
		bins[i] = bin{yes: float64(counts[1][i]), no: float64(counts[0][i])}
		all.yes, all.no = all.yes+bins[i].yes, all.no+bins[i].no
	}
	if all.yes == 0 || all.no == 0 {
		return nil
	}
	if c.kind == features.Number {
		return s.thresholds(c, bins[:c.bins], all, looks)
	}
	return s.sets(c, bins[:c.bins], all, looks)
}

// thresholds places the two cuts of most information, one with the label above and one below.
func (s *search) thresholds(c *column, bins []bin, all bin, looks float64) []cut {
	var present, below bin
	seen := 0
	for _, b := range bins {
		present.yes, present.no = present.yes+b.yes, present.no+b.no
		if b.n() > 0 {
			seen++
		}
	}
	if seen < 2 {
		return nil
	}
	up, down := 0.0, 0.0
	upAt, downAt := 0, 0
	last := -1 // the bin before that has rows
	var upLast, downLast int
	for i, b := range bins {
		if b.n() == 0 {
			continue
		}
		if last >= 0 {
			above := bin{present.yes - below.yes, present.no - below.no}
			if g := information(above, all); g > up {
				up, upAt, upLast = g, i, last
			}
			if g := information(below, all); g > down {
				down, downAt, downLast = g, i, last
			}
		}
		below.yes, below.no = below.yes+b.yes, below.no+b.no
		last = i
	}
	var out []cut
	if p := scanP(up, seen) * 2; up > 0 && p*looks <= s.level {
		out = append(out, cut{c.atLeast((upLast + upAt + 1) / 2), p * looks})
	}
	if p := scanP(down, seen) * 2; down > 0 && p*looks <= s.level {
		out = append(out, cut{c.below((downLast + downAt + 1) / 2), p * looks})
	}
	return out
}

// sets takes the words in the order of how often the label goes with them: the
// best set for two classes is a beginning of that order (Breiman et al. 1984).
func (s *search) sets(c *column, bins []bin, all bin, looks float64) []cut {
	var codes []int
	for i, b := range bins {
		if b.n() > 0 {
			codes = append(codes, i)
		}
	}
	share := func(i int) float64 { return bins[i].yes / bins[i].n() }
	slices.SortStableFunc(codes, func(a, b int) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(bins[b].n(), bins[a].n()))
	})
	best, at := 0.0, 0
	var in bin
	for k, i := range codes {
		in.yes, in.no = in.yes+bins[i].yes, in.no+bins[i].no
		if g := information(in, all); g > best {
			best, at = g, k+1
		}
	}
	// Each way of parting the words in two could have been the best.
	p := trial.Chi1(best) * max(1, math.Exp2(float64(len(codes)-1))-1)
	if best == 0 || p*looks > s.level {
		return nil
	}
	return []cut{{c.among(codes[:at]), p * looks}}
}

// looks is what the p-values of conditions are multiplied with, so that all
// that are looked at for a path have the error of one (Bonferroni): half of
// the error goes to first conditions, which are looked at once for each
// feature, half to the others, which are for each feature and rule in each beam.
func (s *search) looks(depth int) float64 {
	n := 2 * float64(len(s.columns))
	if depth > 0 {
		n *= float64(s.Beam * max(s.Conditions-1, 1))
	}
	return n
}

// information is the likelihood-ratio statistic 2·n·I, I the information in
// nats that being in tells of the label, where the label is more frequent in than out; else 0.
func information(in, all bin) float64 {
	out := bin{all.yes - in.yes, all.no - in.no}
	if in.n() == 0 || out.n() == 0 || in.yes*out.n() <= out.yes*in.n() {
		return 0
	}
	return 2 * (in.loglik() + out.loglik() - all.loglik())
}

// loglik is the greatest log-likelihood of the labels.
func (b bin) loglik() float64 {
	sum := 0.0
	for _, v := range [2]float64{b.yes, b.no} {
		if v > 0 {
			sum += v * math.Log(v/b.n())
		}
	}
	return sum
}

// scanP is the probability that the greatest of the statistics of values−1
// thresholds is at least x where the feature means nothing. Beside each other
// they hardly differ, so this is far below their number times that of one: by
// Miller and Siegmund (1982), for thresholds that leave a share ε on each
// side, φ(b)·(b−1/b)·log((1−ε)²/ε²) + 4φ(b)/b with b² = x. The plain product is taken where it is less.
func scanP(x float64, values int) float64 {
	one := trial.Chi1(x)
	product := one * float64(values-1)
	b, e := math.Sqrt(x), 1/float64(max(values, 3))
	if b < 1.5 {
		return min(1, product)
	}
	density := math.Exp(-x/2) / math.Sqrt(2*math.Pi)
	return min(1, product, density*(b-1/b)*2*math.Log((1-e)/e)+4*density/b)
}
