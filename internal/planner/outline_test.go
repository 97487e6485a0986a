package planner

import (
	"fmt"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// TestOutlines plans what a request says of the outline of what it edits.
func TestOutlines(t *testing.T) {
	g := New(shippedSpecs(t))
	for request, want := range map[string]string{
		"recolor the car red with a feathered edge of 5 pixels":                             "object-recoloration(car → red, feathered by 5 pixels)",
		"recolor the car red with a 5 px feather":                                           "object-recoloration(car → red, feathered by 5 pixels)",
		"recolor the car red, feathered by 5 px":                                            "object-recoloration(car → red, feathered by 5 pixels)",
		"recolor the car red and feather the edge by 10 px":                                 "object-recoloration(car → red, feathered by 10 pixels)",
		"recolor the car red. Feather by three pixels":                                      "object-recoloration(car → red, feathered by 3 pixels)",
		"with a soft edge, make the car red":                                                "object-recoloration(car → red, feathered by 8 pixels)",
		"blur the background with a soft edge":                                              "background-blur(, feathered by 8 pixels)",
		"blur the background with a very soft edge":                                         "background-blur(, feathered by 16 pixels)",
		"grow the mask by 8 pixels and remove the sign":                                     "object-removal(sign, grown by 8 pixels)",
		"brighten the dog and shrink the selection by 3 px":                                 "exposure-adjustment(dog, shrunk by 3 pixels)",
		"make the bench green, grow its mask by 4 px and feather it by 2":                   "object-recoloration(bench → green, grown by 4 pixels and feathered by 2 pixels)",
		"select the bench with the mask grown by 4 and feathered by 2 px":                   "object-segmentation(bench, grown by 4 pixels and feathered by 2 pixels)",
		"make the selection 3 pixels smaller and make the dog brown":                        "object-recoloration(dog → brown, shrunk by 3 pixels)",
		"blur everything except the raft with a soft edge of 12 pixels":                     "image-blur( but not raft, feathered by 12 pixels)",
		"make the dog brown and the bench red, then feather the edges":                      "object-recoloration(dog → brown, feathered by 8 pixels) object-recoloration(bench → red, feathered by 8 pixels)",
		"make the dog brown and paint the bench red. Feather the edge of the bench by 4 px": "object-recoloration(dog → brown) object-recoloration(bench → red, feathered by 4 pixels)",
		"select the car, feather the edge by 6 px and make it red":                          "object-segmentation(car, feathered by 6 pixels) object-recoloration(car → red, feathered by 6 pixels)",
		"make the sky warmer with a soft edge but not the clouds":                           "temperature-adjustment(sky but not clouds, feathered by 8 pixels)",
		"contract the mask by 2 px, then recolor the cup to green":                          "object-recoloration(cup → green, shrunk by 2 pixels)",
		"grow the mask of the dog by 5 pixels and make it brown":                            "object-recoloration(dog → brown, grown by 5 pixels)",
		"feather the red car on the left by 9 px and make it blue":                          "object-recoloration(red car on the left → blue, feathered by 9 pixels)",
		"feather the cup and make it red":                                                   "object-recoloration(cup → red, feathered by 8 pixels)",
		"expand the picture by 20 percent":                                                  "outpainting()",
		"replace the background with a soft grey gradient":                                  "background-gradient( → grey)",
		"soften the background":                                                             "background-blur()",
		"shrink the photo to 50%":                                                           "image-resize()",
	} {
		plan, err := planOf(t, g, request, edit.History{})
		var got []string
		for i := range plan.Subtasks {
			s := &plan.Subtasks[i]
			line := s.Task + "(" + s.Object
			if s.Target != "" {
				line += " → " + s.Target
			}
			if len(s.Except) > 0 {
				line += " but not " + strings.Join(s.Except, ", ")
			}
			if how := s.Reshaped(); how != "" {
				line += ", " + how
			}
			got = append(got, line+")")
			if s.Region != "" {
				t.Errorf("%s: %q is left as a place", request, s.Region)
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", request, strings.Join(got, " "), err, want)
		}
	}
	for request, want := range map[string]string{
		"feather the edge by 10 px":                        "there is no such edit",
		"upscale 2x with a soft edge":                      "has no outline",
		"detect the dog with a soft edge":                  "has no outline",
		"remove the sign with a soft edge":                 "takes no feathered edge",
		"make the car red and feather the edge of the dog": "there is no such edit",
		"make the car red with a soft edge of 2000 pixels": "0 to 500 pixels",
		"upscale 2x and grow the mask by 8 pixels":         "has no outline",
	} {
		_, err := planOf(t, g, request, edit.History{})
		if err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", request, err, want)
		}
	}
}
