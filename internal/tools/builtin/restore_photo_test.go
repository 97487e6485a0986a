package builtin

import (
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/pixel"
)

// psnr is the peak signal-to-noise ratio in dB of the colour samples.
func psnr(a, b *pixel.Image) float64 {
	var e, n float64
	for i := range a.Pix {
		if i%4 < 3 {
			d := float64(a.Pix[i]) - float64(b.Pix[i])
			e += d * d
			n++
		}
	}
	return 10 * math.Log10(255*255/max(e/n, 1e-9))
}

// noisy adds Gaussian noise of standard deviation sigma.
func noisy(m *pixel.Image, sigma float64) *pixel.Image {
	rng := rand.New(rand.NewPCG(1, 2))
	out := m.Clone()
	for i := range out.Pix {
		if i%4 < 3 {
			out.Pix[i] = uint8(min(max(math.Round(float64(m.Pix[i])+sigma*rng.NormFloat64()), 0), 255))
		}
	}
	return out
}

// TestDenoisePhotos adds noise to photographs, does not say how much, and measures what is left.
func TestDenoisePhotos(t *testing.T) {
	for _, c := range []struct {
		photo string
		sigma float64
		least float64 // dB
	}{
		{"kodim04_woman_red_hat.png", 10, 35.5},
		{"kodim08_houses.png", 25, 28.3},
		{"kodim23_parrots.png", 25, 33.2},
		{"kodim23_parrots.png", 0, 46},
	} {
		img := sharedPhoto(t, c.photo)
		in := noisy(img, c.sigma)
		out := edited(t, "denoise", in, nil, nil)
		if got := psnr(img, out); got < c.least {
			t.Errorf("%s, noise %g: %.2f dB becomes %.2f, want %.1f", c.photo, c.sigma, psnr(img, in), got, c.least)
		}
	}
}

// blurredBy convolves a picture with a kernel, the border repeated.
func blurredBy(m *pixel.Image, k *blurKernel) *pixel.Image {
	out, half := m.Clone(), k.side/2
	type tap struct {
		x, y int
		w    float64
	}
	var taps []tap
	for i, w := range k.v {
		if w > 1e-5 {
			taps = append(taps, tap{i%k.side - half, i/k.side - half, float64(w)})
		}
	}
	for y := range m.H {
		for x := range m.W {
			var s [3]float64
			for _, t := range taps {
				at := 4 * (mirror(y-t.y, m.H)*m.W + mirror(x-t.x, m.W))
				for c := range s {
					s[c] += t.w * float64(m.Pix[at+c])
				}
			}
			for c := range s {
				out.Pix[4*(y*m.W+x)+c] = uint8(s[c] + 0.5)
			}
		}
	}
	return out
}

func motion(length, degrees float64) *blurKernel {
	k := newKernel(25)
	s, c := math.Sincos(degrees * math.Pi / 180)
	for n := range 400 {
		t := (float64(n)/399 - 0.5) * (length - 1)
		x, y := 12+t*c, 12+t*s
		ix, iy := int(x), int(y)
		fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
		k.v[iy*25+ix] += (1 - fx) * (1 - fy)
		k.v[iy*25+min(ix+1, 24)] += fx * (1 - fy)
		k.v[min(iy+1, 24)*25+ix] += (1 - fx) * fy
		k.v[min(iy+1, 24)*25+min(ix+1, 24)] += fx * fy
	}
	k.normalise()
	return k
}

func round(f func(d float64) float64) *blurKernel {
	k := newKernel(25)
	for i := range k.v {
		k.v[i] = float32(f(math.Hypot(float64(i%25-12), float64(i/25-12))))
	}
	k.normalise()
	return k
}

func gauss(sigma float64) *blurKernel {
	return round(func(d float64) float64 { return math.Exp(-d * d / (2 * sigma * sigma)) })
}

func disc(r float64) *blurKernel {
	return round(func(d float64) float64 { return min(max(r+0.5-d, 0), 1) })
}

// TestDeblurPhotos blurs photographs, does not say how, and measures what is won.
func TestDeblurPhotos(t *testing.T) {
	for _, c := range []struct {
		photo, blur string
		k           *blurKernel
		least       float64 // dB won
	}{
		{"kodim04_woman_red_hat.png", "disc 3", disc(3), 2.5},
		{"kodim13_creek.png", "motion 9", motion(9, 20), 2},
		{"kodim23_parrots.png", "gauss 1.5", gauss(1.5), 1.5},
	} {
		img := sharedPhoto(t, c.photo)
		in := blurredBy(img, c.k)
		out := edited(t, "deblur", in, nil, nil)
		if won := psnr(img, out) - psnr(img, in); won < c.least {
			t.Errorf("%s, %s: %.2f dB won, want %.1f", c.photo, c.blur, won, c.least)
		}
	}
	for _, name := range []string{"kodim08_houses.png", "kodim13_creek.png", "truck.jpg", "cat_dog.jpg", "backlit_bicycles.jpg"} {
		img := sharedPhoto(t, name)
		if e := steepest(img.Luma(), 0); e > blurredSlope {
			t.Errorf("%s is sharp and counts as blurred: %.2f", name, e)
		}
	}
}
