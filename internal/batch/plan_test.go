package batch

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"pentimento/internal/edit"
)

var update = flag.Bool("update", false, "write golden files")

func TestReadRefuses(t *testing.T) {
	for in, want := range map[string]string{
		``:                        "EOF",
		`{"version":1,"jobs":[`:   "EOF",
		`{"version":2,"jobs":[]}`: "version is 2",
		`{"jobs":[]}`:             "version is not given",
		`{"version":2,"jobs":[],"steps":[{"new":1}]}`:                                                "version is 2",
		`{"version":1,"jobs":[]}`:                                                                    "no jobs",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x"}]} {}`:                                   "something follows",
		"{\"version\":1,\n\"jobs\":[{\"inputs\":\"a\"}]}":                                            "line 2",
		`{"version":1,"jobs":[{"inputs":["a"]}]}`:                                                    "either a request, or requests, or subtasks",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","requests":["y"]}]}`:                     "either a request, or requests, or subtasks",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","subtasks":[{"id":1,"task":"y"}]}]}`:     "either a request, or requests, or subtasks",
		`{"version":1,"jobs":[{"request":"x"}]}`:                                                     "names no inputs",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","alpha":3}]}`:                            "alpha is 3",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","threshold":-1}]}`:                       "threshold is -1",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","device":"tpu"}]}`:                       `device "tpu"`,
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","max-seconds":-1}]}`:                     "max-seconds is -1",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","pins":{"1":[]}}]}`:                      "pinned to no tool",
		`{"version":1,"limits":{"failures":-1},"jobs":[{"inputs":["a"],"request":"x"}]}`:             "limits",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"{steam}.png"}]}`:               "{steam}",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"{stem.png"}]}`:                 "{stem.png",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"stem}.png"}]}`:                 "stem}.png",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","output":"../x.png"}]}`:                  "climbs out",
		`{"version":1,"jobs":[{"inputs":["a"],"subtasks":[{"id":1,"task":"y","args":{"c":true}}]}]}`: "string or a number",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","boxes":{"cup":[1,2]}}]}`:                "it takes 4",
		`{"version":1,"jobs":[{"inputs":["a"],"request":["x"]}]}`:                                    "a list stands where a text should",
		`{"version":1,"jobs":{"inputs":["a"]}}`:                                                      "an object stands where a list should",
		`{"version":1,"jobs":[{"inputs":["a"],"request":"x","request":"y"}]}`:                        `"request" is given twice`,
	} {
		_, err := Read("p.json", strings.NewReader(in))
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v; want an Invalid that says %q", in, err, want)
		}
	}
}

// TestUnknownFieldsHaveAPlace holds that every one is named with line, column and pointer, in one go.
func TestUnknownFieldsHaveAPlace(t *testing.T) {
	plan := `{"version": 1, "jobs": [
  {"inputs": ["a"], "request": "x", "treshold": 0.5},
  {"inputs": ["a"], "Request": "x",
   "subtasks": [{"id": 1, "task": "t", "objekt": "cup"}]}]}`
	_, err := Read("p.json", strings.NewReader(plan))
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	want := []string{
		`line 2, column 38 (/jobs/0/treshold): unknown field "treshold"; is it "threshold"?`,
		`line 3, column 22 (/jobs/1/Request): unknown field "Request"; is it "request"?`,
		`line 4, column 41 (/jobs/1/subtasks/0/objekt): unknown field "objekt"; is it "object"?`,
	}
	for i, w := range want {
		if i >= len(invalid.Problems) || !strings.HasPrefix(invalid.Problems[i], w) {
			t.Errorf("problem %d: want %s in %q", i+1, w, invalid.Problems)
		}
	}
}

// files makes empty files and returns their folder.
func files(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func plan(jobs ...Job) Plan { return Plan{Version: 1, Jobs: jobs} }

// listed are the items as "input > output", seen from dir.
func listed(t *testing.T, dir string, items []Item) (got []string) {
	t.Helper()
	for _, it := range items {
		in, err := filepath.Rel(dir, it.Input)
		if err != nil {
			t.Fatal(err)
		}
		out, err := filepath.Rel(dir, it.Output)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, in+" > "+out)
	}
	return got
}

