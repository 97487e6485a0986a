package planner

import (
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

func TestTokenise(t *testing.T) {
	for s, want := range map[string]string{
		"don't touch the car's wheel":     "do not touch the car 's wheel",
		`write "hello, world" now.`:       "write hello, world now",
		"add 'the baker's shop' here":     "add the baker's shop here",
		"resize to 1,024x768, then 2.5x!": "resize to 1,024x768 then 2.5x",
		"crop 16:9; 25% #00ff00":          "crop 16:9 25% #00ff00",
		"„Guten Tag“ and «salut» ‘x y’":   "Guten Tag and salut x y",
		"the T-shirt – red":               "the t shirt red",
		"the dogs’ bowls":                 "the dogs bowls",
		"it’s 90°":                        "it is 90°",
		`an "unclosed quote`:              "an unclosed quote",
	} {
		n, err := normalise(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lows(tokenise(n)), " "); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestJoinKeepsHyphens(t *testing.T) {
	src := "recolor the T-shirt of  the man"
	toks := tokenise(src)
	if got := join(src, toks[2:]); got != "T-shirt of the man" {
		t.Errorf("got %q", got)
	}
}

func TestQuantities(t *testing.T) {
	for s, want := range map[string][]quantity{
		"2x":                  {{value: 2, unit: unitTimes, to: 1}},
		"x2":                  {{value: 2, unit: unitTimes, to: 1}},
		"2 times larger":      {{value: 2, unit: unitTimes, to: 3}},
		"twice":               {{value: 2, unit: unitTimes, to: 1}},
		"half the size":       {{value: 0.5, unit: unitTimes, to: 3}},
		"the left half":       nil,
		"half of it":          nil,
		"twenty five percent": {{value: 25, unit: unitPercent, to: 3}},
		"25 per cent":         {{value: 25, unit: unitPercent, to: 3}},
		"90 degrees":          {{value: 90, unit: unitDegrees, to: 2}},
		"400 x 300":           {{value: 400, unit: unitWidth, to: 3}, {value: 300, unit: unitHeight, to: 3}},
		"400x300 pixels":      {{value: 400, unit: unitWidth, to: 2}, {value: 300, unit: unitHeight, to: 2}},
		"400 pixels wide":     {{value: 400, unit: unitWidth, to: 3}},
		"1,200 px":            {{value: 1200, unit: unitPixels, to: 2}},
		"-12":                 {{value: -12, to: 1}},
		"two hundred":         {{value: 200, to: 2}},
	} {
		if got := quantities(tokenise(s)); !slices.Equal(got, want) {
			t.Errorf("%q: got %+v, want %+v", s, got, want)
		}
	}
}

func TestSpelling(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"recolr", "recolor", 1}, {"teal", "tael", 1}, {"blur", "blur", 0}, {"", "ab", 2}, {"remvoe", "remove", 1}, {"abcd", "wxyz", 4}, {"a", "abcd", 3},
	} {
		if got := edit.Slips(tc.a, tc.b); got != tc.want {
			t.Errorf("edit.Slips(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
	list := []string{"remove", "rotate", "crop", "drop", "find"}
	for w, want := range map[string]string{"remov": "remove", "rotaet": "rotate", "trop": "", "fnd": "", "xyzzy": "", "prop": ""} {
		if got, ok := correct(w, list); ok != (want != "") || ok && got != want {
			t.Errorf("correct(%q) = %q, %v, want %q", w, got, ok, want)
		}
	}
	for form, base := range map[string]string{"removing": "remove", "removed": "remove", "cropping": "crop", "denoised": "denoise", "copies": "copy", "sharpens": "sharpen"} {
		if !isForm(form, base) {
			t.Errorf("%q is a form of %q", form, base)
		}
	}
	if isForm("redo", "red") || isForm("bluring", "crop") {
		t.Error("isForm takes other words for forms")
	}
}

func TestFrames(t *testing.T) {
	v := compile(testSpecs())
	for task, want := range map[string]frame{
		"object-detection":    {takesObject: true, needsObject: true, readOnly: true, located: true},
		"object-removal":      {takesObject: true, needsObject: true, located: true, destroys: true},
		"object-recoloration": {takesObject: true, needsObject: true, located: true},
		"exposure-adjustment": {takesObject: true, located: true, wholeToo: true},
		"image-upscaling":     {wholeToo: true},
		"text-detection":      {readOnly: true, readsText: true, wholeToo: true},
		"text-removal":        {located: true, readsText: true, wholeToo: true},
	} {
		got := v.byName[task].frame
		if got.takesObject != want.takesObject || got.needsObject != want.needsObject || got.readOnly != want.readOnly || got.located != want.located ||
			got.destroys != want.destroys || got.readsText != want.readsText || got.wholeToo != want.wholeToo {
			t.Errorf("%s: got %+v", task, got)
		}
	}
}

func TestSameObject(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"dog", "the dog", true},
		{"dogs", "dog", true},
		{"red car", "car", true},
		{"red car", "blue car", false},
		{"dog", "cat", false},
		{"person on the left", "person on the right", false},
		{"first dog", "second dog", false},
		{"", "", false},
	} {
		if got := sameObject(tc.a, tc.b); got != tc.want {
			t.Errorf("sameObject(%q, %q) = %v", tc.a, tc.b, got)
		}
	}
}

func TestRecolored(t *testing.T) {
	for _, tc := range [][3]string{
		{"red car on the left", "blue", "blue car on the left"},
		{"red and white car", "teal", "teal car"},
		{"car", "blue", "car"},
	} {
		if got := recolored(tc[0], tc[1]); got != tc[2] {
			t.Errorf("recolored(%q, %q) = %q, want %q", tc[0], tc[1], got, tc[2])
		}
	}
}

func TestShade(t *testing.T) {
	red := edit.Color{R: 200, G: 0, B: 100, Name: "red"}
	if got := shade(red, 0.5); got.R <= red.R || got.G <= red.G || got.Name != "" {
		t.Errorf("lighter: %+v", got)
	}
	if got := shade(red, -0.4); got.R >= red.R || got.Name != "" {
		t.Errorf("darker: %+v", got)
	}
	if got := shade(red, 0); got != red {
		t.Errorf("unchanged: %+v", got)
	}
}
