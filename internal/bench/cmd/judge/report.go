package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/judge"
	"pentimento/internal/judge/judgetest"
)

// row is one case measured: the good result and each spoil at each level.
type row struct {
	name   string
	tuning bool
	good   judge.Verdict
	spoils map[string][judgetest.Levels]judge.Verdict
}

func measure(ctx context.Context, c judgetest.Case) (row, error) {
	var j judge.Judge
	r := row{name: c.Name, tuning: c.Tuning(), spoils: make(map[string][judgetest.Levels]judge.Verdict)}
	var err error
	if r.good, err = j.Step(ctx, c.Step); err != nil {
		return r, err
	}
	for _, s := range c.Spoils {
		var list [judgetest.Levels]judge.Verdict
		for level := range list {
			if list[level], err = j.Step(ctx, s.Apply(c.Step, level+1)); err != nil {
				return r, err
			}
		}
		r.spoils[s.Name] = list
	}
	return r, nil
}

func joint(v judge.Verdict) float64 { return v.Measures["joint"] }

// slack is the rise between levels that is not counted: rounding to 8 bits moves measures a little.
const slack = 0.02

// rises counts the levels whose joint value lies above that of the level before.
func (r row) rises(name string) int {
	last, n := joint(r.good), 0
	for _, v := range r.spoils[name] {
		if joint(v) > last+slack {
			n++
		}
		last = joint(v)
	}
	return n
}

func (r row) print(w io.Writer) {
	half := "held out"
	if r.tuning {
		half = "tuning"
	}
	_, _ = fmt.Fprintf(w, "%s (%s, %s): %.2f  %s\n    %s\n", r.name, r.good.Check, half, joint(r.good), r.good.Reason, measures(r.good))
	for _, name := range slices.Sorted(maps.Keys(r.spoils)) {
		var b strings.Builder
		for _, v := range r.spoils[name] {
			fmt.Fprintf(&b, " %.2f", joint(v))
		}
		list := r.spoils[name]
		if r.rises(name) == 0 {
			_, _ = fmt.Fprintf(w, "  %-16s%s  %s\n", name, b.String(), list[judgetest.Levels-1].Reason)
			continue
		}
		_, _ = fmt.Fprintf(w, "  %-16s%s  RISES\n", name, b.String())
		for _, k := range slices.Sorted(maps.Keys(r.good.Measures)) {
			_, _ = fmt.Fprintf(w, "      %-12s %8.3g |", k, r.good.Measures[k])
			for _, v := range list {
				_, _ = fmt.Fprintf(w, " %8.3g", v.Measures[k])
			}
			_, _ = fmt.Fprintln(w)
		}
	}
}

func measures(v judge.Verdict) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(v.Measures)) {
		fmt.Fprintf(&b, "%s %.3g  ", k, v.Measures[k])
	}
	return b.String()
}

// tally counts the errors of one check at a mark.
type tally struct {
	good, failed, bad, passed, series, rises int
	byLevel                                  [judgetest.Levels]int
}

func count(rows []row, tuning bool, mark float64) tally {
	var t tally
	for _, r := range rows {
		if r.tuning != tuning {
			continue
		}
		t.good++
		if joint(r.good) < mark {
			t.failed++
		}
		for name, list := range r.spoils {
			t.series++
			if r.rises(name) > 0 {
				t.rises++
			}
			for level, v := range list {
				if joint(v) >= mark {
					t.byLevel[level]++
				}
			}
			for _, v := range list[judgetest.BadFrom-1:] {
				t.bad++
				if joint(v) >= mark {
					t.passed++
				}
			}
		}
	}
	return t
}

func rate(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d = %.1f %%", n, of, 100*float64(n)/float64(of))
}

// bestMark is the joint value with the least sum of both error rates on the tuning half.
func bestMark(rows []row) float64 {
	best, least := 0.6, 3.0
	for k := 40; k <= 80; k++ {
		mark := float64(k) / 100
		t := count(rows, true, mark)
		if e := float64(t.failed)/float64(max(t.good, 1)) + float64(t.passed)/float64(max(t.bad, 1)); e < least-1e-9 {
			best, least = mark, e
		}
	}
	// The middle of the marks that are as good.
	last := best
	for k := int(best*100 + 0.5); k <= 80; k++ {
		t := count(rows, true, float64(k)/100)
		if e := float64(t.failed)/float64(max(t.good, 1)) + float64(t.passed)/float64(max(t.bad, 1)); e > least+1e-9 {
			break
		}
		last = float64(k) / 100
	}
	return (best + last) / 2
}

func report(w io.Writer, rows []row) {
	byCheck := make(map[string][]row)
	for _, r := range rows {
		byCheck[r.good.Check] = append(byCheck[r.good.Check], r)
	}
	_, _ = fmt.Fprintf(w, "| check | mark | tuned now | good held out | false fails | spoiled held out (levels %d-%d) | false passes | passed at levels 1-5 | series that rise |\n|---|---|---|---|---|---|---|---|---|\n", judgetest.BadFrom, judgetest.Levels)
	var all tally
	for _, check := range slices.Sorted(maps.Keys(byCheck)) {
		list := byCheck[check]
		mark := judge.Cut(check)
		t, tuned := count(list, false, mark), count(list, true, mark)
		_, _ = fmt.Fprintf(w, "| %s | %.2f | %.2f | %d | %s | %d | %s | %v of %d | %d |\n", check, mark, bestMark(list), t.good, rate(t.failed, t.good), t.bad, rate(t.passed, t.bad), t.byLevel, t.series, t.rises+tuned.rises)
		all.good, all.failed, all.bad, all.passed = all.good+t.good, all.failed+t.failed, all.bad+t.bad, all.passed+t.passed
		all.series, all.rises = all.series+t.series+tuned.series, all.rises+t.rises+tuned.rises
	}
	_, _ = fmt.Fprintf(w, "\nheld out: false fails %s, false passes %s\n", rate(all.failed, all.good), rate(all.passed, all.bad))
	_, _ = fmt.Fprintf(w, "both halves: %d of %d series of five growing spoils rise somewhere by more than %.2f\n", all.rises, all.series, slack)
}
