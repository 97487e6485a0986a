package tooldoc

import (
	"math"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

func TestSearchRanks(t *testing.T) {
	labels := edit.NewLabels([]string{"dog", "cat"}, map[string][]string{"dog": {"puppy"}}, nil)
	set := NewSet(
		edit.ToolSpec{Name: "detector", Title: "Find objects", Description: "Finds dogs and cats.", Accepts: map[string]edit.Accept{"object": {Labels: labels}}},
		edit.ToolSpec{Name: "filler", Title: "Remove objects", Description: "Removes what a mask covers.", Tasks: []edit.TaskClaim{{Task: "object-removal", Words: []string{"remove", "erase"}}}},
		edit.ToolSpec{Name: "a-twin", Title: "Blur"}, edit.ToolSpec{Name: "b-twin", Title: "Blur"},
	)
	for query, want := range map[string]string{
		"removing the cat":  "filler detector", // the verb is rare and said often, the noun is in a class list
		"puppies":           "detector",
		"erased":            "filler",
		"blur it":           "a-twin b-twin", // equal scores go by name
		"quantum mechanics": "",
		"the of and":        "",
		"":                  "",
	} {
		var got []string
		for _, h := range set.Search(query, 10) {
			got = append(got, h.Name)
			if h.Score <= 0 || math.IsNaN(h.Score) {
				t.Errorf("%q: score %v", query, h.Score)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", query, got, want)
		}
	}
	if got := set.Search("blur", 1); len(got) != 1 {
		t.Errorf("%d hits, want 1", len(got))
	}
	if got := append(set.Search("blur", 0), set.Search("blur", -1)...); len(got) != 0 {
		t.Errorf("%d hits, want none", len(got))
	}
}

func TestBM25Formula(t *testing.T) {
	set := NewSet(edit.ToolSpec{Name: "x", Title: "blur blur"}, edit.ToolSpec{Name: "y", Title: "crop"})
	// Lengths 3 and 2; n = 2, df = 1, tf = 2: idf = ln(1 + 1.5/1.5).
	norm := 1.2 * (0.25 + 0.75*3/2.5)
	want := math.Log(2) * 2 * 2.2 / (2 + norm)
	if got := set.Search("blur", 1); len(got) != 1 || math.Abs(got[0].Score-want) > 1e-12 {
		t.Errorf("score %v, want %v", got, want)
	}
}

func TestStem(t *testing.T) {
	for root, words := range map[string]string{
		"remov": "remove removes removed removing", "crop": "crop crops cropped cropping", "blur": "blur blurs blurred blurring",
		"puppy": "puppy puppies", "sharpen": "sharpen sharpened sharpening", "red": "red", "bed": "bed", "string": "string",
	} {
		for w := range strings.FieldsSeq(words) {
			if got := stem(w); got != root {
				t.Errorf("stem(%s) = %s, want %s", w, got, root)
			}
		}
	}
}
