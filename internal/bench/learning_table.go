package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"pentimento/internal/judge"
)

const passMark = judge.PassMark

// Mean is a mean over seeds with the half width of its 95 % confidence interval.
type Mean struct {
	Mean float64 `json:"mean"`
	Half float64 `json:"half"` // 0 for one seed
}

// meanOf takes one number of each seed.
func meanOf(values []float64) Mean {
	n := float64(len(values))
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += v
	}
	m := sum / n
	for _, v := range values {
		squares += (v - m) * (v - m)
	}
	if n < 2 {
		return Mean{Mean: m}
	}
	return Mean{m, student(len(values)-1) * math.Sqrt(squares/(n-1)/n)}
}

// student is the 97.5 % quantile of Student's t by degrees of freedom: Cornish
// and Fisher's expansion (1938), exact to 0.5 % from 3 on.
func student(df int) float64 {
	const z = 1.959964
	n := float64(df)
	return z + (z*z*z+z)/(4*n) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*n*n) + (3*math.Pow(z, 7)+19*math.Pow(z, 5)+17*z*z*z-15*z)/(384*n*n*n)
}

func (m Mean) percent() string { return fmt.Sprintf("%.1f ± %.1f %%", 100*m.Mean, 100*m.Half) }

// LearningReport is what `agent bench learning` ends with. Numbers are means over seeds.
type LearningReport struct {
	Event   string  `json:"event"` // always "done"
	Tasks   int     `json:"tasks"`
	Seeds   int     `json:"seeds"`
	Seed    int64   `json:"seed"`
	Alpha   float64 `json:"alpha"`
	Assumed float64 `json:"assumed"`
	// Fallback is, by how many tasks were seen, the share of subtasks of the 20 tasks up to there that no subroutine completed.
	Fallback       map[string]float64 `json:"fallback"`
	OracleFallback float64            `json:"oracle_fallback"` // over the last 50 tasks
	QualityLoss    float64            `json:"quality_loss"`    // true, against the slow path, over the last 50 tasks
	SavingVsSlow   float64            `json:"saving_vs_slow"`  // shares of tool seconds, over the last 50 tasks
	OracleSaving   float64            `json:"oracle_saving_vs_slow"`
	// EqualSaving is that of an oracle which may lose 0.005 of quality, and EqualLoss what it lost over the last 50 tasks.
	EqualSaving   float64 `json:"equal_oracle_saving_vs_slow"`
	EqualLoss     float64 `json:"equal_oracle_quality_loss"`
	SavingVsEager float64 `json:"saving_vs_eager"`
	VerifySeconds float64 `json:"verify_seconds"` // of tools, over all tasks
	// Intervals are the half widths of 95 % confidence intervals, by field.
	Intervals map[string]float64 `json:"intervals"`

	milestones []int
	curve      map[string]map[int]Mean // fallback by arm and milestone
	means      map[string]Mean
	verified   map[int]Mean // seconds of verification by milestone
	found      []string     // rules that are active in the end, most frequent first
}

// publishedFallback is FaSTA*'s (arXiv 2506.20911), and that of its literal cache of paths, in percent.
var publishedFallback = map[int][2]int{40: {79, 98}, 80: {73, 98}, 120: {62, 97}, 160: {43, 96}, 200: {9, 95}}

// milestones are the multiples of 40, or the end.
func milestonesOf(tasks int) []int {
	var out []int
	for n := 40; n <= tasks; n += 40 {
		out = append(out, n)
	}
	if len(out) == 0 {
		out = append(out, tasks)
	}
	return out
}

