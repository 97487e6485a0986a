package planner

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
)

// answer is the form that a model answers in. What else it holds, such as tools, is not read.
type answer struct {
	Subtasks     []answered `json:"subtasks"`
	Alternatives []struct {
		Instead  []int      `json:"instead"`
		Subtasks []answered `json:"subtasks"`
	} `json:"alternatives"`
	Unserved []struct {
		Clause string `json:"clause"`
		Reason string `json:"reason"`
	} `json:"unserved"`
}

type answered struct {
	ID     int      `json:"id"`
	Task   string   `json:"task"`
	Object string   `json:"object"`
	Target string   `json:"target"`
	Region string   `json:"region"`
	Except []string `json:"except"`
	Like   string   `json:"like"`
	After  []int    `json:"after"`
	Clause string   `json:"clause"`
}

// planned is what an answer comes to: a plan, or an error that says that no tool serves the request.
type planned struct {
	plan edit.Plan
	err  error
}

// read makes a plan of an answer, or lists what is wrong with it.
func (l *LLM) read(ask Ask, reply llm.Reply) (planned, []string) {
	raw, err := llm.FindJSON(reply.Text)
	if err != nil {
		if reply.Cut {
			return planned{}, []string{"the answer was cut off for its length; answer shorter"}
		}
		return planned{}, []string{err.Error()}
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return planned{}, []string{"the JSON object has another form than asked for: " + err.Error()}
	}
	if len(a.Unserved) > 0 {
		return l.refused(ask, a)
	}
	plan := edit.Plan{Request: ask.Request, Planner: "llm"}
	if n := len(a.Subtasks); n > MaxSubtasks { // before anything is done for each of them
		return planned{}, []string{fmt.Sprintf("it has %d subtasks, at most %d are run", n, MaxSubtasks)}
	}
	if n := len(a.Alternatives); n > edit.MaxAlternatives {
		return planned{}, []string{fmt.Sprintf("it has %d alternatives, at most %d are weighed", n, edit.MaxAlternatives)}
	}
	var problems []string
	plan.Subtasks, problems = l.bindAll(a.Subtasks)
	for _, alt := range a.Alternatives {
		if len(alt.Subtasks) > MaxSubtasks {
			return planned{}, []string{fmt.Sprintf("an alternative has %d subtasks", len(alt.Subtasks))}
		}
		subtasks, wrong := l.bindAll(alt.Subtasks)
		problems = append(problems, wrong...)
		plan.Alternatives = append(plan.Alternatives, edit.Alternative{Instead: alt.Instead, Subtasks: subtasks})
	}
	var invalid *InvalidPlanError
	if err := l.grammar.Validate(plan); errors.As(err, &invalid) {
		return planned{}, append(invalid.Problems, problems...)
	}
	if len(problems) > 0 {
		return planned{}, problems
	}
	if err := l.grammar.Covers(plan, ask.History); errors.As(err, &invalid) {
		return planned{}, invalid.Problems
	} else if err != nil {
		return planned{}, []string{err.Error()}
	}
	return planned{plan: plan}, nil
}

// refused is a request that the model says no tool serves. It must name words of the
// request, and not ones that the grammar understands.
func (l *LLM) refused(ask Ask, a answer) (planned, []string) {
	var problems []string
	var refusals []error
	all := strings.Join(lows(words(tokenise(ask.Request))), " ")
	for _, u := range a.Unserved[:min(len(a.Unserved), maxCoverProblems)] {
		clause := strings.Join(lows(words(tokenise(u.Clause))), " ")
		if clause == "" || !strings.Contains(" "+all+" ", " "+clause+" ") {
			problems = append(problems, fmt.Sprintf("unserved: %q is not in the request", u.Clause))
			continue
		}
		p := parse{v: l.grammar.v, src: u.Clause}
		if rs := p.readings(tokenise(u.Clause)); len(rs) > 0 && rs[0].complete() && rs[0].match.led && rs[0].match.phrase != nil {
			problems = append(problems, fmt.Sprintf("unserved: %q asks for %s, which is a task type", u.Clause, rs[0].task.name))
			continue
		}
		refusals = append(refusals, &NotUnderstoodError{
			Clause: u.Clause, Reason: "no tool serves it", Nearest: l.grammar.v.suggest(l.grammar.v.nearest(lows(tokenise(u.Clause)), 3)),
		})
	}
	return planned{err: errors.Join(refusals...)}, problems
}

