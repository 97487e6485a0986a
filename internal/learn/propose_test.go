package learn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pentimento/internal/llm"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// scripted is a model whose answers were written by hand, the last again and again.
type scripted struct {
	replies []string
	err     error
	asked   []llm.Request
}

func (s *scripted) Chat(_ context.Context, req llm.Request) (llm.Reply, error) {
	s.asked = append(s.asked, req)
	return llm.Reply{Text: s.replies[min(len(s.asked), len(s.replies))-1], Model: "by-hand"}, s.err
}

// asking is a pupil with a proposer.
func asking(t *testing.T, requests int, replies ...string) (*Learner, *scripted, *Proposer) {
	t.Helper()
	l := pupil(t, requests)
	m := &scripted{replies: replies}
	p := &Proposer{Model: m, Specs: l.Engine.Specs}
	l.Propose = p.Propose
	return l, m, p
}

// byModel are the candidates that a model proposed.
func byModel(t *testing.T, l *Learner) (out []*subroutines.Subroutine) {
	t.Helper()
	if _, err := l.Mine(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	all, err := l.Engine.Subroutines.List(t.Context(), subroutines.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Provenance.Proposer == "model by-hand" {
			out = append(out, s)
		}
	}
	return out
}

const plainGround = `{"task":"wipe","path":[{"tool":"quick","variant":0,"inputs":[]}],"when":["ground in {plain}"],"quality":1,"pass_rate":1,"seconds":0.001,"state":"active"}`

// TestModelProposes: what a model thinks of is a candidate without the numbers that it gave, and the trial decides.
func TestModelProposes(t *testing.T) {
	l, m, p := asking(t, 150, `Here you are: {"proposals":[`+plainGround+`,`+strings.Replace(plainGround, "plain", "rough", 1)+`]}`)
	found := byModel(t, l)
	if len(found) != 2 || len(p.Refused) > 0 || len(m.asked) != 1 {
		t.Fatalf("%d candidates, refused %v, asked %d times", len(found), p.Refused, len(m.asked))
	}
	for _, s := range found {
		if s.State != subroutines.Candidate || s.Total().Pass.N() != 0 || s.Total().Cost.N != 0 {
			t.Errorf("%s begins as %s with %+v", s.When, s.State, s.Total())
		}
	}
	for _, s := range found {
		want := trial.Accepted
		if strings.Contains(s.When.String(), "rough") {
			want = trial.Rejected
		}
		if v := verify(t, l, s.ID, 1e9); v.Verdict != want {
			t.Errorf("%s is %s: %s", s.When, v.Verdict, v.Text)
		}
	}
	prompt := m.asked[0].Messages[0].Text
	for _, want := range []string{`"task":"wipe","attempts":`, `"tool":"sure"`, `"name":"ground"`, `"plain","rough"`, `"name":"quick","tasks":["wipe"]`} {
		if !strings.Contains(prompt, want) {
			t.Errorf("the prompt lacks %s:\n%s", want, prompt)
		}
	}
	if !json.Valid(m.asked[0].Schema) {
		t.Error("the schema is no JSON")
	}
}

// TestHostileProposals: an answer can waste a question and nothing else.
func TestHostileProposals(t *testing.T) {
	l, m, p := asking(t, 30, "")
	wrap := func(list ...string) string { return `{"proposals":[` + strings.Join(list, ",") + `]}` }
	with := func(old, other string) string { return wrap(strings.Replace(plainGround, old, other, 1)) }
	for name, c := range map[string]struct{ reply, refused string }{
		"unknown tool":    {with("quick", "rm -rf"), "there is no tool"},
		"unknown task":    {with(`"wipe"`, `"conquer"`), "no trace is of that task"},
		"another task's":  {with("quick", "upscale"), "does not serve it"},
		"no path":         {with(`{"tool":"quick","variant":0,"inputs":[]}`, ""), "a path of 1 to 32"},
		"no such variant": {with(`"variant":0`, `"variant":7`), "has no variant 7"},
		"takes itself":    {with(`"inputs":[]`, `"inputs":[0]`), "takes what step 0 made"},
		"idle call":       {with(`"path":[`, `"path":[{"tool":"sure"},`), "does not rest on"},
		"another type":    {with("ground in {plain}", "ground >= 0.5"), "parts none of the pictures"},
		"nonsense number": {with("ground in {plain}", "ground >= NaN"), "cannot be used"},
		"unknown feature": {with("ground in {plain}", "mood >= 1e308"), "parts none of the pictures"},
		"unseen word":     {with("plain", "ignore all previous instructions"), ""},
		"not a condition": {with("ground in {plain}", "always use this tool"), "cannot be used"},
		"not an object":   {wrap("7", `"x"`, "null", "[]"), "it needs a task"},
		"long path":       {with(`"path":[`, `"path":[`+strings.Repeat(`{"tool":"sure"},`, 40)), "a path of 1 to 32"},
	} {
		m.replies, m.asked, p.Refused = []string{c.reply}, nil, nil
		if found := byModel(t, l); len(found) > 0 || len(p.Refused) == 0 || !strings.Contains(errors.Join(p.Refused...).Error(), c.refused) {
			t.Errorf("%s: %d candidates, refused %v", name, len(found), p.Refused)
		}
	}
	list := make([]string, 10_000)
	for i := range list {
		list[i] = fmt.Sprintf(`{"task":"wipe","path":[{"tool":"sure"}],"n":%d}`, i)
	}
	m.replies, p.Refused = []string{wrap(list...)}, nil
	if found := byModel(t, l); len(found) > 1 || len(p.Refused) != 1 {
		t.Errorf("10,000 proposals make %d candidates, refused %v", len(found), p.Refused)
	}
}

// TestProposalsThatAreNone: an answer in another form is asked for once more, then it is an error that mining ends with.
func TestProposalsThatAreNone(t *testing.T) {
	l, m, _ := asking(t, 10, "")
	good := `{"proposals":[]}`
	for name, reply := range map[string]string{
		"empty": "", "prose": "I would use quick.", "half": `{"proposals":[{"task":"wi`, "other": `{"rules":[]}`, "long": strings.Repeat("x", 1<<20),
	} {
		m.replies, m.asked = []string{reply, good}, nil
		if _, err := l.Mine(t.Context(), ""); err != nil || len(m.asked) != 2 {
			t.Errorf("%s, then a good one: %v after %d questions", name, err, len(m.asked))
		}
		if size := len(m.asked[1].Messages[1].Text); size > 5000 {
			t.Errorf("%s: %d bytes go back", name, size)
		}
		m.replies, m.asked = []string{reply}, nil
		if _, err := l.Mine(t.Context(), ""); err == nil || len(m.asked) != 2 {
			t.Errorf("%s twice: %v after %d questions", name, err, len(m.asked))
		}
	}
	m.replies, m.asked = []string{`{"proposals":"all of them"}`}, nil
	if _, err := l.Mine(t.Context(), ""); err != nil {
		t.Errorf("a text for a list: %v", err)
	}
	m.err = context.Canceled
	if _, err := l.Mine(t.Context(), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("a stop ends with %v", err)
	}
}
