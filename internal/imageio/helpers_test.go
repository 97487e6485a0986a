package imageio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"pentimento/internal/edit"
	"pentimento/internal/icc"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// quarters are the colours of the test picture: top left, top right, bottom left, bottom right.
// The files in testdata, which no encoder at hand can write, show the same picture.
var quarters = [4]color.NRGBA{{220, 30, 40, 255}, {30, 160, 60, 255}, {40, 60, 200, 255}, {240, 210, 40, 255}}

func quartered(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, quarters[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

func encoded(t testing.TB, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func jpegOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func bmpOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, m) })
}

func tiffOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) })
}

func palettedOf(m image.Image, p color.Palette) *image.Paletted {
	out := image.NewPaletted(m.Bounds(), p)
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

func quarterPalette() color.Palette {
	return color.Palette{quarters[0], quarters[1], quarters[2], quarters[3], color.NRGBA{}}
}

func gifOf(t testing.TB, frames int) []byte {
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, palettedOf(quartered(48, 32), quarterPalette()))
		g.Delay = append(g.Delay, 5)
	}
	return encoded(t, func(b *bytes.Buffer) error { return gif.EncodeAll(b, g) })
}

// pngChunk inserts a chunk after IHDR.
func pngChunk(data []byte, kind string, body []byte) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, kind...), body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return bytes.Join([][]byte{data[:33], c, data[33:]}, nil)
}

// pngHeader is a PNG that promises w×h RGBA pixels and holds next to none.
func pngHeader(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	body := binary.BigEndian.AppendUint32(nil, w)
	body = binary.BigEndian.AppendUint32(body, h)
	body = append(body, 8, 6, 0, 0, 0)
	b = pngChunk(append(b, make([]byte, 25)...), "IHDR", body)
	b = append(b[:8], b[33:]...)
	return append(b, "\x00\x00\x00\x04IDAT\x78\x9c\x03\x00\x00\x00\x00\x00"...)
}

// exifBlock is a TIFF structure with an orientation, in either byte order.
func exifBlock(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = append(b, 0, 0)
	return order.AppendUint32(b, 0)
}

// jpegSegment inserts a segment after the first marker.
func jpegSegment(data []byte, marker byte, body []byte) []byte {
	s := []byte{0xff, marker}
	s = binary.BigEndian.AppendUint16(s, uint16(len(body)+2))
	return bytes.Join([][]byte{data[:2], s, body, data[2:]}, nil)
}

// webpChunk appends a chunk to an extended WebP file.
func webpChunk(data []byte, id string, body []byte) []byte {
	out := append([]byte(nil), data...)
	out = append(out, id...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decodeBytes(data []byte) (*pixel.Image, imageio.Meta, error) {
	return imageio.Decode(context.Background(), bytes.NewReader(data), "photo.png", imageio.Limits{})
}

// mustRefuse checks that the error is for a person, names the file and says what is wrong.
func mustRefuse(t *testing.T, err error, name, says string) {
	t.Helper()
	var user *edit.UserError
	if err == nil {
		t.Error("it was read")
		return
	}
	if !errors.As(err, &user) {
		t.Errorf("%v is a %T, want an edit.UserError", err, err)
	}
	if !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not begin with %q or does not say %q", err, name, says)
	}
}

// showsQuarters checks the middle of each quarter within tol per channel.
func showsQuarters(t *testing.T, m *pixel.Image, want [4]color.NRGBA, tol int) {
	t.Helper()
	for i, c := range want {
		x, y := m.W/4+i%2*m.W/2, m.H/4+i/2*m.H/2
		r, g, b, a := m.At(x, y)
		for j, d := range []int{int(r) - int(c.R), int(g) - int(c.G), int(b) - int(c.B), int(a) - int(c.A)} {
			if d > tol || d < -tol {
				t.Errorf("quarter %d, channel %d: (%d,%d,%d,%d), want %v", i, j, r, g, b, a, c)
				break
			}
		}
	}
}

// srgbProfile is an sRGB profile of a given size at least.
func srgbProfile(size int) []byte {
	curve := make([]float32, 1024)
	for i := range curve {
		if v := float64(i) / 1023; v <= 0.04045 {
			curve[i] = float32(v / 12.92)
		} else {
			curve[i] = float32(math.Pow((v+0.055)/1.055, 2.4))
		}
	}
	p := icc.Build([3]float64{0.43607, 0.22249, 0.01392}, [3]float64{0.38515, 0.71687, 0.09708}, [3]float64{0.14307, 0.06061, 0.71410}, curve...)
	if len(p) < size {
		p = append(p, make([]byte, size-len(p))...)
		binary.BigEndian.PutUint32(p, uint32(size))
	}
	return p
}
