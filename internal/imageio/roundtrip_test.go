package imageio_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/icc"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// adobeRGB is a profile of Adobe RGB (1998).
func adobeRGB() []byte {
	return icc.Build([3]float64{0.60974, 0.31111, 0.01947}, [3]float64{0.20528, 0.62567, 0.06087}, [3]float64{0.14919, 0.06322, 0.74457}, 2.19921875)
}

func displayP3() []byte {
	curve := make([]float32, 1024)
	for i := range curve {
		curve[i] = pixel.ToLinearExact(float32(i) / 1023)
	}
	return icc.Build([3]float64{0.51512, 0.24120, -0.00105}, [3]float64{0.29198, 0.69225, 0.04189}, [3]float64{0.15710, 0.06657, 0.78407}, curve...)
}

// inkProfile is a CMYK profile whose tables give lightness alone: each ink takes a share of it.
func inkProfile() []byte {
	tag := make([]byte, 48)
	copy(tag, "mft1")
	tag[8], tag[9], tag[10] = 4, 3, 2
	straight := func(n int) {
		for range n {
			for i := range 256 {
				tag = append(tag, byte(i))
			}
		}
	}
	straight(4)
	for i := range 16 {
		share := []int{60, 50, 40, 105} // of black, yellow, magenta, cyan, which add up to 255
		l := 255
		for bit, s := range share {
			if i>>bit&1 == 1 {
				l -= s
			}
		}
		tag = append(tag, byte(l), 128, 128)
	}
	straight(3)
	out := make([]byte, 144)
	out[8] = 2
	copy(out[12:], "prtrCMYKLab ")
	copy(out[36:], "acsp")
	binary.BigEndian.PutUint32(out[128:], 1)
	copy(out[132:], "A2B0")
	binary.BigEndian.PutUint32(out[136:], 144)
	binary.BigEndian.PutUint32(out[140:], uint32(len(tag)))
	out = append(out, tag...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// withICC puts a profile into a PNG or JPEG file.
func withICC(data, profile []byte) []byte {
	if data[0] == 0xff {
		for part := 0; part*60000 < len(profile); part++ {
			body := append([]byte("ICC_PROFILE\x00"), byte(part+1), byte((len(profile)+59999)/60000))
			data = jpegSegment(data, 0xe2, append(body, profile[part*60000:min(len(profile), (part+1)*60000)]...))
		}
		return data
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(profile) //nolint:errcheck // a bytes.Buffer does not fail
	z.Close()        //nolint:errcheck // nor does this
	return pngChunk(data, "iCCP", append([]byte("p\x00\x00"), packed.Bytes()...))
}

// wideNoise has 16 bits, alpha, and colour beneath alpha 0.
func wideNoise(w, h int, alpha bool) *image.NRGBA64 {
	m := image.NewNRGBA64(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(5, 6))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.UintN(256))
	}
	for i := 6; i < len(m.Pix); i += 8 {
		switch {
		case !alpha:
			m.Pix[i], m.Pix[i+1] = 255, 255
		case i%5 == 0:
			m.Pix[i], m.Pix[i+1] = 0, 0
		}
	}
	return m
}

func grayOf(m *image.NRGBA) *image.Gray {
	g := image.NewGray(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			g.Set(x, y, m.At(x, y))
		}
	}
	return g
}

func write(t *testing.T, m *pixel.Image, f imageio.Format, meta imageio.Meta) (file []byte, notices []string) {
	t.Helper()
	var b bytes.Buffer
	opt := imageio.Options{ICC: meta.ICC, Gray: meta.Gray, Notice: func(s string) { notices = append(notices, s) }}
	if f == imageio.JPEG {
		opt.Quality = 100
	}
	if err := imageio.Encode(&b, m, f, opt); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), notices
}

