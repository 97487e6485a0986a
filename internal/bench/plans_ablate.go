package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/planner"
	"pentimento/internal/tooldoc"
)

// AblationRow is what the planners make of requests when one thing about their docs is changed.
type AblationRow struct {
	Event   string `json:"event"` // "ablation"
	Changed string `json:"changed"`
	Setting string `json:"setting"`
	// Grammar is how the grammar planner does, nil where the change is of the prompt alone.
	Grammar *PlansReport `json:"grammar,omitempty"`
	// Refused is the share of the requests that the grammar gives no plan for.
	Refused float64 `json:"refused"`
	// Prompt is what a language model would be asked, nil where that does not change.
	Prompt *PromptScore `json:"prompt,omitempty"`
	// LLM is how a language model does; nil: none was there to be measured.
	LLM *PlansReport `json:"llm"`
}

// PromptScore says what of the docs is in a prompt; means over the requests.
type PromptScore struct {
	Docs    float64 `json:"docs"`
	Words   float64 `json:"words"`   // of the prompt, without the fixed text
	Covered float64 `json:"covered"` // share of the expected subtasks whose task type a doc in the prompt names
}

// AblationReport is what `agent bench plans --ablate` ends with.
type AblationReport struct {
	Event string `json:"event"` // "done"
	Plans int    `json:"plans"`
	Rows  int    `json:"rows"`
	LLM   string `json:"llm"` // whether a language model was measured
}

// NotMeasured stands where a language model would have been needed.
const NotMeasured = "not measured: no live model"

// ablation is a setting: the docs as they are in it and how the prompt is bounded.
type ablation struct {
	changed, setting string
	specs            []edit.ToolSpec
	prompt           planner.LLMOptions
	retrieved        bool // the grammar too sees only what is retrieved
	noGrammar        bool // the change is none for the grammar
	noPrompt         bool // the change is none for the prompt
	cases            []PlanCase
}

// Ablate measures what the docs are to the planners, one change at a time, on
// the cases and on a few of its own for a tool that nobody has seen. Without a
// model, of the language model's plans only the prompts are measured.
func Ablate(ctx context.Context, set *tooldoc.Set, model llm.Model, cases []PlanCase, tell func(AblationRow)) (AblationReport, error) {
	r := AblationReport{Event: "done", Plans: len(cases), LLM: NotMeasured}
	if model != nil {
		r.LLM = "measured"
	}
	all, err := ablations(set, cases)
	if err != nil {
		return r, err
	}
	for i := range all {
		row, err := all[i].run(ctx, model)
		if err != nil {
			return r, err
		}
		r.Rows++
		tell(row)
	}
	row, err := withoutTask(ctx, set.All(), cases)
	if err == nil {
		r.Rows++
		tell(row)
	}
	return r, err
}

//go:embed unseen
var unseen embed.FS

func ablations(set *tooldoc.Set, cases []PlanCase) ([]ablation, error) {
	specs := set.All()
	all := []ablation{
		{changed: "docs", setting: "on", specs: specs},
		{changed: "docs", setting: "off"},
	}
	for _, k := range []int{1, 3, 6, 12, 24} {
		all = append(all, ablation{changed: "docs retrieved", setting: fmt.Sprint(k), specs: specs, prompt: planner.LLMOptions{Docs: k, Words: 1 << 20}, retrieved: true})
	}
	for _, n := range []int{15, 30, 60, 120, 600} {
		all = append(all, ablation{changed: "words of a doc", setting: fmt.Sprint(n), specs: specs, prompt: planner.LLMOptions{DocWords: n}, noGrammar: true})
	}
	for _, n := range []int{1, 3, 10} {
		all = append(all, ablation{changed: "phrases of a task", setting: fmt.Sprint(n), specs: withPhrases(specs, n), noPrompt: true})
	}
	renamed, tasks := rename(specs)
	all = append(all, ablation{changed: "names", setting: "tool-1, task-1, ...", specs: renamed, cases: retask(cases, tasks)})
	for i := range all {
		if all[i].cases == nil {
			all[i].cases = cases
		}
	}
	raw, err := unseen.ReadFile("unseen/requests.json")
	if err != nil {
		return nil, err
	}
	own, err := ReadPlans("unseen/requests.json", raw)
	if err != nil {
		return nil, err
	}
	src, err := unseen.ReadFile("unseen/cartoonize.md")
	if err != nil {
		return nil, err
	}
	doc, err := tooldoc.Parse("cartoonize.md", src, nil)
	if err != nil {
		return nil, err
	}
	return append(all,
		ablation{changed: "unseen tool", setting: "its doc away", specs: specs, cases: own},
		ablation{changed: "unseen tool", setting: "its doc dropped in", specs: append(slices.Clone(specs), doc), cases: own}), nil
}

