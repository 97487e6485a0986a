package learn

import (
	"context"
	"strings"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/pixel"
	"pentimento/internal/simworld"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
	"pentimento/internal/tools"
)

// A world of one task: the tool that the docs praise fails wherever the ground is
// rough, and another is cheap and good on plain ground alone.
const smallWorld = `
name: small
assumed: {quality-noise: 0.01, cost-noise: 0.05}
tools:
  - {tool: sure, task: wipe, in: {image: image}, out: {image: image}, seconds: 10, quality: 0.95}
  - {tool: quick, task: wipe, in: {image: image}, out: {image: image}, seconds: 4, quality: 0.3}
  - {tool: upscale, task: enlarge, in: {image: image}, out: {image: image}, seconds: 2, quality: 1}
rules:
  - {id: R, task: wipe, path: [quick], seconds: 4, quality: 0.99, when: {ground: [plain]}}
features:
  - {name: ground, values: {plain: 0.5, rough: 0.5}}
  - {name: light, values: {day: 0.5, night: 0.5}}
requests:
  lengths: {'1': 1}
  tasks: [{task: wipe, share: 0.8}, {task: enlarge, share: 0.2}]
`

// pupil is a learner in the small world that has carried out so many requests.
func pupil(t *testing.T, requests int) *Learner {
	t.Helper()
	return pupilIn(t, smallWorld, requests)
}

