package pixel

import (
	"context"
	"math"
)

const (
	// matteRegular keeps the colours of a flat window from being fitted to noise, in squared linear light.
	matteRegular = 1e-6
	// matteRounds bounds the steps of the solver; matteExact is the error in
	// the matte, against the first, at which it stops.
	matteRounds = 150
	matteExact  = 1e-3
)

// window is a square of 3×3 pixels in which the matte is taken for a linear
// function of the colour.
type window struct {
	at   int32      // index of its middle
	mean [3]float32 // colour
	inv  [6]float32 // of the covariance: xx xy xz yy yz zz
}

// laplacian is the matting Laplacian of the windows that see an unknown pixel,
// applied without ever being written out.
type laplacian struct {
	t       *trimap
	windows []window
	of      []int32 // window whose middle a pixel is, -1 for none
	pixels  []int32 // the unknown ones
	// fit is, per window, the slope of the matte over the colour and its mean.
	fit  [][4]float32
	full []float32 // scratch: values of all pixels
}

func newLaplacian(t *trimap) *laplacian {
	l := &laplacian{t: t, of: make([]int32, t.w*t.h), full: make([]float32, t.w*t.h)}
	for i := range l.of {
		l.of[i] = -1
		if t.unknown[i] {
			l.pixels = append(l.pixels, int32(i))
		}
	}
	for y := 1; y < t.h-1; y++ {
		for x := 1; x < t.w-1; x++ {
			i := y*t.w + x
			if t.anyUnknown(i) {
				l.of[i] = int32(len(l.windows))
				l.windows = append(l.windows, window{at: int32(i)})
			}
		}
	}
	l.fit = make([][4]float32, len(l.windows))
	Rows(len(l.windows), func(from, to int) {
		for k := from; k < to; k++ {
			t.measure(&l.windows[k])
		}
	})
	return l
}

func (t *trimap) anyUnknown(i int) bool {
	for _, j := range [3]int{i - t.w, i, i + t.w} {
		if t.unknown[j-1] || t.unknown[j] || t.unknown[j+1] {
			return true
		}
	}
	return false
}

// measure fills in a window's colours.
func (t *trimap) measure(k *window) {
	var sum [3]float64
	var sq [6]float64
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			i := int(k.at) + dy*t.w + dx
			r, g, b := float64(t.rgb[0][i]), float64(t.rgb[1][i]), float64(t.rgb[2][i])
			sum[0] += r
			sum[1] += g
			sum[2] += b
			for n, v := range [6]float64{r * r, r * g, r * b, g * g, g * b, b * b} {
				sq[n] += v
			}
		}
	}
	var mean [3]float64
	for c := range mean {
		mean[c] = sum[c] / 9
		k.mean[c] = float32(mean[c])
	}
	cov := sym3{
		sq[0]/9 - mean[0]*mean[0] + matteRegular, sq[1]/9 - mean[0]*mean[1], sq[2]/9 - mean[0]*mean[2],
		sq[3]/9 - mean[1]*mean[1] + matteRegular, sq[4]/9 - mean[1]*mean[2], sq[5]/9 - mean[2]*mean[2] + matteRegular,
	}
	xx, xy, xz := cov.solve(1, 0, 0)
	_, yy, yz := cov.solve(0, 1, 0)
	_, _, zz := cov.solve(0, 0, 1)
	for n, v := range [6]float64{xx, xy, xz, yy, yz, zz} {
		k.inv[n] = float32(v)
	}
}

// times writes (L+W)·v for the unknown pixels into out. v is of all pixels;
// weights tells whether W, the weight of the guesses, is added.
func (l *laplacian) times(v, out []float32) {
	t := l.t
	Rows(len(l.windows), func(from, to int) {
		for n := from; n < to; n++ {
			l.fit[n] = t.fitWindow(&l.windows[n], v)
		}
	})
	Rows(len(l.pixels), func(from, to int) {
		for n := from; n < to; n++ {
			i := int(l.pixels[n])
			out[n] = l.residual(i, v[i]) + t.weight[i]*v[i]
		}
	})
}

