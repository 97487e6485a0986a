package screen

import (
	"image"
	"image/color"
	"math"
)

func hypot(x, y float64) float64 { return math.Hypot(x, y) }

// coverage paints a shape, each pixel by the share of 4×4 places in it that lie inside.
func coverage(img *image.RGBA, r image.Rectangle, c color.RGBA, inside func(x, y float64) bool) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			n := 0
			for k := range 16 {
				if inside(float64(x)+(float64(k%4)+0.5)/4, float64(y)+(float64(k/4)+0.5)/4) {
					n++
				}
			}
			if n == 0 {
				continue
			}
			was := img.RGBAAt(x, y)
			mix := func(a, b uint8) uint8 { return uint8((int(a)*(16-n) + int(b)*n) / 16) }
			img.SetRGBA(x, y, color.RGBA{mix(was.R, c.R), mix(was.G, c.G), mix(was.B, c.B), 255})
		}
	}
}
