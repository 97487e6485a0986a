package planner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/planner"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

// taskTypes are those of the field.
var taskTypes = strings.Fields(`object-detection object-segmentation object-addition object-removal background-removal landmark-detection
object-replacement image-upscaling image-captioning changing-scenery object-recoloration outpainting depth-estimation image-deblurring
text-extraction text-replacement text-removal text-addition text-redaction question-answering-based-on-text keyword-highlighting sentiment-analysis
caption-consistency-check text-detection`)

// echoing is a model that answers what it was given by hand, and keeps what it was asked.
type echoing struct {
	reply string
	asked llm.Request
}

func (e *echoing) Chat(_ context.Context, req llm.Request) (llm.Reply, error) {
	e.asked = req
	return llm.Reply{Text: e.reply}, nil
}

// TestEveryTaskType: each task type of the field has a doc with an example, which the grammar plans as that type,
// and for which the doc is in a model's prompt and its schema.
func TestEveryTaskType(t *testing.T) {
	set, problems := tooldoc.Load(tooldocs.FS)
	g := planner.New(set.All())
	l := planner.NewLLM(g, set, planner.LLMOptions{})
	claimed := set.Tasks()
	for _, task := range taskTypes {
		if len(claimed[task]) == 0 {
			t.Errorf("no doc claims %s (%v)", task, problems)
			continue
		}
		request := exampleOf(set, claimed[task], task)
		plan, err := g.Plan(t.Context(), request, edit.History{})
		if err != nil || len(plan.Subtasks) != 1 || plan.Subtasks[0].Task != task {
			t.Errorf("%s: %q is planned as %+v, %v", task, request, plan.Subtasks, err)
		}
		_, asked, err := l.Prepare(planner.Ask{Request: request})
		if err != nil || !strings.Contains(asked.Messages[0].Text, "\ntask "+task+" (") || !strings.Contains(string(asked.Schema), `"`+task+`"`) {
			t.Errorf("%s is not in the prompt for %q, %v", task, request, err)
		}
	}
	if len(taskTypes) != 24 {
		t.Errorf("%d task types", len(taskTypes))
	}
}

// exampleOf is the first request for a task among the examples of the docs that claim it.
func exampleOf(set *tooldoc.Set, claiming []string, task string) string {
	for _, name := range claiming {
		spec, _ := set.Get(name)
		for _, e := range spec.Examples {
			if e.Task == task || e.Task == "" && spec.Tasks[0].Task == task {
				return e.Request
			}
		}
	}
	return ""
}

// TestUnseenToolByModel: a doc dropped into a folder is in the prompt, word for word, and an answer that uses it is taken.
func TestUnseenToolByModel(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cartoonize.md"), []byte(cartoonDoc), 0o600); err != nil {
		t.Fatal(err)
	}
	const request = "remove the bench, then turn the photo into a cartoon"
	reply := `{"subtasks":[{"id":1,"task":"object-removal","object":"bench","target":"","clause":"remove the bench"},` +
		`{"id":2,"task":"cartoonization","object":"","target":"","after":[1],"clause":"turn the photo into a cartoon"}]}`
	for _, dirs := range [][]string{nil, {dir}} {
		set, problems := tooldoc.Load(tooldocs.FS, dirs...)
		m := &echoing{reply: reply}
		plan, trace, err := planner.NewLLM(planner.New(set.All()), set, planner.LLMOptions{}).Plan(t.Context(), m, planner.Ask{Request: request})
		if dirs == nil {
			if err == nil || strings.Contains(string(m.asked.Schema), "cartoonization") {
				t.Errorf("without the doc it is planned as %+v", plan.Subtasks)
			}
			continue
		}
		for _, want := range []string{"Turns a photo into a cartoon with flat colours and inked edges.", "task cartoonization (quality 0.80): cartoonize, make cartoonish", "Prose for people."} {
			if !strings.Contains(m.asked.Messages[0].Text, want) {
				t.Errorf("the prompt lacks %q", want)
			}
		}
		if err != nil || len(plan.Subtasks) != 2 || plan.Subtasks[1].Task != "cartoonization" || len(trace.Rounds) != 1 {
			t.Errorf("planned %+v, %v (%v)", plan.Subtasks, err, problems)
		}
	}
}

