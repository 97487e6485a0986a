package features

import (
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// describePicture puts what concerns the picture as a whole.
func describePicture(s *Set, m *pixel.Image, k *work) {
	s.num("picture-megapixels", m.Megapixels())
	s.num("picture-aspect", float64(m.W)/float64(m.H))
	s.yes("picture-alpha", m.HasAlpha)
	at := k.visible(nil)
	if m.HasAlpha {
		s.num("picture-clear", 1-float64(len(at))/float64(k.w*k.h))
	}
	if len(at) == 0 {
		return
	}
	var light, chroma float64
	var levels [1024]int // of lightness
	for _, i := range at {
		c := k.lab[i]
		levels[min(max(int(c.L*float32(len(levels))), 0), len(levels)-1)]++
		light += float64(c.L)
		chroma += c.Chroma()
	}
	n := float64(len(at))
	s.num("picture-brightness", light/n)
	s.num("picture-contrast", percentile(levels[:], len(at), .95)-percentile(levels[:], len(at), .05))
	s.num("picture-chroma", chroma/n)
	texture, edges := k.texture(at)
	s.num("picture-texture", texture)
	s.num("picture-edges", edges)
	describeTiles(s, m)
}

// percentile is the level, in [0,1], below which a share p of n counted values lies.
func percentile(levels []int, n int, p float64) float64 {
	left := int(p * float64(n-1))
	for i, c := range levels {
		if left -= c; left < 0 {
			return float64(i) / float64(len(levels))
		}
	}
	return 1
}

// Noise and sharpness live at full size, where reducing would remove them:
// they are measured on at most tilesSide² tiles, spread evenly.
const (
	tileSize  = 64
	tilesSide = 6
	tileLeast = 16 // a picture with a shorter side has neither
)

func describeTiles(s *Set, m *pixel.Image) {
	tw, th := min(tileSize, m.W), min(tileSize, m.H)
	if tw < tileLeast || th < tileLeast {
		return
	}
	nx, ny := min(tilesSide, m.W/tw), min(tilesSide, m.H/th)
	var noise, sharp []float64
	t := pixel.NewPlane(tw, th)
	for j := range ny {
		for i := range nx {
			if !cutTile(m, t, spread(m.W-tw, i, nx), spread(m.H-th, j, ny)) {
				continue
			}
			noise = append(noise, tileNoise(t))
			if v, ok := tileSharpness(t); ok {
				sharp = append(sharp, v)
			}
		}
	}
	if len(noise) > 0 {
		slices.Sort(noise)
		s.num("picture-noise", noise[(len(noise)-1)/5])
	}
	if len(sharp) > 0 {
		slices.Sort(sharp)
		s.num("picture-sharpness", sharp[len(sharp)-1-(len(sharp)-1)/5])
	}
}

// spread is the i-th of n places from 0 to room; a single one is in the middle.
func spread(room, i, n int) int {
	if n == 1 {
		return room / 2
	}
	return room * i / (n - 1)
}

// cutTile fills t with 8-bit luma. It reports false where a clipped or hidden
// tile would hide the noise.
func cutTile(m *pixel.Image, t *pixel.Plane, x0, y0 int) bool {
	var sum float64
	for y := range t.H {
		for x := range t.W {
			r, g, b, a := m.At(x0+x, y0+y)
			if a < pixel.Half {
				return false
			}
			v := 0.2126*float32(r) + 0.7152*float32(g) + 0.0722*float32(b)
			t.V[y*t.W+x] = v
			sum += float64(v)
		}
	}
	mean := sum / float64(t.W*t.H)
	return mean > 6 && mean < 249
}

// tileNoise is Immerkær's fast noise estimate (1996): the mean of a filter
// that leaves out lines and ramps.
func tileNoise(t *pixel.Plane) float64 {
	var sum float64
	w := t.W
	for y := 1; y < t.H-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			v := t.V[i-w-1] + t.V[i-w+1] + t.V[i+w-1] + t.V[i+w+1] + 4*t.V[i] - 2*(t.V[i-1]+t.V[i+1]+t.V[i-w]+t.V[i+w])
			sum += math.Abs(float64(v))
		}
	}
	return math.Sqrt(math.Pi/2) / 6 * sum / float64((w-2)*(t.H-2))
}

// tileSharpness is the share of the differences between neighbours that a
// 9-pixel mean takes away, after Crété-Roffet et al. (2007): a picture already
// blurred loses little. ok is false where there is nothing to see.
func tileSharpness(t *pixel.Plane) (sharp float64, ok bool) {
	var all, lost float64
	mean := make([]float64, max(t.W, t.H))
	along := func(n, stride int, start int) {
		at := func(i int) float64 { return float64(t.V[start+i*stride]) }
		var s float64 // of the window, exact: luma is 0 or above 0.07, so that float64 holds every sum of nine
		for i := range min(4, n) {
			s += at(i)
		}
		for i := range n {
			if i+4 < n {
				s += at(i + 4)
			}
			if i-5 >= 0 {
				s -= at(i - 5)
			}
			mean[i] = s / float64(min(n-1, i+4)-max(0, i-4)+1)
		}
		for i := 5; i < n-4; i++ {
			d := math.Abs(float64(t.V[start+i*stride] - t.V[start+(i-1)*stride]))
			all += d
			lost += max(0, d-math.Abs(mean[i]-mean[i-1]))
		}
	}
	for y := range t.H {
		along(t.W, 1, y*t.W)
	}
	for x := range t.W {
		along(t.H, t.W, x)
	}
	if all < 2*1.5*float64(t.W*t.H) { // a mean difference of 1.5 steps is hardly more than noise
		return 0, false
	}
	return lost / all, true
}
