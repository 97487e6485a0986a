package tui

import (
	"testing"

	"pentimento/internal/session"
)

func TestBind(t *testing.T) {
	regions := []session.Region{{Number: 1, Phrase: "dog"}, {Number: 2, Phrase: "red car"}, {Number: 3, Phrase: "bench"}, {Number: 90, Phrase: "tree"}}
	for _, c := range []struct {
		in, want string
		uses     []int
	}{
		{"recolor 3 to pink", "recolor the bench to pink", []int{3}},
		{"remove 1 and blur number 2", "remove the dog and blur the red car", []int{1, 2}},
		{"remove #3, then make region 2 teal", "remove the bench, then make the red car teal", []int{3, 2}},
		{"blur 1, 2 and the 3", "blur the dog, the red car and the bench", []int{1, 2, 3}},
		{"make object 1 darker", "make the dog darker", []int{1}},
		{"rotate by 3 degrees", "rotate by 3 degrees", nil},
		{"rotate 90 degrees", "rotate 90 degrees", nil},
		{"make it 2 times larger", "make it 2 times larger", nil},
		{"upscale 2x", "upscale 2x", nil},
		{"resize to 2 x 3", "resize to 2 x 3", nil},
		{"blur it by 3 pixels", "blur it by 3 pixels", nil},
		{"make it 1.5 times brighter", "make it 1.5 times brighter", nil},
		{"remove the 2 dogs", "remove the 2 dogs", nil},
		{"remove 7", "remove 7", nil},
		{`replace the text with "gate 3"`, `replace the text with "gate 3"`, nil},
	} {
		got := Bind(c.in, regions)
		var uses []int
		for _, r := range got.Uses {
			uses = append(uses, r.Number)
		}
		if got.Request != c.want || len(uses) != len(c.uses) {
			t.Errorf("%q: %q %v, want %q %v", c.in, got.Request, uses, c.want, c.uses)
			continue
		}
		for i := range uses {
			if uses[i] != c.uses[i] {
				t.Errorf("%q: regions %v, want %v", c.in, uses, c.uses)
			}
		}
	}
}
