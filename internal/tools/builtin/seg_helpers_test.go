package builtin

import (
	"context"
	"math"
	"math/rand"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// shape says whether a pixel belongs to an object of a made picture.
type shape func(x, y float64) bool

func ellipse(cx, cy, rx, ry float64) shape {
	return func(x, y float64) bool { return (x-cx)*(x-cx)/(rx*rx)+(y-cy)*(y-cy)/(ry*ry) <= 1 }
}

func rect(x0, y0, x1, y1 float64) shape {
	return func(x, y float64) bool { return x >= x0 && x < x1 && y >= y0 && y < y1 }
}

func (s shape) without(o shape) shape { return func(x, y float64) bool { return s(x, y) && !o(x, y) } }

func (s shape) and(o shape) shape { return func(x, y float64) bool { return s(x, y) || o(x, y) } }

// truth is the exact mask of a shape.
func (s shape) truth(w, h int) *pixel.Mask {
	m := pixel.NewMask(w, h)
	for i := range m.Pix {
		if s(float64(i%w)+0.5, float64(i/w)+0.5) {
			m.Pix[i] = 255
		}
	}
	return m
}

// painted is a shape with the colour it is painted in.
type painted struct {
	shape shape
	color edit.Color
}

// made paints shapes one over the other on a ground, with texture, a fall of
// light from left to right, and noise, so that no two pixels are alike.
func made(w, h int, ground edit.Color, paints ...painted) *pixel.Image {
	rng := rand.New(rand.NewSource(7))
	img := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			c := ground
			for _, p := range paints {
				if p.shape(float64(x)+0.5, float64(y)+0.5) {
					c = p.color
				}
			}
			light := 1.1 - 0.35*float64(x)/float64(w) + 0.06*math.Sin(float64(x)/3)*math.Sin(float64(y)/4)
			v := func(s uint8) uint8 { return uint8(min(max(float64(s)*light+6*rng.NormFloat64(), 0), 255)) }
			img.Set(x, y, v(c.R), v(c.G), v(c.B), 255)
		}
	}
	return img
}

func colorOf(t testing.TB, word string) edit.Color {
	t.Helper()
	c, ok := edit.ParseColor(word)
	if !ok {
		t.Fatalf("no colour %q", word)
	}
	return c
}

func boxOf(m *pixel.Mask, label string) edit.Box {
	b := m.Bounds(pixel.Half)
	return edit.Box{X0: float64(b.Min.X), Y0: float64(b.Min.Y), X1: float64(b.Max.X), Y1: float64(b.Max.Y), Label: label, Score: 0.9}
}

// requestOf asks for an operation with the ports that its inputs imply.
func requestOf(op string, inputs map[string]edit.Artifact) tools.Request {
	spec := &edit.ToolSpec{Name: op, Deterministic: true, Runtime: edit.Runtime{Kind: "builtin", Builtin: &edit.BuiltinRuntime{Op: op}}}
	for name, a := range inputs {
		spec.Inputs = append(spec.Inputs, edit.Port{Name: name, Kind: a.Kind()})
	}
	spec.Outputs = []edit.Port{{Name: outputOf(op), Kind: edit.KindMask}}
	return tools.Request{Spec: spec, Inputs: inputs}
}

func outputOf(op string) string {
	if strings.HasSuffix(op, "foreground") {
		return "foreground"
	}
	return "mask"
}

// segmented runs an operation and returns its mask.
func segmented(t testing.TB, op string, inputs map[string]edit.Artifact) *pixel.Mask {
	t.Helper()
	resp, err := New().Run(t.Context(), requestOf(op, inputs))
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	m, ok := resp.Outputs[outputOf(op)].(*pixel.Mask)
	if !ok {
		t.Fatalf("%s gave %T", op, resp.Outputs[outputOf(op)])
	}
	return m
}

func wantIoU(t testing.TB, m, truth *pixel.Mask, least float64) {
	t.Helper()
	if got := pixel.IoU(m, truth, pixel.IgnoreGrey); got < least {
		t.Errorf("IoU %.3f, want at least %.2f", got, least)
	} else {
		t.Logf("IoU %.3f", got)
	}
}

// countdown is a context that is cancelled at its n-th question, whatever the clock says.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}
