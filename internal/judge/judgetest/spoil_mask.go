package judgetest

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
)

func withMask(s judge.Step, slot string, m *pixel.Mask) judge.Step {
	s.Outputs = map[string]edit.Artifact{slot: m}
	return s
}

// MaskSpoils are the ways a mask goes wrong: it is moved, grows, shrinks, or ends half way.
func MaskSpoils(mask *pixel.Mask, slot string) []Spoil {
	share := [6]float64{0, 0.03, 0.07, 0.13, 0.22, 0.35}
	return []Spoil{
		{"shifted", func(s judge.Step, level int) judge.Step {
			d := int(share[level]*side(mask)) + level
			return withMask(s, slot, Shifted(mask, d, d/2))
		}},
		{"swollen", func(s judge.Step, level int) judge.Step {
			return withMask(s, slot, pixel.Grow(pixel.Threshold(mask, pixel.Half), share[level]*side(mask)+float64(level)))
		}},
		{"shrunk", func(s judge.Step, level int) judge.Step {
			return withMask(s, slot, pixel.Shrink(pixel.Threshold(mask, pixel.Half), share[level]*side(mask)*0.7+float64(level)))
		}},
		{"cut off", func(s judge.Step, level int) judge.Step {
			b := mask.Bounds(pixel.Half)
			b.Max.Y -= int([6]float64{0, 0.15, 0.3, 0.45, 0.65, 0.85}[level] * float64(b.Dy()))
			return withMask(s, slot, pixel.Intersect(mask, pixel.RectMask(mask.W, mask.H, b)))
		}},
		{"strewn", func(s judge.Step, level int) judge.Step {
			return withMask(s, slot, strewn(mask, level))
		}},
	}
}

// Shifted moves a mask; what leaves the picture is lost.
func Shifted(m *pixel.Mask, dx, dy int) *pixel.Mask {
	return pixel.PasteMask(pixel.NewMask(m.W, m.H), m, dx, dy)
}

// strewn flips small discs over a growing share, a half at most, of the object and its
// surroundings: more would be the object's negative, which is less of a mess.
func strewn(m *pixel.Mask, level int) *pixel.Mask {
	out := m.Clone()
	b := m.Bounds(pixel.Half).Inset(-int(0.15 * side(m)))
	r := max(2, 0.03*side(m))
	step := r * math.Sqrt(math.Pi/(0.1*float64(level)))
	for cy := float64(b.Min.Y); cy < float64(b.Max.Y); cy += step {
		for cx := float64(b.Min.X); cx < float64(b.Max.X); cx += step {
			for y := max(0, int(cy-r)); y <= min(m.H-1, int(cy+r)); y++ {
				for x := max(0, int(cx-r)); x <= min(m.W-1, int(cx+r)); x++ {
					if math.Hypot(float64(x)-cx, float64(y)-cy) <= r {
						out.Pix[y*m.W+x] = 255 - m.Pix[y*m.W+x]
					}
				}
			}
		}
	}
	return out
}

// CutSpoils spoil a background by redoing it with a mask that is moved or has grown: run makes the step's picture from a mask.
func CutSpoils(mask *pixel.Mask, redo func(*pixel.Mask) (*pixel.Image, error)) []Spoil {
	made := func(name string, change func(level int) *pixel.Mask) Spoil {
		return Spoil{name, func(s judge.Step, level int) judge.Step {
			img, err := redo(change(level))
			if err != nil {
				return s
			}
			return withImage(s, img)
		}}
	}
	share := [6]float64{0, 0.01, 0.025, 0.05, 0.1, 0.2}
	return []Spoil{
		made("cut shifted", func(level int) *pixel.Mask {
			return Shifted(mask, int(share[level]*side(mask))+level, 0)
		}),
		made("fringe", func(level int) *pixel.Mask {
			return pixel.Grow(pixel.Threshold(mask, pixel.Half), share[level]*side(mask)*0.6+float64(level))
		}),
		made("subject eaten", func(level int) *pixel.Mask {
			return pixel.Shrink(pixel.Threshold(mask, pixel.Half), share[level]*side(mask)+2+float64(level))
		}),
	}
}
