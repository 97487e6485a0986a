package scene

import "math"

// noise is seeded value noise; equal seeds give equal fields everywhere.
type noise uint32

// hash scrambles lattice coordinates to [0,1).
func (n noise) hash(x, y int32) float64 {
	h := uint32(n) + uint32(x)*0x9e3779b1 + uint32(y)*0x85ebca77
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	h *= 0x297a2d39
	h ^= h >> 15
	return float64(h) / (1 << 32)
}

// at is smooth noise in [0,1) with features one unit wide.
func (n noise) at(x, y float64) float64 {
	ix, iy := int32(x), int32(y) // towards zero; one less below it
	if x < 0 {
		ix--
	}
	if y < 0 {
		iy--
	}
	tx, ty := x-float64(ix), y-float64(iy)
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	a, b := n.hash(ix, iy), n.hash(ix+1, iy)
	c, d := n.hash(ix, iy+1), n.hash(ix+1, iy+1)
	return lerp(lerp(a, b, tx), lerp(c, d, tx), ty)
}

// fbm sums octaves of noise, each half as wide and half as strong; mean about 0.5.
func (n noise) fbm(x, y float64, octaves int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for i := range octaves {
		sum += amp * (n+noise(i)*7919).at(x, y)
		total += amp
		amp /= 2
		x, y = 2*x+17.3, 2*y-9.1
	}
	return sum / total
}

func lerp(a, b, t float64) float64 { return a + (b-a)*t }

func clamp01(v float64) float64 { return min(max(v, 0), 1) }

// step rises smoothly from 0 at a to 1 at b; a may be the greater.
func step(a, b, v float64) float64 {
	t := clamp01((v - a) / (b - a))
	return t * t * (3 - 2*t)
}

// bump is 1 at c and falls smoothly to 0 at distance r.
func bump(c, r, v float64) float64 { return 1 - step(0, r, math.Abs(v-c)) }
