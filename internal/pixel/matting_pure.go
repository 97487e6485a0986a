package pixel

import "math"

const (
	// pureNear is the squared Mahalanobis distance within which a side's colours
	// explain a pixel (99 % of a Gaussian of three axes lie in it), pureFar that
	// from which they do not.
	pureNear = 11.3
	pureFar  = 2 * pureNear
	// pureWeight is what such a pixel's guess counts more, pureLeast the share
	// of known pixels around it below which a side's colours are not known.
	pureWeight = 0.3
	pureLeast  = 0.02
	// tintNoise is the least variance of a tint, tintDark the sum of a colour's
	// channels, in linear light, below which its tint is noise.
	tintNoise = 2e-4
	tintDark  = 0.02
)

// cloud is a side's colours around each pixel as a Gaussian: means, and the
// covariance's xx xy xz yy yz zz.
type cloud struct {
	v     [3][]float32
	noise float64
	share *Plane
	mean  [3]*Plane
	cov   [6]*Plane
}

// favourPure gives weight to what the colours around say of an unknown pixel: one that
// its own side's known colours explain, and the other side's do not, is its own
// side's alone. Smoothness along colours cannot tell the shading of a round
// body from a border that fades (after Wang and Cohen, "Optimized color
// sampling for robust matting", 2007). Where the border is fuzzy most pixels
// are mixed, and only the tint tells: shade keeps it, mixing does not.
func (t *trimap) favourPure(width []float32, opt MatteOptions) {
	reach := int(math.Ceil(opt.Most)) + fuzzAround
	color, tint := t.sides(t.rgb, fuzzNoise, reach), t.sides(t.tints(), tintNoise, reach)
	Rows(t.h, func(y0, y1 int) {
		for i := y0 * t.w; i < y1*t.w; i++ {
			if !t.unknown[i] {
				continue
			}
			inside := t.signed[i] > 0
			sharp := float64(min(max(2-width[i]/float32(opt.Least), 0), 1))
			sure, is := sharp*color.sure(i, inside), float32(0)
			if inside { // a hair's share of what is bright behind it hardly shows its tint
				is = 1
				deep := float64(min(t.signed[i]/(width[i]+0.5), 1))
				sure += (1 - sharp) * deep * tint.sure(i, inside)
			}
			if sure > 0 {
				t.blend(i, is, pureWeight*float32(sure))
			}
		}
	})
}

// tints are the colours over their sum: what shade leaves as it is.
func (t *trimap) tints() [3][]float32 {
	var out [3][]float32
	for c := range out {
		out[c] = make([]float32, len(t.signed))
	}
	for i := range t.signed {
		sum := t.rgb[0][i] + t.rgb[1][i] + t.rgb[2][i] + tintDark
		for c := range out {
			out[c][i] = t.rgb[c][i] / sum
		}
	}
	return out
}

// clouds are the known colours of both sides around each pixel.
type clouds struct{ in, out *cloud }

func (t *trimap) sides(v [3][]float32, noise float64, reach int) clouds {
	return clouds{
		in:  t.cloud(v, noise, reach, func(i int) bool { return t.signed[i] > 0 && !t.unknown[i] }),
		out: t.cloud(v, noise, reach, func(i int) bool { return t.signed[i] <= 0 && !t.unknown[i] }),
	}
}

// sure says, from 0 to 1, how surely pixel i is only of its own side.
func (c clouds) sure(i int, inside bool) float64 {
	own, other := c.in, c.out
	if !inside {
		own, other = other, own
	}
	far := unexplained(other.distance(i))
	if far == 0 {
		return 0
	}
	return far * (1 - unexplained(own.distance(i)))
}

// blend adds a guess of some weight to what was guessed before.
func (t *trimap) blend(i int, guess, weight float32) {
	sum := t.weight[i] + weight
	t.guess[i] = (t.guess[i]*t.weight[i] + guess*weight) / sum
	t.weight[i] = sum
}

// unexplained is 0 within pureNear, 1 from pureFar on.
func unexplained(d float64) float64 { return min(max((d-pureNear)/(pureFar-pureNear), 0), 1) }

// cloud gathers the colours of the pixels that in accepts, within reach of each pixel.
func (t *trimap) cloud(v [3][]float32, noise float64, reach int, in func(i int) bool) *cloud {
	weight := NewPlane(t.w, t.h)
	for i := range weight.V {
		if in(i) {
			weight.V[i] = 1
		}
	}
	c := &cloud{v: v, noise: noise, share: BoxBlur(weight, reach)}
	var part [3]*Plane
	for k := range part {
		part[k] = product(&Plane{W: t.w, H: t.h, V: v[k]}, weight)
		c.mean[k] = BoxBlur(part[k], reach)
	}
	for n, axes := range [6][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}} {
		c.cov[n] = BoxBlur(product(part[axes[0]], &Plane{W: t.w, H: t.h, V: v[axes[1]]}), reach)
	}
	return c
}

// distance is the squared Mahalanobis distance of pixel i's colour from the
// colours around it, NaN-free: what is not known explains half.
func (c *cloud) distance(i int) float64 {
	n := float64(c.share.V[i])
	if n < pureLeast {
		return (pureNear + pureFar) / 2
	}
	var m [3]float64
	for k := range m {
		m[k] = float64(c.mean[k].V[i]) / n
	}
	at := func(k, a, b int) float64 { return float64(c.cov[k].V[i])/n - m[a]*m[b] }
	s := sym3{at(0, 0, 0) + c.noise, at(1, 0, 1), at(2, 0, 2), at(3, 1, 1) + c.noise, at(4, 1, 2), at(5, 2, 2) + c.noise}
	x, y, z := float64(c.v[0][i])-m[0], float64(c.v[1][i])-m[1], float64(c.v[2][i])-m[2]
	a, b, d := s.solve(x, y, z)
	return math.Max(a*x+b*y+d*z, 0)
}
