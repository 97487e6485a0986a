package imageio_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func TestDecodeShowsTheRightColours(t *testing.T) {
	q := quartered(48, 32)
	grey, grey16, wide := image.NewGray(q.Rect), image.NewGray16(q.Rect), image.NewNRGBA64(q.Rect)
	pre := image.NewRGBA(q.Rect)
	half := quartered(48, 32)
	for y := range 32 {
		for x := range 48 {
			if x < 24 && y < 16 {
				half.Pix[half.PixOffset(x, y)+3] = 128
			}
			grey.Set(x, y, q.At(x, y))
			grey16.Set(x, y, q.At(x, y))
			wide.Set(x, y, q.At(x, y))
			pre.Set(x, y, half.At(x, y))
		}
	}
	faint := quarters
	faint[0].A = 128
	greys := quarters
	for i, c := range greys {
		v := color.GrayModel.Convert(c).(color.Gray).Y
		greys[i] = color.NRGBA{v, v, v, 255}
	}
	for _, tc := range []struct {
		name   string
		data   []byte
		format imageio.Format
		want   [4]color.NRGBA
		tol    int
		bits   int
		alpha  bool
	}{
		{"png", pngOf(t, q), imageio.PNG, quarters, 0, 8, false},
		{"png with alpha", pngOf(t, half), imageio.PNG, faint, 0, 8, true},
		{"png palette", pngOf(t, palettedOf(q, quarterPalette()[:4])), imageio.PNG, quarters, 0, 2, false},
		{"png palette with a clear entry", pngOf(t, palettedOf(q, quarterPalette())), imageio.PNG, quarters, 0, 4, true},
		{"png grey", pngOf(t, grey), imageio.PNG, greys, 0, 8, false},
		{"png grey of 16 bits", pngOf(t, grey16), imageio.PNG, greys, 1, 16, false},
		{"png of 16 bits", pngOf(t, wide), imageio.PNG, quarters, 0, 16, false},
		{"jpeg", jpegOf(t, q), imageio.JPEG, quarters, 3, 8, false},
		{"jpeg grey", jpegOf(t, grey), imageio.JPEG, greys, 2, 8, false},
		{"jpeg progressive", testdata(t, "progressive.jpg"), imageio.JPEG, quarters, 3, 8, false},
		{"jpeg cmyk", testdata(t, "cmyk.jpg"), imageio.JPEG, quarters, 3, 8, false},
		{"jpeg cmyk without Adobe's marker", testdata(t, "cmyk-unmarked.jpg"), imageio.JPEG, quarters, 3, 8, false},
		{"jpeg ycck", testdata(t, "ycck.jpg"), imageio.JPEG, quarters, 4, 8, false},
		{"gif", gifOf(t, 1), imageio.GIF, quarters, 0, 8, false},
		{"webp", testdata(t, "lossy.webp"), imageio.WebP, quarters, 6, 8, false},
		{"webp lossless", testdata(t, "lossless.webp"), imageio.WebP, quarters, 0, 8, false},
		{"webp with alpha", testdata(t, "alpha.webp"), imageio.WebP, faint, 6, 8, true},
		{"webp animated", testdata(t, "animated.webp"), imageio.WebP, faint, 6, 8, true},
		{"bmp", bmpOf(t, q), imageio.BMP, quarters, 0, 8, false},
		{"tiff", tiffOf(t, q), imageio.TIFF, quarters, 0, 8, true},
		{"tiff premultiplied", tiffOf(t, pre), imageio.TIFF, faint, 1, 8, true},
		{"tiff grey", tiffOf(t, grey), imageio.TIFF, greys, 0, 8, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, meta, err := decodeBytes(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if m.W != 48 || m.H != 32 {
				t.Fatalf("%d×%d, want 48×32", m.W, m.H)
			}
			showsQuarters(t, m, tc.want, tc.tol)
			if meta.Format != tc.format || meta.BitDepth != tc.bits || meta.HasAlpha != tc.alpha || m.HasAlpha != tc.alpha {
				t.Errorf("meta %+v, picture has alpha %v", meta, m.HasAlpha)
			}
			if meta.Orientation != 1 {
				t.Errorf("orientation %d", meta.Orientation)
			}
		})
	}
}

func TestOneBitPNG(t *testing.T) {
	q := palettedOf(quartered(48, 32), color.Palette{color.Black, color.White})
	m, meta, err := decodeBytes(pngOf(t, q))
	if err != nil || meta.BitDepth != 1 {
		t.Fatalf("%v, %+v", err, meta)
	}
	for i := 0; i < len(m.Pix); i += 4 {
		if v := m.Pix[i]; v != 0 && v != 255 || m.Pix[i+1] != v || m.Pix[i+3] != 255 {
			t.Fatalf("pixel %d is %v", i/4, m.Pix[i:i+4])
		}
	}
}

