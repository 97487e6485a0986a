package onnx

import (
	"image"
	"maps"
	"slices"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// tileBound is what a network's answer in tiles may differ from its answer at
// once, in 8-bit steps: anywhere, and on average.
type tileBound struct {
	most int
	mean float64
}

// tileBounds are the bounds that doc.go states. The default holds for networks
// whose reach lies within what two tiles share.
var (
	defaultBound = tileBound{1, 0.005}
	tileBounds   = map[string]tileBound{
		// 34 layers reach 34 pixels, the tiles share 32.
		"realesr-general-x4":     {4, 0.03},
		"realesr-general-wdn-x4": {4, 0.03},
	}
)

// TestTiledModelsAgreeWithUntiled runs every installed network that is run in
// tiles on a photograph both ways: in small tiles with the doc's overlap, and at once.
func TestTiledModelsAgreeWithUntiled(t *testing.T) {
	dir := shared(t, "models")
	specs, err := shippedSpecs()
	if err != nil {
		t.Fatal(err)
	}
	img := pixel.Crop(readPhoto(t, "market_dog.jpg"), image.Rect(300, 300, 300+330, 300+170))
	r := newRunner(t, dir)
	ran := 0
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		s := *specs[name]
		if s.Runtime.ONNX == nil || s.Runtime.ONNX.Tile == nil || r.Available(&s) != nil || name == "espcn-x3" {
			continue // ESPCN's sides are fixed: it has no answer at once
		}
		ran++
		t.Run(name, func(t *testing.T) {
			rt := *s.Runtime.ONNX
			s.Runtime.ONNX = &rt
			overlap := rt.Tile.Overlap
			whole := tiledAnswer(t, r, &s, img, edit.Tile{Size: 4096, Overlap: overlap})
			cut := tiledAnswer(t, r, &s, img, edit.Tile{Size: 160, Overlap: overlap})
			most, mean := difference(whole, cut)
			t.Logf("differ by at most %d, %.4f on average", most, mean)
			bound, ok := tileBounds[name]
			if !ok {
				bound = defaultBound
			}
			if most > bound.most || mean > bound.mean {
				t.Errorf("differ by at most %d, %.4f on average; stated: %d, %.4f", most, mean, bound.most, bound.mean)
			}
		})
	}
	if ran < 6 {
		t.Errorf("%d networks with tiles are installed, want 6 or more", ran)
	}
}

// tiledAnswer runs a tool of any picture network with another tile than its doc's, its numbers at their defaults.
func tiledAnswer(t *testing.T, r *Runner, s *edit.ToolSpec, img *pixel.Image, tile edit.Tile) *pixel.Image {
	t.Helper()
	s.Runtime.ONNX.Tile = &tile
	req := request(s, img)
	for port, a := range s.Accepts {
		if a.Default != nil {
			req.Inputs[port] = edit.Number(*a.Default)
		}
	}
	if _, ok := s.Input("scale"); ok {
		req.Inputs["scale"] = edit.Number(s.Runtime.ONNX.Decode.Upscale)
	}
	resp, err := r.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Outputs["image"].(*pixel.Image)
}

// difference is the greatest and the mean difference of two pictures' samples.
func difference(a, b *pixel.Image) (most int, mean float64) {
	for i := range a.Pix {
		d := int(a.Pix[i]) - int(b.Pix[i])
		most = max(most, d, -d)
		mean += float64(max(d, -d))
	}
	return most, mean / float64(3*a.W*a.H)
}
