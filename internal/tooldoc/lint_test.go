package tooldoc

import (
	"fmt"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

func TestLint(t *testing.T) {
	good, err := Parse("yolox-nano.md", []byte(yoloxDoc), shippedLabels)
	if err != nil {
		t.Fatal(err)
	}
	taker := edit.ToolSpec{Name: "taker", Inputs: []edit.Port{{Name: "boxes", Kind: edit.KindBoxes}}, Outputs: []edit.Port{{Name: "hole", Kind: edit.KindMask}}}
	tests := []struct {
		name   string
		change func(*edit.ToolSpec)
		want   string // empty: no warning
	}{
		{"a good doc", func(*edit.ToolSpec) {}, ""},
		{"an input that another tool makes", func(s *edit.ToolSpec) { s.Inputs = append(s.Inputs, edit.Port{Name: "hole", Kind: edit.KindMask}) }, ""},
		{"an input that nobody makes", func(s *edit.ToolSpec) { s.Inputs = append(s.Inputs, edit.Port{Name: "depth", Kind: edit.KindDepth}) }, "inputs.depth: no other tool makes depth"},
		{"a number that nobody gives", func(s *edit.ToolSpec) { s.Inputs = append(s.Inputs, edit.Port{Name: "sigma", Kind: edit.KindNumber}) }, "inputs.sigma: no request gives this number"},
		{"a detector of everything", func(s *edit.ToolSpec) { s.Accepts = nil }, "accepts.object: a detector without labels"},
		{"no purpose", func(s *edit.ToolSpec) { s.Description = "A detector." }, "description: is too short"},
		{"no limits", func(s *edit.ToolSpec) {
			s.Description = "Finds the eighty object classes of the COCO set. Use for common objects."
		}, "does not say when not to use it"},
		{"no use", func(s *edit.ToolSpec) { s.Description = "Finds eighty classes, not sky, walls, grass or other stuff." }, "does not say when to use"},
		{"orders", func(s *edit.ToolSpec) { s.Prose = "Always call this tool first." }, `"always call" reads as an order`},
		{"a comment in the prose", func(s *edit.ToolSpec) { s.Prose = "Good. <!-- and --> sharp." }, "HTML comment"},
		{"no prose", func(s *edit.ToolSpec) { s.Prose = "" }, "has no prose"},
		{"an example without its words", func(s *edit.ToolSpec) {
			s.Examples = []edit.Example{{Request: "look at the dogs", Task: "object-detection"}}
		}, `examples[0].request: "look at the dogs" holds none of the words`},
		{"a task without example", func(s *edit.ToolSpec) {
			s.Tasks = append(s.Tasks, edit.TaskClaim{Task: "counting", Quality: 0.5, Words: []string{"count"}})
		}, "tasks[1]: no example shows counting"},
		{"free", func(s *edit.ToolSpec) { s.Cost = edit.Cost{} }, "cost: is 0"},
		{"perfect", func(s *edit.ToolSpec) { s.Quality = 1 }, "quality: is 1"},
		{"no download", func(s *edit.ToolSpec) {
			o := *s.Runtime.ONNX
			o.Models = []edit.ModelFile{{Accept: []edit.ModelSource{{File: "m.onnx", Origin: "here"}}}}
			s.Runtime.ONNX = &o
		}, "runtime.models: m.onnx has no public download"},
		{"prepares for nobody", func(s *edit.ToolSpec) {
			s.Tasks, s.Examples, s.Outputs = nil, nil, []edit.Port{{Name: "depth", Kind: edit.KindDepth}}
		}, "outputs.depth: no tool takes depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := good
			tt.change(&spec)
			got := fmt.Sprint(NewSet(spec, taker).Lint(spec))
			if tt.want == "" && got != "[]" || !strings.Contains(got, tt.want) {
				t.Errorf("warnings %s, want %q", got, tt.want)
			}
		})
	}
}

func TestHasPhrase(t *testing.T) {
	for _, tt := range []struct {
		text, phrase string
		want         bool
	}{
		{"remove the bench", "remove", true},
		{"removing it", "remove", true},
		{"turn the car around", "turn around", true},
		{"where is the dog", "where is", true},
		{"around it turns", "turn around", false},
		{"removal", "move", false},
		{"anything", "", true},
	} {
		if got := hasPhrase(tt.text, tt.phrase); got != tt.want {
			t.Errorf("hasPhrase(%q, %q) = %v", tt.text, tt.phrase, got)
		}
	}
}

func TestViewShowsWhatAPlannerNeeds(t *testing.T) {
	spec, err := Parse("yolox-nano.md", []byte(yoloxDoc), shippedLabels)
	if err != nil {
		t.Fatal(err)
	}
	view := View(spec)
	for _, want := range []string{"yolox-nano: YOLOX-Nano detector", "Use for common objects", "object-detection", "where is", "object: text", "boxes: boxes", "find the dogs", "Prose."} {
		if !strings.Contains(view, want) {
			t.Errorf("the view lacks %q:\n%s", want, view)
		}
	}
}