func (l *LLM) bindAll(list []answered) (subtasks []edit.Subtask, problems []string) {
	for _, a := range list {
		s := edit.Subtask{
			ID: a.ID, Task: a.Task, Object: strings.TrimSpace(a.Object), Target: strings.TrimSpace(a.Target), Region: strings.TrimSpace(a.Region),
			Like: strings.TrimSpace(a.Like), After: slices.Clone(a.After), Clause: strings.TrimSpace(a.Clause),
		}
		slices.Sort(s.After)
		s.After = slices.Compact(s.After)
		for _, e := range a.Except {
			if e = strings.TrimSpace(e); e != "" {
				s.Except = append(s.Except, e)
			}
		}
		if longest := longest(s); longest > maxField {
			return nil, []string{fmt.Sprintf("subtask %d: a text of %d bytes, at most %d are read", s.ID, longest, maxField)}
		}
		if t := l.grammar.v.byName[s.Task]; t != nil {
			if why := l.grammar.v.bind(&s, t); why != "" {
				problems = append(problems, fmt.Sprintf("subtask %d: %s", s.ID, why))
			}
		}
		subtasks = append(subtasks, s)
	}
	return subtasks, problems
}

// maxField bounds the texts of an answer, in bytes.
const maxField = 2000

func longest(s edit.Subtask) int {
	n := max(len(s.Task), len(s.Clause))
	for _, text := range append(said(s), s.Except...) {
		n = max(n, len(text))
	}
	return n + len(s.Except)
}

// bind gives a subtask the typed arguments that its task's tools take: as the grammar reads its
// clause where it comes to the same, else from the target and the numbers of the clause. It
// returns what is missing or wrong, in words.
func (v *vocabulary) bind(s *edit.Subtask, t *task) string {
	p := parse{v: v, src: s.Clause}
	toks, _ := v.spell(tokenise(s.Clause))
	for _, r := range p.limited(toks, len(s.Except) > 0) {
		if r.task == t && r.complete() && agrees(s, r) {
			s.Args, s.Like = r.args, r.like
			if len(r.args) == 0 {
				s.Args = nil
			}
			if s.Target == "" {
				s.Target = r.target
			}
			return ""
		}
	}
	r := &reading{v: v, task: t, args: map[string]edit.Arg{}, object: s.Object, like: s.Like, whole: s.Object == "", limited: len(s.Except) > 0}
	if why := v.bindTarget(s, t, r.args); why != "" {
		return why
	}
	if len(t.numbers) > 0 && len(r.args) == 0 {
		v.bindNumbers(s.Target, t, r.args)
	}
	if len(t.numbers) > 0 && len(r.args) == 0 {
		v.bindNumbers(s.Clause, t, r.args)
	}
	if len(r.args) > 0 {
		s.Args = r.args
	}
	var missing []string
	for i, tool := range t.tools {
		if lacks := r.lacks(tool); i == 0 || len(lacks) < len(missing) {
			missing = lacks
		}
	}
	if len(missing) > 0 {
		return fmt.Sprintf("%s needs %s", t.name, strings.Join(missing, " and "))
	}
	return ""
}

// bindNumbers takes the numbers that words hold for the task: "30 percent", "a little darker".
func (v *vocabulary) bindNumbers(text string, t *task, args map[string]edit.Arg) {
	toks := tokenise(text)
	if len(toks) == 0 {
		return
	}
	for name, a := range v.read(text, toks, match{task: t}, 0, false).args {
		if _, number := a.Value.(edit.Number); number {
			args[name] = a
		}
	}
}

// agrees reports whether the grammar read in a clause what the model says of it.
func agrees(s *edit.Subtask, r *reading) bool {
	object := s.Object == r.object || sameObject(s.Object, r.object) || r.pronoun
	target := s.Target == "" || strings.EqualFold(s.Target, r.target)
	return object && target && (s.Like == "" || s.Like == r.like)
}

// bindTarget makes the target the colour or text that the task takes.
func (v *vocabulary) bindTarget(s *edit.Subtask, t *task, args map[string]edit.Arg) string {
	if s.Target == "" {
		return ""
	}
	if len(t.colors) > 0 && s.Like == "" {
		toks := tokenise(s.Target)
		p, ok := paintAt(s.Target, toks, 0)
		if c, plain := edit.ParseColor(s.Target); plain {
			p, ok = paint{color: c, n: len(toks)}, true
		}
		if !ok || p.many || p.n < len(toks) {
			return fmt.Sprintf("%q is no colour that %s could take", s.Target, t.name)
		}
		args[t.colors[0].name] = edit.Arg{Value: p.color}
		return ""
	}
	for _, port := range t.texts {
		if port.labels == nil {
			continue
		}
		if class, ok := port.labels.Find(s.Target); ok && class >= 0 {
			args[port.name] = edit.Arg{Value: edit.Text(port.labels.Names[class])}
			return ""
		}
	}
	free := (&reading{task: t}).freeText()
	if free != nil {
		args[free.name] = edit.Arg{Value: edit.Text(s.Target)}
	}
	return ""
}
