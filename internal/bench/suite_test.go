package bench

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSuiteRefusesWithThePlace(t *testing.T) {
	const edits = "edits: [{image: a.png, request: flip it}]\n"
	for name, tc := range map[string]struct{ text, want string }{
		"an unknown field":       {"version: 1\nedits:\n  - {image: a.png, request: flip it, imgae: b}\n", `[3:38] unknown field "imgae"`},
		"an unknown setting":     {"version: 1\nsettings:\n  - {name: a, alfa: 1}\n" + edits, `[3:15] unknown field "alfa"`},
		"a wrong type":           {"version: 1\nsettings:\n  - {name: a, alpha: much}\n" + edits, "[3:"},
		"no YAML":                {"version: [1\n", "["},
		"a field twice":          {"version: 1\nversion: 1\n" + edits, "[2:1]"},
		"nothing":                {"", "version is 0"},
		"no edits":               {"version: 1", "no edits"},
		"a later version":        {"version: 2\n" + edits, "version is 2"},
		"two documents":          {"version: 1\n" + edits + "---\nversion: 1\n", "more than one document"},
		"no request":             {"version: 1\nedits: [{image: a.png}]", "edit 1: it needs a request"},
		"a picture elsewhere":    {"version: 1\nedits: [{image: ../a.png, request: x}]", "edit 1: it needs an image inside"},
		"a scene of no size":     {"version: 1\nedits: [{image: 'scene:0x9', request: x}]", "edit 1: the example scene is"},
		"half a box":             {"version: 1\nedits: [{image: a.png, request: x, boxes: {cup: [1, 2]}}]", "the box of cup"},
		"a setting unnamed":      {"version: 1\nsettings: [{alpha: 1}]\n" + edits, "setting 1 (without a name)"},
		"two of a name":          {"version: 1\nsettings: [{name: a}, {name: a}]\n" + edits, "setting 2 (a): another has that name"},
		"against a later one":    {"version: 1\nsettings: [{name: a, against: b}, {name: b}]\n" + edits, "no setting before it"},
		"an unknown search":      {"version: 1\nsettings: [{name: a, search: best}]\n" + edits, `search is "best"`},
		"alpha out of range":     {"version: 1\nsettings: [{name: a, alpha: 3}]\n" + edits, "alpha goes"},
		"threshold NaN":          {"version: 1\nsettings: [{name: a, threshold: .nan}]\n" + edits, "threshold goes"},
		"a frozen eager search":  {"version: 1\nsettings: [{name: a, search: eager, frozen: true}]\n" + edits, "neither frozen"},
		"more than any suite is": {strings.Repeat("#", maxSuiteBytes+1), "larger than"},
	} {
		_, err := ReadSuite("s.yaml", strings.NewReader(tc.text))
		var invalid *SuiteInvalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "s.yaml") {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestReadSuiteTakesJSONAndYAML(t *testing.T) {
	for name, text := range map[string]string{
		"yaml": "version: 1\nedits:\n  - image: a.png\n    request: recolor the cup\n    boxes: {cup: [1, 2, 3, 4]}\n",
		"json": `{"version": 1, "note": "n", "edits": [{"image": "a.png", "request": "recolor the cup", "boxes": {"cup": [1, 2, 3, 4]}}]}`,
	} {
		s, err := ReadSuite(name, strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(s.Settings) != 2 || s.Settings[0].Search != "eager" || s.Settings[1].Name != "lazy" {
			t.Errorf("%s: settings %+v, want eager and lazy", name, s.Settings)
		}
		alpha := 2.0
		job := s.Edits[0].job(&SuiteSetting{Alpha: &alpha}, 1)
		if job.Alpha != 2 || job.Boxes["cup"][0].String() != "1,2,3,4" || job.Request != "recolor the cup" {
			t.Errorf("%s: job %+v", name, job)
		}
	}
}

func TestOpenSuite(t *testing.T) {
	none := func(string) string { return "" }
	s, err := OpenSuite("scene", "", none)
	if err != nil || len(s.Edits) == 0 {
		t.Fatalf("the shipped suite: %v", err)
	}
	photos := filepath.Join("testdata", "photos.yaml")
	if _, err := OpenSuite(photos, "", none); err == nil || !strings.Contains(err.Error(), sharedVar) {
		t.Errorf("without the folder of the photographs: %v", err)
	}
	if _, err := OpenSuite(photos, t.TempDir(), none); err == nil || !strings.Contains(err.Error(), "dog_bench.png") {
		t.Errorf("without the photographs: %v", err)
	}
	if _, err := OpenSuite("nowhere.yaml", "", none); err == nil || !strings.Contains(err.Error(), "nowhere.yaml") || !strings.Contains(err.Error(), "scene") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func FuzzReadSuite(f *testing.F) {
	f.Add("version: 1\nedits: [{image: a.png, request: flip it, boxes: {cup: [1, 2, 3, 4]}}]\n")
	f.Add("version: 1\nsettings: [{name: a, alpha: .nan, against: b}]\nedits: [{image: 'scene:64x64', request: x}]")
	f.Add(`{"version": 1, "edits": [{"image": "../a", "request": " "}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadSuite("fuzz", strings.NewReader(text))
		if err != nil {
			var invalid *SuiteInvalid
			if !errors.As(err, &invalid) {
				t.Errorf("%v is no *SuiteInvalid", err)
			}
			return
		}
		for i := range s.Edits {
			for j := range s.Settings {
				if job := s.Edits[i].job(&s.Settings[j], 1); job.Request == "" || job.Input == "" || !(job.Alpha >= 0 && job.Alpha <= 2) {
					t.Errorf("took %+v", job)
				}
			}
		}
	})
}

// table is a suite of two settings over three edits, as if it had been run.
func table() *suite {
	r := &suite{Suite: Suite{Settings: []SuiteSetting{{Name: "eager"}, {Name: "lazy"}, {Name: "frozen", Against: "lazy"}}, Edits: make([]SuiteEdit, 3)}}
	add := func(setting string, edit int, seconds, quality float64, calls ...SuiteCall) {
		run := SuiteRun{Setting: setting, Edit: edit, ToolSeconds: seconds, WastedSeconds: seconds / 2, Quality: quality, ToolRuns: len(calls), Calls: calls}
		if quality == 0 {
			run.Failures = []string{"failed: nothing passed"}
		}
		r.runs = append(r.runs, run)
	}
	add("eager", 1, 4, 0.8, SuiteCall{Call: "find", Seconds: 1}, SuiteCall{Call: "fill", Seconds: 3})
	add("lazy", 1, 1, 0.9, SuiteCall{Call: "find", Seconds: 1}, SuiteCall{Call: "fill", Seconds: 0.5, Cached: true})
	add("frozen", 1, 1, 0.9, SuiteCall{Call: "find", Seconds: 1})
	add("eager", 2, 2, 0, SuiteCall{Call: "find", Seconds: 2, Failed: "not found"})
	add("lazy", 2, 5, 0.7, SuiteCall{Call: "find", Seconds: 2}, SuiteCall{Call: "paint", Seconds: 3, Failed: "Too flat."})
	add("frozen", 2, 6, 0.7, SuiteCall{Call: "find", Seconds: 3}, SuiteCall{Call: "paint", Seconds: 3})
	add("eager", 3, 9, 0.5) // the others did not come to it
	return r
}

func TestSuiteReportAddsUp(t *testing.T) {
	got := table().report()
	if got.Edits != 2 || got.Of != 3 || len(got.Settings) != 3 {
		t.Fatalf("%d of %d edits, %d settings", got.Edits, got.Of, len(got.Settings))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	eager, lazy, frozen := got.Settings[0], got.Settings[1], got.Settings[2]
	if eager.ToolSeconds != 6 || eager.WastedSeconds != 3 || eager.Failures != 1 || eager.Against != "" || eager.ToolRuns != 3 {
		t.Errorf("eager %+v", eager)
	}
	if lazy.Against != "eager" || lazy.ToolSeconds != 6 || lazy.Ratio != 1 || lazy.RatioDone != 0.25 || !near(lazy.RunsRatio, 4.0/3) || lazy.Quality != 0.9 {
		t.Errorf("lazy %+v", lazy)
	}
	if frozen.Against != "lazy" || !near(frozen.Ratio, 7.0/6) || frozen.Failures != 0 {
		t.Errorf("frozen %+v", frozen)
	}
	if len(got.Dearer) != 2 || got.Dearer[0].Setting != "lazy" || got.Dearer[0].Edit != 2 || got.Dearer[1].Setting != "frozen" {
		t.Fatalf("dearer %+v", got.Dearer)
	}
	for i, want := range []string{
		"eager failed (failed: nothing passed) and spent no more; ran paint for 3.00 s, which eager did not (dropped: Too flat)",
		"the same find took 3.00 s, not 2.00 s",
	} {
		if got.Dearer[i].Reason != want {
			t.Errorf("reason %q, want %q", got.Dearer[i].Reason, want)
		}
	}
	text := got.String()
	for _, want := range []string{"2 of 3 edits", "0.25", "Too flat", "nothing passed"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
}

// Of several rounds the medians count, so that one slow moment changes nothing.
func TestSuiteReportTakesMedians(t *testing.T) {
	r := &suite{Suite: Suite{Settings: []SuiteSetting{{Name: "a"}}, Edits: make([]SuiteEdit, 1)}}
	for i, seconds := range []float64{3, 90, 2} {
		r.runs = append(r.runs, SuiteRun{Setting: "a", Edit: 1, Round: i + 1, ToolSeconds: seconds, JudgeSeconds: 10 - seconds/10, Quality: 0.5})
	}
	got := r.report().Settings[0]
	if got.ToolSeconds != 3 || math.Abs(got.JudgeSeconds-9.7) > 1e-12 || got.Quality != 0.5 {
		t.Errorf("%+v, want the medians 3 and 9.7", got)
	}
}
