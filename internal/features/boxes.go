package features

import (
	"cmp"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// covered is the width under at least one of the boxes that span y0 to y1.
func covered(boxes []edit.Box, y0, y1 float64) float64 {
	var in []edit.Box
	for _, b := range boxes {
		if b.Y0 <= y0 && b.Y1 >= y1 {
			in = append(in, b)
		}
	}
	slices.SortFunc(in, func(a, b edit.Box) int { return cmp.Compare(a.X0, b.X0) })
	var width float64
	end := math.Inf(-1)
	for _, b := range in {
		if b.X1 > end {
			width += b.X1 - max(b.X0, end)
			end = b.X1
		}
	}
	return width
}

// boxMask is inside at every pixel whose centre lies in a box of the mask's own scale.
func boxMask(w, h int, boxes []edit.Box) *pixel.Mask {
	m := pixel.NewMask(w, h)
	for _, b := range boxes {
		b = b.Clip(w, h)
		x0, x1 := int(math.Round(b.X0)), int(math.Round(b.X1))
		for y := int(math.Round(b.Y0)); y < int(math.Round(b.Y1)); y++ {
			row := m.Pix[y*w : (y+1)*w]
			for x := x0; x < x1; x++ {
				row[x] = 255
			}
		}
	}
	return m
}
