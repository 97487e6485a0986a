package builtin

import (
	"context"
	"fmt"
	"image"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// levelEnough is the tilt, in degrees, below which a picture counts as straight.
const levelEnough = 0.2

// opStraighten turns the picture so that its long near-horizontal and
// near-vertical lines become level, and crops to the largest rectangle of the
// picture's own shape that holds no corner of the turned canvas. A picture
// without clear lines, or level already, is returned as it is with a notice.
// Inputs: image. Output: image, smaller where it was turned.
func opStraighten(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	t, err := measureTilt(ctx, img)
	if err != nil {
		return tools.Response{}, err
	}
	same := func(notice string) (tools.Response, error) {
		resp := imageResponse(img.Clone())
		resp.Notices = []string{notice}
		return resp, nil
	}
	switch {
	case !t.clear:
		return same("no horizon or long straight lines tell how the picture should stand: it was not turned; rotate it by a number of degrees instead")
	case math.Abs(t.degrees) < levelEnough:
		return same("the picture is level already: it was not turned")
	}
	resp, err := rotateFree(ctx, req, img, -t.degrees*math.Pi/180)
	if err != nil {
		return tools.Response{}, err
	}
	turned, err := outputImage(resp)
	if err != nil {
		return tools.Response{}, err
	}
	w, h := innerSize(img.W, img.H, t.degrees*math.Pi/180)
	x0, y0 := (turned.W-w)/2, (turned.H-h)/2
	out := pixel.Crop(turned, image.Rect(x0, y0, x0+w, y0+h))
	out.HasAlpha = img.HasAlpha
	resp = imageResponse(out)
	resp.Notices = []string{fmt.Sprintf("turned by %.1f degrees and cropped to %d×%d", -t.degrees, w, h)}
	return resp, nil
}

func outputImage(resp tools.Response) (*pixel.Image, error) {
	m, ok := resp.Outputs["image"].(*pixel.Image)
	if !ok {
		return nil, &tools.ContractError{Tool: "rotate", Detail: "made no picture"}
	}
	return m, nil
}

// innerSize is the largest rectangle of a w×h picture's shape that fits into it
// when it is turned by angle (radians) about its centre, less a pixel a side,
// where resampling mixes in what is not there.
func innerSize(w, h int, angle float64) (iw, ih int) {
	sin, cos := math.Abs(math.Sin(angle)), math.Abs(math.Cos(angle))
	fw, fh := float64(w), float64(h)
	s := min(fw/(fw*cos+fh*sin), fh/(fw*sin+fh*cos))
	iw, ih = int(s*fw)-2, int(s*fh)-2
	if iw < 1 { // a strip, of which a line a pixel wide is left
		iw, ih = 1, min(ih, int((fw-cos)/sin))
	}
	if ih < 1 {
		iw, ih = min(iw, int((fh-cos)/sin)), 1
	}
	return max(1, iw), max(1, ih)
}
