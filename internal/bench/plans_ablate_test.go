package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pentimento/internal/llm"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

// obedient is a model that plans one removal, whatever it is asked.
type obedient struct {
	asked []llm.Request
	err   error
}

func (o *obedient) Chat(_ context.Context, req llm.Request) (llm.Reply, error) {
	o.asked = append(o.asked, req)
	return llm.Reply{Text: `{"subtasks":[{"id":1,"task":"object-removal","object":"bench","target":"","clause":"remove the bench"}]}`}, o.err
}

// TestAblate: each change does to the planners what it must, and a language model is measured only where there is one.
func TestAblate(t *testing.T) {
	set, problems := tooldoc.Load(tooldocs.FS)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	cases := []PlanCase{
		{Request: "remove the bench", Expected: []ExpectedStep{{Task: "Object Removal", Object: "bench"}}},
		{Request: "make the picture sharper and estimate its depth", Expected: []ExpectedStep{{Task: "Image Deblurring"}, {Task: "Depth Estimation"}}},
		{Request: "sing a song"},
	}
	rows := make(map[string]AblationRow)
	var list []AblationRow
	report, err := Ablate(t.Context(), set, nil, cases, func(r AblationRow) {
		rows[r.Changed+" "+r.Setting] = r
		list = append(list, r)
	})
	if err != nil || report.LLM != NotMeasured || report.Plans != 3 || report.Rows != len(rows) {
		t.Fatalf("%+v, %v", report, err)
	}
	on, off, named := rows["docs on"], rows["docs off"], rows["names tool-1, task-1, ..."]
	if off.Refused != 1 || off.Grammar.Recall != 0 || off.Prompt.Docs != 0 || off.Prompt.Covered != 0 {
		t.Errorf("without docs: %+v, %+v", off.Grammar, off.Prompt)
	}
	if on.Prompt.Covered < off.Prompt.Covered || *named.Grammar != *on.Grammar || on.Grammar.Recall == 0 {
		t.Errorf("with docs %+v, renamed %+v", on.Grammar, named.Grammar)
	}
	if few, many := rows["docs retrieved 1"].Prompt, rows["docs retrieved 24"].Prompt; few.Docs >= many.Docs || few.Words >= many.Words || few.Covered > many.Covered {
		t.Errorf("one doc retrieved: %+v, 24: %+v", few, many)
	}
	if short, long := rows["words of a doc 15"].Prompt, rows["words of a doc 600"].Prompt; short.Words >= long.Words || short.Docs > long.Docs || rows["words of a doc 15"].Grammar != nil {
		t.Errorf("docs of 15 words: %+v, of 600: %+v", short, long)
	}
	away, there := rows["unseen tool its doc away"], rows["unseen tool its doc dropped in"]
	if away.Grammar.Exact != 0 || there.Grammar.Exact < 0.8 || there.Prompt.Covered != 1 {
		t.Errorf("the unseen tool: %+v, then %+v, %+v", away.Grammar, there.Grammar, there.Prompt)
	}
	if table := AblationTable(list); strings.Count(table, "\n") != len(list)+1 || !strings.Contains(table, NotMeasured) {
		t.Errorf("the table is\n%s", table)
	}
}

// TestAblateModel: a model is asked in each setting that changes its prompt, and scored; a recording of other prompts is no measurement.
func TestAblateModel(t *testing.T) {
	set, _ := tooldoc.Load(tooldocs.FS)
	cases := []PlanCase{{Request: "remove the bench", Expected: []ExpectedStep{{Task: "Object Removal", Object: "bench"}}}}
	m := &obedient{}
	exact := make(map[string]float64)
	report, err := Ablate(t.Context(), set, m, cases, func(r AblationRow) {
		if r.LLM != nil {
			exact[r.Changed+" "+r.Setting] = r.LLM.Exact
		}
	})
	if err != nil || report.LLM != "measured" || exact["docs on"] != 1 || exact["docs off"] != 0 || exact["names tool-1, task-1, ..."] != 0 || len(m.asked) < 20 {
		t.Errorf("%+v, %v: %v, asked %d times", report, err, exact, len(m.asked))
	}
	m.err = &llm.RecordingError{Msg: "no answer for this"}
	if _, err := Ablate(t.Context(), set, m, cases, func(AblationRow) {}); !errors.Is(err, m.err) {
		t.Errorf("a recording of other prompts ends with %v", err)
	}
}
