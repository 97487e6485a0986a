package onnx

import (
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

func TestContract(t *testing.T) {
	dir := t.TempDir()
	paint := paintSpec(source(t, dir, "paint.onnx", paintGraph()))
	slow := imageSpec(source(t, dir, "slow.onnx", slowGraph()))
	nan := imageSpec(source(t, dir, "nan.onnx", nanGraph()))
	// The engine calls progress from within the run; one that panics is a panic of the run.
	panics := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	panics.Runtime.ONNX.Tile = &edit.Tile{Size: 16, Overlap: 4}
	tooltest.Run(t, func(t *testing.T) tooltest.Harness {
		return tooltest.Harness{
			Runner:  newRunner(t, dir),
			Request: func() tools.Request { return paintRequest(paint) },
			Slow:    func() tools.Request { return request(slow, picture(8, 8)) },
			Panics: func() tools.Request {
				req := request(panics, picture(40, 40))
				req.Progress = func(float64) { panic("progress") }
				return req
			},
			BadOutput: func() tools.Request { return request(nan, picture(8, 8)) },
		}
	})
}

// TestDetectorContract runs the suite on a tool that picks boxes by phrase.
func TestDetectorContract(t *testing.T) {
	dir := t.TempDir()
	s := boxesSpec(source(t, dir, "boxes.onnx", boxesGraph()))
	tooltest.Run(t, func(t *testing.T) tooltest.Harness {
		return tooltest.Harness{
			Runner: newRunner(t, dir),
			Request: func() tools.Request {
				return tools.Request{Spec: s, Inputs: map[string]edit.Artifact{"image": picture(64, 48), "object": edit.Text("the dog")}}
			},
		}
	})
}

func TestPaintIsWhatTheGraphSays(t *testing.T) {
	dir := t.TempDir()
	req := paintRequest(paintSpec(source(t, dir, "paint.onnx", paintGraph())))
	resp, err := newRunner(t, dir).Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	in, out := req.Inputs["image"].(*pixel.Image), resp.Outputs["image"].(*pixel.Image)
	mask := req.Inputs["mask"].(*pixel.Mask)
	for i, m := range mask.Pix {
		if in.Pix[4*i+3] == 0 { // hidden: as stored
			continue
		}
		want := min(255, float64(in.Pix[4*i])+float64(m)/2)
		if got := float64(out.Pix[4*i]); got < want-1 || got > want+1 {
			t.Fatalf("red at %d,%d is %v, want %v", i%in.W, i/in.W, got, want)
		}
		if out.Pix[4*i+1] != in.Pix[4*i+1] {
			t.Fatalf("green at %d,%d is %d, was %d", i%in.W, i/in.W, out.Pix[4*i+1], in.Pix[4*i+1])
		}
	}
}
