package icc_test

import (
	"encoding/binary"
	"math"
	"testing"

	"pentimento/internal/icc"
)

// Primaries adapted to D50, as the profiles of these spaces have them.
var (
	p3    = [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}
	adobe = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
	romm  = [3][3]float64{{0.79767, 0.28804, 0.00000}, {0.13519, 0.71188, 0.00000}, {0.03134, 0.00009, 0.82491}}
	srgb  = [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}
)

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func table(n int, f func(float64) float64) []float32 {
	t := make([]float32, n)
	for i := range t {
		t[i] = float32(f(float64(i) / float64(n-1)))
	}
	return t
}

func build(p [3][3]float64, curve ...float32) []byte { return icc.Build(p[0], p[1], p[2], curve...) }

func space(t testing.TB, data []byte) *icc.Space {
	t.Helper()
	p, err := icc.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Space()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The expected colours are littlecms 2.19's for the same spaces (relative
// colorimetric to sRGB). Gamut clipping is per channel in both.
func TestSpacesAgreeWithLittleCMS(t *testing.T) {
	in := [][3]uint8{{200, 120, 60}, {40, 160, 90}, {30, 60, 200}, {128, 128, 128}, {250, 240, 200}, {12, 6, 3}, {255, 0, 0}, {90, 200, 220}}
	for _, tc := range []struct {
		name string
		data []byte
		want [][3]uint8
	}{
		{"Display P3", build(p3, table(1024, linear)...), [][3]uint8{{213, 115, 42}, {0, 163, 82}, {17, 61, 208}, {128, 128, 128}, {252, 240, 195}, {13, 6, 3}, {255, 0, 0}, {0, 203, 223}}},
		{"Adobe RGB", build(adobe, 2.19921875), [][3]uint8{{224, 121, 53}, {0, 161, 85}, {0, 57, 205}, {129, 129, 129}, {254, 240, 199}, {5, 1, 0}, {255, 0, 0}, {0, 201, 222}}},
		{"ProPhoto", build(romm, 1.8), [][3]uint8{{255, 114, 57}, {0, 191, 94}, {0, 82, 223}, {146, 146, 146}, {255, 241, 204}, {21, 2, 0}, {255, 0, 0}, {0, 226, 230}}},
	} {
		s := space(t, tc.data)
		if s.IsSRGB() {
			t.Errorf("%s passes for sRGB", tc.name)
		}
		src, got := make([]uint16, 4*len(in)), make([]uint8, 4*len(in))
		for i, c := range in {
			for k, v := range c {
				src[4*i+k] = uint16(v) * 257
			}
			src[4*i+3] = 65535
		}
		for _, eight := range []bool{true, false} {
			s.Render(got, src, eight)
			for i, w := range tc.want {
				for k := range w {
					if d := int(got[4*i+k]) - int(w[k]); d < -1 || d > 1 {
						t.Errorf("%s (8 bits %v) %v: %v, want %v", tc.name, eight, in[i], got[4*i:4*i+3], w)
						break
					}
				}
			}
		}
	}
}

// What goes to sRGB comes back, out of gamut too.
func TestSpacesAreInvertible(t *testing.T) {
	for name, data := range map[string][]byte{
		"Display P3": build(p3, table(1024, linear)...), "Adobe RGB": build(adobe, 2.19921875), "linear": build(srgb), "grey": icc.BuildGray(2.2),
	} {
		s := space(t, data)
		for i := range 9 * 9 * 9 {
			in := [3]float32{float32(i%9) / 8, float32(i/9%9) / 8, float32(i/81) / 8}
			r, g, b := s.FromSRGB(s.ToSRGB(in[0], in[1], in[2]))
			for c, v := range [3]float32{r, g, b} {
				// In float32 a channel at 0 beside bright ones is known to 1e-7 of
				// the light only, which a gamma makes 1e-3 of a code value.
				if d := math.Abs(float64(v - in[c])); d > 2e-3 || in[c] > 0 && d > 2e-5 {
					t.Fatalf("%s: %v came back as %v %v %v", name, in, r, g, b)
				}
			}
		}
	}
}

func TestSRGBIsKnown(t *testing.T) {
	for name, data := range map[string][]byte{
		"table":       build(srgb, table(1024, linear)...),
		"small table": build(srgb, table(64, linear)...),
		"grey":        icc.BuildGray(table(1024, linear)...),
	} {
		if s := space(t, data); !s.IsSRGB() {
			t.Errorf("%s is not taken for sRGB", name)
		}
	}
	for name, data := range map[string][]byte{"gamma 2.2": build(srgb, 2.2), "gamma 1.8 grey": icc.BuildGray(1.8), "P3": build(p3, table(1024, linear)...)} {
		if s := space(t, data); s.IsSRGB() {
			t.Errorf("%s is taken for sRGB", name)
		}
	}
}

// A grey profile's space has an RGB twin whose profile shows equal samples alike.
func TestGrayHasATwin(t *testing.T) {
	s := space(t, icc.BuildGray(1.8))
	if s.GrayICC() == nil {
		t.Fatal("no grey profile")
	}
	twin := space(t, s.ICC())
	if twin.GrayICC() != nil {
		t.Error("the twin is grey")
	}
	for v := float32(0); v <= 1; v += 1.0 / 64 {
		r, g, b := s.ToSRGB(v, v, v)
		tr, tg, tb := twin.ToSRGB(v, v, v)
		want := float32(encoded(math.Pow(float64(v), 1.8)))
		for _, got := range []float32{r, g, b, tr, tg, tb} {
			if math.Abs(float64(got-want)) > 1e-3 {
				t.Fatalf("%v shows as %v %v %v, its twin as %v %v %v, want %v", v, r, g, b, tr, tg, tb, want)
			}
		}
	}
}

func encoded(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// profile assembles a version 2 or 4 profile around one tag.
func profile(model, pcs string, major byte, name string, tag []byte) []byte {
	out := make([]byte, 132+12)
	out[8] = major
	copy(out[12:], "prtr"+model+pcs)
	copy(out[36:], "acsp")
	binary.BigEndian.PutUint32(out[128:], 1)
	copy(out[132:], name)
	binary.BigEndian.PutUint32(out[136:], uint32(len(out)))
	binary.BigEndian.PutUint32(out[140:], uint32(len(tag)))
	out = append(out, tag...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// mft makes a lut8Type (wide false) or lut16Type tag with straight curves over
// a table of two points a side, whose colours f gives as Lab.
func mft(n int, wide bool, f func(in []float64) (l, a, b float64)) []byte {
	out := make([]byte, 48)
	copy(out, map[bool]string{false: "mft1", true: "mft2"}[wide])
	out[8], out[9], out[10] = byte(n), 3, 2
	put := func(v float64) {
		if wide {
			out = binary.BigEndian.AppendUint16(out, uint16(math.Round(v*65535)))
		} else {
			out = append(out, byte(math.Round(v*255)))
		}
	}
	entries := 256
	if wide {
		entries = 2
		out = append(out, 0, 2, 0, 2)
	}
	straight := func() {
		for i := range entries {
			put(float64(i) / float64(entries-1))
		}
	}
	for range n {
		straight()
	}
	for i := range 1 << n {
		in := make([]float64, n)
		for d := range in {
			in[d] = float64(i >> (n - 1 - d) & 1)
		}
		l, a, b := f(in)
		scale := 1.0
		if wide {
			scale = 65280.0 / 65535
		}
		put(l / 100 * scale)
		put((a + 128) / 255 * scale)
		put((b + 128) / 255 * scale)
	}
	for range 3 {
		straight()
	}
	return out
}

// mab makes a lutAToBType tag with a table of 16 bits and straight curves.
func mab(n int, f func(in []float64) (l, a, b float64)) []byte {
	out := make([]byte, 32)
	copy(out, "mAB ")
	out[8], out[9] = byte(n), 3
	curves := func(count int) {
		for range count {
			out = append(out, "curv\x00\x00\x00\x00\x00\x00\x00\x00"...)
		}
	}
	at := func(i int) { binary.BigEndian.PutUint32(out[12+4*i:], uint32(len(out))) }
	at(0)
	curves(3)
	at(4)
	curves(n)
	at(3)
	grid := make([]byte, 20)
	for i := range n {
		grid[i] = 2
	}
	grid[16] = 2
	out = append(out, grid...)
	for i := range 1 << n {
		in := make([]float64, n)
		for d := range in {
			in[d] = float64(i >> (n - 1 - d) & 1)
		}
		l, a, b := f(in)
		for _, v := range []float64{l / 100, (a + 128) / 255, (b + 128) / 255} {
			out = binary.BigEndian.AppendUint16(out, uint16(math.Round(v*65535)))
		}
	}
	return out
}

// Inks that only darken: lightness falls from 100 by equal shares, so that every Lab is known.
func TestInkTables(t *testing.T) {
	darker := func(in []float64) (l, a, b float64) {
		sum := 0.0
		for _, v := range in {
			sum += v
		}
		return 100 - 100*sum/float64(len(in)), 0, 0
	}
	for name, data := range map[string][]byte{
		"lut8": profile("CMYK", "Lab ", 2, "A2B0", mft(4, false, darker)), "lut16": profile("CMYK", "Lab ", 2, "A2B0", mft(4, true, darker)),
		"lutAToB": profile("CMYK", "Lab ", 4, "A2B1", mab(4, darker)),
	} {
		p, err := icc.Parse(data)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := p.Space(); err == nil {
			t.Errorf("%s: CMYK has an RGB space", name)
		}
		link, err := p.Link()
		if err != nil {
			t.Fatal(name, err)
		}
		for _, ink := range [][4]uint8{{0, 0, 0, 0}, {255, 0, 0, 0}, {100, 100, 0, 100}, {255, 255, 255, 255}, {0, 51, 204, 17}} {
			got := make([]uint8, 4)
			link.Convert8(got, ink[:])
			l := 100 * (1 - (float64(ink[0])+float64(ink[1])+float64(ink[2])+float64(ink[3]))/1020)
			f := (l + 16) / 116
			y := f * f * f
			if l < 8 {
				y = l * 27 / 24389
			}
			want := 255 * encoded(y)
			for _, v := range got[:3] {
				if math.Abs(float64(v)-want) > 1.6 {
					t.Errorf("%s: ink %v shows as %v, want %.0f", name, ink, got, want)
				}
			}
			if got[3] != 255 {
				t.Errorf("%s: alpha %d", name, got[3])
			}
		}
	}
}

// The darkest colour of a profile becomes black: of ink that reflects a fifth of lightness too.
func TestBlackPoint(t *testing.T) {
	data := profile("CMYK", "Lab ", 2, "A2B0", mft(4, true, func(in []float64) (l, a, b float64) {
		return 100 - 20*(in[0]+in[1]+in[2]+in[3]), 0, 0
	}))
	p, err := icc.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	link, err := p.Link()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]uint8, 8)
	link.Convert8(got, []uint8{255, 255, 255, 255, 0, 0, 0, 0})
	if got[0] > 1 || got[4] < 254 {
		t.Errorf("full ink shows as %v, paper as %v", got[:4], got[4:])
	}
}

func TestRGBTables(t *testing.T) {
	data := profile("RGB ", "Lab ", 2, "A2B0", mft(3, true, func(in []float64) (l, a, b float64) {
		return 100 * (in[0] + in[1] + in[2]) / 3, 0, 0
	}))
	p, err := icc.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Space(); err == nil {
		t.Error("tables made a space")
	}
	link, err := p.Link()
	if err != nil {
		t.Fatal(err)
	}
	pix := []uint16{0, 0, 0, 9, 65535, 65535, 65535, 77, 65535, 0, 32768, 5}
	link.Convert16(pix)
	if pix[0] > 100 || pix[4] < 65400 || pix[3] != 9 || pix[7] != 77 || pix[11] != 5 {
		t.Errorf("black, white and a grey became %v", pix)
	}
	if want := 65535 * encoded(66.0/116*66/116*66/116); math.Abs(float64(pix[8])-want) > 200 {
		t.Errorf("half shows as %d, want %.0f", pix[8], want)
	}
}

func TestDamagedProfiles(t *testing.T) {
	good := build(p3, 2.2)
	change := func(f func(b []byte)) []byte {
		b := append([]byte(nil), good...)
		f(b)
		return b
	}
	flat := make([]float32, 64) // a curve that is black everywhere
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"header only":      good[:128],
		"no signature":     change(func(b []byte) { b[36] = 'x' }),
		"device link":      change(func(b []byte) { copy(b[12:], "link") }),
		"Lab samples":      change(func(b []byte) { copy(b[16:], "Lab ") }),
		"a billion tags":   change(func(b []byte) { binary.BigEndian.PutUint32(b[128:], 1<<30) }),
		"tags past end":    change(func(b []byte) { binary.BigEndian.PutUint32(b[136:], 1<<31) }),
		"no primaries":     change(func(b []byte) { copy(b[132:], "xxxx") }),
		"equal primaries":  build([3][3]float64{srgb[0], srgb[0], srgb[0]}, 2.2),
		"black curve":      build(srgb, flat...),
		"falling curve":    build(srgb, 1, 0),
		"too large":        append(change(func([]byte) {}), make([]byte, icc.MaxSize)...),
		"tables cut off":   profile("CMYK", "Lab ", 2, "A2B0", mft(4, true, func([]float64) (l, a, b float64) { return 0, 0, 0 })[:60]),
		"table of one":     profile("CMYK", "Lab ", 2, "A2B0", append([]byte("mft1\x00\x00\x00\x00\x04\x03\x01"), make([]byte, 5000)...)),
		"table of 255^4":   profile("CMYK", "Lab ", 2, "A2B0", append([]byte("mft1\x00\x00\x00\x00\x04\x03\xff"), make([]byte, 5000)...)),
		"tables for 3":     profile("CMYK", "Lab ", 2, "A2B0", mft(3, true, func([]float64) (l, a, b float64) { return 0, 0, 0 })),
		"CMYK, no tables":  profile("CMYK", "Lab ", 2, "desc", make([]byte, 40)),
		"offsets into air": profile("CMYK", "Lab ", 4, "A2B0", append([]byte("mAB \x00\x00\x00\x00\x04\x03\x00\x00\x7f\xff\xff\xff"), make([]byte, 40)...)),
	} {
		p, err := icc.Parse(data)
		if err != nil {
			continue
		}
		if _, err := p.Space(); err == nil {
			t.Errorf("%s: it made a space", name)
		}
		if _, err := p.Link(); err == nil {
			t.Errorf("%s: it made a link", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	grey := func(in []float64) (l, a, b float64) { return 100 * in[0], 0, 0 }
	for _, data := range [][]byte{
		build(p3, 2.2), build(srgb, table(64, linear)...), icc.BuildGray(1.8),
		profile("CMYK", "Lab ", 2, "A2B0", mft(4, true, grey)), profile("RGB ", "Lab ", 4, "A2B0", mab(3, grey)),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := icc.Parse(data)
		if err != nil {
			return
		}
		if s, err := p.Space(); err == nil {
			for _, v := range []float32{0, 0.3, 1} {
				r, g, b := s.FromSRGB(s.ToSRGB(v, 1-v, v*v))
				for _, c := range []float32{r, g, b} {
					if !(c >= 0 && c <= 1) {
						t.Fatalf("%v gives %v %v %v", v, r, g, b)
					}
				}
			}
		}
		if l, err := p.Link(); err == nil {
			l.Convert8(make([]uint8, 8), []uint8{0, 50, 255, 7, 1, 2, 3, 4})
			l.Convert16([]uint16{0, 500, 65535, 7})
		}
	})
}

func BenchmarkRender(b *testing.B) {
	s := space(b, build(p3, table(1024, linear)...))
	src, dst := make([]uint16, 4<<20), make([]uint8, 4<<20)
	for i := range src {
		src[i] = uint16(i*7919>>4&255) * 257
	}
	for _, eight := range []bool{true, false} {
		b.Run(map[bool]string{true: "8 bits", false: "16 bits"}[eight], func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				s.Render(dst, src, eight)
			}
		})
	}
}
