package batch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

func TestReadRefuses(t *testing.T) {
	for in, want := range map[string]string{
		``:                        "EOF",
		`{"version":1,"jobs":[`:   "EOF",
		`{"version":2,"jobs":[]}`: "version is 2",
		`{"version":1,"jobs":[]}`: "no jobs",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x"}]} {}`:                                   "something follows",
		"{\"version\":1,\n\"jobs\":[{\"inputs\":\"a\"}]}":                                            "line 2",
		`{"version":1,"jobs":[{"inputs":["a"]}]}`:                                                    "either a request or subtasks",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","subtasks":[{"id":1,"task":"y"}]}]}`:     "either a request or subtasks",
		`{"version":1,"jobs":[{"request":"x"}]}`:                                                     "names no inputs",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","alpha":3}]}`:                            "alpha is 3",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","threshold":-1}]}`:                       "threshold is -1",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"{steam}.png"}]}`:               "{steam}",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"{stem.png"}]}`:                 "{stem.png",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","frobnicate":1}]}`:                       "frobnicate",
		`{"version":1,"jobs":[{"inputs":["a"],"subtasks":[{"id":1,"task":"y","args":{"c":true}}]}]}`: "string or a number",
	} {
		_, err := Read("p.json", strings.NewReader(in))
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v; want an Invalid that says %q", in, err, want)
		}
	}
}

func TestItems(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.png", "a.png", "sub/a.png"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plan := func(jobs ...Job) Plan { return Plan{Version: 1, Jobs: jobs} }
	items, err := plan(Job{Inputs: []string{"*.png"}, Output: "out/{stem}-{job}.jpg"}).Items(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range items {
		got = append(got, it.Input+" > "+it.Output)
	}
	want := []string{
		filepath.Join(dir, "a.png") + " > " + filepath.Join(dir, "out/a-1.jpg"),
		filepath.Join(dir, "b.png") + " > " + filepath.Join(dir, "out/b-1.jpg"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, tc := range map[string]struct {
		plan Plan
		want string
	}{
		"equal stems":      {plan(Job{Inputs: []string{"a.png", "sub/a.png"}, Output: "{stem}.jpg"}), "would both write"},
		"case alone":       {plan(Job{Inputs: []string{"a.png"}, Output: "X.jpg"}, Job{Inputs: []string{"b.png"}, Output: "x.jpg"}), "would both write"},
		"over an input":    {plan(Job{Inputs: []string{"*.png"}, Output: "{stem}.{ext}"}), "overwrite an input"},
		"nothing matches":  {plan(Job{Inputs: []string{"*.gif"}}), "no file matches"},
		"a broken pattern": {plan(Job{Inputs: []string{"[a"}}), "pattern"},
	} {
		if _, err := tc.plan.Items(dir); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v; want %q", name, err, tc.want)
		}
	}
}

type fakeEditor struct{ saw []agent.FileJob }

func (f *fakeEditor) EditFile(_ context.Context, job agent.FileJob, _ func(edit.Event)) (agent.Outcome, error) {
	f.saw = append(f.saw, job)
	if job.Input == "bad" {
		return agent.Outcome{}, errors.New("broken file")
	}
	return agent.Outcome{}, nil
}

func TestRunGoesOnAfterABadItem(t *testing.T) {
	half := 0.5
	items := []Item{{Job: 1, Input: "bad"}, {Job: 1, Input: "good", Spec: Job{Alpha: &half, Boxes: map[string][4]float64{"cup": {1, 2, 3, 4}}}}}
	f := &fakeEditor{}
	var errs []error
	err := Run(context.Background(), f, items, false, func(edit.Event) {}, func(int) {}, func(r Result) { errs = append(errs, r.Err) })
	if err != nil || len(errs) != 2 || errs[0] == nil || errs[1] != nil {
		t.Fatalf("Run: %v, items %v", err, errs)
	}
	if j := f.saw[1]; j.Alpha != 0.5 || j.Threshold != DefaultThreshold || j.Boxes["cup"][0].String() != "1,2,3,4" {
		t.Errorf("job = %+v", j)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, f, items, false, func(edit.Event) {}, func(int) {}, func(Result) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestSchemaAcceptsWhatWriteWrites holds the published schema to the format.
func TestSchemaAcceptsWhatWriteWrites(t *testing.T) {
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	teal, _ := edit.ParseColor("teal")
	plan := Plan{Version: 1, Jobs: []Job{{
		Inputs: []string{"a.png"}, Output: "{stem}.png", Boxes: map[string][4]float64{"cup": {1, 2, 3, 4}},
		Subtasks: []edit.Subtask{{ID: 1, Task: "t", Args: map[string]edit.Arg{"color": {Value: teal}, "scale": {Value: edit.Number(2)}}}},
	}}}
	var w strings.Builder
	if err := Write(&w, plan); err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(w.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("the schema refuses what Write wrote: %v", err)
	}
	got, err := Read("p.json", strings.NewReader(w.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version":1,"jobs":[{"inputs":["a"],"request":"x"}]}`)
	f.Add(`{"version":1,"jobs":[{"inputs":["a"],"subtasks":[{"id":1,"task":"y","args":{"color":"color:teal"}}]}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Read("f", strings.NewReader(s))
		if err == nil && (p.Version != Version || len(p.Jobs) == 0) {
			t.Errorf("accepted %q", s)
		}
	})
}