// fitWindow fits v to the colours of a window.
func (t *trimap) fitWindow(k *window, v []float32) [4]float32 {
	var x, y, z, mean float32
	for dy := -1; dy <= 1; dy++ {
		i := int(k.at) + dy*t.w - 1
		for j := i; j < i+3; j++ {
			p := v[j]
			mean += p
			x += p * (t.rgb[0][j] - k.mean[0])
			y += p * (t.rgb[1][j] - k.mean[1])
			z += p * (t.rgb[2][j] - k.mean[2])
		}
	}
	const ninth = 1.0 / 9
	x, y, z, mean = x*ninth, y*ninth, z*ninth, mean*ninth
	return [4]float32{
		k.inv[0]*x + k.inv[1]*y + k.inv[2]*z,
		k.inv[1]*x + k.inv[3]*y + k.inv[4]*z,
		k.inv[2]*x + k.inv[4]*y + k.inv[5]*z,
		mean,
	}
}

// residual is what the windows around pixel i leave of its value unexplained.
func (l *laplacian) residual(i int, v float32) float32 {
	t := l.t
	r, g, b := t.rgb[0][i], t.rgb[1][i], t.rgb[2][i]
	x, y := i%t.w, i/t.w
	var sum float32
	for wy := max(y-1, 0); wy <= min(y+1, t.h-1); wy++ {
		for _, n := range l.of[wy*t.w+max(x-1, 0) : wy*t.w+min(x+2, t.w)] {
			if n >= 0 {
				k, f := &l.windows[n], &l.fit[n]
				sum += v - f[3] - f[0]*(r-k.mean[0]) - f[1]*(g-k.mean[1]) - f[2]*(b-k.mean[2])
			}
		}
	}
	return sum
}

// around calls f for every window that holds pixel i.
func (l *laplacian) around(i int, f func(n int32)) {
	t := l.t
	x, y := i%t.w, i/t.w
	for wy := max(y-1, 0); wy <= min(y+1, t.h-1); wy++ {
		for wx := max(x-1, 0); wx <= min(x+1, t.w-1); wx++ {
			if n := l.of[wy*t.w+wx]; n >= 0 {
				f(n)
			}
		}
	}
}

// diagonal is that of L+W at the unknown pixels.
func (l *laplacian) diagonal() []float32 {
	t := l.t
	d := make([]float32, len(l.pixels))
	for n, p := range l.pixels {
		i := int(p)
		d[n] = t.weight[i] + 1e-6
		l.around(i, func(k int32) {
			w := &l.windows[k]
			x, y, z := t.rgb[0][i]-w.mean[0], t.rgb[1][i]-w.mean[1], t.rgb[2][i]-w.mean[2]
			q := x*x*w.inv[0] + y*y*w.inv[3] + z*z*w.inv[5] + 2*(x*y*w.inv[1]+x*z*w.inv[2]+y*z*w.inv[4])
			d[n] += max(1-(1+q)/9, 0)
		})
	}
	return d
}

// solve finds the matte by conjugate gradients: the unknown pixels' values for
// which (L+W)·α = W·guess while the known ones stay.
func (t *trimap) solve(ctx context.Context) ([]float32, error) {
	alpha := append([]float32(nil), t.guess...)
	l := newLaplacian(t)
	n := len(l.pixels)
	if n == 0 {
		return alpha, nil
	}
	res, dir, tmp := make([]float32, n), make([]float32, n), make([]float32, n)
	pre := l.diagonal()
	l.times(alpha, tmp)
	for k, i := range l.pixels {
		res[k] = t.weight[i]*t.guess[i] - tmp[k]
	}
	rho := 0.0
	for k := range res {
		dir[k] = res[k] / pre[k]
		rho += float64(res[k]) * float64(dir[k])
	}
	for first, round := rho, 0; round < matteRounds && rho > matteExact*matteExact*first && rho > 1e-12; round++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for k, i := range l.pixels {
			l.full[i] = dir[k]
		}
		l.times(l.full, tmp)
		var curve float64
		for k := range dir {
			curve += float64(dir[k]) * float64(tmp[k])
		}
		if !(curve > 0) {
			break
		}
		step := float32(rho / curve)
		var next float64
		for k, i := range l.pixels {
			alpha[i] += step * dir[k]
			res[k] -= step * tmp[k]
			next += float64(res[k]) * float64(res[k]/pre[k])
		}
		turn := float32(next / rho)
		for k := range dir {
			dir[k] = res[k]/pre[k] + turn*dir[k]
		}
		rho = next
	}
	for _, i := range l.pixels {
		alpha[i] = float32(math.Min(math.Max(float64(alpha[i]), 0), 1))
	}
	return alpha, nil
}
