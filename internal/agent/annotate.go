package agent

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// annotationColors tell subtasks apart; they are bright enough for any photo.
var annotationColors = []color.NRGBA{
	{255, 64, 129, 255},
	{0, 200, 255, 255},
	{255, 193, 7, 255},
	{118, 255, 3, 255},
	{224, 64, 251, 255},
	{255, 109, 0, 255},
}

// Annotate draws what was found onto a copy of the picture: masks tinted with
// an outline, boxes with label and score, text spans with their words. Findings
// of another size (the picture was resized since) are left out.
func Annotate(img *pixel.Image, findings []Finding) *pixel.Image {
	out := img.Clone()
	dst := out.NRGBA()
	stroke := max(2, int(math.Round(float64(min(img.W, img.H))/300)))
	for i, f := range findings {
		c := annotationColors[i%len(annotationColors)]
		if f.Mask != nil && f.Mask.W == img.W && f.Mask.H == img.H {
			tint(out, f.Mask, c, stroke)
		}
		for _, b := range f.Boxes {
			label := b.Label
			if b.Score > 0 && b.Score < 1 {
				label = fmt.Sprintf("%s %.2f", label, b.Score)
			}
			outline(dst, corners(b), c, stroke)
			caption(dst, b.X0, b.Y0, label, c)
		}
		for _, s := range f.Spans {
			outline(dst, s.Quad[:], c, stroke)
			caption(dst, s.Bounds().X0, s.Bounds().Y0, s.Text, c)
		}
	}
	return out
}

func corners(b edit.Box) []edit.Point {
	return []edit.Point{{X: b.X0, Y: b.Y0}, {X: b.X1, Y: b.Y0}, {X: b.X1, Y: b.Y1}, {X: b.X0, Y: b.Y1}}
}

// tint mixes 30 % of the colour inside a mask and draws its border.
func tint(img *pixel.Image, m *pixel.Mask, c color.NRGBA, stroke int) {
	inside := func(x, y int) bool { return x >= 0 && y >= 0 && x < m.W && y < m.H && m.At(x, y) >= 128 }
	for y := range m.H {
		for x := range m.W {
			if !inside(x, y) {
				continue
			}
			mix := 0.3
			if !inside(x-stroke, y) || !inside(x+stroke, y) || !inside(x, y-stroke) || !inside(x, y+stroke) {
				mix = 1
			}
			r, g, b, a := img.At(x, y)
			blend := func(v, to uint8) uint8 { return uint8(float64(v) + (float64(to)-float64(v))*mix) }
			img.Set(x, y, blend(r, c.R), blend(g, c.G), blend(b, c.B), a)
		}
	}
}

// outline strokes a closed polygon.
func outline(dst *image.NRGBA, pts []edit.Point, c color.NRGBA, stroke int) {
	for i, p := range pts {
		q := pts[(i+1)%len(pts)]
		steps := int(math.Ceil(math.Max(math.Abs(q.X-p.X), math.Abs(q.Y-p.Y)))) + 1
		for s := range steps {
			t := float64(s) / float64(steps)
			x, y := p.X+(q.X-p.X)*t, p.Y+(q.Y-p.Y)*t
			fill(dst, image.Rect(int(x)-stroke/2, int(y)-stroke/2, int(x)+(stroke+1)/2, int(y)+(stroke+1)/2), c)
		}
	}
}

func fill(dst *image.NRGBA, r image.Rectangle, c color.NRGBA) {
	r = r.Intersect(dst.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			dst.SetNRGBA(x, y, c)
		}
	}
}

// caption writes a label on a plate above the point, or below where there is no room.
func caption(dst *image.NRGBA, x, y float64, text string, c color.NRGBA) {
	if text == "" {
		return
	}
	face := basicfont.Face7x13
	w, h := font.MeasureString(face, text).Ceil()+6, 15
	left := max(0, min(int(x), dst.Rect.Dx()-w))
	top := int(y) - h
	if top < 0 {
		top = max(0, int(y))
	}
	fill(dst, image.Rect(left, top, left+w, top+h), c)
	d := font.Drawer{Dst: dst, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(left+3, top+12)}
	d.DrawString(text)
}
