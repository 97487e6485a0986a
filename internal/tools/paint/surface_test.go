package paint

import (
	"bytes"
	"math"
	"runtime"
	"testing"

	"pentimento/internal/pixel"
)

// surface is a wavy wall of one paint under uneven light with a window in it:
// what it is in the paint c, and the same wall, lit the same, in another.
// Every pixel is solid but for the rim; the window's border is mixed.
func surface(n int, c pixel.Lab, window pixel.Lab) (*pixel.Image, *pixel.Mask) {
	img, mask := pixel.NewImage(n, n), pixel.NewMask(n, n)
	wr, wg, wb := window.Linear()
	for y := range n {
		for x := range n {
			u, v := float64(x)/float64(n), float64(y)/float64(n)
			s := float32(1 + 0.12*math.Sin(14*u+5*v) - 0.25*v)
			r, g, b := pixel.Lab{L: c.L * s, A: c.A * s, B: c.B * s}.Linear()
			m := float32(min(max(0.2*float64(n)-math.Hypot(float64(x)-0.5*float64(n), float64(y)-0.5*float64(n)), -1.5), 1.5))/3 + 0.5
			mix := func(f, g float32) uint8 { return pixel.FromLinear(m*f + (1-m)*g) }
			img.Set(x, y, mix(wr, r), mix(wg, g), mix(wb, b), 255)
			if x >= 8 && y >= 8 && x < n-8 && y < n-8 {
				mask.Pix[y*n+x] = 255
			}
		}
	}
	return img, mask
}

// figures are what a retoucher would look at: how far the mean of the paint is
// from the target, how well its lightness goes with what it was, and how much
// the window and the border around it are off what they should be.
type figures struct{ off, shading, window, border float64 }

func figure(in, out, want *pixel.Image, target pixel.Lab) (f figures) {
	n := in.W
	var count, l, a, b, x, y, xx, yy, xy, wn, bn float64
	for j := 8; j < n-8; j++ {
		for i := 8; i < n-8; i++ {
			k := 4 * (j*n + i)
			lab := func(m *pixel.Image) pixel.Lab { return pixel.ToLab(m.Pix[k], m.Pix[k+1], m.Pix[k+2]) }
			was, is := lab(in), lab(out)
			switch d := math.Hypot(float64(i)-0.5*float64(n), float64(j)-0.5*float64(n)) - 0.2*float64(n); {
			case d < -3:
				f.window, wn = f.window+was.Dist(is), wn+1
			case d < 3:
				f.border, bn = f.border+is.Dist(lab(want)), bn+1
			default:
				count++
				l, a, b = l+float64(is.L), a+float64(is.A), b+float64(is.B)
				p, q := float64(was.L), float64(is.L)
				x, y, xx, yy, xy = x+p, y+q, xx+p*p, yy+q*q, xy+p*q
			}
		}
	}
	mean := pixel.Lab{L: float32(l / count), A: float32(a / count), B: float32(b / count)}
	f.off = mean.Dist(target)
	f.shading = (xy/count - x*y/count/count) / math.Sqrt((xx/count-x*x/count/count)*(yy/count-y*y/count/count))
	f.window, f.border = f.window/wn, f.border/bn
	return f
}

