package builtin

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
	"pentimento/tooldocs"
)

var shippedDocs = sync.OnceValues(func() (*tooldoc.Set, error) {
	set, errs := tooldoc.Load(tooldocs.FS)
	return set, errors.Join(errs...)
})

// docs are the shipped docs of the given built-in operations, or of all editing operations.
func editDocs(t testing.TB) []*edit.ToolSpec {
	t.Helper()
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	var out []*edit.ToolSpec
	for _, s := range set.All() {
		if s.Runtime.Builtin != nil && (editOps[s.Runtime.Builtin.Op] != nil || restoreOps[s.Runtime.Builtin.Op] != nil) {
			out = append(out, &s)
		}
	}
	return out
}

func editDoc(t testing.TB, name string) *edit.ToolSpec {
	t.Helper()
	for _, s := range editDocs(t) {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no tool doc %s of an editing operation", name)
	return nil
}

// inputs gives every port of a doc something it takes: numbers their default, or 64 where 0 means "not said".
func inputs(spec *edit.ToolSpec, img *pixel.Image, mask *pixel.Mask) map[string]edit.Artifact {
	in := make(map[string]edit.Artifact)
	said := false
	for _, p := range spec.Inputs {
		switch p.Kind {
		case edit.KindImage:
			in[p.Name] = img
		case edit.KindMask:
			in[p.Name] = mask
		case edit.KindColor:
			in[p.Name] = edit.Color{R: 20, G: 120, B: 200}
		case edit.KindBoxes:
			in[p.Name] = edit.Boxes{Picked: []edit.Box{{X0: 3, Y0: 2, X1: 12, Y1: 9}}}
		case edit.KindNumber:
			v := 0.0
			if d := spec.Accepts[p.Name].Default; d != nil {
				v = *d
			}
			if u := spec.Accepts[p.Name].Unit; v == 0 && !said && (u == "width" || u == "percent") {
				v, said = 64, true
			}
			in[p.Name] = edit.Number(v)
		case edit.KindDepth:
			in[p.Name] = slope(img.W, img.H)
		case edit.KindText:
			in[p.Name] = edit.Text("text")
		case edit.KindClasses, edit.KindPoints, edit.KindSpans:
		}
	}
	return in
}

// slope is a depth map that comes nearer downwards.
func slope(w, h int) *pixel.Depth {
	d := &pixel.Depth{W: w, H: h, V: make([]float32, w*h)}
	for i := range d.V {
		d.V[i] = float32(i/w) / float32(h)
	}
	return d
}

// photo is a picture with some of everything: gradients, edges, noise, and transparency if asked.
func photo(w, h int, alpha bool) *pixel.Image {
	img := pixel.NewImage(w, h)
	img.HasAlpha = alpha
	seed := uint32(1)
	for y := range h {
		for x := range w {
			seed = seed*1664525 + 1013904223
			n := int(seed >> 28)
			r := 40 + 150*x/w + n
			g := 200 - 120*y/h + n
			b := 90 + n
			if (x/9+y/7)%3 == 0 {
				r, b = b, r
			}
			a := 255
			if alpha {
				a = 255 * x / w
			}
			img.Set(x, y, uint8(r), uint8(g), uint8(b), uint8(a))
		}
	}
	return img
}

// blob is a disc's soft matte.
func blob(w, h int) *pixel.Mask {
	m := pixel.NewMask(w, h)
	r := 0.3 * float64(min(w, h))
	for i := range m.Pix {
		d := math.Hypot(float64(i%w)-float64(w)/2, float64(i/w)-float64(h)/2)
		m.Pix[i] = uint8(255*min(max((r-d)/3+0.5, 0), 1) + 0.5)
	}
	return m
}

// runDoc runs a shipped doc with its own parameters and checks its promises.
func runDoc(t testing.TB, name string, in map[string]edit.Artifact) (tools.Response, error) {
	t.Helper()
	spec := editDoc(t, name)
	req := tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: in, Seed: 1}
	resp, err := New().Run(t.Context(), req)
	if err == nil {
		tooltest.CheckPromises(t, req, resp)
	}
	return resp, err
}

// edited runs a doc on its default inputs, some of them replaced, and returns its picture.
func edited(t testing.TB, name string, img *pixel.Image, mask *pixel.Mask, set map[string]edit.Artifact) *pixel.Image {
	t.Helper()
	in := inputs(editDoc(t, name), img, mask)
	for k, v := range set {
		if _, ok := in[k]; !ok {
			t.Fatal(fmt.Errorf("%s has no input %s", name, k))
		}
		in[k] = v
	}
	resp, err := runDoc(t, name, in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return resp.Outputs["image"].(*pixel.Image)
}