// fill takes the numbers from the runs, by seed and arm.
func (r *LearningReport) fill(seeds [][]learningRun) {
	r.milestones, r.curve, r.means, r.verified = milestonesOf(r.Tasks), make(map[string]map[int]Mean), make(map[string]Mean), make(map[int]Mean)
	per := func(f func(arm func(string) []learningTask) float64) Mean {
		var values []float64
		for _, runs := range seeds {
			values = append(values, f(func(name string) []learningTask {
				for i, arm := range learningArms() {
					if arm == name {
						return runs[i].tasks
					}
				}
				return nil
			}))
		}
		return meanOf(values)
	}
	type arms = func(string) []learningTask
	for _, arm := range []string{LearnOurs, LearnOracle} {
		r.curve[arm] = make(map[int]Mean)
		for _, n := range r.milestones {
			r.curve[arm][n] = per(func(a arms) float64 { return sum(a(arm)[max(0, n-window):n]).fallback() })
		}
	}
	for _, n := range r.milestones {
		r.verified[n] = per(func(a arms) float64 { return sum(a(LearnOurs)[:n]).verify })
	}
	end := func(a arms, arm string) learningTask { return sum(last(a(arm))) }
	saving := func(of, against string) Mean {
		return per(func(a arms) float64 { return 1 - end(a, of).seconds/end(a, against).seconds })
	}
	for _, arm := range learningArms() {
		r.means["seconds "+arm] = per(func(a arms) float64 { return end(a, arm).seconds / float64(len(last(a(arm)))) })
		r.means["quality "+arm] = per(func(a arms) float64 { return end(a, arm).quality() })
		r.means["failed "+arm] = per(func(a arms) float64 { e := end(a, arm); return float64(e.failed) / float64(e.subtasks) })
	}
	r.means["oracle_fallback"] = per(func(a arms) float64 { return end(a, LearnOracle).fallback() })
	r.means["last_fallback"] = per(func(a arms) float64 { return end(a, LearnOurs).fallback() })
	r.means["quality_loss"] = per(func(a arms) float64 { return end(a, LearnSlow).quality() - end(a, LearnOurs).quality() })
	r.means["quality_loss_all"] = per(func(a arms) float64 { return sum(a(LearnSlow)).quality() - sum(a(LearnOurs)).quality() })
	r.means["saving_vs_slow"], r.means["oracle_saving_vs_slow"] = saving(LearnOurs, LearnSlow), saving(LearnOracle, LearnSlow)
	r.means["equal_oracle_saving_vs_slow"] = saving(LearnEqual, LearnSlow)
	r.means["equal_oracle_quality_loss"] = per(func(a arms) float64 { return end(a, LearnSlow).quality() - end(a, LearnEqual).quality() })
	r.means["saving_vs_eager"], r.means["slow_saving_vs_eager"] = saving(LearnOurs, LearnEager), saving(LearnSlow, LearnEager)
	r.means["verify_seconds"] = per(func(a arms) float64 { return sum(a(LearnOurs)).verify })
	r.publish()
	r.found = foundRules(seeds)
}

// publish sets the fields that are printed as JSON.
func (r *LearningReport) publish() {
	r.Fallback, r.Intervals = make(map[string]float64), make(map[string]float64)
	for n, m := range r.curve[LearnOurs] {
		r.Fallback[strconv.Itoa(n)], r.Intervals["fallback "+strconv.Itoa(n)] = m.Mean, m.Half
	}
	for name, field := range map[string]*float64{
		"oracle_fallback": &r.OracleFallback, "quality_loss": &r.QualityLoss, "saving_vs_slow": &r.SavingVsSlow,
		"oracle_saving_vs_slow": &r.OracleSaving, "equal_oracle_saving_vs_slow": &r.EqualSaving,
		"equal_oracle_quality_loss": &r.EqualLoss, "saving_vs_eager": &r.SavingVsEager, "verify_seconds": &r.VerifySeconds,
	} {
		*field, r.Intervals[name] = r.means[name].Mean, r.means[name].Half
	}
}

func last(tasks []learningTask) []learningTask { return tasks[max(0, len(tasks)-lastTasks):] }

func sum(tasks []learningTask) (t learningTask) {
	for _, a := range tasks {
		t.subtasks += a.subtasks
		t.fast += a.fast
		t.failed += a.failed
		t.seconds += a.seconds
		t.truth += a.truth
		t.verify += a.verify
	}
	return t
}