// What is read and written again shows as it did, in every format; the file's own samples come back
// exactly where the format holds them; and the profile stays with them.
func TestRoundTrips(t *testing.T) {
	q := quartered(48, 32)
	faint := quartered(48, 32)
	for i := 3; i < len(faint.Pix); i += 4 {
		faint.Pix[i] = uint8(i / 24)
	}
	gray16 := image.NewGray16(image.Rect(0, 0, 40, 20))
	for i := range gray16.Pix {
		gray16.Pix[i] = uint8(i * 37)
	}
	for _, tc := range []struct {
		name    string
		data    []byte
		profile bool
		bits    int
		stored  bool // there are samples beside the rendering
		gray    bool
	}{
		{"8 bits", pngOf(t, q), false, 8, false, false},
		{"8 bits, sRGB profile", withICC(pngOf(t, q), srgbProfile(0)), true, 8, false, false},
		{"alpha and hidden colour", pngOf(t, faint), false, 8, false, false},
		{"16 bits", pngOf(t, wideNoise(50, 70, false)), false, 16, true, false},
		{"16 bits, sRGB profile", withICC(pngOf(t, wideNoise(50, 70, false)), srgbProfile(0)), true, 16, true, false},
		{"16 bits, alpha and hidden colour", pngOf(t, wideNoise(50, 70, true)), false, 16, true, false},
		{"16 bits, P3, alpha", withICC(pngOf(t, wideNoise(50, 70, true)), displayP3()), true, 16, true, false},
		{"16 bits, Adobe RGB", withICC(pngOf(t, wideNoise(50, 70, false)), adobeRGB()), true, 16, true, false},
		{"16 bits, grey", pngOf(t, gray16), false, 16, true, true},
		{"16 bits, grey, gamma 1.8", withICC(pngOf(t, gray16), icc.BuildGray(1.8)), true, 16, true, true},
		{"16 bits, TIFF", tiffOf(t, wideNoise(50, 70, true)), false, 16, true, false},
		{"P3", withICC(pngOf(t, q), displayP3()), true, 8, true, false},
		{"P3, alpha", withICC(pngOf(t, faint), displayP3()), true, 8, true, false},
		{"Adobe RGB", withICC(pngOf(t, q), adobeRGB()), true, 8, true, false},
		{"grey", pngOf(t, grayOf(q)), false, 8, false, true},
		{"grey, gamma 2.6", withICC(pngOf(t, grayOf(q)), icc.BuildGray(2.6)), true, 8, true, true},
		{"grey, P3", withICC(pngOf(t, grayOf(q)), displayP3()), true, 8, true, true},
		{"grey JPEG, gamma 1.8", withICC(jpegOf(t, grayOf(q)), icc.BuildGray(1.8)), true, 8, true, true},
		{"P3 JPEG", withICC(jpegOf(t, q), displayP3()), true, 8, true, false},
		{"P3 JPEG on its side", jpegSegment(withICC(jpegOf(t, q), displayP3()), 0xe1, append([]byte("Exif\x00\x00"), exifBlock(binary.BigEndian, 6)...)), true, 8, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, meta, err := decodeBytes(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if meta.BitDepth != tc.bits || (m.Deep != nil) != tc.stored || meta.Gray != tc.gray || (meta.ICC != nil) != tc.profile || len(meta.Notices) > 0 {
				t.Fatalf("%d bits, stored %v, grey %v, profile %d bytes, notices %q", meta.BitDepth, m.Deep != nil, meta.Gray, len(meta.ICC), meta.Notices)
			}
			for _, f := range []imageio.Format{imageio.PNG, imageio.TIFF, imageio.WebP, imageio.JPEG} {
				file, notices := write(t, m, f, meta)
				again, meta2, err := decodeBytes(file)
				if err != nil {
					t.Fatalf("%s: %v", f, err)
				}
				if lossless := f == imageio.PNG || f == imageio.TIFF; lossless {
					if meta2.BitDepth != tc.bits || !slices.Equal(again.Pix, m.Pix) || len(notices) > 0 {
						t.Fatalf("%s: %d bits, shows alike %v, notices %q", f, meta2.BitDepth, slices.Equal(again.Pix, m.Pix), notices)
					}
					if tc.stored && !slices.Equal(again.Deep.Pix, m.Deep.Pix) {
						t.Errorf("%s: the stored samples changed", f)
					}
				}
				saysBits := slices.ContainsFunc(notices, func(s string) bool { return strings.Contains(s, "16") })
				if want := tc.bits == 16 && (f == imageio.JPEG || f == imageio.WebP); saysBits != want {
					t.Errorf("%s: notices %q", f, notices)
				}
				if tc.profile && len(meta2.ICC) == 0 {
					t.Errorf("%s: the profile was lost", f)
				}
				if strings.Contains(tc.name, "JPEG") || f == imageio.WebP {
					showsAlike(t, f, m, again, 3)
				}
				if tc.gray && f != imageio.WebP && !meta2.Gray && !strings.Contains(tc.name, "P3") {
					t.Errorf("%s: a grey picture is no longer a grey file", f)
				}
			}
		})
	}
}

