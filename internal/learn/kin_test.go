package learn

import (
	"testing"

	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// A world of two tasks that are done by the same dear call, one of them seldom asked for.
const twinWorld = `
name: twins
assumed: {quality-noise: 0.01, cost-noise: 0.05}
tools:
  - {tool: sure, task: wipe, in: {image: image}, out: {clean: image, image: image}, seconds: 10, quality: 0.95}
  - {tool: quick, task: wipe, in: {image: image}, out: {clean: image, image: image}, seconds: 0.6, quality: 0.3}
  - {tool: stamp, task: rewrite, in: {image: image, clean: image}, out: {image: image}, seconds: 0.02, quality: 1}
rules:
  - {id: R1, task: wipe, path: [quick], seconds: 0.6, quality: 0.98, when: {ground: [plain]}}
  - {id: R2, task: rewrite, path: [quick, stamp], seconds: 0.62, quality: 0.98, when: {ground: [plain]}}
features:
  - {name: ground, values: {plain: 0.5, rough: 0.5}}
requests:
  lengths: {'1': 1}
  tasks: [{task: wipe, share: 0.5}, {task: rewrite, share: 0.5}]
`

// The rule for the seldom task needs fewer pairs of its own once the same rule was tried in the other.
func TestKinLendTheirPairs(t *testing.T) {
	rules := func(l *Learner) (wipe, rewrite *subroutines.Subroutine) {
		wipe = propose(t, l, "wipe", "quick", "ground in {plain}")
		s := *wipe
		s.Task, s.Path = "rewrite", append(s.Path[:1:1], subroutines.PathStep{Tool: "stamp", Inputs: []int{0}})
		s.ID = s.NewID()
		added, err := l.Engine.Subroutines.Propose(t.Context(), []*subroutines.Subroutine{&s}, l.Engine.Digests(), l.Now())
		if err != nil || len(added) != 1 {
			t.Fatalf("%d added, %v", len(added), err)
		}
		return wipe, added[0]
	}
	l := pupilIn(t, twinWorld, 60)
	wipe, rewrite := rules(l)
	if !l.akin(wipe, rewrite) || !l.akin(rewrite, wipe) || l.akin(wipe, wipe) {
		t.Error("they are the same rule in two tasks")
	}
	alone := verify(t, l, rewrite.ID, 1e9)
	if alone.Verdict != trial.Accepted || alone.Trial.Pairs < 5 {
		t.Fatalf("alone: %s", alone.Text)
	}
	l = pupilIn(t, twinWorld, 60)
	wipe, rewrite = rules(l)
	if v := verify(t, l, wipe.ID, 1e9); v.Verdict != trial.Accepted || v.Trial.Lent.Pairs != 0 {
		t.Fatalf("the frequent task: %s", v.Text)
	}
	beside := verify(t, l, rewrite.ID, 1e9)
	if beside.Verdict != trial.Accepted || beside.Trial.Pairs >= alone.Trial.Pairs || beside.Trial.Lent.Pairs != 2 {
		t.Errorf("beside the other: %s; alone: %s", beside.Text, alone.Text)
	}
}

// Another tool in the same place, another condition, or a path whose time goes into calls of its own is another rule.
func TestNoKin(t *testing.T) {
	l := pupilIn(t, twinWorld, 1)
	rule := func(task, when string, tools ...string) *subroutines.Subroutine {
		s := &subroutines.Subroutine{Task: task}
		for i, tool := range tools {
			step := subroutines.PathStep{Tool: tool}
			if i > 0 {
				step.Inputs = []int{i - 1}
			}
			s.Path = append(s.Path, step)
		}
		c, err := subroutines.ParseCondition(when)
		if err != nil {
			t.Fatal(err)
		}
		s.When = subroutines.Rule{c}
		return s
	}
	a := rule("wipe", "ground in {plain}", "quick")
	for name, b := range map[string]*subroutines.Subroutine{
		"the same task":    rule("wipe", "ground in {plain}", "quick", "stamp"),
		"another tool":     rule("rewrite", "ground in {plain}", "sure", "stamp"),
		"elsewhere":        rule("rewrite", "ground in {rough}", "quick", "stamp"),
		"more to do":       rule("rewrite", "ground in {plain}", "quick", "sure", "stamp"),
		"what is not here": rule("rewrite", "ground in {plain}", "quick", "gone"),
	} {
		if l.akin(a, b) || l.akin(b, a) {
			t.Errorf("%s: %s is taken for %s", name, b.Path, a.Path)
		}
	}
}

// Pairs of one request are on one picture: they lend nothing before own pairs are of three requests, and all of five.
func TestOnePictureIsNotLentTwice(t *testing.T) {
	begin := func(pairs int, origins ...string) books {
		plan := trial.NewPlan(1, 0.1, trial.Arm{Seconds: 1, Quality: 0.9})
		tr, err := trial.New(plan)
		if err != nil {
			t.Fatal(err)
		}
		for range pairs {
			tr = tr.Add(trial.Pair{With: trial.Arm{Seconds: 0.1, Quality: 0.95}, Without: trial.Arm{Seconds: 1, Quality: 0.9}, Passed: true})
		}
		return books{Trial: tr, Origins: origins}
	}
	for _, c := range []struct {
		own, kin books
		want     trial.Verdict
	}{
		{begin(3, "a", "b", "c"), begin(5, "d", "e"), trial.Accepted},
		{begin(3, "a", "b", "c"), begin(5, "a", "b", "c", "d"), trial.Open},
		{begin(3, "a", "b"), begin(5, "d", "e", "f", "g"), trial.Open},
	} {
		c.own.lend([]books{c.kin})
		if c.own.Trial.Verdict != c.want {
			t.Errorf("%v beside %v: %s", c.own.Origins, c.kin.Origins, c.own.Trial)
		}
	}
}
