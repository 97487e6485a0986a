package builtin

import (
	"context"
	"fmt"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Smoothness of the cuts, in nats. Without a class map colours are all there
// is, so borders have to be dearer.
const (
	boxSmooth     = 20.0
	classesSmooth = 12.0
	compactSmooth = 24.0
	compactShare  = 0.75 // of its box, that a class map fills
	pointsSmooth  = 16.0
	defaultRounds = 4
)

// grabcutBox cuts the picked boxes' objects out by colour: inputs image,
// object, boxes; output mask.
func grabcutBox(ctx context.Context, req tools.Request) (tools.Response, error) {
	return grabcutWith(ctx, req, nil)
}

// grabcutClasses does the same with class maps of the picture as evidence for
// the object and against the others: inputs image, object, boxes, classes.
func grabcutClasses(ctx context.Context, req tools.Request) (tools.Response, error) {
	classes, err := tools.Input[*pixel.Classes](req, "classes")
	if err != nil {
		return tools.Response{}, err
	}
	return grabcutWith(ctx, req, classes)
}

func grabcutWith(ctx context.Context, req tools.Request, classes *pixel.Classes) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	boxes, err := tools.Input[edit.Boxes](req, "boxes")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{rounds: defaultRounds, color: 1})
	if err != nil {
		return tools.Response{}, err
	}
	t := &target{picked: usable(boxes.Picked, img), others: usable(boxes.Others, img), classes: classes}
	if phrase, ok := req.Inputs["object"].(edit.Text); ok {
		t.names = []string{edit.ParsePhrase(string(phrase)).Head}
	}
	if len(t.picked) == 0 {
		return tools.Response{}, &edit.UserError{
			Msg:  fmt.Sprintf("%s: none of the %d boxes lies in the picture", req.Spec.Name, len(boxes.Picked)),
			Hint: fmt.Sprintf("the picture is %d×%d; boxes are x0,y0,x1,y1 in its pixels", img.W, img.H),
		}
	}
	mask, err := t.segment(ctx, img, basePixels, opt)
	if err != nil {
		return tools.Response{}, err
	}
	return nonEmpty(req, mask)
}

// usable clips boxes to the picture and drops those that keep less than 2×2 pixels.
func usable(boxes []edit.Box, img *pixel.Image) []edit.Box {
	var out []edit.Box
	for _, b := range boxes {
		if b = b.Clip(img.W, img.H); b.W() >= 2 && b.H() >= 2 {
			out = append(out, b)
		}
	}
	return out
}

// nonEmpty turns an empty mask into an error: a later step would edit nothing and call it done.
func nonEmpty(req tools.Request, mask *pixel.Mask) (tools.Response, error) {
	if mask.Count(pixel.Half) == 0 {
		return tools.Response{}, &edit.UserError{
			Msg:  req.Spec.Name + " could not tell the object from what is around it",
			Hint: "mark it more closely with --box or --point, or give its outline with --mask",
		}
	}
	return maskResponse("mask", mask), nil
}

// segment separates the target at a scale of at most pixels for its
// surroundings and carries the result to full size.
func (t *target) segment(ctx context.Context, img *pixel.Image, pixels int, opt cutOptions) (*pixel.Mask, error) {
	crop := surroundings(t.picked, img.W, img.H)
	w, h := fitPixels(crop.Dx(), crop.Dy(), pixels)
	fr := newFrame(img, crop, w, h)
	ev, err := gather(ctx, img, fr, t)
	if err != nil {
		return nil, err
	}
	if opt.smooth == 0 {
		opt.smooth = boxSmooth
		// Only a map of the object itself is fine enough evidence to loosen the border; maps of
		// others alone leave thin parts to colours, where a loose border tips over at a pixel's difference of the box.
		// An object that fills its box has few thin parts to lose.
		if layer := t.layer(boxNames(t.picked)); layer != nil && t.covers(layer) {
			opt.smooth = classesSmooth
			if t.coverage(layer) > compactShare {
				opt.smooth = compactSmooth
			}
		}
	}
	return separate(ctx, img, fr, ev, opt)
}

// separate runs the whole of the method on gathered evidence: cuts at the
// frame's scale, tidying, refinement to full size, and the soft border.
func separate(ctx context.Context, img *pixel.Image, fr *frame, ev *evidence, opt cutOptions) (*pixel.Mask, error) {
	label, m, err := grabCut(ctx, fr, ev, opt)
	if err != nil {
		return nil, err
	}
	reachOut(fr, ev, label)
	if ev.colorsOnly {
		dropShadows(fr, ev, label)
	}
	tidy(fr, ev, label)
	if label, err = carryUp(ctx, img, fr, ev, label, m, opt); err != nil {
		return nil, err
	}
	return matte(ctx, img, fr.crop, label)
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

// wholeFrame is the whole picture at a scale of at most basePixels.
func wholeFrame(img *pixel.Image) *frame {
	w, h := fitPixels(img.W, img.H, basePixels)
	return newFrame(img, image.Rect(0, 0, img.W, img.H), w, h)
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
