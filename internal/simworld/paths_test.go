package simworld_test

import (
	"slices"
	"testing"

	"pentimento/internal/simworld"
)

// The paths of the world are those of its rules, and some that no rule is about.
func TestPaths(t *testing.T) {
	w := simworld.Published()
	for _, rule := range w.Rules {
		if len(rule.When) == 0 || rule.Assumed {
			continue
		}
		found := slices.ContainsFunc(w.Paths(rule.Task), func(p simworld.Path) bool {
			if len(p.Docs) != len(rule.Path) || p.Quality < rule.Quality-1e-9 || p.Quality > rule.Quality+1e-9 {
				return false
			}
			for feature := range rule.When {
				if p.When[feature] == nil {
					return false
				}
			}
			return true
		})
		if !found {
			t.Errorf("%s: no path of %s has its length, quality and conditions", rule.ID, rule.Task)
		}
	}
	// Painting is good on uniform grounds only; what writes on its clean picture too.
	for _, task := range []string{"text-removal", "text-replacement"} {
		n := 0
		for _, p := range w.Paths(task) {
			if slices.ContainsFunc(p.Docs, func(d string) bool { return len(d) >= 8 && d[:8] == "painting" }) {
				n++
				if !slices.Equal(p.When["behind-text"], []string{"uniform-color"}) {
					t.Errorf("%s by %v is true where %v", task, p.Docs, p.When)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d paths of %s by painting", n, task)
		}
	}
	if p := w.Paths("image-upscaling"); len(p) != 1 || len(p[0].When) != 0 || p[0].Seconds != 1.7 {
		t.Errorf("%+v", p)
	}
}
