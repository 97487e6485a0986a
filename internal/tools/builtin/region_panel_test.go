package builtin

import (
	"context"
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// screenShape is a tilted screen of a made picture.
func screenShape() shape {
	return func(x, y float64) bool {
		return y > 22+0.08*(x-70) && y < 88+0.08*(x-70) && x > 70+0.25*(88-y) && x < 132+0.25*(88-y)
	}
}

// panelOf runs the shipped tool in a box of the whole laptop.
func panelOf(t *testing.T, img *pixel.Image) (*pixel.Mask, error) {
	t.Helper()
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	spec, ok := set.Get("panel-region")
	if !ok {
		t.Fatal("no doc panel-region")
	}
	resp, err := New().Run(context.Background(), tools.Request{Spec: &spec, Params: spec.Runtime.Builtin.Params, Inputs: map[string]edit.Artifact{
		"image": img, "object": edit.Text("laptop screen"), "boxes": edit.Boxes{Picked: []edit.Box{{X0: 20, Y0: 15, X1: 160, Y1: 125}}},
	}})
	if err != nil {
		return nil, err
	}
	return resp.Outputs["mask"].(*pixel.Mask), nil
}

// TestPanel outlines a dark screen with a reflection on it, before a dark
// wall, in a box that holds the light keyboard too.
func TestPanel(t *testing.T) {
	keys := func(x, y float64) bool { return y > 92 && y < 120 && x > 30 && x < 140 }
	img := made(madeW, madeH, colorOf(t, "brown"), painted{keys, colorOf(t, "silver")},
		painted{screenShape(), colorOf(t, "black")}, painted{ellipse(95, 70, 6, 8), colorOf(t, "dark red")})
	m, err := panelOf(t, img)
	if err != nil {
		t.Fatal(err)
	}
	if iou := pixel.IoU(m, screenShape().truth(madeW, madeH), nil); iou < 0.95 {
		t.Errorf("the screen is outlined with an overlap of %.3f", iou)
	}
}

// TestPanelRefuses checks that round things are no panels.
func TestPanelRefuses(t *testing.T) {
	ring := ellipse(90, 70, 50, 40).without(ellipse(90, 70, 30, 24))
	_, err := panelOf(t, made(madeW, madeH, colorOf(t, "white"), painted{ring, colorOf(t, "red")}, painted{ellipse(90, 70, 10, 10), colorOf(t, "blue")}))
	var none *edit.NotFoundError
	if !errors.As(err, &none) {
		t.Errorf("a ring: %v", err)
	}
}

// TestColorsShowThrough checks that what shows of an object through a veil
// beside it is masked by its share, and that other things beside it are not.
func TestColorsShowThrough(t *testing.T) {
	red, hair, wall := colorOf(t, "red"), colorOf(t, "tan"), colorOf(t, "teal")
	img, mask := pixel.NewImage(400, 300), pixel.NewMask(400, 300)
	for i := range mask.Pix {
		x, y := i%img.W, i/img.W
		c, share := hair, 0.0
		if y >= 150 {
			c = wall
		}
		switch {
		case x < 120:
			share = 1
			mask.Pix[i] = 255
		case x < 123 && y < 150:
			share = 0.5
		}
		for k, v := range [3]uint8{c.R, c.G, c.B} {
			f := [3]uint8{red.R, red.G, red.B}[k]
			img.Pix[4*i+k] = pixel.FromLinear(float32(share)*pixel.ToLinear(f) + float32(1-share)*pixel.ToLinear(v))
		}
		img.Pix[4*i+3] = 255
	}
	out, err := shareColors(t.Context(), img, mask)
	if err != nil {
		t.Fatal(err)
	}
	if v := int(out.At(121, 60)); v < 100 || v > 160 {
		t.Errorf("half of the red shows and is masked by %d of 255", v)
	}
	for _, p := range [][2]int{{125, 60}, {121, 240}, {300, 60}} {
		if v := out.At(p[0], p[1]); v > 8 {
			t.Errorf("nothing red at %v and masked by %d", p, v)
		}
	}
	for i, v := range mask.Pix {
		if out.Pix[i] < v {
			t.Fatalf("the mask sank at %d", i)
		}
	}
}
