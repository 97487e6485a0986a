package tooltest_test

import (
	"context"
	"math"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// fake is a runner whose one tool inverts the picture inside a mask.
type fake struct{}

func (fake) Available(spec *edit.ToolSpec) error {
	if spec.Runtime.Builtin == nil {
		return &tools.UnavailableError{Tool: spec.Name, Reason: "its doc names no operation"}
	}
	return nil
}

func (f fake) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	return tools.Guard(ctx, req, func(ctx context.Context) (tools.Response, error) {
		if err := f.Available(req.Spec); err != nil {
			return tools.Response{}, err
		}
		img, err := tools.Input[*pixel.Image](req, "image")
		if err != nil {
			return tools.Response{}, err
		}
		mask, err := tools.Input[*pixel.Mask](req, "mask")
		if err != nil {
			return tools.Response{}, err
		}
		amount, err := tools.Input[edit.Number](req, "amount")
		if err != nil {
			return tools.Response{}, err
		}
		switch req.Spec.Runtime.Builtin.Op {
		case "panic":
			panic("made to")
		case "slow":
			select {
			case <-ctx.Done():
				return tools.Response{}, ctx.Err()
			case <-time.After(30 * time.Second):
			}
		case "nan":
			amount = edit.Number(math.NaN())
		}
		out := img.Clone()
		for i, m := range mask.Pix {
			if m > 0 {
				out.Pix[4*i] = 255 - out.Pix[4*i]
			}
		}
		return tools.Response{Outputs: map[string]edit.Artifact{"image": out, "amount": amount}, Quality: math.NaN()}, nil
	})
}

func request(op string) func() tools.Request {
	return func() tools.Request {
		img, mask := pixel.NewImage(9, 7), pixel.NewMask(9, 7)
		img.HasAlpha = true
		for i := range mask.Pix {
			mask.Pix[i] = uint8(i % 3 * 100)
			img.Pix[4*i], img.Pix[4*i+3] = uint8(i), uint8(255-i)
		}
		return tools.Request{
			Spec: &edit.ToolSpec{
				Name: "fake", Deterministic: true,
				Inputs:    []edit.Port{{Name: "amount", Kind: edit.KindNumber}, {Name: "image", Kind: edit.KindImage}, {Name: "mask", Kind: edit.KindMask}},
				Outputs:   []edit.Port{{Name: "amount", Kind: edit.KindNumber}, {Name: "image", Kind: edit.KindImage}},
				Preserves: []edit.Preserve{edit.PreserveSize, edit.PreserveAlpha, edit.PreserveOutsideMask},
				Runtime:   edit.Runtime{Kind: "builtin", Builtin: &edit.BuiltinRuntime{Op: op}},
			},
			Inputs: map[string]edit.Artifact{"image": img, "mask": mask, "amount": edit.Number(1)},
		}
	}
}

func TestRunOnAFakeRunner(t *testing.T) {
	tooltest.Run(t, func(*testing.T) tooltest.Harness {
		return tooltest.Harness{
			Runner: fake{}, Request: request("invert"), Slow: request("slow"),
			Panics: request("panic"), BadOutput: request("nan"),
		}
	})
}

// recorder stands in for testing.TB and remembers that a check failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; panic(r) }

func TestCheckPromisesSeesEachBrokenPromise(t *testing.T) {
	good := func() (tools.Request, tools.Response) {
		req := request("invert")()
		resp, err := fake{}.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return req, resp
	}
	cases := []struct {
		name string
		bad  bool
		do   func(req *tools.Request, resp *tools.Response)
	}{
		{"kept", false, func(*tools.Request, *tools.Response) {}},
		{"output missing", true, func(_ *tools.Request, resp *tools.Response) { delete(resp.Outputs, "amount") }},
		{"output of another kind", true, func(_ *tools.Request, resp *tools.Response) { resp.Outputs["amount"] = edit.Text("") }},
		{"size", true, func(_ *tools.Request, resp *tools.Response) { resp.Outputs["image"] = pixel.NewImage(3, 3) }},
		{"alpha", true, func(_ *tools.Request, resp *tools.Response) { resp.Outputs["image"].(*pixel.Image).Pix[7] ^= 1 }},
		{"outside the mask", true, func(_ *tools.Request, resp *tools.Response) { resp.Outputs["image"].(*pixel.Image).Pix[1] ^= 1 }},
		{"quality", true, func(_ *tools.Request, resp *tools.Response) { resp.Quality = 1.5 }},
		{"image", true, func(req *tools.Request, _ *tools.Response) {
			req.Spec.Preserves = append(req.Spec.Preserves, edit.PreserveImage)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req, resp := good()
			c.do(&req, &resp)
			rec := &recorder{TB: t}
			func() {
				defer func() {
					if p := recover(); p != nil && p != rec {
						panic(p)
					}
				}()
				tooltest.CheckPromises(rec, req, resp)
			}()
			if rec.failed != c.bad {
				t.Errorf("failed = %v, want %v", rec.failed, c.bad)
			}
		})
	}
}