// showsAlike compares the visible samples, where alpha is above a half.
func showsAlike(t *testing.T, f imageio.Format, a, b *pixel.Image, tol int) {
	t.Helper()
	var sum, n float64
	for i := 0; i < len(a.Pix); i += 4 {
		if a.Pix[i+3] < 128 {
			continue
		}
		for c := range 3 {
			sum += math.Abs(float64(a.Pix[i+c]) - float64(b.Pix[i+c]))
			n++
		}
	}
	if mean := sum / max(n, 1); mean > float64(tol) {
		t.Errorf("%s: colours are off by %.1f on average", f, mean)
	}
}

// A picture that is changed keeps its kind of file: what a viewer sees is what was made.
func TestEditedPicturesShowWhatWasMade(t *testing.T) {
	q := quartered(48, 32)
	for name, data := range map[string][]byte{
		"P3": withICC(pngOf(t, q), displayP3()), "16 bits, Adobe RGB": withICC(pngOf(t, wideNoise(48, 32, false)), adobeRGB()),
		"grey, gamma 1.8": withICC(pngOf(t, grayOf(q)), icc.BuildGray(1.8)), "grey": pngOf(t, grayOf(q)),
	} {
		before, meta, err := decodeBytes(data)
		if err != nil {
			t.Fatal(err)
		}
		made := before.Clone()
		for i := range 10 * 48 { // a field of another colour, which sRGB and all these spaces hold
			made.Pix[4*i], made.Pix[4*i+1], made.Pix[4*i+2] = 60, 110, 190
		}
		made = pixel.Carry(before, made)
		for _, f := range []imageio.Format{imageio.PNG, imageio.TIFF, imageio.JPEG} {
			file, _ := write(t, made, f, meta)
			again, meta2, err := decodeBytes(file)
			if err != nil {
				t.Fatal(err)
			}
			tol := 2 // of 8-bit steps in a larger space
			if f == imageio.JPEG {
				tol = 9
			}
			for i := range 8 * 48 {
				for c, want := range []int{60, 110, 190} {
					if d := int(again.Pix[4*i+c]) - want; d > tol || -d > tol {
						t.Fatalf("%s as %s: pixel %d shows as %v", name, f, i, again.Pix[4*i:4*i+3])
					}
				}
			}
			if meta2.Gray {
				t.Errorf("%s as %s: a coloured picture became grey", name, f)
			}
			if (meta.ICC != nil) != (meta2.ICC != nil) {
				t.Errorf("%s as %s: profile of %d bytes became %d", name, f, len(meta.ICC), len(meta2.ICC))
			}
		}
	}
}

// Orientation turns the stored samples with the picture.
func TestOrientationTurnsStoredSamples(t *testing.T) {
	for o := uint16(1); o <= 8; o++ {
		data := pngChunk(withICC(pngOf(t, wideNoise(9, 5, true)), displayP3()), "eXIf", exifBlock(binary.BigEndian, o))
		m, meta, err := decodeBytes(data)
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := decodeBytes(withICC(pngOf(t, wideNoise(9, 5, true)), displayP3()))
		if err != nil {
			t.Fatal(err)
		}
		want := pixel.Orient(stored, int(o))
		if !slices.Equal(m.Deep.Pix, want.Deep.Pix) || !slices.Equal(m.Pix, want.Pix) {
			t.Errorf("orientation %d: the samples are not upright", o)
		}
		file, _ := write(t, m, imageio.PNG, meta)
		again, _, err := decodeBytes(file)
		if err != nil || !slices.Equal(again.Deep.Pix, m.Deep.Pix) {
			t.Errorf("orientation %d: saved, the samples differ (%v)", o, err)
		}
	}
}

func TestInkGoesThroughItsProfile(t *testing.T) {
	for _, name := range []string{"cmyk.jpg", "ycck.jpg"} {
		m, meta, err := decodeBytes(withICC(testdata(t, name), inkProfile()))
		if err != nil {
			t.Fatal(err)
		}
		if meta.ICC != nil || m.Deep != nil || len(meta.Notices) != 1 || !strings.Contains(meta.Notices[0], "CMYK") {
			t.Errorf("%s: profile %d bytes, notices %q", name, len(meta.ICC), meta.Notices)
		}
		grey, other := 0, 0
		for i := 0; i < len(m.Pix); i += 4 {
			if absDiff(m.Pix[i], m.Pix[i+1]) <= 2 && absDiff(m.Pix[i], m.Pix[i+2]) <= 2 {
				grey++
			} else {
				other++
			}
		}
		if other > 0 {
			t.Errorf("%s: %d pixels have a colour that the profile does not give, %d have not", name, other, grey)
		}
		plain, meta, err := decodeBytes(testdata(t, name))
		if err != nil || len(meta.Notices) != 1 || !strings.Contains(meta.Notices[0], "estimated") {
			t.Errorf("%s without a profile: notices %q, %v", name, meta.Notices, err)
		}
		if slices.Equal(plain.Pix, m.Pix) {
			t.Errorf("%s: the profile changes nothing", name)
		}
		file, _ := write(t, m, imageio.JPEG, meta)
		if _, meta, err := decodeBytes(file); err != nil || meta.ICC != nil {
			t.Errorf("%s: saved with a profile (%v)", name, err)
		}
	}
}

