package judge

import (
	"context"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// A part need not fill the box of the whole; a whole must.
func TestPartOfABox(t *testing.T) {
	img, m := pixel.NewImage(120, 80), pixel.NewMask(120, 80)
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	for y := 20; y < 50; y++ {
		for x := 40; x < 90; x++ {
			m.Pix[y*120+x] = 255
			img.Set(x, y, 20, 30, 40, 255)
		}
	}
	in := SegmentInput{Image: img, Mask: m, Boxes: []edit.Box{{X0: 30, Y0: 10, X1: 115, Y1: 78}}}
	whole, err := Segment(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Part = true
	part, err := Segment(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Pass || !part.Pass {
		t.Errorf("as a whole it scores %.2f, as a part %.2f; want the part alone to pass", whole.Score, part.Score)
	}
	labels := edit.NewLabels([]string{"screen"}, map[string][]string{"screen": {"laptop screen"}}, nil)
	for name, tc := range map[string]struct {
		accepts *edit.Labels
		box     string
		want    bool
	}{
		"the box of the laptop":        {labels, "laptop", true},
		"a box drawn round the screen": {labels, "laptop screen", false},
		"a tool for any object":        {nil, "laptop", false},
	} {
		s := Step{Object: "laptop screen", Spec: &edit.ToolSpec{Accepts: map[string]edit.Accept{"object": {Labels: tc.accepts}}}}
		if got := s.ofPart([]edit.Box{{Label: tc.box}}); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
