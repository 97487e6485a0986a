// Package judgetest makes results of known worth: good ones, from photographs
// and hand-checked masks, and the same results spoiled by code in five growing
// levels. Nothing is stored. The command internal/bench/cmd/judge and the tests
// of package judge use it; tools are passed in as a function.
package judgetest

import (
	"math"
	"math/rand/v2"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
)

// Levels is how many growing levels a spoil has.
const Levels = 5

// Spoil makes a step's result worse. Level 1 is the least, Levels the most; at
// BadFrom and above a person would reject it at a glance.
type Spoil struct {
	Name  string
	Apply func(s judge.Step, level int) judge.Step
}

// BadFrom is the level from which a spoiled result counts as bad.
const BadFrom = 4

func withImage(s judge.Step, m *pixel.Image) judge.Step {
	s.After = m
	s.Outputs = map[string]edit.Artifact{edit.SlotImage: m}
	return s
}

// side is a length that the sizes of spoils follow: the square root of the mask's area.
func side(m *pixel.Mask) float64 { return math.Sqrt(m.Area()) }

// Untouched blends the picture before back in, wholly at the last level.
func Untouched() Spoil {
	return Spoil{"untouched", func(s judge.Step, level int) judge.Step {
		return withImage(s, blend(s.After, s.Before, nil, [6]float64{0, 0.3, 0.55, 0.75, 0.9, 1}[level]))
	}}
}

// blend returns a moved towards b by k where the mask is set (everywhere when nil).
func blend(a, b *pixel.Image, mask *pixel.Mask, k float64) *pixel.Image {
	out := a.Clone()
	for i := range out.Pix {
		if mask != nil && mask.Pix[i/4] == 0 {
			continue
		}
		out.Pix[i] = uint8(float64(a.Pix[i])*(1-k) + float64(b.Pix[i])*k + 0.5)
	}
	return out
}

// WrongColor moves the colour of what changed inside the mask as a turn of its mean hue
// would, by growing angles; a mean without a hue is tinted.
func WrongColor(mask *pixel.Mask) Spoil {
	return Spoil{"wrong colour", func(s judge.Step, level int) judge.Step {
		touched := func(i int) bool { return mask.Pix[i] > 0 && !same(s.After, s.Before, i) }
		var a, b mean
		for i, c := range pixel.LabPlane(s.After) {
			if touched(i) {
				a.add(float64(c.A))
				b.add(float64(c.B))
			}
		}
		sin, cos := math.Sincos([6]float64{0, 0.35, 0.7, 1.1, 1.6, 2.4}[level])
		da, db := a.value()*(cos-1)-b.value()*sin, a.value()*sin+b.value()*(cos-1)
		if math.Hypot(a.value(), b.value()) < 0.05 {
			da = 0.03 * float64(level)
		}
		return withImage(s, mapLab(s.After, func(i int, c pixel.Lab) (pixel.Lab, bool) {
			return pixel.Lab{L: c.L, A: c.A + float32(da), B: c.B + float32(db)}, touched(i)
		}))
	}}
}

func same(a, b *pixel.Image, i int) bool {
	return a.Pix[4*i] == b.Pix[4*i] && a.Pix[4*i+1] == b.Pix[4*i+1] && a.Pix[4*i+2] == b.Pix[4*i+2]
}

func mapLab(m *pixel.Image, f func(i int, c pixel.Lab) (pixel.Lab, bool)) *pixel.Image {
	out := m.Clone()
	pixel.Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			p := out.Pix[4*i : 4*i+3]
			if c, ok := f(i, pixel.ToLab(p[0], p[1], p[2])); ok {
				p[0], p[1], p[2], _ = c.RGB()
			}
		}
	})
	return out
}

// Halo leaves the picture before along the inside of the mask's border, wider and wider.
func Halo(mask *pixel.Mask) Spoil {
	return Spoil{"halo", func(s judge.Step, level int) judge.Step {
		width := [6]float64{0, 0.008, 0.016, 0.03, 0.05, 0.09}[level] * side(mask)
		core := pixel.Shrink(pixel.Threshold(mask, pixel.Half), max(float64(level), width))
		return withImage(s, pixel.KeepOutside(s.Before, s.After, core))
	}}
}

// HalfDone leaves a growing part of the object as it was, from the left.
func HalfDone(mask *pixel.Mask) Spoil {
	return Spoil{"half done", func(s judge.Step, level int) judge.Step {
		b := mask.Bounds(pixel.Half)
		b.Min.X += b.Dx() * [6]int{0, 15, 30, 50, 70, 90}[level] / 100
		return withImage(s, pixel.KeepOutside(s.Before, s.After, pixel.RectMask(mask.W, mask.H, b)))
	}}
}

// Flat takes the shading out of what changed inside the mask, and lastly leaves one that is
// not the object's. Colours stay: what was left of the old paint is not to be painted by it.
func Flat(mask *pixel.Mask) Spoil {
	return Spoil{"flat", func(s judge.Step, level int) judge.Step {
		var l mean
		for i, c := range pixel.LabPlane(s.After) {
			if mask.Pix[i] >= pixel.Half && !same(s.After, s.Before, i) {
				l.add(float64(c.L))
			}
		}
		k := [6]float32{0, 0.45, 0.7, 0.85, 0.95, 1}[level]
		return withImage(s, mapLab(s.After, func(i int, c pixel.Lab) (pixel.Lab, bool) {
			x, y := float64(i%mask.W), float64(i/mask.W)
			other := 0.06 * float32(math.Sin(x/9)*math.Cos(y/7)) * k
			c.L += k*(float32(l.value())-c.L) + other
			return c, mask.Pix[i] >= pixel.Half && !same(s.After, s.Before, i)
		}))
	}}
}

