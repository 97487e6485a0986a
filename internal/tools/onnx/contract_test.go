package onnx

import (
	"context"
	"errors"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	g "pentimento/internal/tools/onnxgraph"
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

// TestCancelDuringALongOperator stops a run in the midst of one operator, which
// the library does not interrupt: the caller returns, the rest ends by itself.
func TestCancelDuringALongOperator(t *testing.T) {
	dir := t.TempDir()
	m := g.New("long")
	img := openImage(m)
	mat := m.Op("Expand", []g.Value{m.Reshape(m.ReduceMax(img, true, 0, 1, 2, 3), 1, 1), m.I(4000, 4000)})
	s := imageSpec(source(t, dir, "long.onnx", model(m, m.Add(img, m.ReduceMax(m.MatMul(mat, mat), false, 0, 1)))))
	r := newRunner(t, dir)
	var late time.Duration
	for range 3 { // a busy machine may delay one return, not three
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan time.Time, 1)
		timer := time.AfterFunc(400*time.Millisecond, func() { ended <- time.Now(); cancel() })
		_, err := r.Run(ctx, request(s, picture(8, 8)))
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Run: %v, want context.Canceled", err)
		}
		late = time.Since(<-ended)
		timer.Stop()
		cancel()
		if late <= time.Second {
			return
		}
	}
	t.Errorf("Run returned %v after its context ended", late)
}
