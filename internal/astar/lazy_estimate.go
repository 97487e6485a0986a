package astar

import "pentimento/internal/edit"

// This file is what Lazy makes of the calls that ran for those that did not.

// ratios are measured over estimated costs by tool, of the latest call of each.
func (l *lazy) ratios() map[string]float64 {
	if !l.opt.Alike || l.opt.Frozen {
		return nil
	}
	ratio := make(map[string]float64)
	for i := range l.ran {
		op, m := &l.ran[i].step.Op, &l.ran[i].measured
		if m.Failed == nil || m.Usable {
			ratio[op.Call.Tool] = max(m.Cost, edit.MinSeconds) / max(op.Cost, edit.MinSeconds)
		}
	}
	return ratio
}

// expect is what a call is to cost more than was estimated, in seconds, and its expected quality.
func (l *lazy) expect(op *Op) (more, quality float64) {
	if l.opt.Expect == nil {
		return 0, op.Quality
	}
	return l.opt.Expect(op)
}

// kin are calls that are taken to err alike in quality: one tool in one part.
type kin struct {
	tool      string
	completes bool
}

// common is the share of the variance of a call's quality about its estimate
// that it has in common with the tool's other calls in the same subtask: what
// of it lies in the picture, rather than in parameters and inputs. Not known;
// half is the assumption that favours neither.
const common = 0.5

// shifts are what to add to the estimated quality of a tool's calls not run
// yet, given how those that ran were judged: the best linear prediction of an
// effect that they share (Henderson 1975). Of n judged ones that were off by
// d1...dn it is (d1+...+dn) / (n + (1−common)/common).
func (l *lazy) shifts() map[kin]float64 {
	if !l.opt.Alike {
		return nil
	}
	sum, n := make(map[kin]float64), make(map[kin]float64)
	for i := range l.ran {
		op, m := &l.ran[i].step.Op, &l.ran[i].measured
		if m.Skipped {
			continue
		}
		k := kin{op.Call.Tool, op.Completes}
		_, expected := l.expect(op)
		sum[k] += m.Quality - expected // a call that broke has quality 0
		n[k]++
	}
	for k := range sum {
		sum[k] /= n[k] + (1-common)/common
	}
	return sum
}

// charge makes calls that ran free and every completing call bear what was
// spent so far. A path has one completing call, so its cost is then all that
// will have been spent.
func (l *lazy) charge(ops []Op) {
	spent := l.spent()
	for i := range ops {
		op := &ops[i]
		op.own, op.sunk = max(op.Cost, edit.MinSeconds), true
		if op.Cost = op.own; op.step > 0 {
			op.Cost = 0
		}
		if op.Completes {
			op.Cost += spent
		}
	}
}

// settle puts the calls' own costs back.
func (l *lazy) settle(res *Result) {
	if !l.opt.Sunk || len(res.Path) == 0 {
		return
	}
	res.Cost = 0
	for i := range res.Path {
		op := &res.Path[i]
		op.Cost, op.sunk = op.own, false
		res.Cost += op.own
	}
	res.F = Objective(l.problem.Alpha, res.Cost, res.Quality)
}

// spent is what all calls run cost, in seconds; frozen, what they were estimated at.
func (l *lazy) spent() float64 {
	spent := 0.0
	for i := range l.ran {
		cost := l.ran[i].measured.Cost
		if l.opt.Frozen {
			cost = l.ran[i].step.Op.Cost
		}
		if !l.ran[i].measured.Skipped {
			spent += max(cost, edit.MinSeconds)
		}
	}
	return spent
}
