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
