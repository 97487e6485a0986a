package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"pentimento/internal/bench"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// work is an edit by one network, as a request and as its parts.
type work struct {
	request, task, tool string
	model               string
	divide              float64 // a sample of 255 is 255/divide to the network
	light               float64 // the share of the photographs' light that is left, so that there is something to do
}

var works = map[string]work{
	"style":    {"apply the candy style", "style-transfer", "style-candy", "style_candy.onnx", 1, 1},
	"lowlight": {"fix the underexposed photo", "low-light-enhancement", "sci-medium", "lowlight_sci_medium.onnx", 255, 0.12},
	"denoise":  {"denoise the photo", "image-denoising", "dncnn", "denoise_dncnn_color_blind.onnx", 255, 1},
}

func workNames() []string { return slices.Sorted(maps.Keys(works)) }

const quality = 92 // of all JPEG files

// inputs are the photographs as files.
type inputs struct {
	dir        string
	names      []string
	megapixels float64
	bytes      int64
}

// prepare cuts as many different pictures from the photographs as are asked for: sides are multiples of
// eight, which every network takes as they are, and those after the first of each begin some pixels further in.
func prepare(ctx context.Context, s *settings, w work) (inputs, error) {
	set := inputs{dir: filepath.Join(s.dir, "in")}
	photos, err := bench.LoadPhotos(ctx, s.photos)
	if err != nil {
		return set, err
	}
	if err := os.Mkdir(set.dir, 0o700); err != nil {
		return set, err
	}
	for i := range s.count {
		shift := i / len(photos)
		m := photos[i%len(photos)].Image
		if most := max(m.W, m.H); s.side > 0 && most > s.side+64 {
			f := float64(s.side+64) / float64(most)
			if m, err = pixel.ResizeContext(ctx, m, max(1, int(float64(m.W)*f)), max(1, int(float64(m.H)*f)), pixel.Box); err != nil {
				return set, err
			}
		}
		m = cut(m, shift, s.side, w.light)
		name := fmt.Sprintf("%04d.jpg", i)
		if err := imageio.Save(ctx, filepath.Join(set.dir, name), m, imageio.Options{Quality: quality}); err != nil {
			return set, err
		}
		st, err := os.Stat(filepath.Join(set.dir, name))
		if err != nil {
			return set, err
		}
		set.names, set.megapixels, set.bytes = append(set.names, name), set.megapixels+m.Megapixels(), set.bytes+st.Size()
	}
	return set, nil
}

// cut is a part of a photograph that begins so many pixels from its corner, with so much of its light.
func cut(m *pixel.Image, shift, side int, light float64) *pixel.Image {
	room := 64
	w, h := max(8, (m.W-room)/8*8), max(8, (m.H-room)/8*8)
	if side > 0 {
		w, h = min(w, max(8, side/8*8)), min(h, max(8, side/8*8))
	}
	out := pixel.NewImage(w, h)
	var darker [256]uint8
	for v := range darker {
		darker[v] = uint8(math.Round(255 * math.Pow(light, 1/2.2) * float64(v) / 255))
	}
	x0, y0 := shift%max(1, min(room, m.W-w)), shift%max(1, min(room, m.H-h))
	for y := range h {
		for x := range w {
			r, g, b, _ := m.At(x0+x, y0+y)
			copy(out.Pix[4*(y*w+x):], []uint8{darker[r], darker[g], darker[b], 255})
		}
	}
	return out
}
