package planner

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

var update = flag.Bool("update", false, "write the golden files anew")

func planOf(t *testing.T, g *Grammar, request string, h edit.History) (edit.Plan, error) {
	t.Helper()
	return g.Plan(context.Background(), request, h)
}

// show writes a plan as the lines of testdata/requests.txt.
func show(p edit.Plan, err error) string {
	var b strings.Builder
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			// The nearest tasks vary with every word added to a doc; the reason does not.
			line, _, _ = strings.Cut(line, "; the nearest tasks")
			fmt.Fprintf(&b, "\t! %s\n", line)
		}
		return b.String()
	}
	for _, s := range p.Subtasks {
		fields := []string{s.Task, s.Object}
		if s.Target != "" {
			fields = append(fields, "→ "+s.Target)
		}
		if s.Region != "" {
			fields = append(fields, "@ "+s.Region)
		}
		if len(s.Except) > 0 {
			fields = append(fields, "not "+strings.Join(s.Except, ", not "))
		}
		if s.Like != "" {
			fields = append(fields, "like "+s.Like)
		}
		if s.Optional {
			fields = append(fields, "if any")
		}
		if len(s.Args) > 0 {
			args, _ := json.Marshal(s.Args)
			fields = append(fields, string(args))
		}
		if len(s.After) > 0 {
			fields = append(fields, fmt.Sprint("after ", s.After))
		}
		fmt.Fprintf(&b, "\t%s\n", strings.Join(fields, " | "))
	}
	for _, n := range p.Notices {
		fmt.Fprintf(&b, "\t* %s\n", n)
	}
	return b.String()
}

// readCases reads testdata/requests.txt: a request per line, below it what is planned, indented.
func readCases(t testing.TB, file string) (requests, wants []string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		switch {
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "\t"):
			wants[len(wants)-1] += line
		default:
			requests = append(requests, strings.TrimSpace(line))
			wants = append(wants, "")
		}
	}
	return requests, wants
}

func TestRequests(t *testing.T) {
	const file = "testdata/requests.txt"
	g := New(testSpecs())
	requests, wants := readCases(t, file)
	if len(requests) < 120 {
		t.Errorf("%d requests, want at least 120", len(requests))
	}
	if *update {
		rewrite(t, file, g)
		return
	}
	for i, request := range requests {
		if got := show(planOf(t, g, request, edit.History{})); got != wants[i] {
			t.Errorf("%s\ngot:\n%swant:\n%s", request, got, wants[i])
		}
	}
}