func (a *ablation) run(ctx context.Context, model llm.Model) (AblationRow, error) {
	row := AblationRow{Event: "ablation", Changed: a.changed, Setting: a.setting}
	g, set := planner.New(a.specs), tooldoc.NewSet(a.specs...)
	l := planner.NewLLM(g, set, a.prompt)
	if !a.noGrammar {
		plan := g.Plan
		if a.retrieved {
			plan = func(ctx context.Context, request string, h edit.History) (edit.Plan, error) {
				return ofRetrieved(l, set, request, h).Plan(ctx, request, h)
			}
		}
		report, refused, err := scored(ctx, "grammar", plan, a.cases)
		if err != nil {
			return row, err
		}
		row.Grammar, row.Refused = &report, refused
	}
	if a.noPrompt {
		return row, nil
	}
	row.Prompt = promptScore(l, a.cases)
	if model == nil {
		return row, nil
	}
	var broken *llm.RecordingError
	report, _, err := scored(ctx, "llm", func(ctx context.Context, request string, h edit.History) (edit.Plan, error) {
		p, _, err := l.Plan(ctx, model, planner.Ask{Request: request, History: h})
		errors.As(err, &broken)
		return p, err
	}, a.cases)
	if err == nil && broken != nil { // a recording of other prompts measures nothing
		err = broken
	}
	row.LLM = &report
	return row, err
}

// scored is RunPlans with the share of the requests that are refused.
func scored(ctx context.Context, name string, plan Planner, cases []PlanCase) (PlansReport, float64, error) {
	refused := 0
	report, err := RunPlans(ctx, name, plan, cases, func(s PlanScore) {
		if s.Error != "" {
			refused++
		}
	})
	return report, float64(refused) / float64(max(len(cases), 1)), err
}

// ofRetrieved is the grammar of the docs that a prompt for the request would hold.
func ofRetrieved(l *planner.LLM, set *tooldoc.Set, request string, h edit.History) *planner.Grammar {
	var specs []edit.ToolSpec
	if trace, _, err := l.Prepare(planner.Ask{Request: request, History: h}); err == nil {
		for _, hit := range trace.Docs {
			spec, _ := set.Get(hit.Name)
			specs = append(specs, spec)
		}
	}
	return planner.New(specs)
}

func promptScore(l *planner.LLM, cases []PlanCase) *PromptScore {
	var s PromptScore
	expected, covered := 0, 0
	for _, c := range cases {
		trace, _, err := l.Prepare(planner.Ask{Request: c.Request, History: c.History})
		if err != nil {
			continue
		}
		s.Docs += float64(len(trace.Docs)) / float64(len(cases))
		s.Words += float64(len(strings.Fields(trace.Prompt))) / float64(len(cases))
		named := tasksIn(trace.Prompt)
		for _, e := range c.Expected {
			expected++
			if named[taskKey(e.Task)] {
				covered++
			}
		}
	}
	s.Covered = fraction(covered, expected)
	return &s
}

// tasksIn are the task types that docs in a prompt name: "task object-removal (quality 0.80): ...".
func tasksIn(prompt string) map[string]bool {
	named := make(map[string]bool)
	for line := range strings.Lines(prompt) {
		if rest, ok := strings.CutPrefix(line, "task "); ok {
			name, _, _ := strings.Cut(rest, " ")
			named[taskKey(name)] = true
		}
	}
	return named
}

// withPhrases leaves each task the first n of the phrases that call it.
func withPhrases(specs []edit.ToolSpec, n int) []edit.ToolSpec {
	return eachClaim(specs, func(c *edit.TaskClaim) bool {
		c.Words = c.Words[:min(n, len(c.Words))]
		return true
	})
}

