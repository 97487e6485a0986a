package agent

import (
	"maps"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// answer is what a read-only task says, in the form of the summary's "result";
// mattes and depth become the outcome's View.
func (r *run) answer(x *execution) any {
	result := make(map[string]any)
	for _, slot := range slices.Sorted(maps.Keys(x.outputs)) {
		switch a := x.outputs[slot].(type) {
		case edit.Boxes:
			boxes := make([]edit.Box, len(a.Picked))
			for i, b := range a.Picked {
				boxes[i] = tidyBox(b)
			}
			result["boxes"] = boxes
		case edit.Spans:
			result["text"] = tidySpans(a)
		case edit.Text:
			name, _, _ := strings.Cut(slot, ":")
			result[name] = string(a)
		case edit.Number:
			result["value"] = float64(a)
		case edit.Color:
			result["color"] = a
		case edit.Points:
			result["points"] = a
		case *pixel.Mask:
			result["mask"] = map[string]any{"coverage": thousandth(coverage(a))}
			r.out.View = grayView(a.W, a.H, func(i int) uint8 { return a.Pix[i] })
		case *pixel.Classes:
			classes := make(map[string]float64)
			for _, l := range a.Layers {
				classes[l.Label] = thousandth(coverage(l.Mask))
			}
			result["classes"] = classes
		case *pixel.Depth:
			lo, hi := slices.Min(a.V), slices.Max(a.V)
			result["depth"] = map[string]any{"min": thousandth(float64(lo)), "max": thousandth(float64(hi))}
			span := max(hi-lo, 1e-9)
			r.out.View = grayView(a.W, a.H, func(i int) uint8 { return uint8((a.V[i]-lo)/span*255 + 0.5) })
		}
	}
	r.sayModel(x, result)
	return result
}

// tenth rounds pixel coordinates: no detector is exact to less than a tenth of a pixel.
func tenth(v float64) float64 { return math.Round(v*10) / 10 }

func thousandth(v float64) float64 { return math.Round(v*1000) / 1000 }

func tidyBox(b edit.Box) edit.Box {
	b.X0, b.Y0, b.X1, b.Y1, b.Score = tenth(b.X0), tenth(b.Y0), tenth(b.X1), tenth(b.Y1), thousandth(b.Score)
	landmarks := make([]edit.Point, len(b.Landmarks))
	for i, p := range b.Landmarks {
		landmarks[i] = edit.Point{X: tenth(p.X), Y: tenth(p.Y)}
	}
	b.Landmarks = landmarks
	return b
}

func tidySpans(spans edit.Spans) edit.Spans {
	out := make(edit.Spans, len(spans))
	for i, s := range spans {
		s.Score = thousandth(s.Score)
		for k, p := range s.Quad {
			s.Quad[k] = edit.Point{X: tenth(p.X), Y: tenth(p.Y)}
		}
		out[i] = s
	}
	return out
}

// coverage is the fraction of the picture inside a mask, half inside counted as inside.
func coverage(m *pixel.Mask) float64 {
	n := 0
	for _, v := range m.Pix {
		if v >= 128 {
			n++
		}
	}
	return float64(n) / float64(max(1, len(m.Pix)))
}

func grayView(w, h int, at func(i int) uint8) *pixel.Image {
	img := pixel.NewImage(w, h)
	for i := range w * h {
		v := at(i)
		copy(img.Pix[4*i:], []uint8{v, v, v, 255})
	}
	return img
}