// rewrite renews the plans of a case file and keeps its comments.
func rewrite(t *testing.T, file string, g *Grammar) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(src)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		b.WriteString(line)
		if request := strings.TrimSpace(line); request != "" && !strings.HasPrefix(line, "#") {
			b.WriteString(show(planOf(t, g, request, edit.History{})))
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestHistory(t *testing.T) {
	g := New(testSpecs())
	red := edit.History{Turns: []edit.Turn{{Request: "recolor the white car to red", Subtasks: []edit.Subtask{{ID: 1, Task: "object-recoloration", Object: "white car", Target: "red"}}}}}
	swap := edit.History{Turns: []edit.Turn{{Subtasks: []edit.Subtask{{ID: 1, Task: "object-replacement", Object: "cat", Target: "rabbit"}}}}}
	for _, tc := range []struct {
		request string
		h       edit.History
		want    string
	}{
		{"make it darker", red, "\texposure-adjustment | red car | {\"amount\":-0.25}\n"},
		{"now remove it", red, "\tobject-removal | red car\n"},
		{"make it pink", swap, "\tobject-recoloration | cat | → pink | {\"color\":\"color:pink\"}\n"},
		{"make that one blue", edit.History{Regions: []edit.NumberedRegion{{Number: 1, Phrase: "cup"}}}, "\tobject-recoloration | cup | → blue | {\"color\":\"color:blue\"}\n"},
		{"remove this", edit.History{Regions: []edit.NumberedRegion{{Number: 1, Phrase: "cup"}}}, "\tobject-removal | cup\n"},
		{"remove it", edit.History{}, "\t! \"remove it\" is not understood: it is not said what \"it\" stands for\n"},
	} {
		if got := show(planOf(t, g, tc.request, tc.h)); got != tc.want {
			t.Errorf("%s: got\n%swant\n%s", tc.request, got, tc.want)
		}
	}
}

func TestClauseWordsPreserved(t *testing.T) {
	g := New(testSpecs())
	requests, _ := readCases(t, "testdata/requests.txt")
	for _, request := range requests {
		plan, err := planOf(t, g, request, edit.History{})
		if err != nil {
			continue
		}
		var served []string
		for _, s := range plan.Subtasks {
			served = append(served, keys(s.Clause)...)
		}
		served = append(served, keys(strings.Join(plan.Notices, " "))...)
		for _, w := range keys(request) {
			if !slices.Contains(served, w) && !isGrammar(w) && !prefixWord(w) {
				t.Errorf("%s: no subtask serves %q (%v)", request, w, served)
			}
		}
	}
}

// prefixWord reports whether w belongs to a list of words that ask for nothing.
func prefixWord(w string) bool {
	for _, list := range [][][]string{wrappers, tails, asides, sameWords} {
		for _, s := range list {
			if slices.Contains(s, w) {
				return true
			}
		}
	}
	return stopBefore[w] || w == "after" || w == "before" || w == "but"
}

func TestDocOrderAndRepetition(t *testing.T) {
	specs := testSpecs()
	g := New(specs)
	shuffled := slices.Clone(specs)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	other := New(shuffled)
	requests, _ := readCases(t, "testdata/requests.txt")
	for _, request := range requests {
		_, ex, err := g.PlanExplained(context.Background(), request, edit.History{})
		for range 3 {
			_, again, err2 := other.PlanExplained(context.Background(), request, edit.History{})
			if ex.String() != again.String() || fmt.Sprint(err) != fmt.Sprint(err2) {
				t.Fatalf("%s: two runs differ:\n%s%v\n%s%v", request, ex, err, again, err2)
			}
		}
	}
}

func TestPlansAreValid(t *testing.T) {
	g := New(testSpecs())
	requests, _ := readCases(t, "testdata/requests.txt")
	for _, request := range requests {
		if plan, err := planOf(t, g, request, edit.History{}); err == nil {
			if err := g.Validate(plan); err != nil {
				t.Errorf("%s: %v", request, err)
			}
			if len(plan.Subtasks) == 0 {
				t.Errorf("%s: an empty plan without an error", request)
			}
		} else if len(plan.Subtasks) > 0 {
			t.Errorf("%s: an error and a plan", request)
		}
	}
}

// TestUnseenTool drops in a tool that no other test knows: its doc alone makes it usable.
func TestUnseenTool(t *testing.T) {
	specs := append(testSpecs(), doc("toonify", "cartoonization", "cartoonize, make cartoonish", "image strength:number", "image",
		amount("strength", "", "0", "1", "0.5", "cartoonish=0.5"), example("cartoonize the photo")))
	g := New(specs)
	for request, want := range map[string]string{
		"cartoonize the photo":                      "\tcartoonization | \n",
		"remove the dog and cartoonise the picture": "\tobject-removal | dog\n\tcartoonization | \n",
		"make it very cartoonish":                   "\tcartoonization |  | {\"strength\":1}\n",
	} {
		if got := show(planOf(t, g, request, edit.History{})); got != want {
			t.Errorf("%s: got\n%swant\n%s", request, got, want)
		}
	}
}

func TestUnreadableRequests(t *testing.T) {
	g := New(testSpecs())
	for name, request := range map[string]string{
		"empty":      "  \n ",
		"zero width": "remove the\u200bdog",
		"bidi":       "remove the \u202edog",
		"control":    "remove\x00the dog",
		"bad utf-8":  "remove \xff",
		"too long":   strings.Repeat("remove the dog. ", 1000),
		"too many":   strings.Repeat("blur the background.", 65),
		"long order": strings.Repeat("make the ", 100),
		"undo":       "please undo that",
	} {
		_, err := planOf(t, g, request, edit.History{})
		var ue *edit.UserError
		if !errors.As(err, &ue) || ue.Hint == "" {
			t.Errorf("%s: %v, want a UserError with a hint", name, err)
		}
	}
}

func TestNotUnderstoodNamesWordsAndNearest(t *testing.T) {
	g := New(testSpecs())
	for request, want := range map[string]struct {
		words   []string
		nearest string
	}{
		"frobnicate the car":  {[]string{"frobnicate"}, ""},
		"recolor the car":     {nil, "object-recoloration"},
		"blur the dog":        {[]string{"blur"}, "background-blur"},
		"upscale it by 400":   {nil, "image-upscaling"},
		"pixelate the bench":  {[]string{"pixelate"}, ""},
		"remove the dog, pet": {nil, "object-removal"},
	} {
		_, err := planOf(t, g, request, edit.History{})
		var e *NotUnderstoodError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want a NotUnderstoodError", request, err)
			continue
		}
		if want.words != nil && !slices.Equal(e.Words, want.words) {
			t.Errorf("%s: words %q, want %q", request, e.Words, want.words)
		}
		if want.nearest != "" && (len(e.Nearest) == 0 || e.Nearest[0].Task != want.nearest) {
			t.Errorf("%s: nearest %+v, want %s first", request, e.Nearest, want.nearest)
		}
		if e.Reason == "" || e.Clause == "" {
			t.Errorf("%s: no reason or clause in %+v", request, e)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(testSpecs()).Plan(ctx, "remove the dog", edit.History{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestExplainGolden(t *testing.T) {
	const file = "testdata/explain.txt"
	g := New(testSpecs())
	var b strings.Builder
	for _, request := range []string{
		"make the sky warmer, then upscale 2x",
		"detect the text",
		"cut out the dog and make the bench teal",
		"recolor the car",
		"blur the faces",
	} {
		_, ex, _ := g.PlanExplained(context.Background(), request, edit.History{})
		fmt.Fprintf(&b, "# %s\n%s", request, ex)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func FuzzPlan(f *testing.F) {
	requests, _ := readCases(f, "testdata/requests.txt")
	for _, r := range requests {
		f.Add(r)
	}
	g := New(testSpecs())
	h := edit.History{Turns: []edit.Turn{{Subtasks: []edit.Subtask{{ID: 1, Task: "object-removal", Object: "red car"}}}}}
	f.Fuzz(func(t *testing.T, request string) {
		a, err := g.Plan(context.Background(), request, h)
		b, err2 := g.Plan(context.Background(), request, h)
		if show(a, err) != show(b, err2) {
			t.Fatalf("%q: two plans differ", request)
		}
		if err == nil {
			if err := g.Validate(a); err != nil {
				t.Fatalf("%q: %v", request, err)
			}
		}
	})
}

func BenchmarkPlan(b *testing.B) {
	g := New(testSpecs())
	for _, request := range []string{
		"recolor the airplane red and blur the background",
		"Detect pedestrians, remove the car, replace the cat with a rabbit, recolor the dog to pink, make the sky warmer, and upscale 2x",
	} {
		b.Run(fmt.Sprint(len(strings.Fields(request)), "words"), func(b *testing.B) {
			for b.Loop() {
				if _, err := g.Plan(context.Background(), request, edit.History{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{25, 250, 2500} {
		b.Run(fmt.Sprint(n, "docs"), func(b *testing.B) {
			specs := testSpecs()
			for len(specs) < n {
				s := testSpecs()[len(specs)%30]
				s.Name = fmt.Sprintf("%s-%d", s.Name, len(specs))
				specs = append(specs, s)
			}
			for b.Loop() {
				New(specs[:n])
			}
		})
	}
}
