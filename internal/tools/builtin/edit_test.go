package builtin

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// TestEditContract runs the contract suite over every doc of an editing operation.
func TestEditContract(t *testing.T) {
	for _, spec := range editDocs(t) {
		t.Run(spec.Name, func(t *testing.T) {
			tooltest.Run(t, func(t *testing.T) tooltest.Harness {
				request := func() tools.Request {
					return tools.Request{
						Spec: spec, Params: spec.Runtime.Builtin.Params,
						Inputs: inputs(spec, photo(61, 47, false), blob(61, 47)), Seed: 1,
					}
				}
				h := tooltest.Harness{Runner: New(), Request: request}
				if spec.Name == "patchmatch-inpaint" {
					h.Slow = func() tools.Request {
						r := request()
						r.Inputs["image"] = photo(2600, 2600, false)
						r.Inputs["hole"] = blob(2600, 2600)
						return r
					}
				}
				return h
			})
		})
	}
}

// TestOutsideMask checks the promise over every built-in doc that makes it, with random masks, sizes and alpha.
func TestOutsideMask(t *testing.T) {
	checked := 0
	for _, spec := range editDocs(t) {
		if !spec.Keeps(edit.PreserveOutsideMask) {
			continue
		}
		checked++
		t.Run(spec.Name, func(t *testing.T) {
			port, _ := spec.MaskInput()
			rapid.Check(t, func(t *rapid.T) {
				w, h := rapid.IntRange(8, 40).Draw(t, "w"), rapid.IntRange(8, 40).Draw(t, "h")
				img := photo(w, h, rapid.Bool().Draw(t, "alpha"))
				mask := randomMask(t, w, h)
				in := inputs(spec, img, mask)
				if a, ok := spec.Accepts["amount"]; ok {
					in["amount"] = edit.Number(rapid.Float64Range(*a.Min, *a.Max).Draw(t, "amount"))
				}
				req := tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: in, Seed: 1}
				resp, err := New().Run(context.Background(), req)
				if err != nil {
					return // a hole that leaves nothing to fill from
				}
				out := resp.Outputs["image"].(*pixel.Image)
				for i := range img.Pix {
					if in[port.Name].(*pixel.Mask).Pix[i/4] == 0 && out.Pix[i] != img.Pix[i] {
						t.Fatalf("sample %d changed from %d to %d where the mask is 0", i, img.Pix[i], out.Pix[i])
					}
					if i%4 == 3 && out.Pix[i] != img.Pix[i] {
						t.Fatalf("alpha of pixel %d changed", i/4)
					}
				}
			})
		})
	}
	if checked < 4 {
		t.Errorf("only %d docs promise outside-mask; recolouring, shifting and filling should", checked)
	}
}

// randomMask is a few random rectangles of random mattes.
func randomMask(t *rapid.T, w, h int) *pixel.Mask {
	m := pixel.NewMask(w, h)
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		x0, y0 := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
		x1, y1 := rapid.IntRange(x0+1, min(w, x0+14)).Draw(t, "x1"), rapid.IntRange(y0+1, min(h, y0+14)).Draw(t, "y1")
		v := rapid.Byte().Draw(t, "matte")
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				m.Pix[y*w+x] = v
			}
		}
	}
	return m
}

// TestExamplesBind checks that what the docs' examples bind is taken by the tools.
func TestExamplesBind(t *testing.T) {
	for _, spec := range editDocs(t) {
		for _, e := range spec.Examples {
			t.Run(spec.Name+"/"+e.Request, func(t *testing.T) {
				in := inputs(spec, photo(61, 47, false), blob(61, 47))
				for name, v := range e.Arguments {
					switch v := v.(type) {
					case float64:
						for k := range spec.Accepts {
							in[k] = edit.Number(defaultOf(spec, k))
						}
						in[name] = edit.Number(v)
					case string:
						if p, ok := spec.Input(name); ok && p.Kind == edit.KindText {
							in[name] = edit.Text(v)
							continue
						}
						c, ok := edit.ParseColor(v)
						if !ok {
							t.Fatalf("%s is no colour", v)
						}
						in[name] = c
					}
				}
				for name, v := range e.Arguments {
					if f, ok := v.(float64); ok {
						in[name] = edit.Number(f)
					}
				}
				if _, err := runDoc(t, spec.Name, in); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func defaultOf(spec *edit.ToolSpec, port string) float64 {
	if d := spec.Accepts[port].Default; d != nil {
		return *d
	}
	return 0
}

func TestNumbersOutsideTheDocAreRefused(t *testing.T) {
	in := inputs(editDoc(t, "lanczos-upscale"), photo(10, 10, false), nil)
	in["scale"] = edit.Number(9)
	if _, err := runDoc(t, "lanczos-upscale", in); err == nil {
		t.Error("a scale of 9 was taken; the doc says at most 8")
	}
}
