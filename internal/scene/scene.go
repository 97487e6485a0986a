// Package scene paints the example picture: a street with a red car, a yellow
// bench, a tree, a wall, a café's sign and the sky, and knows exactly which
// pixel belongs to which of them. Tests and the demonstration need a
// photograph-like picture that is the project's own and whose truth is known.
package scene

import (
	"math"

	"pentimento/internal/pixel"
)

// The size the scene is composed for; any other shows the same street, with
// more of the surroundings or less.
const (
	DefaultWidth  = 1280
	DefaultHeight = 853
)

// object numbers the things that have a mask.
type object int

const (
	sky object = iota
	wall
	sign
	road
	tree
	bench
	car
	carPaint
	objectCount
)

var names = [objectCount]string{"sky", "wall", "sign", "road", "tree", "bench", "car", "car-paint"}

// Names lists the objects that have a mask, in the order they are painted.
func Names() []string { return append([]string(nil), names[:]...) }

func only(list ...object) labels {
	var l labels
	for _, o := range list {
		l |= 1 << o
	}
	return l
}

// oversample is how many device pixels are painted per side of a final pixel.
const oversample = 2

// Render paints the street at w×h pixels and returns it with one mask per
// object, by name. The car's paint is the only red in it and the bench the only
// yellow. "car" holds all of the car, "car-paint" the painted panels without
// glass, lamps, trim and wheels; "wall" is brick and stone, without the shop's
// front; "road" is asphalt with its marks. Soft pixels are shares of coverage.
// Equal arguments give equal bytes.
func Render(w, h int, seed int64) (*pixel.Image, map[string]*pixel.Mask) {
	fit := math.Min(float64(w)/DefaultWidth, float64(h)/DefaultHeight)
	scale := fit * oversample
	c := newCanvas(w*oversample, h*oversample, scale,
		(float64(w)-DefaultWidth*fit)/2*oversample, (float64(h)-DefaultHeight*fit)*oversample*0.6)
	p := painter{canvas: c, n: noise(uint32(seed)*2654435761 + uint32(seed>>32))}
	p.sky()
	p.hills()
	p.gardenWall()
	p.cafe()
	p.ground()
	p.shadows()
	p.tree()
	p.bench()
	p.lamp()
	p.car()
	return c.develop(w, h, p.n), c.masks(w, h)
}

// painter paints with one seed.
type painter struct {
	*canvas
	n noise
}

// develop turns linear light into the final picture: mean of the oversampled
// pixels, exposure with a soft shoulder, a little vignette and grain.
func (c *canvas) develop(w, h int, n noise) *pixel.Image {
	m := pixel.NewImage(w, h)
	grain := n + 991
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range w {
				var sum [3]float32
				for dy := range oversample {
					i := 3 * ((y*oversample+dy)*c.w + x*oversample)
					for k, v := range c.pix[i : i+3*oversample] {
						sum[k%3] += v
					}
				}
				u, v := float64(x)/float64(w)*2-1, float64(y)/float64(h)*2-1
				light := exposure * (1 - 0.08*(u*u+v*v)) / (oversample * oversample)
				g := 1 + 0.035*(grain.hash(int32(x), int32(y))-0.5)
				o := 4 * (y*w + x)
				for k := range sum {
					m.Pix[o+k] = pixel.FromLinear(float32(shoulder(float64(sum[k]) * light * g)))
				}
			}
		}
	})
	return m
}

// exposure makes a sunny day of it.
const exposure = 1.16

// shoulder leaves darks and mid-tones alone and rolls lights off towards 1.
func shoulder(v float64) float64 {
	const knee = 0.6
	if v <= knee {
		return v
	}
	return knee + (1-knee)*(1-math.Exp(-(v-knee)/(1-knee)))
}

func (c *canvas) masks(w, h int) map[string]*pixel.Mask {
	out := make(map[string]*pixel.Mask, objectCount)
	for o, cover := range c.cover {
		m := pixel.NewMask(w, h)
		for y := range h {
			for x := range w {
				sum := 0
				for dy := range oversample {
					i := (y*oversample+dy)*c.w + x*oversample
					for _, v := range cover[i : i+oversample] {
						sum += int(v)
					}
				}
				m.Pix[y*w+x] = uint8((sum + oversample*oversample/2) / (oversample * oversample))
			}
		}
		out[names[o]] = m
	}
	return out
}
