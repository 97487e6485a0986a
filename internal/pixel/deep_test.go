package pixel_test

import (
	"image"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// p3 is Display P3.
func p3(t testing.TB) *icc.Space {
	t.Helper()
	curve := make([]float32, 1024)
	for i := range curve {
		curve[i] = pixel.ToLinearExact(float32(i) / 1023)
	}
	p, err := icc.Parse(icc.Build([3]float64{0.51512, 0.24120, -0.00105}, [3]float64{0.29198, 0.69225, 0.04189}, [3]float64{0.15710, 0.06657, 0.78407}, curve...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Space()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deepNoise is a picture of random stored samples.
func deepNoise(w, h, bits int, s pixel.Space, alpha bool) *pixel.Image {
	r := rand.New(rand.NewPCG(7, uint64(w*h)))
	pix := make([]uint16, 4*w*h)
	for i := range pix {
		v := uint16(r.UintN(65536))
		if bits == 8 {
			v = v >> 8 * 257
		}
		if i%4 == 3 && !alpha {
			v = 65535
		}
		pix[i] = v
	}
	return pixel.FromDeep(w, h, &pixel.Deep{Pix: pix, Bits: bits, Space: s}, alpha)
}

func spaces(t testing.TB) map[string]pixel.Space {
	return map[string]pixel.Space{"sRGB": nil, "P3": p3(t)}
}

func TestCarryKeepsWhatDidNotChange(t *testing.T) {
	for name, s := range spaces(t) {
		for _, bits := range []int{8, 16} {
			before := deepNoise(37, 29, bits, s, true)
			made := before.Clone()
			for i := range 200 {
				made.Pix[4*i*5+i%4] ^= 0x55
			}
			got := pixel.Carry(before, made)
			if got == made || !slices.Equal(got.Pix, made.Pix) {
				t.Fatalf("%s: the rendering changed", name)
			}
			for i := range 37 * 29 {
				b, m := before.Pix[4*i:4*i+4], made.Pix[4*i:4*i+4]
				was, is := before.Deep.Pix[4*i:4*i+4], got.Deep.Pix[4*i:4*i+4]
				if slices.Equal(b[:3], m[:3]) && !slices.Equal(was[:3], is[:3]) {
					t.Fatalf("%s, %d bits: colour of pixel %d went from %v to %v", name, bits, i, was, is)
				}
				if b[3] == m[3] && was[3] != is[3] {
					t.Fatalf("%s, %d bits: alpha of pixel %d went from %v to %v", name, bits, i, was, is)
				}
				if bits == 8 && (is[0]%257 != 0 || is[3]%257 != 0) {
					t.Fatalf("%s: pixel %d has more than 8 bits: %v", name, i, is)
				}
			}
		}
	}
}

// A gradient finer than 8 bits that a tool lightens at 8 bits does not band:
// no two neighbours differ by more than the fine step and rounding.
func TestCarryDoesNotBand(t *testing.T) {
	const w = 4096
	pix := make([]uint16, 4*w)
	for i := range w {
		v := uint16(20000 + 2*i)
		pix[4*i], pix[4*i+1], pix[4*i+2], pix[4*i+3] = v, v, v, 65535
	}
	before := pixel.FromDeep(w, 1, &pixel.Deep{Pix: pix, Bits: 16}, false)
	made := before.Clone()
	for i := range w {
		for c := range 3 {
			made.Pix[4*i+c] += 40
		}
	}
	got := pixel.Carry(before, made)
	for i := range w {
		if want := int(pix[4*i]) + 40*257; int(got.Deep.Pix[4*i])-want > 1 || want-int(got.Deep.Pix[4*i]) > 1 {
			t.Fatalf("sample %d is %d, want %d", i, got.Deep.Pix[4*i], want)
		}
	}
}

// What a viewer sees of the carried samples is what the tool made.
func TestCarryShowsWhatWasMade(t *testing.T) {
	for name, s := range spaces(t) {
		before := deepNoise(64, 64, 16, s, true)
		made := before.Clone()
		r := rand.New(rand.NewPCG(3, 4))
		for i := range made.Pix {
			made.Pix[i] ^= 0x80 | uint8(r.UintN(128)) // far away: a nudge would keep what lay outside sRGB
		}
		d := pixel.Carry(before, made).Deep
		shown := pixel.FromDeep(64, 64, d, true)
		for i := range made.Pix {
			if e := int(shown.Pix[i]) - int(made.Pix[i]); e < -1 || e > 1 {
				t.Fatalf("%s: sample %d shows as %d, the tool made %d", name, i, shown.Pix[i], made.Pix[i])
			}
		}
	}
}

// A P3 colour outside sRGB that a tool nudges stays outside it.
func TestCarryKeepsTheGamut(t *testing.T) {
	pix := []uint16{65535, 8224, 8224, 65535}
	before := pixel.FromDeep(1, 1, &pixel.Deep{Pix: pix, Bits: 16, Space: p3(t)}, false)
	made := before.Clone()
	made.Pix[1]++
	got := pixel.Carry(before, made).Deep.Pix
	if got[0] < 64500 {
		t.Errorf("red fell from 65535 to %d by a nudge", got[0])
	}
	made = before.Clone()
	made.Pix[0], made.Pix[1], made.Pix[2] = 40, 90, 200
	got = pixel.Carry(before, made).Deep.Pix
	back := pixel.FromDeep(1, 1, &pixel.Deep{Pix: got, Bits: 16, Space: p3(t)}, false)
	for c, v := range []uint8{40, 90, 200} {
		if d := int(back.Pix[c]) - int(v); d < -1 || d > 1 {
			t.Errorf("painted %v shows as %v", made.Pix, back.Pix)
		}
	}
}

func TestCarryOfOtherPictures(t *testing.T) {
	plain := noise(8, 8, 1)
	if pixel.Carry(plain, plain) != plain {
		t.Error("a plain picture was changed")
	}
	before := deepNoise(8, 8, 16, nil, false)
	own := deepNoise(8, 8, 16, nil, false)
	if pixel.Carry(before, own) != own {
		t.Error("a tool's own samples were replaced")
	}
	larger := noise(16, 9, 2)
	got := pixel.Carry(before, larger)
	if got.Deep == nil || len(got.Deep.Pix) != 4*16*9 || got.Deep.Pix[0] != uint16(larger.Pix[0])*257 {
		t.Error("a picture of another size was not converted")
	}
	if !pixel.Narrowed(before, larger) || pixel.Narrowed(before, own) || pixel.Narrowed(before, before.Clone()) || pixel.Narrowed(plain, larger) {
		t.Error("it is not told which tools worked at 8 bits")
	}
}

func TestPreserve(t *testing.T) {
	before, made := deepNoise(20, 40, 16, nil, true), deepNoise(20, 40, 16, nil, true)
	made.Deep = &pixel.Deep{Pix: slices.Clone(made.Deep.Pix), Bits: 16}
	slices.Reverse(made.Pix)
	slices.Reverse(made.Deep.Pix)
	mask := pixel.NewMask(20, 40)
	for i := range mask.Pix {
		mask.Pix[i] = uint8(i % 3 * 127)
	}
	got := pixel.Preserve(before, made, mask, true)
	for i, m := range mask.Pix {
		from := made
		if m == 0 {
			from = before
		}
		if !slices.Equal(got.Pix[4*i:4*i+3], from.Pix[4*i:4*i+3]) || got.Pix[4*i+3] != before.Pix[4*i+3] {
			t.Fatalf("pixel %d is %v", i, got.Pix[4*i:4*i+4])
		}
		if !slices.Equal(got.Deep.Pix[4*i:4*i+3], from.Deep.Pix[4*i:4*i+3]) || got.Deep.Pix[4*i+3] != before.Deep.Pix[4*i+3] {
			t.Fatalf("stored pixel %d is %v", i, got.Deep.Pix[4*i:4*i+4])
		}
	}
	if pixel.Preserve(before, got, mask, true) != got {
		t.Error("a picture that keeps all was copied")
	}
	if pixel.KeepOutside(before, before, mask) != before {
		t.Error("the picture itself was copied")
	}
}

// Geometry moves the stored samples with the rendering.
func TestGeometryMovesStoredSamples(t *testing.T) {
	m := deepNoise(13, 9, 16, p3(t), true)
	check := func(name string, got *pixel.Image) {
		t.Helper()
		if got.Deep == nil || len(got.Deep.Pix) != len(got.Pix) || got.Deep.Space != m.Deep.Space {
			t.Fatalf("%s lost the stored samples", name)
		}
		again := pixel.FromDeep(got.W, got.H, got.Deep, true)
		if !slices.Equal(again.Pix, got.Pix) {
			t.Errorf("%s: the rendering is not that of the stored samples", name)
		}
	}
	for o := range 9 {
		check("orient", pixel.Orient(m, o))
	}
	check("crop", pixel.Crop(m, image.Rect(3, 2, 11, 8)))
	check("resize", pixel.Resize(m, 40, 5, pixel.Lanczos))
	mask := pixel.NewMask(13, 9)
	for i := range mask.Pix {
		mask.Pix[i] = uint8(3 * i)
	}
	cut := pixel.CutOut(m, mask)
	if cut.Deep.Pix[3] != 0 || cut.Deep.Pix[0] != m.Deep.Pix[0] {
		t.Error("the cut-out has other stored samples")
	}
	own := pixel.Resize(pixel.Resize(m, 26, 18, pixel.Box), 13, 9, pixel.Box)
	mixed := pixel.Composite(m, own, mask)
	for i, v := range mask.Pix {
		if v == 0 && !slices.Equal(mixed.Deep.Pix[4*i:4*i+4], m.Deep.Pix[4*i:4*i+4]) {
			t.Fatalf("stored pixel %d outside the mask changed", i)
		}
	}
	if last := 4 * (13*9 - 1); mixed.Deep.Pix[last+3] == m.Deep.Pix[last+3] && mask.Pix[13*9-1] > 0 && own.Deep.Pix[last+3] != m.Deep.Pix[last+3] {
		t.Error("nothing was mixed in")
	}
}

func TestMapDeep(t *testing.T) {
	for name, s := range spaces(t) {
		m := deepNoise(31, 17, 16, s, true)
		same, err := pixel.MapDeep(t.Context(), m, func(i int, r, g, b float32) (nr, ng, nb float32, changed bool) { return r, g, b, i%2 == 0 })
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Deep.Pix {
			d := math.Abs(float64(same.Deep.Pix[i]) - float64(m.Deep.Pix[i]))
			// A dark channel of a colour far outside sRGB is known to 1e-7 of the light.
			if d > 0 && (i/4%2 == 1 || i%4 == 3 || d > 4) {
				t.Fatalf("%s: sample %d went from %d to %d", name, i, m.Deep.Pix[i], same.Deep.Pix[i])
			}
		}
	}
}

// reference resamples one channel the slow way, in float64, weighted by alpha.
func reference(m *pixel.Image, w, h int, radius float64, shape func(float64) float64) []float64 {
	taps := func(in, out, i int) (lo int, weights []float64) {
		step := float64(in) / float64(out)
		scale := max(step, 1)
		c := (float64(i) + 0.5) * step
		lo = max(0, int(c-radius*scale+0.5))
		sum := 0.0
		for j := lo; j < min(in, int(c+radius*scale+0.5)); j++ {
			v := shape((float64(j) + 0.5 - c) / scale)
			weights = append(weights, v)
			sum += v
		}
		for k := range weights {
			weights[k] /= sum
		}
		return lo, weights
	}
	out := make([]float64, 4*w*h)
	for y := range h {
		y0, wy := taps(m.H, h, y)
		for x := range w {
			x0, wx := taps(m.W, w, x)
			var s [4]float64
			for j, v := range wy {
				for i, u := range wx {
					p := m.Pix[4*((y0+j)*m.W+x0+i):]
					a := u * v * float64(p[3]) / 255
					for c := range 3 {
						s[c] += a * float64(p[c])
					}
					s[3] += a * 255
				}
			}
			o := out[4*(y*w+x):]
			o[3] = s[3]
			for c := range 3 {
				o[c] = s[c] / max(s[3]/255, 1e-9)
			}
		}
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func TestResizeAgreesWithReference(t *testing.T) {
	lanczos := func(x float64) float64 {
		if math.Abs(x) >= 3 {
			return 0
		}
		return sinc(x) * sinc(x/3)
	}
	for _, alpha := range []bool{false, true} {
		m := noise(53, 41, 3)
		m.HasAlpha = alpha
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] = 255
			if alpha {
				m.Pix[i] = uint8(i*7) | 0x40
			}
		}
		deep := &pixel.Deep{Pix: make([]uint16, len(m.Pix)), Bits: 16}
		for i, v := range m.Pix {
			deep.Pix[i] = uint16(v) * 257
		}
		for _, size := range [][2]int{{20, 17}, {53, 9}, {120, 90}, {1, 1}, {7, 80}} {
			want := reference(m, size[0], size[1], 3, lanczos)
			got := pixel.Resize(m, size[0], size[1], pixel.Lanczos)
			wide := pixel.Resize(pixel.FromDeep(53, 41, deep, alpha), size[0], size[1], pixel.Lanczos)
			for i, v := range want {
				v = min(max(v, 0), 255)
				if want[i|3] < 64 && i%4 != 3 {
					continue // hardly to be seen
				}
				if d := math.Abs(float64(got.Pix[i]) - v); d > 0.6+float64(i%4/3) {
					t.Fatalf("alpha %v, %v: sample %d is %d, want %.2f", alpha, size, i, got.Pix[i], v)
				}
				if d := math.Abs(float64(wide.Deep.Pix[i])/257 - v); d > 0.2 {
					t.Fatalf("alpha %v, %v: stored sample %d is %.2f, want %.2f", alpha, size, i, float64(wide.Deep.Pix[i])/257, v)
				}
			}
		}
	}
}

func TestResizeKeepsFlatAreas(t *testing.T) {
	filters := []pixel.Filter{pixel.Box, pixel.Linear, pixel.CatmullRom, pixel.Lanczos}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint8().Draw(t, "value")
		m := pixel.NewImage(rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h"))
		for i := range m.Pix {
			if i%4 != 3 {
				m.Pix[i] = v
			}
		}
		got := pixel.Resize(m, rapid.IntRange(1, 60).Draw(t, "to w"), rapid.IntRange(1, 60).Draw(t, "to h"), rapid.SampledFrom(filters).Draw(t, "filter"))
		for i, x := range got.Pix {
			if i%4 != 3 && x != v || i%4 == 3 && x != 255 {
				t.Fatalf("a flat %d became %d", v, x)
			}
		}
	})
}

func TestResizeDoesNotDependOnCores(t *testing.T) {
	m := noise(301, 403, 9)
	m.HasAlpha = true
	want := pixel.Resize(m, 97, 211, pixel.Lanczos)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := pixel.Resize(m, 97, 211, pixel.Lanczos); !slices.Equal(got.Pix, want.Pix) {
		t.Error("another number of cores gives other samples")
	}
}