func absDiff(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// A profile that cannot be used is left out aloud, and the picture is read as if it had none.
func TestBadProfiles(t *testing.T) {
	q := quartered(48, 32)
	huge := make([]byte, 10<<20)
	copy(huge, srgbProfile(0))
	cut := displayP3()[:200]
	for _, tc := range []struct {
		name string
		data []byte
	}{
		{"ink profile on RGB", withICC(pngOf(t, q), inkProfile())},
		{"grey profile on RGB", withICC(pngOf(t, q), icc.BuildGray(1.8))},
		{"grey profile on a JPEG", withICC(jpegOf(t, q), icc.BuildGray(1.8))},
		{"RGB profile on ink", withICC(testdata(t, "cmyk.jpg"), displayP3())},
		{"cut off", withICC(pngOf(t, q), cut)},
		{"nonsense", withICC(pngOf(t, q), bytes.Repeat([]byte("nonsense"), 50))},
		{"huge PNG", withICC(pngOf(t, q), huge)},
		{"huge JPEG", withICC(jpegOf(t, q), huge)},
		{"broken stream", pngChunk(pngOf(t, q), "iCCP", []byte("p\x00\x00not zlib"))},
		{"parts out of order", jpegSegment(jpegOf(t, q), 0xe2, append([]byte("ICC_PROFILE\x00\x02\x02"), displayP3()...))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, meta, err := decodeBytes(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if meta.ICC != nil || m.Deep != nil || len(meta.Notices) != 1 || !strings.Contains(meta.Notices[0], "colour profile") {
				t.Errorf("profile %d bytes, stored samples %v, notices %q", len(meta.ICC), m.Deep != nil, meta.Notices)
			}
			showsQuarters(t, m, quarters, 4)
		})
	}
}

// A profile is never put on samples it is not true of.
func TestProfilesMatchTheSamples(t *testing.T) {
	m := pixel.FromNRGBA(quartered(48, 32), false) // sRGB, without stored samples
	for name, profile := range map[string][]byte{"P3": displayP3(), "ink": inkProfile(), "grey": icc.BuildGray(1.8), "nonsense": []byte("nonsense")} {
		for _, f := range []imageio.Format{imageio.PNG, imageio.TIFF, imageio.JPEG, imageio.WebP} {
			file, _ := write(t, m, f, imageio.Meta{ICC: profile})
			again, meta, err := decodeBytes(file)
			if err != nil || meta.ICC != nil || again.Deep != nil {
				t.Errorf("%s profile in a %s: %d bytes, %v", name, f, len(meta.ICC), err)
			}
		}
	}
}

// Every size of TIFF strip, and every kind of samples, is read back by the x/image decoder that knows nothing of ours.
func TestTIFFSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 700}, {700, 1}, {333, 257}, {90000, 3}} {
		for _, alpha := range []bool{false, true} {
			m := pixel.FromNRGBA(image.NewNRGBA(image.Rect(0, 0, size[0], size[1])), alpha)
			for i := range m.Pix {
				m.Pix[i] = uint8(i * 2654435761 >> 13)
				if i%4 == 3 && !alpha {
					m.Pix[i] = 255
				}
			}
			t.Run(fmt.Sprint(size, alpha), func(t *testing.T) {
				file, _ := write(t, m, imageio.TIFF, imageio.Meta{})
				again, meta, err := decodeBytes(file)
				if err != nil || meta.HasAlpha != alpha || !slices.Equal(again.Pix, m.Pix) {
					t.Errorf("alpha %v, %v", meta.HasAlpha, err)
				}
			})
		}
	}
}

func BenchmarkEncodeWidePNG(b *testing.B) {
	m := image.NewNRGBA64(image.Rect(0, 0, 1000, 1000))
	for y := range 1000 {
		for x := range 1000 {
			m.SetNRGBA64(x, y, color.NRGBA64{uint16(x * 60), uint16(y * 60), uint16(x*y) >> 3, 65535})
		}
	}
	img, _, err := decodeBytes(pngOf(b, m))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(8e6)
	for b.Loop() {
		if err := imageio.Encode(&bytes.Buffer{}, img, imageio.PNG, imageio.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
