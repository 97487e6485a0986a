package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// regionOps are the operations that make regions which are no objects: all of
// the picture, what lies behind its subject, stuff such as sky and wall; and
// those that turn one region into another.
var regionOps = map[string]opFunc{
	"region-all":        regionAll,
	"region-background": regionBackground,
	"region-subject":    regionSubject,
	"region-stuff":      regionStuff,
	"region-panel":      regionPanel,
	"blur":              opBlur,
}

// regionAll is the whole picture: input image; output mask, 255 everywhere.
func regionAll(_ context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	return maskResponse("mask", pixel.FullMask(img.W, img.H)), nil
}

// regionBackground is what the subject leaves: input foreground; output mask, its complement.
func regionBackground(_ context.Context, req tools.Request) (tools.Response, error) {
	subject, err := tools.Input[*pixel.Mask](req, "foreground")
	if err != nil {
		return tools.Response{}, err
	}
	m := pixel.Invert(subject)
	if m.Count(pixel.Half) == 0 {
		return tools.Response{}, &edit.NotFoundError{Phrase: "background", By: []string{req.Spec.Name}, Hint: "the subject fills the picture"}
	}
	return maskResponse("mask", m), nil
}

// regionSubject takes the named object for the subject: input mask; output foreground, the same matte.
func regionSubject(_ context.Context, req tools.Request) (tools.Response, error) {
	m, err := tools.Input[*pixel.Mask](req, "mask")
	if err != nil {
		return tools.Response{}, err
	}
	return maskResponse("foreground", m), nil
}

// evenShare is the blur's standard deviation as a share of the picture's
// shorter side where the request gives no radius.
const evenShare = 0.012

// opBlur blurs the whole picture by a Gaussian in linear light: inputs image,
// radius in pixels (0: a share of the picture) and amount, a factor on that share.
func opBlur(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	radius, err := numberIn(req, "radius", 0)
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 1)
	if err != nil {
		return tools.Response{}, err
	}
	sigma := radius / 2
	if radius == 0 {
		sigma = math.Max(1, amount*evenShare*float64(min(img.W, img.H)))
	}
	out := pixel.BlurImage(img, sigma, pixel.LinearLight)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = img.Pix[i]
	}
	out.HasAlpha = img.HasAlpha
	return imageResponse(out), nil
}

// pictureAndMask reads the picture and the object's outline.
func pictureAndMask(req tools.Request) (*pixel.Image, *pixel.Mask, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return nil, nil, err
	}
	mask, err := tools.Input[*pixel.Mask](req, "mask")
	return img, mask, err
}
