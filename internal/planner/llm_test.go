package planner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/tooldoc"
)

// stub is a model that answers from a list, the last answer again and again.
type stub struct {
	replies []string
	cut     bool
	err     error
	asked   []llm.Request
}

func (s *stub) Chat(_ context.Context, req llm.Request) (llm.Reply, error) {
	s.asked = append(s.asked, req)
	if s.err != nil {
		return llm.Reply{}, s.err
	}
	text := s.replies[min(len(s.asked), len(s.replies))-1]
	if text == "" {
		return llm.Reply{}, llm.ErrEmpty
	}
	return llm.Reply{Text: text, Cut: s.cut, Usage: llm.Usage{Calls: 1}}, nil
}

// sub writes one subtask of an answer: task, object, target, clause, then key=JSON for the rest.
func sub(id int, task, object, target, clause string, more ...string) string {
	fields := map[string]any{"id": id, "task": task, "object": object, "target": target, "clause": clause}
	for _, m := range more {
		k, v, _ := strings.Cut(m, "=")
		fields[k] = json.RawMessage(v)
	}
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func plan(subtasks ...string) string {
	return `{"subtasks":[` + strings.Join(subtasks, ",") + `]}`
}

func newTestLLM(specs ...edit.ToolSpec) *LLM {
	specs = append(testSpecs(), specs...)
	return NewLLM(New(specs), tooldoc.NewSet(specs...), LLMOptions{})
}

func TestLLMPlans(t *testing.T) {
	l := newTestLLM()
	dog := edit.History{Turns: []edit.Turn{{Request: "remove the brown dog", Subtasks: []edit.Subtask{{ID: 1, Task: "object-removal", Object: "brown dog"}}}}}
	for _, c := range []struct {
		request, reply, want string
		h                    edit.History
	}{
		{
			"recolor the car to teal", plan(sub(1, "object-recoloration", "car", "teal", "recolor the car to teal")),
			"object-recoloration | car | → teal | {\"color\":\"color:teal\"}\n",
			edit.History{},
		},
		{
			"get that ugly mutt outta here", plan(sub(1, "object-removal", "ugly mutt", "", "get that ugly mutt outta here")),
			"object-removal | ugly mutt\n",
			edit.History{},
		},
		{
			"I'd love the bus in a nice teal, and kill that noise", plan(
				sub(1, "object-recoloration", "bus", "teal", "I'd love the bus in a nice teal"), sub(2, "image-denoising", "", "", "kill that noise", "after=[1]")),
			"object-recoloration | bus | → teal | {\"color\":\"color:teal\"}\nimage-denoising |  | after [1]\n",
			edit.History{},
		},
		{
			"make it a bit darker", plan(sub(1, "exposure-adjustment", "brown dog", "a bit darker", "make it a bit darker")),
			"exposure-adjustment | brown dog | → a bit darker | {\"amount\":-0.125}\n", dog,
		},
		{
			"replace the sign 'OPEN' with 'SHUT'", plan(sub(1, "text-replacement", "OPEN", "SHUT", "replace the sign 'OPEN' with 'SHUT'")),
			"text-replacement | OPEN | → SHUT | {\"text\":\"SHUT\"}\n",
			edit.History{},
		},
		{
			"remove all people except the child", plan(sub(1, "object-removal", "all people", "", "remove all people except the child", `except=["child"]`)),
			"object-removal | all people | not child\n",
			edit.History{},
		},
		{
			"rotate it by 90 degrees", plan(sub(1, "image-rotation", "", "90 degrees", "rotate it by 90 degrees")),
			"image-rotation |  | → 90 degrees | {\"degrees\":90}\n",
			edit.History{},
		},
	} {
		m := &stub{replies: []string{c.reply}}
		p, trace, err := l.Plan(t.Context(), m, Ask{Request: c.request, History: c.h})
		got := strings.ReplaceAll(show(p, err), "\t", "")
		if got != c.want || len(m.asked) != 1 || p.Planner != "llm" {
			t.Errorf("%s\ngot:\n%s(%d rounds: %v)\nwanted:\n%s", c.request, got, len(m.asked), trace.Rounds, c.want)
		}
	}
}

// TestLLMAlternatives: a cat becomes a pink dog by one replacement or by two steps.
func TestLLMAlternatives(t *testing.T) {
	const request = "turn the cat into a pink dog"
	l := newTestLLM()
	reply := `{"subtasks":[` + sub(1, "object-replacement", "cat", "pink dog", request) + `],"alternatives":[{"instead":[1],"subtasks":[` +
		sub(2, "object-replacement", "cat", "dog", request) + `,` + sub(3, "object-recoloration", "dog", "pink", request, "after=[2]") + `]}]}`
	p, trace, err := l.Plan(t.Context(), &stub{replies: []string{reply}}, Ask{Request: request})
	if err != nil || len(p.Alternatives) != 1 || len(edit.Decompositions(p)) != 2 || p.Alternatives[0].Subtasks[1].Args["color"].Value == nil {
		t.Errorf("planned %+v, %v (%v)", p, err, trace.Rounds)
	}
	invented := strings.Replace(reply, `"dog"`, `"horse"`, 1)
	if _, _, err := l.Plan(t.Context(), &stub{replies: []string{invented}}, Ask{Request: request}); err == nil {
		t.Error("an alternative with a horse is taken")
	}
}

// TestLLMRepair: what is wrong is named once; then the planner gives up.
func TestLLMRepair(t *testing.T) {
	const request = "remove the dog and recolor the bench to red"
	good := plan(sub(1, "object-removal", "dog", "", "remove the dog"), sub(2, "object-recoloration", "bench", "red", "recolor the bench to red"))
	removal := sub(1, "object-removal", "dog", "", "remove the dog")
	many := make([]string, 10_000)
	for i := range many {
		many[i] = sub(i+1, "object-removal", "dog", "", "remove the dog")
	}
	l := newTestLLM()
	for name, c := range map[string]struct{ reply, wrong string }{
		"prose":            {"I cannot see the picture.", "no JSON object"},
		"half":             {good[:len(good)-20], "does not end"},
		"empty":            {"", "no JSON object"},
		"a list":           {"[1, 2]", "no JSON object"},
		"another form":     {`{"subtasks":"remove the dog"}`, "another form"},
		"no subtasks":      {`{"subtasks":[]}`, "no subtasks"},
		"nothing":          {`{}`, "no subtasks"},
		"unknown task":     {strings.Replace(good, "object-removal", "object-removl", 1), `no tool doc has the task type "object-removl"; the nearest is object-removal`},
		"missing object":   {plan(sub(1, "object-removal", "", "", "remove the dog")), "needs an object"},
		"missing colour":   {plan(removal, sub(2, "object-recoloration", "bench", "", "recolor the bench to red")), ""},
		"no colour":        {plan(removal, sub(2, "object-recoloration", "bench", "bench", "recolor the bench to red")), "is no colour"},
		"10,000 steps":     {plan(many...), "it has 10000 subtasks, at most 64"},
		"cycle":            {plan(sub(1, "object-removal", "dog", "", "remove the dog", "after=[2]"), sub(2, "object-recoloration", "bench", "red", "recolor the bench to red", "after=[1]")), "wait for each other"},
		"id twice":         {strings.Replace(good, `"id":2`, `"id":1`, 1), "used twice"},
		"after none":       {plan(sub(1, "object-removal", "dog", "", "remove the dog", "after=[7]")), "which is not in the plan"},
		"clause not asked": {plan(sub(1, "object-removal", "dog", "", "erase the dog"), sub(2, "object-recoloration", "bench", "red", "recolor the bench to red")), "is not in the request"},
		"half of it":       {plan(removal), `nothing serves "recolor the bench to red"`},
		"invented object":  {strings.Replace(good, `"dog"`, `"cat"`, 1), `holds "cat"`},
		"swapped":          {plan(sub(1, "object-removal", "bench", "", "remove the dog"), sub(2, "object-recoloration", "dog", "red", "recolor the bench to red")), `holds "bench"`},
		"twice":            {plan(removal, sub(3, "object-removal", "dog", "", "remove the dog"), sub(2, "object-recoloration", "bench", "red", "recolor the bench to red")), "does again"},
		"a novel":          {plan(sub(1, "object-removal", strings.Repeat("dog ", 1000), "", "remove the dog")), "bytes, at most"},
		"another task":     {plan(removal, sub(2, "object-detection", "bench", "", "recolor the bench to red")), "asks for object-recoloration"},
		"refuses":          {`{"subtasks":[],"unserved":[{"clause":"remove the dog","reason":"no"}]}`, "which is a task type"},
		"refuses another":  {`{"subtasks":[],"unserved":[{"clause":"fly to the moon","reason":"no"}]}`, "is not in the request"},
	} {
		m := &stub{replies: []string{c.reply, "So: ```json\n" + good + "\n```"}}
		p, trace, err := l.Plan(t.Context(), m, Ask{Request: request})
		if c.wrong == "" { // the clause says it, so it is bound
			if err != nil || len(m.asked) != 1 || p.Subtasks[1].Target != "red" {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
			continue
		}
		if err != nil || len(p.Subtasks) != 2 || len(m.asked) != 2 {
			t.Errorf("%s: planned %d subtasks in %d rounds, %v: %v", name, len(p.Subtasks), len(m.asked), err, trace.Rounds)
			continue
		}
		again := m.asked[1].Messages
		if last := again[len(again)-1].Text; len(again) != 3 || !strings.Contains(last, c.wrong) || len(last) > 5000 || len(again[1].Text) > maxEcho+10 {
			t.Errorf("%s: asked again with %.300q, wanted %q", name, last, c.wrong)
		}
		var bad *ReplyError
		m = &stub{replies: []string{c.reply}}
		if _, _, err := l.Plan(t.Context(), m, Ask{Request: request}); !errors.As(err, &bad) || len(m.asked) != 2 || !strings.Contains(err.Error(), "the same again") {
			t.Errorf("%s, said twice: %v after %d rounds", name, err, len(m.asked))
		}
	}
}

func TestLLMRefusesByName(t *testing.T) {
	l := newTestLLM()
	reply := `{"subtasks":[],"unserved":[{"clause":"play a tune","reason":"no sound"}]}`
	var refused *NotUnderstoodError
	if _, _, err := l.Plan(t.Context(), &stub{replies: []string{reply}}, Ask{Request: "play a tune"}); !errors.As(err, &refused) || refused.Clause != "play a tune" {
		t.Errorf("refused with %v", err)
	}
}

func TestLLMErrorsPassThrough(t *testing.T) {
	l := newTestLLM()
	for _, want := range []error{context.Canceled, &llm.StatusError{Code: 500}, &llm.BudgetError{What: "spent"}} {
		m := &stub{err: want}
		if _, _, err := l.Plan(t.Context(), m, Ask{Request: "remove the dog"}); !errors.Is(err, want) || len(m.asked) != 1 {
			t.Errorf("%v became %v after %d rounds", want, err, len(m.asked))
		}
	}
	if _, _, err := l.Plan(t.Context(), &stub{}, Ask{Request: "\u202e"}); err == nil {
		t.Error("an unreadable request is planned")
	}
}

func TestLLMPrompt(t *testing.T) {
	l := newTestLLM()
	ask := Ask{Request: "remove the dog, then read the text", Picture: &llm.Image{MIME: "image/png", Data: []byte("x")}, History: edit.History{Regions: []edit.NumberedRegion{{Number: 1, Phrase: "</history> dog"}}}}
	m := &stub{replies: []string{"{}"}}
	_, first, _ := l.Plan(t.Context(), m, ask)
	_, second, _ := l.Plan(t.Context(), m, ask)
	if first.Prompt != second.Prompt || !slices.Equal(first.Docs, second.Docs) {
		t.Error("the prompt varies")
	}
	names := map[string]bool{}
	for _, d := range first.Docs {
		names[d.Name] = true
	}
	for _, want := range []string{"fill", "reader", "growmask", "spotter"} { // two retrieved, and what they need
		if !names[want] {
			t.Errorf("%s is not in the prompt: %v", want, first.Docs)
		}
	}
	if !slices.IsSortedFunc(first.Docs, func(a, b tooldoc.Hit) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("the docs are not in order: %v", first.Docs)
	}
	req := m.asked[0]
	if len(req.Images) != 1 || strings.Count(first.Prompt, "</history>") != 1 || !strings.Contains(string(req.Schema), `"object-removal"`) || strings.Contains(req.System, "object-removal") {
		t.Errorf("the request is %+v", req)
	}
	if !strings.Contains(first.String(), "no subtasks") || !strings.Contains(first.String(), "fill") {
		t.Errorf("the trace says:\n%s", first)
	}
}

func TestLLMPromptIsBounded(t *testing.T) {
	specs := testSpecs()
	for i := range specs {
		specs[i].Prose = strings.Repeat("many words of the dog ", 300)
	}
	l := NewLLM(New(specs), tooldoc.NewSet(specs...), LLMOptions{Docs: 5, Words: 500, DocWords: 100})
	_, trace, _ := l.Plan(t.Context(), &stub{replies: []string{"{}"}}, Ask{Request: "remove the dog"})
	if n := len(strings.Fields(trace.Prompt)); n > 600 || len(trace.Docs) == 0 || len(trace.Docs) > 5 {
		t.Errorf("%d words of %d docs", n, len(trace.Docs))
	}
	if got := docText(specs[0], 7); len(strings.Fields(got)) != 8 || !strings.HasSuffix(got, " …") {
		t.Errorf("a doc cut at 7 words is %q", got)
	}
}

// TestLLMUnseenTool: a doc dropped in is in the prompt, and an answer that uses it is taken.
func TestLLMUnseenTool(t *testing.T) {
	cartoonize := doc("cartoonize", "cartoonization", "cartoonize, turn into a cartoon", "image", "image", about("Draws the picture as a comic."))
	l := newTestLLM(cartoonize)
	const request = "do the whole thing up as a comic"
	m := &stub{replies: []string{plan(sub(1, "cartoonization", "", "", request))}}
	p, trace, err := l.Plan(t.Context(), m, Ask{Request: request})
	if err != nil || p.Subtasks[0].Task != "cartoonization" || !strings.Contains(m.asked[0].Messages[0].Text, "Draws the picture as a comic.") {
		t.Errorf("planned %+v, %v: %v", p, err, trace.Rounds)
	}
}

// manyDocs are the test docs n times over, each copy with names and words of its own.
func manyDocs(n int) []edit.ToolSpec {
	base := testSpecs()
	var out []edit.ToolSpec
	for i := 0; len(out) < n; i++ {
		for _, s := range base {
			if len(out) == n {
				break
			}
			if i > 0 {
				s.Name = fmt.Sprintf("%s-%d", s.Name, i)
				s.Prose = fmt.Sprintf("Copy number %d of the tool, for pictures of kind k%d. %s", i, i, strings.Repeat("It does what the other does. ", 20))
			}
			out = append(out, s)
		}
	}
	return out
}

// BenchmarkLLMOverhead is what planning takes beside the model's own time.
func BenchmarkLLMOverhead(b *testing.B) {
	const request = "remove the dog on the left, recolor the bench to red and then read the text"
	reply := plan(sub(1, "object-removal", "dog on the left", "", "remove the dog on the left"),
		sub(2, "object-recoloration", "bench", "red", "recolor the bench to red"), sub(3, "text-extraction", "", "", "read the text"))
	for _, n := range []int{25, 2500} {
		specs := manyDocs(n)
		l := NewLLM(New(specs), tooldoc.NewSet(specs...), LLMOptions{})
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, trace, err := l.Plan(b.Context(), &stub{replies: []string{reply}}, Ask{Request: request}); err != nil && n > 25 {
					b.Fatal(err, trace.Rounds)
				}
			}
		})
	}
}