// TestSurfaces repaints walls whose new look is known.
func TestSurfaces(t *testing.T) {
	const n = 200
	dark := pixel.Lab{L: 0.22}
	for _, c := range []struct {
		from, to string
		off      float64 // greatest distance of the mean to the target
		border   float64 // of the window's border to the mixture of window and new paint
	}{
		{"white", "teal", 0.05, 0.04},
		{"white", "black", 0.08, 0.04},
		{"white", "pale yellow", 0.09, 0.05},
		{"red", "blue", 0.05, 0.04},
		{"red", "white", 0.13, 0.07},
		{"red", "black", 0.08, 0.04},
		{"red", "light grey", 0.06, 0.05},
		{"yellow", "purple", 0.06, 0.04},
		{"brown", "pale yellow", 0.12, 0.07},
		{"gray", "dark green", 0.06, 0.05},
		{"navy", "orange", 0.09, 0.09},
		{"teal", "#c08040", 0.05, 0.04},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			target := named(t, c.to)
			in, mask := surface(n, named(t, c.from), dark)
			out := recolored(t, in, mask, target)
			// What the border should be is known once the new paint is.
			s, err := Measure(t.Context(), in, mask)
			if err != nil {
				t.Fatal(err)
			}
			reached := meanBeyond(out)
			want, _ := surface(n, pixel.Lab{L: reached.L / 0.875, A: reached.A / 0.875, B: reached.B / 0.875}, dark)
			f := figure(in, out, want, target)
			t.Logf("paint %.2f: %+.3f from the target, shading %.3f, window %.3f, border %.3f", s.L, f.off, f.shading, f.window, f.border)
			if f.off > c.off || f.shading < 0.9 || f.window > 0.005 || f.border > c.border {
				t.Errorf("off %.3f (at most %.3f), shading %.3f (at least 0.9), window %.4f (at most 0.005), border %.3f (at most %.3f)",
					f.off, c.off, f.shading, f.window, f.border, c.border)
			}
		})
	}
}

// meanBeyond is the mean colour of the wall around the window.
func meanBeyond(m *pixel.Image) pixel.Lab {
	var sum pixel.Lab
	var count float32
	for y := 8; y < m.H-8; y++ {
		for x := 8; x < m.W-8; x++ {
			if math.Hypot(float64(x-m.W/2), float64(y-m.H/2)) > 0.25*float64(m.W) {
				r, g, b, _ := m.At(x, y)
				c := pixel.ToLab(r, g, b)
				sum.L, sum.A, sum.B = sum.L+c.L, sum.A+c.A, sum.B+c.B
				count++
			}
		}
	}
	return pixel.Lab{L: sum.L / count, A: sum.A / count, B: sum.B / count}
}

// TestSameColorChangesLittle repaints walls in the paint they wear.
func TestSameColorChangesLittle(t *testing.T) {
	for _, name := range []string{"red", "white", "gray", "navy", "pale yellow", "black", "teal"} {
		in, mask := surface(160, named(t, name), pixel.Lab{L: 0.6, A: 0.02, B: 0.02})
		s, err := Measure(t.Context(), in, mask)
		if err != nil {
			t.Fatal(err)
		}
		out := recolored(t, in, mask, s.Mean())
		var sum, count float64
		for i, m := range mask.Pix {
			if m > 0 {
				p, q := in.Pix[4*i:], out.Pix[4*i:]
				sum += pixel.ToLab(p[0], p[1], p[2]).Dist(pixel.ToLab(q[0], q[1], q[2]))
				count++
			}
		}
		if mean := sum / count; mean > 0.01 {
			t.Errorf("%s repainted in its own colour changes by %.4f on average", name, mean)
		}
	}
}

// TestLightnessIsMonotone checks every curve: what was lighter stays lighter.
func TestLightnessIsMonotone(t *testing.T) {
	for _, s := range []Stats{{L: 0.2, Spread: 0.05}, {L: 0.45, Spread: 0.2, Colored: 1}, {L: 0.76, Spread: 0.1}, {L: 0.97, Spread: 0.02, Colored: 0.4}} {
		for _, target := range []float32{0.2, 0.4, 0.6, 0.8, 0.96} {
			curve := s.lightness(target)
			for i := 1; i < len(curve); i++ {
				if curve[i] < curve[i-1] || curve[i] > 1 {
					t.Fatalf("paint %.2f to %.2f: lightness %.4f at %d after %.4f", s.L, target, curve[i], i, curve[i-1])
				}
			}
		}
	}
}

// TestCoresDoNotMatter repaints with one core and with several.
func TestCoresDoNotMatter(t *testing.T) {
	in, mask := surface(300, named(t, "red"), pixel.Lab{L: 0.22})
	many := recolored(t, in, mask, named(t, "teal"))
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	if one := recolored(t, in, mask, named(t, "teal")); !bytes.Equal(one.Pix, many.Pix) {
		t.Errorf("one core and %d make different pictures", was)
	}
}