func (t learningTask) fallback() float64 { return 1 - float64(t.fast)/float64(max(t.subtasks, 1)) }
func (t learningTask) quality() float64  { return t.truth / float64(max(t.subtasks, 1)) }

// String is the report as tables for people.
func (r LearningReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d tasks, seeds %d to %d, α = %s, assumed %s: means over seeds with 95 %% intervals\n\n", r.Tasks, r.Seed, r.Seed+int64(r.Seeds)-1, key(r.Alpha), key(r.Assumed))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	row("tasks seen", "fallback", "oracle", "verification, s", "FaSTA*, measured elsewhere", "literal cache, measured elsewhere")
	for _, n := range r.milestones {
		theirs, cache := "", ""
		if p, ok := publishedFallback[n]; ok {
			theirs, cache = fmt.Sprintf("%d %%", p[0]), fmt.Sprintf("%d %%", p[1])
		}
		row(strconv.Itoa(n), r.curve[LearnOurs][n].percent(), r.curve[LearnOracle][n].percent(), fmt.Sprintf("%.0f", r.verified[n].Mean), theirs, cache)
	}
	_ = w.Flush() // a strings.Builder takes everything
	fmt.Fprintf(&b, "\nThe last %d tasks\n\n", min(lastTasks, r.Tasks))
	row("arm", "tool seconds a task", "true quality", "failed")
	for _, arm := range learningArms() {
		s, q := r.means["seconds "+arm], r.means["quality "+arm]
		row(arm, fmt.Sprintf("%.2f ± %.2f", s.Mean, s.Half), fmt.Sprintf("%.4f ± %.4f", q.Mean, q.Half), r.means["failed "+arm].percent())
	}
	_ = w.Flush()
	fmt.Fprintf(&b, "\nfallback %s, oracle %s\n", r.means["last_fallback"].percent(), r.means["oracle_fallback"].percent())
	q, all := r.means["quality_loss"], r.means["quality_loss_all"]
	fmt.Fprintf(&b, "true quality lost against the slow path: %.4f ± %.4f; over all tasks %.4f ± %.4f\n", q.Mean, q.Half, all.Mean, all.Half)
	fmt.Fprintf(&b, "saving over the slow path: %s, the oracle's %s\n", r.means["saving_vs_slow"].percent(), r.means["oracle_saving_vs_slow"].percent())
	fmt.Fprintf(&b, "an oracle that may lose %s of quality saves %s and loses %.4f ± %.4f\n", key(equalLoss), r.means["equal_oracle_saving_vs_slow"].percent(),
		r.means["equal_oracle_quality_loss"].Mean, r.means["equal_oracle_quality_loss"].Half)
	fmt.Fprintf(&b, "saving over the published control flow: %s; of the slow path alone %s\n", r.means["saving_vs_eager"].percent(), r.means["slow_saving_vs_eager"].percent())
	v := r.means["verify_seconds"]
	fmt.Fprintf(&b, "verification: %.0f ± %.0f s of tools\n", v.Mean, v.Half)
	b.WriteString("\nRules that are active in the end, and in how many seeds\n\n")
	for _, text := range r.found {
		b.WriteString(text + "\n")
	}
	return b.String()
}

// foundRules counts the rules that ours had active in the end.
func foundRules(seeds [][]learningRun) []string {
	count := make(map[string]int)
	for _, runs := range seeds {
		for i, arm := range learningArms() {
			if arm != LearnOurs {
				continue
			}
			for _, s := range runs[i].rules {
				count[fmt.Sprintf("%-9s %s: %s when %s", s.State, s.Task, s.Path, s.When)]++
			}
		}
	}
	out := make([]string, 0, len(count))
	for text, n := range count {
		out = append(out, fmt.Sprintf("%3d  %s", n, text))
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(b, a) })
	return out
}