func TestItems(t *testing.T) {
	dir := files(t, "b.png", "a.png", "sub/a.png", "sub/deep/a.png", "sub/.hidden/a.png", "sub/{x}.png", "we*ird.png")
	for name, tc := range map[string]struct {
		job  Job
		want []string
	}{
		"a glob, sorted":        {Job{Inputs: []string{"?.png"}, Output: "out/{stem}-{job}.jpg"}, []string{"a.png > out/a-1.jpg", "b.png > out/b-1.jpg"}},
		"a name with a star":    {Job{Inputs: []string{"we*ird.png"}, Output: "{stem}.jpg"}, []string{"we*ird.png > we*ird.jpg"}},
		"a name with braces":    {Job{Inputs: []string{"sub/{x}.png"}, Output: "o/{stem}{{1}}.jpg"}, []string{"sub/{x}.png > o/{x}{1}.jpg"}},
		"each once":             {Job{Inputs: []string{"a.png", "[ab].png"}, Output: "{stem}.jpg"}, []string{"a.png > a.jpg", "b.png > b.jpg"}},
		"a list keeps its tree": {Job{Inputs: []string{"a.png", "sub/a.png"}, Output: "o/{rel}/{stem}.jpg"}, []string{"a.png > o/a.jpg", "sub/a.png > o/sub/a.jpg"}},
		"a tree": {
			Job{Inputs: []string{"**/a.png"}, Output: "o/{rel}/{stem}.{ext}"},
			[]string{"a.png > o/a.png", "sub/a.png > o/sub/a.png", "sub/deep/a.png > o/sub/deep/a.png"},
		},
		"a tree from below":  {Job{Inputs: []string{"sub/**/a.png"}, Output: "o/{rel}/{stem}.png"}, []string{"sub/a.png > o/a.png", "sub/deep/a.png > o/deep/a.png"}},
		"beside the picture": {Job{Inputs: []string{"sub/a.png"}, Output: "{dir}/{stem}.edited.png"}, []string{"sub/a.png > sub/a.edited.png"}},
		"a matrix":           {Job{Inputs: []string{"a.png"}, Requests: []string{"x", "y"}, Output: "{stem}-{request}.png"}, []string{"a.png > a-1.png", "a.png > a-2.png"}},
	} {
		items, err := plan(tc.job).Items(dir, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tc.want, listed(t, dir, items)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestItemsRefused(t *testing.T) {
	dir := files(t, "b.png", "a.png", "a.jpg", "sub/a.png")
	if err := os.Symlink(filepath.Join(dir, "a.png"), filepath.Join(dir, "link.png")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink(filepath.Join(dir, "sub"), filepath.Join(dir, "way")); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		plan Plan
		want string
	}{
		"a.jpg beside a.png":         {plan(Job{Inputs: []string{"a.*"}, Output: "o/{stem}.png"}), "would both write " + filepath.Join(dir, "o/a.png") + "; put {ext}"},
		"equal names in sub-folders": {plan(Job{Inputs: []string{"**/a.png"}, Output: "o/{stem}.png"}), "put {rel}"},
		"a matrix without number":    {plan(Job{Inputs: []string{"a.png"}, Requests: []string{"x", "y"}, Output: "o.png"}), "put {request}"},
		"case alone":                 {plan(Job{Inputs: []string{"a.png"}, Output: "X.jpg"}, Job{Inputs: []string{"b.png"}, Output: "x.jpg"}), "put {job}"},
		"over an input":              {plan(Job{Inputs: []string{"?.png"}, Output: "{stem}.{ext}"}), "overwrite an input"},
		"over another's input":       {plan(Job{Inputs: []string{"a.png"}, Output: "b.png"}, Job{Inputs: []string{"b.png"}, Output: "c.png"}), "overwrite an input"},
		"over an input by a link":    {plan(Job{Inputs: []string{"a.png"}, Output: "link.png"}), "overwrite an input"},
		"by a link to a folder":      {plan(Job{Inputs: []string{"sub/a.png"}, Output: "way/a.png"}), "overwrite an input"},
		"over a mask":                {plan(Job{Inputs: []string{"a.png"}, Mask: "b.png", Output: "b.png"}), "overwrite an input"},
		"over a background":          {plan(Job{Inputs: []string{"a.png"}, With: map[string]string{"background": "b.png"}, Output: "b.png"}), "overwrite an input"},
		"nothing matches":            {plan(Job{Inputs: []string{"*.gif"}}), "no file matches"},
		"no such file":               {plan(Job{Inputs: []string{"c.png"}}), "there is no file"},
		"no such mask":               {plan(Job{Inputs: []string{"a.png"}, Mask: "m.png"}), "is no file"},
		"a folder":                   {plan(Job{Inputs: []string{"sub"}}), "is a folder"},
		"a broken pattern":           {plan(Job{Inputs: []string{"[a"}}), "pattern"},
	} {
		if _, err := tc.plan.Items(dir, nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v; want %q", name, err, tc.want)
		}
	}
}

// TestResultsAreNoInputs: a pattern that fits its own results takes only what was there before them.
func TestResultsAreNoInputs(t *testing.T) {
	dir := files(t, "a.png", "a.edited.png")
	p := plan(Job{Inputs: []string{"*.png"}, Output: "{dir}/{stem}.edited.png"})
	if _, err := p.Items(dir, nil); err == nil || !strings.Contains(err.Error(), "overwrite an input") {
		t.Errorf("a file that is not of our making: %v", err)
	}
	ours := filepath.Join(dir, "a.edited.png")
	items, err := p.Items(dir, func(path string) bool { return path == ours })
	if err != nil || len(items) != 1 || items[0].Output != ours {
		t.Errorf("Items = %v, %v; want a.png alone", items, err)
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(schemaFile)
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
	return schema
}

const schemaFile = "../../docs/plan.schema.json"

// TestPublishedSchema holds the published schema to the format; -update writes it.
func TestPublishedSchema(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is stale, run the test with -update (-file +program):\n%s", schemaFile, diff)
	}
}

// TestSchemaAndReadAgree: what Write writes both accept, and what Read refuses for its form the schema refuses too.
func TestSchemaAndReadAgree(t *testing.T) {
	schema := compiledSchema(t)
	teal, _ := edit.ParseColor("teal")
	two := 2.0
	p := Plan{Version: 1, Limits: &Limits{Seconds: 5, USD: &two, Failures: 3}, Jobs: []Job{{
		Inputs: []string{"a.png"}, Output: "{stem}.png", Boxes: map[string][4]float64{"cup": {1, 2, 3, 4}},
		Pins: map[string][]string{"t": {"a"}}, MaxSeconds: 3, MaxUSD: &two, Device: "cpu",
		Subtasks: []edit.Subtask{{ID: 1, Task: "t", Args: map[string]edit.Arg{"color": {Value: teal}, "scale": {Value: edit.Number(2)}}}},
	}, {Inputs: []string{"a.png"}, Requests: []string{"x", "y"}}}}
	var w strings.Builder
	if err := Write(&w, p); err != nil {
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
	if diff := cmp.Diff(p, got); diff != "" {
		t.Error(diff)
	}
	for _, in := range []string{
		`{"version":2,"jobs":[{"inputs":["a"],"request":"x"}]}`, `{"version":1,"jobs":[{"inputs":["a"],"request":"x","frobnicate":1}]}`,
		`{"version":1,"jobs":[{"inputs":"a","request":"x"}]}`, `{"version":1}`, `{"version":1,"jobs":[{"inputs":["a"],"request":"x","boxes":{"cup":[1,2]}}]}`,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("the schema accepts %s", in)
		}
		if _, err := Read("p", strings.NewReader(in)); err == nil {
			t.Errorf("Read accepts %s", in)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version":1,"jobs":[{"inputs":["a"],"request":"x"}]}`)
	f.Add(`{"version":1,"jobs":[{"inputs":["a"],"subtasks":[{"id":1,"task":"y","args":{"color":"color:teal"}}]}]}`)
	f.Add(`{"kind":"report","failed":{"version":1,"jobs":[{"inputs":["a"],"request":"x","boxes":{"a":[1,2,3,4]}}]}}`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Read("f", strings.NewReader(s))
		if err != nil {
			return
		}
		if p.Version != Version || len(p.Jobs) == 0 {
			t.Errorf("accepted %q", s)
		}
		var w strings.Builder
		if err := Write(&w, p); err != nil {
			t.Fatal(err)
		}
		if _, err := Read("again", strings.NewReader(w.String())); err != nil {
			t.Errorf("what was read from %q is refused when written: %v", s, err)
		}
	})
}
