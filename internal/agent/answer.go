package agent

import (
	"maps"
	"slices"

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
			result["boxes"] = a.Picked
		case edit.Spans:
			result["text"] = a
		case edit.Text:
			result["labels"] = string(a)
		case edit.Number:
			result["value"] = float64(a)
		case edit.Color:
			result["color"] = a
		case edit.Points:
			result["points"] = a
		case *pixel.Mask:
			result["mask"] = map[string]any{"coverage": coverage(a)}
			r.out.View = grayView(a.W, a.H, func(i int) uint8 { return a.Pix[i] })
		case *pixel.Classes:
			classes := make(map[string]float64)
			for _, l := range a.Layers {
				classes[l.Label] = coverage(l.Mask)
			}
			result["classes"] = classes
		case *pixel.Depth:
			lo, hi := slices.Min(a.V), slices.Max(a.V)
			result["depth"] = map[string]any{"min": lo, "max": hi}
			span := max(hi-lo, 1e-9)
			r.out.View = grayView(a.W, a.H, func(i int) uint8 { return uint8((a.V[i]-lo)/span*255 + 0.5) })
		}
	}
	return result
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