// rename gives tools and task types names that say nothing, and returns the new names of the task types.
func rename(specs []edit.ToolSpec) ([]edit.ToolSpec, map[string]string) {
	tasks := make(map[string]string)
	for _, s := range specs {
		for _, c := range s.Tasks {
			tasks[c.Task] = ""
		}
	}
	byKey := make(map[string]string, len(tasks))
	for i, name := range slices.Sorted(maps.Keys(tasks)) {
		tasks[name] = fmt.Sprintf("task-%d", i+1)
		byKey[taskKey(name)] = tasks[name]
	}
	out := eachClaim(specs, func(c *edit.TaskClaim) bool {
		c.Task = tasks[c.Task]
		return true
	})
	for i := range out {
		out[i].Name = fmt.Sprintf("tool-%d", i+1)
		out[i].Examples = slices.Clone(out[i].Examples)
		for j := range out[i].Examples {
			out[i].Examples[j].Task = tasks[out[i].Examples[j].Task]
		}
	}
	return out, byKey
}

// retask is the cases with the new names of their task types.
func retask(cases []PlanCase, names map[string]string) []PlanCase {
	out := slices.Clone(cases)
	for i := range out {
		out[i].Expected = slices.Clone(out[i].Expected)
		for j := range out[i].Expected {
			e := &out[i].Expected[j]
			e.Task = orName(names[taskKey(e.Task)], e.Task)
		}
		out[i].History.Turns = slices.Clone(out[i].History.Turns)
		for j := range out[i].History.Turns {
			turn := &out[i].History.Turns[j]
			turn.Subtasks = slices.Clone(turn.Subtasks)
			for n := range turn.Subtasks {
				turn.Subtasks[n].Task = orName(names[taskKey(turn.Subtasks[n].Task)], turn.Subtasks[n].Task)
			}
		}
	}
	return out
}

func orName(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// eachClaim is the specs with their claims changed; a claim is dropped where keep is false.
func eachClaim(specs []edit.ToolSpec, keep func(*edit.TaskClaim) bool) []edit.ToolSpec {
	out := slices.Clone(specs)
	for i := range out {
		claims := out[i].Tasks
		out[i].Tasks = nil
		for _, c := range claims {
			if keep(&c) {
				out[i].Tasks = append(out[i].Tasks, c)
			}
		}
	}
	return out
}

// withoutTask takes each task type away in turn, and counts how the grammar does on
// the requests that need it: none can be planned, so all should be refused
// rather than planned as something else.
func withoutTask(ctx context.Context, specs []edit.ToolSpec, cases []PlanCase) (AblationRow, error) {
	row := AblationRow{Event: "ablation", Changed: "task types", Setting: "the one needed away", Grammar: &PlansReport{Event: "done", Planner: "grammar"}}
	needing := make(map[string][]PlanCase)
	for _, c := range cases {
		for _, e := range c.Expected {
			if key := taskKey(e.Task); len(needing[key]) == 0 || needing[key][len(needing[key])-1].Request != c.Request {
				needing[key] = append(needing[key], c)
			}
		}
	}
	refused, total := 0.0, 0
	for _, task := range slices.Sorted(maps.Keys(needing)) {
		rest := eachClaim(specs, func(c *edit.TaskClaim) bool { return taskKey(c.Task) != task })
		report, share, err := scored(ctx, "grammar", planner.New(rest).Plan, needing[task])
		if err != nil {
			return row, err
		}
		n := len(needing[task])
		refused += share * float64(n)
		row.Grammar.Exact += report.Exact * float64(n)
		row.Grammar.Precision += report.Precision * float64(n)
		row.Grammar.Recall += report.Recall * float64(n)
		row.Grammar.Order += report.Order * float64(n)
		total += n
	}
	all := float64(max(total, 1))
	row.Grammar.Plans, row.Refused = total, refused/all
	row.Grammar.Exact, row.Grammar.Precision, row.Grammar.Recall, row.Grammar.Order = row.Grammar.Exact/all, row.Grammar.Precision/all, row.Grammar.Recall/all, row.Grammar.Order/all
	return row, nil
}
