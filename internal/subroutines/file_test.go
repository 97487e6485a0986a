package subroutines_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	. "pentimento/internal/subroutines"
)

// drawn draws usable subroutines with every field in use.
func drawn() *rapid.Generator[*Subroutine] {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "plain", "a: b", "- x", "# no comment", "'", `"`, "{a}", "null", "1e3", "two\nlines", " edge ", "é ☃"}))
	count := rapid.OneOf(rapid.Float64Range(0, 1e9), rapid.Map(rapid.IntRange(0, 100), func(n int) float64 { return float64(n) }))
	return rapid.Custom(func(t *rapid.T) *Subroutine {
		cost := func() Cost {
			return Cost{
				count.Draw(t, "n"), count.Draw(t, "s"), count.Draw(t, "sd"), count.Draw(t, "mp"), count.Draw(t, "mpsd"),
				rapid.Float64Range(-1e9, 1e9).Draw(t, "slope"),
			}
		}
		evidence := func() Evidence {
			return Evidence{cost(), cost(), Rate{count.Draw(t, "passed"), count.Draw(t, "failed")}, Quality{count.Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "mean")}}
		}
		s := &Subroutine{
			ID: rapid.StringMatching(`[a-zA-Z0-9#_:-]{1,12}`).Draw(t, "id"), Name: text.Draw(t, "name"), Task: rapid.StringMatching(`[a-z-]{1,12}`).Draw(t, "task"),
			State: rapid.SampledFrom(States()).Draw(t, "state"), Version: rapid.IntRange(1, 9).Draw(t, "version"),
			Cause: rapid.SampledFrom([]Cause{"", ByPerson, ByWatch, ByDocs}).Draw(t, "cause"), Watch: Watch{Sum: count.Draw(t, "sum"), Uses: 3, Base: 0.9},
			Provenance: Provenance{Proposer: text.Draw(t, "proposer"), Verification: text.Draw(t, "verification")},
		}
		s.SetOwn(evidence())
		for i := range rapid.IntRange(1, 4).Draw(t, "steps") {
			step := PathStep{Tool: rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,7}`).Draw(t, "tool"), Variant: rapid.IntRange(0, 3).Draw(t, "variant")}
			if i > 0 {
				step.Inputs = []int{rapid.IntRange(0, i-1).Draw(t, "input")}
			}
			if rapid.Bool().Draw(t, "params") {
				step.Params = map[string]any{"n": rapid.Float64Range(-1e9, 1e9).Draw(t, "number"), "text": text.Draw(t, "param"), "yes": true, "list": []any{1.0, "two"}}
			}
			s.Path = append(s.Path, step)
		}
		if r := Rule(rapid.SliceOfN(conditions(), 0, 4).Draw(t, "when")); len(r) > 0 {
			if _, ok := r.Canonical(); ok {
				s.When = r
			}
		}
		if rapid.Bool().Draw(t, "others") {
			s.Others = map[string]Evidence{"deadbeef": evidence(), rapid.SampledFrom([]string{"published", "null", "1e3", "a b", "true"}).Draw(t, "source"): evidence()}
			s.Docs = map[string]string{s.Path[0].Tool: "00ff"}
			s.Provenance.Traces, s.Provenance.Notes = []int64{1, 1 << 60}, []string{text.Draw(t, "note")}
			s.History = []Change{{At: noon, To: Candidate, Reason: text.Draw(t, "reason")}}
			s.Trials = Trials{Failed: 1, Next: noon}
		}
		return s
	})
}

func TestFilesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &File{Version: FileVersion, Source: rapid.SampledFrom([]string{"", "0123456789abcdef", "1e5"}).Draw(t, "source")}
		f.Subroutines = rapid.SliceOfNDistinct(drawn(), 0, 3, func(s *Subroutine) string { return s.ID }).Draw(t, "all")
		for name, write := range map[string]func() ([]byte, error){"YAML": f.YAML, "JSON": f.JSON} {
			b, err := write()
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParseFile("it", b)
			if err != nil {
				t.Fatalf("%v\n%s", err, b)
			}
			if diff := cmp.Diff(f, back, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s: %s\n%s", name, diff, b)
			}
		}
	})
}

const good = `version: 1
subroutines:
  - id: a
    task: object-removal
    path:
      - {tool: seek}
    when:
      - object-area-share < 0.25
    state: active
    version: 1
    cost: {runs: 1, seconds: 2}
    pass: {passed: 1, failed: 0}
    provenance: {proposer: mined}
`

func TestFilesThatAreRefused(t *testing.T) {
	if _, err := ParseFile("x.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, now, want string }{
		{"    task:", "    tusk:", `line 4: unknown field "tusk"`},
		{"{tool: seek}", "{tool: seek, tol: 1}", `line 6: unknown field "tol"`},
		{"object-area-share < 0.25", "object-aera-share < 0.25", `line 8: there is no feature "object-aera-share"`},
		{"object-area-share < 0.25", "object-area-share < 2", "line 8: the condition"},
		{"object-area-share < 0.25", "[1]", "line 8: a condition is a text"},
		{"version: 1\ns", "version: 2\ns", "version 2"},
		{"version: 1\ns", "s", "version 0"},
		{"    version: 1", "    version: 0", "subroutine 1, a: its version 0 is below 1"},
		{"state: active", "state: awake", `"awake" is no state`},
		{"id: a", "id: a b", "has spaces"},
		{"{tool: seek}", "{tool: seek, inputs: [0]}", "takes the result of step 0, which is not before it"},
		{"passed: 1", "passed: -1", "its runs that passed cannot be -1"},
		{"passed: 1", "passed: .nan", "its runs that passed cannot be NaN"},
		{"seconds: 2", "seconds: .inf", "its seconds cannot be +Inf"},
		{"- id: a", "- &x\n    id: a", "line 3: \"&\" is YAML that"},
		{"version: 1\ns", "version: 1\n---\ns", "is YAML that"},
		{"{tool: seek}", "{tool: " + strings.Repeat("[", 50), "nested deeper"},
		{"subroutines:\n", "subroutines:\n  -\n", "subroutine 1 is empty"},
	} {
		text := strings.Replace(good, c.old, c.now, 1)
		if text == good {
			t.Fatalf("%q is not there", c.old)
		}
		_, err := ParseFile("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%q: %v, want %q", c.now, err, c.want)
		}
	}
	twice := good + strings.Split(good, "subroutines:\n")[1]
	if _, err := ParseFile("x.yaml", []byte(twice)); err == nil || !strings.Contains(err.Error(), "two of the id a") {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"{\"version\": 1,\n\"subroutines\": [],\n\"foo\": 1}": `line 3: json: unknown field "foo"`,
		"{\"version\": 1,\n\"subroutines\": [}":               "line 2:",
		"{\"version\": 1, \"subroutines\": []} {}":            "more follows",
		"{\"version\": \"1\"}":                                "line 1:",
		`{"version": 1, "subroutines": [{"id":"a","task":"t","path":[{"tool":"x"}],"state":"active","version":1,"when":["nonsense"]}]}`: `there is no feature "nonsense"`,
	} {
		if _, err := ParseFile("x.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Whatever is read can be written and read again.
func FuzzParseFile(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"version":1,"subroutines":[{"id":"a","task":"t","path":[{"tool":"x","params":{"a":[1,{"b":null}]}}],"state":"active","version":1,"cost":{"runs":1,"seconds":1},"pass":{"passed":0,"failed":0},"provenance":{"proposer":"x"}}]}`))
	f.Add([]byte("version: 1\nsource: 'x'\nsubroutines: []\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ParseFile("it", b)
		if err != nil {
			return
		}
		out, err := file.JSON()
		if err != nil {
			t.Fatalf("%v of %q", err, b)
		}
		back, err := ParseFile("it", out)
		if err != nil {
			t.Fatalf("%v of %s", err, out)
		}
		if diff := cmp.Diff(file, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if out, err = file.YAML(); err != nil {
			t.Fatalf("%v of %q", err, b)
		}
		if back, err = ParseFile("it", out); err != nil {
			t.Fatalf("%v of %s", err, out)
		}
		if diff := cmp.Diff(file, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
	})
}

// Merging counts each source's evidence once, in any order and however often.
func TestMergeCountsOnce(t *testing.T) {
	a, b := removal("r1", "detector-knows"), removal("x9", "detector-knows")
	b.Pass = Rate{40, 0}
	mine := []*Subroutine{a}
	theirs := &File{Version: 1, Source: "them", Subroutines: []*Subroutine{b, removal("r1", "")}}
	table, report := merged(mine, theirs, "me")
	want := []Merged{{"r1", "x9", MergedEvidence}, {table[1].ID, "r1", MergedNew}}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
	if got := table[0]; got.State != Active || got.Own() != a.Own() || got.Total().Pass != (Rate{19 + 10, 1}) || got.Total().Cost != a.Cost {
		t.Errorf("%+v", got.Total())
	}
	if got := table[1]; got.State != Candidate || got.ID == "r1" || got.Own() != (Evidence{}) || got.Total().Pass != (Rate{19. / 4, 1. / 4}) ||
		len(got.History) != 1 || !strings.Contains(got.History[0].Reason, "imported from them, where it was r1 active") {
		t.Errorf("%+v", got)
	}
	again, report := merged(table, theirs, "me")
	if diff := cmp.Diff(table, again); diff != "" || report[0].Result != MergedUnchanged || report[1].Result != MergedUnchanged {
		t.Errorf("%v %s", report, diff)
	}
	// They import mine and send it back: what is mine is not theirs.
	returned := &File{Version: 1, Source: "them", Subroutines: table}
	returned.Subroutines[0].SetOwn(b.Own())
	returned.Subroutines[0].Others = map[string]Evidence{"me": a.Own()}
	back, _ := merged([]*Subroutine{a}, returned, "me")
	if got := back[0].Total().Pass; got != (Rate{19 + 10, 1}) {
		t.Errorf("%+v", got)
	}
	other := removal("z", "detector-knows")
	other.Docs, mine[0].Docs = map[string]string{"fill": "new"}, map[string]string{"fill": "old"}
	if _, report := merged(mine, &File{Source: "them", Subroutines: []*Subroutine{other}}, "me"); report[0].Result != MergedOther {
		t.Error(report)
	}
}

// merged is a table after a merge.
func merged(table []*Subroutine, f *File, own string) ([]*Subroutine, []Merged) {
	changed, report := Merge(table, f, own, noon)
	out := append([]*Subroutine(nil), table...)
next:
	for _, c := range changed {
		for i := range out {
			if out[i].ID == c.ID {
				out[i] = c
				continue next
			}
		}
		out = append(out, c)
	}
	return out, report
}

func TestMergeOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var files []*File
		for _, source := range []string{"a", "b", "c"} {
			f := &File{Version: 1, Source: source}
			for _, when := range []string{"detector-knows", "has-region", "has-except"} {
				if r.IntN(2) == 0 {
					s := removal(source+when, when)
					s.Pass = Rate{float64(r.IntN(9)), float64(r.IntN(9))}
					f.Subroutines = append(f.Subroutines, s)
				}
			}
			files = append(files, f)
		}
		totals := func() map[string]Rate {
			var table []*Subroutine
			for _, f := range files {
				table, _ = merged(table, f, "me")
			}
			out := make(map[string]Rate)
			for _, s := range table {
				out[s.Key()] = s.Total().Pass
			}
			return out
		}
		first := totals()
		r.Shuffle(3, func(i, j int) { files[i], files[j] = files[j], files[i] })
		if diff := cmp.Diff(first, totals(), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestKeys(t *testing.T) {
	a, b := removal("a", "detector-knows", "object-area-share >= 0.1", "object-area-share < 0.5"), removal("b", "object-area-share in [0.1, 0.5)", "detector-knows")
	b.Path[2].Params = map[string]any{"radius": 3.0}
	if a.Key() != b.Key() || a.NewID() != b.NewID() || len(a.NewID()) != 9 {
		t.Error("the same rule in other words has the same key")
	}
	b.Path[2].Variant = 2
	if a.Key() == b.Key() {
		t.Error("another path has another key")
	}
	a.Path[0].Params = map[string]any{"x": math.NaN()}
	if !strings.HasPrefix(a.Key(), "invalid") || a.Check() == nil {
		t.Error("parameters that are no numbers are refused")
	}
}

// What another table found on its own pictures, and gave up beside its own
// rules, is a fresh candidate here; a file keeps both for the table that it came from.
func TestImportDropsWhatMeansNothingHere(t *testing.T) {
	theirs := removal("r1", "detector-knows")
	theirs.Provenance = Provenance{Proposer: "mined", Traces: []int64{3, 4}, Folds: []int{0, 2}, Verification: "accepted"}
	theirs = theirs.Covered(Cover{By: "r9", Reason: "covered by r9"}, noon)
	file := &File{Version: FileVersion, Source: "them", Subroutines: []*Subroutine{theirs}}
	for _, write := range []func() ([]byte, error){file.YAML, file.JSON} {
		text, err := write()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseFile("it", text)
		if err != nil {
			t.Fatalf("%v of %s", err, text)
		}
		if diff := cmp.Diff(file, back, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		table, _ := merged(nil, back, "me")
		got := table[0]
		if got.State != Candidate || got.Coverer != "" || got.Provenance.Folds != nil || got.Provenance.Traces != nil || got.Provenance.Verification != "" || got.Own() != (Evidence{}) {
			t.Errorf("%+v", got)
		}
		if want := theirs.Pass.Times(ForeignShare); got.Total().Pass != want {
			t.Errorf("its evidence counts %+v, want %+v", got.Total().Pass, want)
		}
		if err := got.Check(); err != nil {
			t.Error(err)
		}
		// Here it is the table's own: merged back, it keeps its folds and who covers it.
		if same, report := merged([]*Subroutine{theirs}, back, "them"); same[0].Coverer != "r9" || len(same[0].Provenance.Folds) != 2 || report[0].Result != MergedUnchanged {
			t.Errorf("%+v, %+v", same[0], report)
		}
	}
}
