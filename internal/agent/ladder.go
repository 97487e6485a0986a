package agent

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// ladder is one picture at the sizes that tools are measured at.
type ladder struct {
	base   subject
	scaled map[float64]subject
}

// subject is a picture with an object and text in it whose places are known.
type subject struct {
	img  *pixel.Image
	mask *pixel.Mask // of the object
	text edit.Box
}

// newLadder begins with a picture, whose object is then taken to be the ellipse
// in its middle; with the example scene, its car and its sign, where it is nil.
func newLadder(img *pixel.Image) *ladder {
	l := &ladder{scaled: make(map[float64]subject)}
	if img == nil {
		img, masks := scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
		r := masks["sign"].Bounds(pixel.Half)
		l.base = subject{img, masks["car"], edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y)}}
		return l
	}
	w, h := float64(img.W), float64(img.H)
	m := pixel.NewMask(img.W, img.H)
	for y := range img.H {
		for x := range img.W {
			if math.Hypot((float64(x)+.5)/w-.5, (float64(y)+.5)/h-.5) < .25 {
				m.Pix[y*img.W+x] = 255
			}
		}
	}
	l.base = subject{img, m, edit.Box{X0: w * .3, Y0: h * .45, X1: w * .7, Y1: h * .55}}
	return l
}

// at is the subject at a size in megapixels, in its own shape. It is made once,
// since what is remembered by picture must not tell the runs of one tool from another's.
func (l *ladder) at(megapixels float64) subject {
	if s, ok := l.scaled[megapixels]; ok {
		return s
	}
	img := l.base.img
	f := math.Sqrt(megapixels * 1e6 / (float64(img.W) * float64(img.H)))
	w, h := max(16, int(math.Round(float64(img.W)*f))), max(16, int(math.Round(float64(img.H)*f)))
	fx, fy, t := float64(w)/float64(img.W), float64(h)/float64(img.H), l.base.text
	s := subject{
		pixel.Resize(img, w, h, pixel.Lanczos), pixel.ResizeMask(l.base.mask, w, h),
		edit.Box{X0: t.X0 * fx, Y0: t.Y0 * fy, X1: t.X1 * fx, Y1: t.Y1 * fy},
	}
	l.scaled[megapixels] = s
	return s
}

// input is what a tool's port is given.
func (s subject) input(spec *edit.ToolSpec, p edit.Port) edit.Artifact {
	if p.Kind == edit.KindSpans {
		q := corners(s.text)
		return edit.Spans{{Quad: [4]edit.Point{q[0], q[1], q[2], q[3]}, Text: "OPEN", Score: 1}}
	}
	if a := spec.Accepts[p.Name]; a.Default != nil && *a.Default == 0 { // "as it is", which tools refuse or answer without any work
		switch a.Unit {
		case "width":
			return edit.Number(s.img.W / 2)
		case "height":
			return edit.Number(s.img.H / 2)
		}
		if a.Min != nil && *a.Min < 0 && a.Max != nil { // either way from nothing
			return edit.Number(*a.Max / 2)
		}
	}
	return sample(spec, p, s.img, s.mask)
}
