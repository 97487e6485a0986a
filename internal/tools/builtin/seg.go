package builtin

import (
	"context"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// segOps are the operations that make masks: regions by colour, GrabCut from
// several kinds of evidence, and the foreground of a picture.
var segOps = map[string]opFunc{
	"color-region": colorRegion,
}

const (
	defaultSmooth = 12.0
	defaultColor  = 1.0
	defaultRounds = 4
)

// segment separates the target at a scale of at most pixels for its
// surroundings and carries the result to full size.
func (t *target) segment(ctx context.Context, img *pixel.Image, pixels int, opt cutOptions) (*pixel.Mask, error) {
	crop := surroundings(t.picked, img.W, img.H)
	if crop.Empty() {
		return pixel.NewMask(img.W, img.H), nil
	}
	w, h := fitPixels(crop.Dx(), crop.Dy(), pixels)
	fr := newFrame(img, crop, w, h)
	ev, err := gather(ctx, img, fr, t)
	if err != nil {
		return nil, err
	}
	label, m, err := grabCut(ctx, fr, ev, opt)
	if err != nil {
		return nil, err
	}
	if label, err = carryUp(ctx, img, fr, ev, label, m, opt); err != nil {
		return nil, err
	}
	return matte(img, fr, label), nil
}

// cutOptionsOf reads the parameters that every cutting operation knows.
func cutOptionsOf(req tools.Request, def cutOptions) (cutOptions, error) {
	var err error
	if def.smooth, err = paramIn(req, "smooth", def.smooth, 0, 200); err != nil {
		return def, err
	}
	if def.rounds, err = paramIn(req, "rounds", def.rounds, 1, 20); err != nil {
		return def, err
	}
	def.color, err = paramIn(req, "color", def.color, 0, 10)
	return def, err
}

// wholeFrame is the whole picture at a scale of at most pixels.
func wholeFrame(img *pixel.Image, pixels int) *frame {
	crop := image.Rect(0, 0, img.W, img.H)
	w, h := fitPixels(img.W, img.H, pixels)
	return newFrame(img, crop, w, h)
}

// fitPixels shrinks a size to at most about pixels in area; it never enlarges.
func fitPixels(w, h, pixels int) (int, int) {
	if s := math.Sqrt(float64(pixels) / (float64(w) * float64(h))); s < 1 {
		w, h = max(1, int(float64(w)*s)), max(1, int(float64(h)*s))
	}
	return w, h
}

// maskResponse wraps one mask.
func maskResponse(port string, m *pixel.Mask) tools.Response {
	return tools.Response{Outputs: map[string]edit.Artifact{port: m}, Quality: math.NaN()}
}
