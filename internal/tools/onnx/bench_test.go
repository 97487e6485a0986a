package onnx

import (
	"image"
	"maps"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// BenchmarkFill measures fitting a 1280×1280 photo into a detector's input.
func BenchmarkFill(b *testing.B) {
	img := opaquePicture(1280, 1280)
	for name, in := range map[string]edit.TensorInput{
		"letterbox": {Fit: "letterbox", Width: 416, Height: 416, Anchor: "top-left", Pad: 114, Order: "bgr"},
		"area":      {Fit: "stretch", Width: 257, Height: 257, Layout: "nhwc", Scale: 1 / 127.5, Mean: []float64{1}},
		"native":    {Fit: "native", Scale: 1.0 / 255},
	} {
		b.Run(name, func(b *testing.B) {
			f, err := newFrame(in, img.W, img.H)
			if err != nil {
				b.Fatal(err)
			}
			t, err := newTensor(elemFloat32, pictureShape(in.Layout, 3, f)...)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				fill(t, in, f, img)
			}
		})
	}
}

// BenchmarkOverhead measures what the runner adds to the network: one session
// of the same network, run with ready tensors and run as a tool.
func BenchmarkOverhead(b *testing.B) {
	r := newRunner(b, shared(b, "models"))
	img := readPhoto(b, "market_dog.jpg")
	for _, c := range []struct{ tool, object string }{{"yolox-nano", "dog"}, {"deeplab-voc", ""}, {"u2netp", ""}, {"waifu2x-photo-x2", ""}, {"ffdnet", ""}} {
		s := spec(b, c.tool)
		if r.Available(s) != nil {
			continue
		}
		req := request(s, pixel.Crop(img, image.Rect(200, 200, 520, 440)))
		if c.object != "" {
			req.Inputs["image"], req.Inputs["object"] = img, edit.Text(c.object)
		}
		if a := s.Accepts["sigma"]; a.Default != nil {
			req.Inputs["sigma"] = edit.Number(*a.Default)
		}
		if s.Runtime.ONNX.Decode.Upscale > 1 {
			req.Inputs["scale"] = edit.Number(s.Runtime.ONNX.Decode.Upscale)
		}
		var inside time.Duration
		r.timed = func(d time.Duration) { inside += d }
		var all time.Duration
		b.Run(c.tool, func(b *testing.B) {
			inside, all = 0, 0
			for b.Loop() {
				again := *req.Inputs["image"].(*pixel.Image) // another identity, the same samples
				one := req
				one.Inputs = maps.Clone(req.Inputs)
				one.Inputs["image"] = &again
				start := time.Now()
				if _, err := r.Run(b.Context(), one); err != nil {
					b.Fatal(err)
				}
				all += time.Since(start)
			}
			b.ReportMetric(float64(all)/float64(max(inside, 1)), "ratio")
		})
		r.timed = nil
	}
}

// BenchmarkDetector measures a whole detector run on a 1280×1280 photo: on a new
// picture each time, on the same picture again, and the network alone.
func BenchmarkDetector(b *testing.B) {
	r := newRunner(b, shared(b, "models"))
	s := spec(b, "yolox-nano")
	img := readPhoto(b, "market_dog.jpg")
	once := func(img *pixel.Image) {
		req := request(s, img)
		req.Inputs["object"] = edit.Text("dog")
		if _, err := r.Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("new picture", func(b *testing.B) {
		for b.Loop() {
			again := *img // another identity, the same samples
			once(&again)
		}
	})
	b.Run("same picture", func(b *testing.B) {
		for b.Loop() {
			once(img)
		}
	})
	b.Run("network alone", func(b *testing.B) {
		j, err := r.newJob(b.Context(), request(s, img))
		if err != nil {
			b.Fatal(err)
		}
		defer j.close()
		t, err := newTensor(elemFloat32, 1, 3, 416, 416)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := r.infer(b.Context(), j.lease, []tensorData{t}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
