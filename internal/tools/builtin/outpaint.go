package builtin

import (
	"context"
	"fmt"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/patchmatch"
)

const (
	outpaintMost    = 100         // percent of a side that may be added to it
	outpaintDefault = 25          // percent on all sides, where nothing is said
	outpaintPixels  = 100_000_000 // of the result
	frameReach      = 3           // lines at the picture's edge that may be a scanner's
	frameStep       = 20          // levels by which a frame's luma differs from the picture's,
	frameShare      = 0.6         // and on what share of the line
)

// opOutpaint adds to the sides of the picture what may lie beyond them. Inputs:
// image; left, right, top and bottom, percent of the picture's width or height;
// ratio, width over height of the result, 0 where not said, reached by adding
// to both sides alike. Where nothing is said all sides get a quarter. Output: image.
// The picture's own samples stay, those of a scanner's frame at a side that grows excepted.
func opOutpaint(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, v, err := imageAndNumbers(req, "left", "right", "top", "bottom", "ratio")
	if err != nil {
		return tools.Response{}, err
	}
	m, err := margins(img.W, img.H, v)
	if err != nil {
		return tools.Response{}, err
	}
	if m == (border{}) {
		return imageResponse(img), nil
	}
	canvas, hole := m.extend(img)
	if m.onlyTransparency(img) {
		return imageResponse(canvas), nil
	}
	opt := patchmatch.Options{Seed: req.Seed, Progress: req.Progress, Outward: true}
	filled, err := patchmatch.Fill(ctx, canvas, hole, opt)
	if err != nil {
		return tools.Response{}, err
	}
	filled.Deep = nil
	for i, h := range hole.Pix {
		if h > 0 {
			filled.Pix[4*i+3] = 255
		}
	}
	return imageResponse(pixel.Carry(canvas, filled)), nil
}

// border is how many pixels are added to each side.
type border struct{ left, right, top, bottom int }

// margins turns left, right, top and bottom in percent, and a ratio, into pixels.
func margins(w, h int, v []float64) (border, error) {
	said := false
	for _, p := range v {
		said = said || p > 0
	}
	side := func(percent float64, n int) int {
		if !said {
			percent = outpaintDefault
		}
		return int(math.Round(percent / 100 * float64(n)))
	}
	m := border{side(v[0], w), side(v[1], w), side(v[2], h), side(v[3], h)}
	if ratio := v[4]; ratio > 0 {
		width, height := float64(m.left+w+m.right), float64(m.top+h+m.bottom)
		dx, dy := int(math.Round(max(0, height*ratio-width))), int(math.Round(max(0, width/ratio-height)))
		m.left, m.right, m.top, m.bottom = m.left+dx/2, m.right+dx-dx/2, m.top+dy/2, m.bottom+dy-dy/2
	}
	// Half a percent is rounding.
	const most = (outpaintMost + 0.5) / 100
	if float64(max(m.left, m.right)) > most*float64(w) || float64(max(m.top, m.bottom)) > most*float64(h) {
		return border{}, &edit.UserError{
			Msg:  fmt.Sprintf("the picture of %d×%d would grow by more than its own size on one side", w, h),
			Hint: fmt.Sprintf("at most %d percent of the width or height can be added to a side; grow it in steps, or crop it first", outpaintMost),
		}
	}
	if size := (m.left + w + m.right) * (m.top + h + m.bottom); size > outpaintPixels {
		return border{}, &edit.UserError{
			Msg:  fmt.Sprintf("the picture would have %.0f megapixels", float64(size)/1e6),
			Hint: fmt.Sprintf("at most %d megapixels can be made; add less, or make the picture smaller first", outpaintPixels/1_000_000),
		}
	}
	return m, nil
}

// extend puts the picture on its larger canvas and returns what is to be filled there.
func (m border) extend(img *pixel.Image) (*pixel.Image, *pixel.Mask) {
	canvas := pixel.NewImage(m.left+img.W+m.right, m.top+img.H+m.bottom)
	canvas.HasAlpha = img.HasAlpha
	clear(canvas.Pix) // what is added is transparent until it is filled
	hole := pixel.FullMask(canvas.W, canvas.H)
	for y := range img.H {
		at := 4 * ((y+m.top)*canvas.W + m.left)
		copy(canvas.Pix[at:], img.Pix[4*y*img.W:4*(y+1)*img.W])
		clear(hole.Pix[at/4 : at/4+img.W])
	}
	if d := img.Deep; d != nil {
		pix := make([]uint16, len(canvas.Pix))
		for y := range img.H {
			copy(pix[4*((y+m.top)*canvas.W+m.left):], d.Pix[4*y*img.W:4*(y+1)*img.W])
		}
		canvas.Deep = &pixel.Deep{Pix: pix, Bits: d.Bits, Space: d.Space}
	}
	m.frames(img, hole)
	return canvas, hole
}

// frames adds to the hole the lines at growing sides that a scanner left: they
// would cross the new picture as a seam.
func (m border) frames(img *pixel.Image, hole *pixel.Mask) {
	luma := img.Luma()
	mark := func(x, y int) { hole.Pix[(y+m.top)*hole.W+x+m.left] = 255 }
	row := func(y int) func(int) (int, int) { return func(i int) (int, int) { return i, y } }
	column := func(x int) func(int) (int, int) { return func(i int) (int, int) { return x, i } }
	for _, s := range []struct {
		grows, length int
		line          func(k int) func(i int) (x, y int)
	}{
		{m.left, img.H, column},
		{m.right, img.H, func(k int) func(int) (int, int) { return column(img.W - 1 - k) }},
		{m.top, img.W, row},
		{m.bottom, img.W, func(k int) func(int) (int, int) { return row(img.H - 1 - k) }},
	} {
		if s.grows == 0 || min(img.W, img.H) <= 4*frameReach {
			continue
		}
		lines := frameLines(luma, s.length, s.line)
		for k := range lines {
			for i := range s.length {
				mark(s.line(k)(i))
			}
		}
	}
}

// frameLines counts the lines at a side, and one of transition, that stand out from the picture.
func frameLines(luma *pixel.Plane, length int, line func(k int) func(i int) (x, y int)) int {
	inner := line(frameReach + 1)
	for k := range frameReach {
		differ := 0
		for i := range length {
			x, y := line(k)(i)
			u, v := inner(i)
			if math.Abs(float64(luma.At(x, y)-luma.At(u, v))) > frameStep/255.0 {
				differ++
			}
		}
		if float64(differ) < frameShare*float64(length) {
			if k == 0 {
				return 0
			}
			return k + 1
		}
	}
	return 0 // the picture is just lively there, or the frame is part of it
}

// onlyTransparency reports whether most of the picture's border on the growing
// sides is transparent: then what lies beyond it is too.
func (m border) onlyTransparency(img *pixel.Image) bool {
	if !img.HasAlpha {
		return false
	}
	clearly, n := 0, 0
	count := func(r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				n++
				if img.Pix[4*(y*img.W+x)+3] < 128 {
					clearly++
				}
			}
		}
	}
	for _, s := range []struct {
		grows int
		edge  image.Rectangle
	}{
		{m.left, image.Rect(0, 0, 1, img.H)},
		{m.right, image.Rect(img.W-1, 0, img.W, img.H)},
		{m.top, image.Rect(0, 0, img.W, 1)},
		{m.bottom, image.Rect(0, img.H-1, img.W, img.H)},
	} {
		if s.grows > 0 {
			count(s.edge)
		}
	}
	return 2*clearly > n
}