// manyDocs are n docs that serve the field: one of each task type first, then all shipped ones, then
// copies of them, of which every second has task types and phrases of its own.
func manyDocs(t testing.TB, n int) []edit.ToolSpec {
	shipped := shipped(t)
	byTask := make(map[string]edit.ToolSpec)
	for _, s := range shipped {
		for _, c := range s.Tasks {
			if slices.Contains(taskTypes, c.Task) {
				byTask[c.Task] = s
			}
		}
	}
	var docs []edit.ToolSpec
	have := make(map[string]bool)
	add := func(s edit.ToolSpec) {
		if len(docs) < n && !have[s.Name] {
			have[s.Name] = true
			docs = append(docs, s)
		}
	}
	for _, task := range slices.Sorted(maps.Keys(byTask)) {
		add(byTask[task])
	}
	for _, s := range shipped {
		add(s)
	}
	for i := 0; len(docs) < n; i++ {
		s := shipped[i%len(shipped)]
		s.Name = fmt.Sprintf("%s-%d", s.Name, i)
		if i%2 == 1 {
			s.Tasks = slices.Clone(s.Tasks)
			for j := range s.Tasks {
				s.Tasks[j].Task = fmt.Sprintf("%s-%d", s.Tasks[j].Task, i)
				s.Tasks[j].Words = []string{fmt.Sprintf("verb%d", i), fmt.Sprintf("make it sort%d", i)}
			}
			s.Examples = nil
		}
		add(s)
	}
	return docs
}

// BenchmarkOverhead is what planning takes beside a model's own time, for a request of six orders, with few docs and with many.
func BenchmarkOverhead(b *testing.B) {
	orders := [][3]string{
		{"object-detection", "pedestrians", "Detect the pedestrians"},
		{"object-removal", "car", "remove the car"},
		{"object-replacement", "cat", "replace the cat with a rabbit"},
		{"object-recoloration", "dog", "recolor the dog to pink"},
		{"text-extraction", "", "extract the text"},
		{"image-upscaling", "", "upscale 2x"},
	}
	targets := map[string]string{"object-replacement": "rabbit", "object-recoloration": "pink", "image-upscaling": "2x"}
	var subtasks []map[string]any
	var clauses []string
	for i, o := range orders {
		subtasks = append(subtasks, map[string]any{"id": i + 1, "task": o[0], "object": o[1], "target": targets[o[0]], "clause": o[2]})
		clauses = append(clauses, o[2])
	}
	request := strings.Join(clauses[:5], ", ") + " and " + clauses[5]
	reply, err := json.Marshal(map[string]any{"subtasks": subtasks})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{25, 2500} {
		docs := manyDocs(b, n)
		g := planner.New(docs)
		b.Run(fmt.Sprintf("grammar/%d", n), func(b *testing.B) {
			for b.Loop() {
				if p, err := g.Plan(b.Context(), request, edit.History{}); err != nil || len(p.Subtasks) != len(orders) {
					b.Fatal(p.Subtasks, err)
				}
			}
		})
		l := planner.NewLLM(g, tooldoc.NewSet(docs...), planner.LLMOptions{})
		b.Run(fmt.Sprintf("llm/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, trace, err := l.Plan(b.Context(), &echoing{reply: string(reply)}, planner.Ask{Request: request}); err != nil {
					b.Fatal(err, trace.Rounds)
				}
			}
		})
	}
}

// BenchmarkRead is what reading the docs into a grammar takes, once a run.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{25, 2500} {
		docs := manyDocs(b, n)
		b.Run(fmt.Sprint(n, "docs"), func(b *testing.B) {
			for b.Loop() {
				planner.New(docs)
			}
		})
	}
}