func TestNotices(t *testing.T) {
	q := quartered(48, 32)
	pages := tiffOf(t, q)
	ifd := binary.LittleEndian.Uint32(pages[4:])
	next := int(ifd) + 2 + 12*int(binary.LittleEndian.Uint16(pages[ifd:]))
	binary.LittleEndian.PutUint32(pages[next:], ifd) // a directory that follows itself
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"gif", gifOf(t, 3), "first frame"},
		{"apng", pngChunk(pngOf(t, q), "acTL", []byte{0, 0, 0, 3, 0, 0, 0, 0}), "first frame"},
		{"webp", testdata(t, "animated.webp"), "first frame"},
		{"tiff pages", pages, "first is used"},
		{"gif without its end", bytes.TrimSuffix(gifOf(t, 1), []byte{0x3b}), "ends early"},
		{"broken exif", pngChunk(pngOf(t, q), "eXIf", []byte("II*\x00\xff\xff\xff\xff")), "EXIF"},
		{"broken profile", jpegSegment(jpegOf(t, q), 0xe2, []byte("ICC_PROFILE\x00\x01\x01nonsense")), "colour profile"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, meta, err := decodeBytes(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if len(meta.Notices) != 1 || !strings.Contains(meta.Notices[0], tc.want) {
				t.Errorf("notices %q, want one that says %q", meta.Notices, tc.want)
			}
		})
	}
	for name, data := range map[string][]byte{"gif": gifOf(t, 1), "png": pngOf(t, q), "webp": testdata(t, "lossy.webp"), "jpeg": jpegOf(t, q)} {
		if _, meta, err := decodeBytes(data); err != nil || len(meta.Notices) > 0 {
			t.Errorf("%s: a plain picture gives %q, %v", name, meta.Notices, err)
		}
	}
}

// What lies beneath transparent pixels survives reading and writing.
func TestHiddenColourIsKept(t *testing.T) {
	q := quartered(8, 8)
	for i := 3; i < len(q.Pix); i += 8 {
		q.Pix[i] = 0
	}
	wide := image.NewNRGBA64(q.Rect)
	for y := range 8 {
		for x := range 8 {
			c := q.NRGBAAt(x, y)
			wide.SetNRGBA64(x, y, color.NRGBA64{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, uint16(c.A) * 257})
		}
	}
	for name, src := range map[string]image.Image{"8 bits": q, "16 bits": wide} {
		m, _, err := decodeBytes(pngOf(t, src))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := imageio.Encode(&b, m, imageio.PNG, imageio.Options{}); err != nil {
			t.Fatal(err)
		}
		again, _, err := decodeBytes(b.Bytes())
		if err != nil || !slices.Equal(again.Pix, q.Pix) {
			t.Errorf("%s: samples changed (%v)", name, err)
		}
	}
}

func TestSmallAndOddSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 37}, {37, 1}, {2, 2}, {3, 5}, {17, 9}} {
		q := quartered(size[0], size[1])
		for name, data := range map[string][]byte{"png": pngOf(t, q), "jpeg": jpegOf(t, q), "bmp": bmpOf(t, q), "tiff": tiffOf(t, q)} {
			m, _, err := decodeBytes(data)
			if err != nil {
				t.Errorf("%s %v: %v", name, size, err)
				continue
			}
			if m.W != size[0] || m.H != size[1] {
				t.Errorf("%s %v: became %d×%d", name, size, m.W, m.H)
			}
		}
	}
}

func TestOrientationIsAppliedOnce(t *testing.T) {
	q := quartered(48, 32)
	extended := testdata(t, "alpha.webp") // has the VP8X header that metadata need
	little, big := binary.LittleEndian, binary.BigEndian
	tiffWith := func(o uint16) []byte { return tiffTag(tiffOf(t, q), o) }
	for o := uint16(1); o <= 8; o++ {
		for name, data := range map[string][]byte{
			"jpeg": jpegSegment(jpegOf(t, q), 0xe1, append([]byte("Exif\x00\x00"), exifBlock(big, o)...)),
			"png":  pngChunk(pngOf(t, q), "eXIf", exifBlock(little, o)),
			"webp": webpChunk(extended, "EXIF", exifBlock(little, o)),
			"tiff": tiffWith(o),
		} {
			t.Run(fmt.Sprintf("%s %d", name, o), func(t *testing.T) {
				m, meta, err := decodeBytes(data)
				if err != nil {
					t.Fatal(err)
				}
				if meta.Orientation != int(o) || len(meta.Notices) > 0 {
					t.Errorf("meta %+v", meta)
				}
				stored, _, err := decodeBytes(map[string][]byte{"jpeg": jpegOf(t, q), "png": pngOf(t, q), "webp": extended, "tiff": tiffOf(t, q)}[name])
				if err != nil {
					t.Fatal(err)
				}
				if want := pixel.Orient(stored, int(o)); m.W != want.W || !slices.Equal(m.Pix, want.Pix) {
					t.Error("the picture is not upright")
				}
				// Written out, it is upright without a tag.
				var b bytes.Buffer
				if err := imageio.Encode(&b, m, imageio.PNG, imageio.Options{}); err != nil {
					t.Fatal(err)
				}
				again, meta, err := decodeBytes(b.Bytes())
				if err != nil || meta.Orientation != 1 || !slices.Equal(again.Pix, m.Pix) {
					t.Errorf("it turned again: %+v, %v", meta, err)
				}
			})
		}
	}
}