func pupilIn(t *testing.T, world string, requests int) *Learner {
	t.Helper()
	w, err := simworld.Load([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	r := w.NewRunner(1, w.Assume(0.3))
	e := &agent.Engine{
		Specs: w.Specs(), Runners: map[string]tools.Runner{simworld.Kind: r}, Now: r.Clock.Now, Judge: r.Judge, Store: st,
		Subroutines: &subroutines.Table{Store: st}, CPU: func() float64 { return r.Clock.Elapsed().Seconds() },
		Features: func(img *pixel.Image, s edit.Subtask) (features.Set, error) {
			all, err := r.Features(img, s.Object)
			set := make(map[string]features.Value)
			for name, v := range all {
				set[name] = features.Value{Type: features.Category, Category: v}
			}
			return features.FromMap(set), err
		},
	}
	for _, q := range w.Draw(1, requests) {
		if _, err := e.Run(t.Context(), agent.Job{Image: simworld.Picture(q.Picture), Plan: q.Plan, Alpha: 1, Threshold: 0.8}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return New(e)
}

// proposed puts a candidate for a path of one call into the table.
func propose(t *testing.T, l *Learner, task, tool string, when ...string) *subroutines.Subroutine {
	t.Helper()
	s := &subroutines.Subroutine{Task: task, Version: 1, Path: subroutines.Path{{Tool: tool}}, Provenance: subroutines.Provenance{Proposer: "a test"}}
	for _, text := range when {
		c, err := subroutines.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		s.When = append(s.When, c)
	}
	s.ID = s.NewID()
	added, err := l.Engine.Subroutines.Propose(t.Context(), []*subroutines.Subroutine{s}, l.Engine.Digests(), l.Now())
	if err != nil || len(added) != 1 {
		t.Fatalf("%d added, %v", len(added), err)
	}
	return added[0]
}

func verify(t *testing.T, l *Learner, id string, budget float64) Verification {
	t.Helper()
	v, err := l.Verify(t.Context(), id, budget)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A rule that is true is accepted, by pictures edited both ways, and edits take it from then on.
func TestAccepted(t *testing.T) {
	l := pupil(t, 120)
	v := verify(t, l, propose(t, l, "wipe", "quick", "ground in {plain}").ID, 1e9)
	if v.Verdict != trial.Accepted || v.Subroutine.State != subroutines.Active || v.Trial.Pairs < 5 || v.Seconds <= 0 {
		t.Fatalf("%s after %d pairs and %.1f s: %s", v.Verdict, v.Trial.Pairs, v.Seconds, v.Text)
	}
	if v.Subroutine.Total().Pass.Passed < 5 || !(v.Subroutine.Total().Cost.N > 0) {
		t.Errorf("its evidence is %+v", v.Subroutine.Total())
	}
	fast := 0
	for n := range uint64(20) {
		out, err := l.Engine.Run(t.Context(), agent.Job{Image: simworld.Picture(1000 + n), Plan: edit.Plan{Subtasks: []edit.Subtask{{ID: 1, Task: "wipe"}}}, Alpha: 1, Threshold: 0.8}, nil)
		if err != nil {
			t.Fatal(err)
		}
		set, _ := l.Engine.Features(simworld.Picture(1000+n), edit.Subtask{})
		ground, _ := set.Get("ground")
		if via := out.Summary.Subtasks[0].Via; (via == "subroutine") != (ground.Category == "plain") {
			t.Errorf("on %s ground via %s", ground.Category, via)
		} else if via == "subroutine" {
			fast++
		}
	}
	if fast == 0 {
		t.Error("it was never taken")
	}
}

// A rule that is false is rejected, and nothing of its trial shows in what edits go by.
func TestRejected(t *testing.T) {
	l := pupil(t, 150)
	before, err := l.Engine.Store.Statistics(t.Context(), "quality/")
	if err != nil {
		t.Fatal(err)
	}
	v := verify(t, l, propose(t, l, "wipe", "quick", "ground in {rough}").ID, 1e9)
	if v.Verdict != trial.Rejected || v.Subroutine.State != subroutines.Retired {
		t.Errorf("%s, %s: %s", v.Verdict, v.Subroutine.State, v.Text)
	}
	after, err := l.Engine.Store.Statistics(t.Context(), "quality/")
	if err != nil || len(before) != len(after) {
		t.Errorf("%d qualities, then %d (%v)", len(before), len(after), err)
	}
	for key := range before {
		if string(before[key]) != string(after[key]) {
			t.Errorf("the trial changed %s", key)
		}
	}
}

// Where the seconds are spent the verification stops, and goes on later with the pairs it has.
func TestBudget(t *testing.T) {
	l := pupil(t, 120)
	id := propose(t, l, "wipe", "quick", "ground in {plain}").ID
	one := verify(t, l, id, 1)
	if one.Verdict != trial.Open || one.Trial.Pairs != 1 || one.Left == 0 {
		t.Fatalf("%s after %d pairs, %d left", one.Verdict, one.Trial.Pairs, one.Left)
	}
	two := verify(t, l, id, 1)
	if two.Trial.Pairs != 2 {
		t.Errorf("%d pairs after two sittings", two.Trial.Pairs)
	}
	if v := verify(t, l, id, 1e9); v.Verdict != trial.Accepted {
		t.Errorf("%s: %s", v.Verdict, v.Text)
	}
}

// Pictures that are gone, and pictures on which the rule does not hold, tell nothing.
func TestNothingToTell(t *testing.T) {
	l := pupil(t, 120)
	l.Picture = func(context.Context, string) (*pixel.Image, bool, error) { return nil, false, nil }
	if v := verify(t, l, propose(t, l, "wipe", "quick", "ground in {plain}").ID, 1e9); v.Verdict != trial.Open || v.Trial.Pairs != 0 || v.Seconds != 0 {
		t.Errorf("%s after %d pairs and %v s without pictures", v.Verdict, v.Trial.Pairs, v.Seconds)
	}
	if v := verify(t, l, propose(t, l, "wipe", "quick", "ground in {marble}").ID, 1e9); v.Verdict != trial.Open || v.Trial.Pairs != 0 || v.Left != 0 {
		t.Errorf("%s after %d pairs where it never holds", v.Verdict, v.Trial.Pairs)
	}
}

// What the search does every time becomes active without any trial.
func TestHabit(t *testing.T) {
	l := pupil(t, 60)
	mined, err := l.Mine(t.Context(), "")
	if err != nil || mined.Traces == 0 {
		t.Fatalf("%+v, %v", mined, err)
	}
	report, err := l.VerifyPending(t.Context(), 0)
	if err != nil || report.Seconds != 0 || report.Decided == 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	active, err := l.Engine.Subroutines.List(t.Context(), subroutines.Filter{Task: "enlarge", State: subroutines.Active})
	if err != nil || len(active) != 1 || !strings.Contains(active[0].Provenance.Verification, "what the search did") {
		t.Errorf("%d active for the task of one tool (%v)", len(active), err)
	}
}

// Exploring finds what the search never would, on a budget, and only once.
func TestExplore(t *testing.T) {
	l := pupil(t, 150)
	little, err := l.Explore(t.Context(), 3)
	if err != nil || little < 1 || little > 15 {
		t.Fatalf("%v s of a budget of 3 (%v)", little, err)
	}
	if _, err := l.Explore(t.Context(), 1e9); err != nil {
		t.Fatal(err)
	}
	if again, err := l.Explore(t.Context(), 1e9); err != nil || again != 0 {
		t.Errorf("%v s for what is known (%v)", again, err)
	}
	if _, err := l.Mine(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	all, err := l.Engine.Subroutines.List(t.Context(), subroutines.Filter{Task: "wipe"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Path[0].Tool == "quick" {
			if s.When.String() != "ground in {plain}" {
				t.Errorf("quick when %s", s.When)
			}
			if v := verify(t, l, s.ID, 1e9); v.Verdict != trial.Accepted {
				t.Errorf("%s: %s", v.Verdict, v.Text)
			}
			return
		}
	}
	t.Errorf("the cheap tool was not found among %d candidates", len(all))
}

// One that turned bad is tried again on the newest pictures: it comes back where it is as it was, and waits where it is not.
func TestRetry(t *testing.T) {
	l := pupil(t, 120)
	for _, tc := range []struct {
		when string
		want subroutines.State
	}{{"ground in {plain}", subroutines.Active}, {"ground in {rough}", subroutines.Suspended}} {
		s := propose(t, l, "wipe", "quick", tc.when)
		s, err := l.Engine.Subroutines.Change(t.Context(), s.ID, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) {
			e := subroutines.Evidence{Cost: subroutines.NewCost(1, 0.000256), Pass: subroutines.Rate{Passed: 40, Failed: 1}}
			s = s.Verified(e, l.Engine.Digests(), "for a test", l.Now())
			for s.State == subroutines.Active {
				s = s.Observed(subroutines.Use{}, l.Now())
			}
			return s, nil
		})
		if err != nil || s.State != subroutines.Suspended {
			t.Fatalf("%s (%v)", s.State, err)
		}
		s, spent, err := l.Retry(t.Context(), s)
		if err != nil || s.State != tc.want || spent <= 0 {
			t.Errorf("%s: %s after %.1f s (%v)", tc.when, s.State, spent, err)
		}
	}
}

// What a path saves where a rule that is known to pass holds says nothing for another condition.
func TestWhatARuleSavesSpeaksForItAlone(t *testing.T) {
	l := pupil(t, 160)
	sure := verify(t, l, propose(t, l, "wipe", "quick", "ground in {plain}").ID, 1e9).Subroutine
	for range 20 {
		var err error
		if sure, err = l.Engine.Subroutines.Observe(t.Context(), sure.ID, subroutines.Use{Pass: true, Quality: 0.99}, l.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		s   *subroutines.Subroutine
		all bool // of its pictures tell something of it
	}{{propose(t, l, "wipe", "quick"), false}, {sure, true}} {
		s := c.s
		found, err := l.look(t.Context(), []*subroutines.Subroutine{s})
		if err != nil {
			t.Fatal(err)
		}
		open, err := l.open(t.Context(), found[s.ID])
		if err != nil || len(found[s.ID].all) == 0 {
			t.Fatalf("%d pictures, %v", len(found[s.ID].all), err)
		}
		if all := len(open) == len(found[s.ID].all); all != c.all || len(open) == 0 {
			t.Errorf("%v: %d of %d pictures tell something", s.When, len(open), len(found[s.ID].all))
		}
	}
}