// Bleed gives the pixels outside the mask, to a growing distance, the mean colour of the changed inside.
func Bleed(mask *pixel.Mask) Spoil {
	return Spoil{"bleed", func(s judge.Step, level int) judge.Step {
		var sum [3]float64
		n := 0.0
		for i, m := range mask.Pix {
			if m >= pixel.Half {
				for k := range 3 {
					sum[k] += float64(s.After.Pix[4*i+k])
				}
				n++
			}
		}
		grown := pixel.Grow(pixel.Threshold(mask, pixel.Half), [6]float64{0, 0.01, 0.025, 0.05, 0.10, 0.2}[level]*side(mask)+float64(level))
		out := s.After.Clone()
		for i := range grown.Pix {
			if grown.Pix[i] > 0 && mask.Pix[i] == 0 {
				for k := range 3 {
					out.Pix[4*i+k] = uint8((float64(out.Pix[4*i+k]) + 2*sum[k]/n) / 3)
				}
			}
		}
		return withImage(s, out)
	}}
}

// Ghost lets what was in the hole show through.
func Ghost(mask *pixel.Mask) Spoil {
	return Spoil{"ghost", func(s judge.Step, level int) judge.Step {
		return withImage(s, blend(s.After, s.Before, mask, [6]float64{0, 0.15, 0.3, 0.5, 0.7, 1}[level]))
	}}
}

// Seam makes the hole's inside lighter or darker by a growing step.
func Seam(mask *pixel.Mask) Spoil {
	return Spoil{"seam", func(s judge.Step, level int) judge.Step {
		step := [6]float32{0, 0.04, 0.08, 0.14, 0.22, 0.32}[level]
		var l mean
		for i, c := range pixel.LabPlane(s.After) {
			if mask.Pix[i] > 0 {
				l.add(float64(c.L))
			}
		}
		if l.value() > 0.5 {
			step = -step
		}
		return withImage(s, mapLab(s.After, func(i int, c pixel.Lab) (pixel.Lab, bool) {
			c.L += step
			return c, mask.Pix[i] > 0
		}))
	}}
}

type mean struct{ sum, n float64 }

func (m *mean) add(v float64)  { m.sum, m.n = m.sum+v, m.n+1 }
func (m *mean) value() float64 { return m.sum / max(m.n, 1) }

// Smear blurs the inside of the mask (everything when nil), farther and farther; what is
// outside does not run in, which would mend the fill's tone.
func Smear(mask *pixel.Mask) Spoil {
	return Spoil{"smear", func(s judge.Step, level int) judge.Step {
		sigma := [6]float64{0, 0.8, 1.6, 3, 6, 12}[level]
		if mask == nil {
			return withImage(s, pixel.BlurImage(s.After, sigma, pixel.Encoded))
		}
		out := s.After.Clone()
		inside, value := pixel.NewPlane(mask.W, mask.H), pixel.NewPlane(mask.W, mask.H)
		for i, m := range mask.Pix {
			if m > 0 {
				inside.V[i] = 1
			}
		}
		weight := pixel.GaussianBlur(inside, sigma)
		for k := range 3 {
			for i, in := range inside.V {
				value.V[i] = in * float32(s.After.Pix[4*i+k])
			}
			for i, v := range pixel.GaussianBlur(value, sigma).V {
				if inside.V[i] > 0 {
					out.Pix[4*i+k] = uint8(min(255, max(0, v/weight.V[i]+0.5)))
				}
			}
		}
		return withImage(s, out)
	}}
}

// Paste lets another part of a picture, scaled to the mask's box, appear in the mask, more and more opaque.
func Paste(mask *pixel.Mask, from *pixel.Image) Spoil {
	return Spoil{"wrong object", func(s judge.Step, level int) judge.Step {
		b := mask.Bounds(pixel.Half)
		other := pixel.Paste(s.After, pixel.Resize(from, b.Dx(), b.Dy(), pixel.Box), b.Min.X, b.Min.Y)
		return withImage(s, blend(s.After, other, mask, [6]float64{0, 0.25, 0.45, 0.65, 0.85, 1}[level]))
	}}
}

// Noise adds Gaussian noise of growing strength inside the mask (everywhere when nil).
func Noise(mask *pixel.Mask) Spoil {
	return Spoil{"noise", func(s judge.Step, level int) judge.Step {
		return withImage(s, AddNoise(s.After, mask, [6]float64{0, 6, 14, 26, 42, 64}[level], uint64(level))) // #nosec G115 -- 1 to 5
	}}
}

// AddNoise returns the picture with Gaussian noise of that deviation in codes.
func AddNoise(m *pixel.Image, mask *pixel.Mask, sigma float64, seed uint64) *pixel.Image {
	rnd := rand.New(rand.NewPCG(seed, 7)) // #nosec G404 -- noise, not secrets
	out := m.Clone()
	for i := range out.Pix {
		if i%4 == 3 || mask != nil && mask.Pix[i/4] == 0 {
			continue
		}
		out.Pix[i] = uint8(math.Min(255, math.Max(0, float64(out.Pix[i])+sigma*rnd.NormFloat64()+0.5)))
	}
	return out
}

// Opposite moves the result past the picture before, away from what was asked.
func Opposite() Spoil {
	return Spoil{"wrong way", func(s judge.Step, level int) judge.Step {
		k := [6]float64{0, 0.5, 0.9, 1.2, 1.6, 2}[level]
		out := s.After.Clone()
		for i := range out.Pix {
			if i%4 != 3 {
				a, b := float64(s.After.Pix[i]), float64(s.Before.Pix[i])
				out.Pix[i] = uint8(math.Min(255, math.Max(0, a+k*(b-a)+0.5)))
			}
		}
		return withImage(s, out)
	}}
}