// tiffTag adds an orientation to a little-endian TIFF by writing its directory anew at the end.
func tiffTag(data []byte, o uint16) []byte {
	le := binary.LittleEndian
	at := int(le.Uint32(data[4:]))
	n := int(le.Uint16(data[at:]))
	out := append([]byte(nil), data...)
	le.PutUint32(out[4:], uint32(len(out)))
	out = le.AppendUint16(out, uint16(n+1))
	placed := false
	for i := range n + 1 {
		var entry []byte
		if i < n {
			entry = data[at+2+12*i:][:12]
		}
		if !placed && (i == n || le.Uint16(entry) > 0x0112) { // tags are sorted
			out = append(out, 0x12, 0x01, 3, 0, 1, 0, 0, 0, byte(o), 0, 0, 0)
			placed = true
		}
		out = append(out, entry...)
	}
	return le.AppendUint32(out, 0)
}

func TestProfileAndEXIFAreKept(t *testing.T) {
	icc := srgbProfile(70_000) // more than one JPEG segment holds
	m := pixel.FromNRGBA(quartered(48, 32), false)
	for _, f := range []imageio.Format{imageio.PNG, imageio.JPEG} {
		var b bytes.Buffer
		if err := imageio.Encode(&b, m, f, imageio.Options{ICC: icc}); err != nil {
			t.Fatal(err)
		}
		got, meta, err := decodeBytes(b.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if !bytes.Equal(meta.ICC, icc) || len(meta.Notices) > 0 {
			t.Errorf("%s: profile of %d bytes came back with %d, notices %q", f, len(icc), len(meta.ICC), meta.Notices)
		}
		showsQuarters(t, got, quarters, 3)
	}
	exif := exifBlock(binary.BigEndian, 1)
	_, meta, err := decodeBytes(pngChunk(pngOf(t, quartered(4, 4)), "eXIf", exif))
	if err != nil || !bytes.Equal(meta.EXIF, exif) {
		t.Errorf("EXIF %x came back as %x, %v", exif, meta.EXIF, err)
	}
}

// A red field beside a blue one: the colour planes of a 4:2:0 JPEG are half as
// wide, and interpolating them gives a step that falls monotonically.
func TestChromaIsInterpolated(t *testing.T) {
	const w = 32
	q := image.NewNRGBA(image.Rect(0, 0, w, 32))
	for y := range 32 {
		for x := range w {
			c := color.NRGBA{200, 40, 40, 255}
			if x >= 15 { // an odd border: one colour sample straddles it
				c = color.NRGBA{40, 40, 200, 255}
			}
			q.SetNRGBA(x, y, c)
		}
	}
	m, _, err := decodeBytes(jpegOf(t, q))
	if err != nil {
		t.Fatal(err)
	}
	distinct := map[int]bool{}
	for x := 12; x < 20; x++ {
		r, _, b, _ := m.At(x, 16)
		distinct[(int(r)-int(b))/8] = true
	}
	if len(distinct) < 5 {
		t.Errorf("%d distinct colours across the border; repeated samples give 3 or 4", len(distinct))
	}
}

func FuzzDecode(f *testing.F) {
	q := quartered(16, 16)
	for _, data := range [][]byte{
		pngOf(f, q), jpegOf(f, q), bmpOf(f, q), tiffOf(f, q), gifOf(f, 2), pngHeader(50, 50),
		testdata(f, "lossy.webp"), testdata(f, "animated.webp"), testdata(f, "cmyk-unmarked.jpg"), testdata(f, "progressive.jpg"),
		jpegSegment(jpegOf(f, q), 0xe1, append([]byte("Exif\x00\x00"), exifBlock(binary.BigEndian, 6)...)),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, meta, err := imageio.Decode(t.Context(), bytes.NewReader(data), "f", imageio.Limits{MaxPixels: 1 << 16})
		if err != nil {
			if m != nil || !strings.HasPrefix(err.Error(), "f: ") {
				t.Fatalf("error %q with picture %v", err, m != nil)
			}
			return
		}
		if m.W < 1 || m.H < 1 || m.W*m.H > 1<<16 || len(m.Pix) != 4*m.W*m.H || meta.Orientation < 1 || meta.Orientation > 8 {
			t.Fatalf("%d×%d with %d samples, %+v", m.W, m.H, len(m.Pix), meta)
		}
		if !m.HasAlpha && !m.NRGBA().Opaque() {
			t.Fatal("transparent without alpha")
		}
	})
}
