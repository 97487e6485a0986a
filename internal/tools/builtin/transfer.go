package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Bounds of the transfer. A spread that grows without a bound would lift noise
// and JPEG blocks, one that shrinks without a bound would make the picture flat.
const (
	transferMost  = 1.8
	transferLeast = 0.5
	transferNoise = 4e-5 // variance (OKLab) added to both, so that grey pictures have one
)

// opTransfer gives the picture the colours of another: the linear map of OKLab
// that takes the mean and covariance of the one to those of the other and moves
// colours least (Pitié and Kokaram, "The linear Monge-Kantorovitch linear colour
// mapping", 2007), its spreads bounded, tints that a screen cannot show reduced.
// Inputs: image, reference (a picture of any size), amount in [0,1]. Output: image.
func opTransfer(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	ref, err := tools.Input[*pixel.Image](req, "reference")
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 1)
	if err != nil {
		return tools.Response{}, err
	}
	from, to := statistics(img), statistics(ref)
	if from.n == 0 || to.n == 0 { // nothing opaque to look at
		return imageResponse(img.Clone()), nil
	}
	m := mongeKantorovich(from.cov, to.cov)
	a := float32(min(max(amount, 0), 1))
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for i := y * img.W; i < (y+1)*img.W; i++ {
				p := out.Pix[4*i : 4*i+3 : 4*i+3]
				c := pixel.ToLab(p[0], p[1], p[2])
				t := mapped(c, from.mean, to.mean, m)
				t = pixel.Lab{L: c.L + a*(t.L-c.L), A: c.A + a*(t.A-c.A), B: c.B + a*(t.B-c.B)}
				r, g, b := shown(t)
				p[0], p[1], p[2] = pixel.FromLinear(r), pixel.FromLinear(g), pixel.FromLinear(b)
			}
		}
	})
	return imageResponse(out), ctx.Err()
}

// mapped applies the linear map around the means. Lightness eases off towards
// black and white instead of clipping, and black and white take no tint.
func mapped(c pixel.Lab, from, to vec3, m mat3) pixel.Lab {
	v := vec3{float64(c.L) - from[0], float64(c.A) - from[1], float64(c.B) - from[2]}
	v = m.apply(v)
	l := ease(v[0]+to[0], float64(c.L))
	t := min(tintable(float64(c.L)), tintable(l))
	return pixel.Lab{
		L: float32(l),
		A: float32(float64(c.A)*(1-t) + t*(v[1]+to[1])),
		B: float32(float64(c.B)*(1-t) + t*(v[2]+to[2])),
	}
}

// tintable is 1 for middle tones and falls to 0 at black and at white.
func tintable(l float64) float64 { return min(max(min(l/0.15, (1-l)/0.1), 0), 1) }

// ease bends a lightness that leaves [0.04,0.96] back towards the end of the
// range, which it reaches only for black and white themselves.
func ease(l, was float64) float64 {
	const knee = 0.12
	switch {
	case l < knee:
		l = knee * math.Exp((l-knee)/knee)
		return min(l, max(was, l*min(1, was/knee)))
	case l > 1-knee:
		return 1 - knee*math.Exp((1-knee-l)/knee)
	}
	return l
}

// labStats are the mean and covariance of a picture's opaque colours in OKLab.
type labStats struct {
	n    float64
	mean vec3
	cov  mat3
}

// statistics looks at about a quarter of a million pixels.
func statistics(m *pixel.Image) labStats {
	step := max(1, int(math.Sqrt(float64(m.W)*float64(m.H)/250_000)))
	var s labStats
	for y := 0; y < m.H; y += step {
		for x := 0; x < m.W; x += step {
			r, g, b, a := m.At(x, y)
			if a == 0 {
				continue
			}
			c := pixel.ToLab(r, g, b)
			v, w := vec3{float64(c.L), float64(c.A), float64(c.B)}, float64(a)/255
			s.n += w
			for i := range v {
				s.mean[i] += w * v[i]
				for j := range v {
					s.cov[i][j] += w * v[i] * v[j]
				}
			}
		}
	}
	if s.n == 0 {
		return s
	}
	for i := range s.mean {
		s.mean[i] /= s.n
	}
	for i := range s.cov {
		for j := range s.cov {
			s.cov[i][j] = s.cov[i][j]/s.n - s.mean[i]*s.mean[j]
		}
		s.cov[i][i] += transferNoise
	}
	return s
}

// mongeKantorovich is the symmetric map A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 between two
// covariances, its eigenvalues, the changes of spread, kept within bounds.
func mongeKantorovich(a, b mat3) mat3 {
	root := a.each(func(v float64) float64 { return math.Sqrt(max(v, 1e-9)) })
	inverse := a.each(func(v float64) float64 { return 1 / math.Sqrt(max(v, 1e-9)) })
	middle := root.times(b).times(root).each(func(v float64) float64 { return math.Sqrt(max(v, 0)) })
	return inverse.times(middle).times(inverse).each(func(v float64) float64 {
		return min(max(v, transferLeast), transferMost)
	})
}
