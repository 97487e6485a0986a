package agent

import (
	"context"
	"slices"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// A tool whose result did not pass is run again on another outline, and not on
// one that differs by a hair. The eager search runs it on each.
func TestACallIsNotRunAgainOnTheSameButForAHair(t *testing.T) {
	for name, c := range map[string]struct {
		left   int // columns of the second outline that the first does not have
		search string
		runs   int // of the tool that does not pass
	}{
		"a hair":            {0, SearchLazy, 1},
		"another outline":   {3, SearchLazy, 2},
		"eagerly, all same": {0, SearchEager, 2},
	} {
		specs, f := world()
		i := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == "masker" })
		other := specs[i]
		other.Name, other.Quality = "masker-two", other.Quality*0.99
		specs = slices.Insert(specs, i+1, other)
		f.do["masker-two"] = func(r tools.Request) (tools.Response, error) {
			resp, err := f.do["masker"](r)
			if err != nil {
				return resp, err
			}
			m := resp.Outputs["mask"].(*pixel.Mask).Clone()
			for y := range m.H {
				for x := range c.left {
					m.Pix[y*m.W+x] = 255
				}
			}
			m.Pix[len(m.Pix)-1] = 1 // another artifact, if only by a hair
			return out("mask", m)
		}
		e := engine(specs, f)
		e.Judge = scores(map[string]float64{"eraser": 0.5})
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Search = c.search
		got, err := e.Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		for _, call := range f.ran {
			if call == "eraser" {
				runs++
			}
		}
		if runs != c.runs || got.Summary.Subtasks[0].Status != edit.StatusFailed {
			t.Errorf("%s: %s after %v, want the eraser run %d times", name, got.Summary.Subtasks[0].Status, f.ran, c.runs)
		}
	}
}
