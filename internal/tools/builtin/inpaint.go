package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/patchmatch"
)

// opInpaint fills the hole from its surroundings. Inputs: image and hole, or a
// mask that is taken as it is, for what is marked with all that must go. Output:
// image, equal to the input where the hole is 0.
func opInpaint(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	port := "hole"
	if _, ok := req.Spec.Input(port); !ok {
		port = "mask"
	}
	hole, err := tools.Input[*pixel.Mask](req, port)
	if err != nil {
		return tools.Response{}, err
	}
	out, err := patchmatch.Fill(ctx, img, hole, patchmatch.Options{Seed: req.Seed, Progress: req.Progress})
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}

// growFloor is the matte from which a pixel may show a trace of the object.
const growFloor = 16

// opGrowMask widens an object's matte into the hole to fill: a removal that
// leaves the object's rim leaves its ghost, and one that leaves an island inside
// it (a bag before a coat) is spoilt by it. Inputs: mask, and where the tool takes
// it image, which shows the shadow at the object's foot. Output: hole, hard-edged.
//
// Parameters, as shares of the object's size (the square root of its area):
// share, the growth all around, at least least pixels; down, the further growth
// downwards, where shadows lie; gaps, the width of the notches that are closed.
// shadow is how far a shadow at its foot is followed, 0 for not at all;
// islands is the share of the object's area up to which what it encloses counts as its own.
func opGrowMask(_ context.Context, req tools.Request) (tools.Response, error) {
	mask, err := tools.Input[*pixel.Mask](req, "mask")
	if err != nil {
		return tools.Response{}, err
	}
	share, err := paramIn(req, "share", 0.06, 0, 1)
	if err != nil {
		return tools.Response{}, err
	}
	least, err := paramIn(req, "least", 5.0, 0, 100)
	if err != nil {
		return tools.Response{}, err
	}
	down, err := paramIn(req, "down", 0.06, 0, 1)
	if err != nil {
		return tools.Response{}, err
	}
	gaps, err := paramIn(req, "gaps", 0.08, 0, 1)
	if err != nil {
		return tools.Response{}, err
	}
	islands, err := paramIn(req, "islands", 0.25, 0, 1)
	if err != nil {
		return tools.Response{}, err
	}
	shadow, err := paramIn(req, "shadow", 0.0, 0, 2)
	if err != nil {
		return tools.Response{}, err
	}
	hole := pixel.NewMask(mask.W, mask.H)
	if area := mask.Area(); area > 0 {
		size := math.Sqrt(area)
		hole = pixel.Close(pixel.Threshold(mask, growFloor), gaps*size/2)
		if most := int(islands * area); most > 0 {
			hole = pixel.FillHoles(hole, most)
		}
		hole = pixel.Grow(hole, max(least, share*size))
		extendDown(hole, int(down*size+0.5))
		if img, ok := req.Inputs["image"].(*pixel.Image); ok && shadow > 0 && !hole.Empty() {
			hole = pixel.Union(hole, contactShadow(img, hole, int(shadow*size+0.5)))
		}
	}
	return tools.Response{Outputs: map[string]edit.Artifact{"hole": hole}, Quality: math.NaN()}, nil
}

// extendDown adds, in place, the px pixels below each inside pixel.
func extendDown(m *pixel.Mask, px int) {
	left := make([]int, m.W)
	for y := range m.H {
		for x := range m.W {
			switch v := &m.Pix[y*m.W+x]; {
			case *v > 0:
				left[x] = px
			case left[x] > 0:
				left[x]--
				*v = 255
			}
		}
	}
}
