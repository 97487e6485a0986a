package imageio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zlib"
)

// rawPNG is a PNG of random rows, each with a random filter.
func rawPNG(kind byte, channels, w, h int, seed uint64, pieces int) []byte {
	r := rand.New(rand.NewPCG(seed, 9))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for y := range h {
		row := make([]byte, 1+channels*w)
		row[0] = byte(r.IntN(5))
		for i := 1; i < len(row); i++ {
			row[i] = byte(r.IntN(256))
			if y%3 == 0 {
				row[i] = byte(r.IntN(3)) - 1
			}
		}
		_, _ = z.Write(row)
	}
	_ = z.Close()
	body := binary.BigEndian.AppendUint32(nil, uint32(w))
	body = binary.BigEndian.AppendUint32(body, uint32(h))
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(body, 8, kind, 0, 0, 0))...)
	b := packed.Bytes()
	for i := range pieces {
		out = append(out, pngChunk("IDAT", b[i*len(b)/pieces:(i+1)*len(b)/pieces])...)
	}
	return append(out, pngChunk("IEND", nil)...)
}

// straightOf are the straight 8-bit samples of a decoder's picture, one or four a pixel.
func straightOf(t *testing.T, m image.Image) []uint8 {
	t.Helper()
	switch m := m.(type) {
	case *image.Gray:
		return m.Pix
	case *image.NRGBA:
		return m.Pix
	case *image.RGBA: // image/png's for opaque pictures
		return m.Pix
	}
	t.Fatalf("a %T", m)
	return nil
}

func TestPlainPNGIsTheStandardPicture(t *testing.T) {
	for i, size := range [][2]int{{1, 1}, {2, 3}, {3, 70}, {64, 5}, {501, 333}, {70000, 3}} {
		for kind, channels := range map[byte]int{pngGray: 1, pngGrayAlpha: 2, pngRGB: 3, pngRGBA: 4} {
			data := rawPNG(kind, channels, size[0], size[1], uint64(i)<<8|uint64(kind), 1+i)
			want, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodePlainPNG(t.Context(), data, size[0], size[1])
			if err != nil || !bytes.Equal(straightOf(t, got), straightOf(t, want)) {
				t.Errorf("%v with %d channels: %v, or other samples", size, channels, err)
			}
		}
	}
}

// predict is the PNG specification's Paeth predictor.
func TestPredict(t *testing.T) {
	for a := range int32(256) {
		for b := range int32(256) {
			for c := int32(0); c < 256; c += 1 + (a+b)%3 {
				if got, want := predict(a, b, c), int32(paeth(byte(a), byte(b), byte(c))); got != want {
					t.Fatalf("%d %d %d: %d, want %d", a, b, c, got, want)
				}
			}
		}
	}
}

func TestPlainPNGLeavesTheRestToTheStandardDecoder(t *testing.T) {
	good := rawPNG(pngRGB, 3, 40, 30, 1, 2)
	at := bytes.Index(good, []byte("IDAT"))
	damaged := bytes.Clone(good)
	damaged[at+20] ^= 1
	unchecked := bytes.Clone(damaged) // with the chunk's sum put right, so that only the stream is wrong
	n := int(binary.BigEndian.Uint32(unchecked[at-4:]))
	binary.BigEndian.PutUint32(unchecked[at+4+n:], crc32.ChecksumIEEE(unchecked[at:at+4+n]))
	var deep, flat bytes.Buffer
	if err := errors.Join(png.Encode(&deep, image.NewNRGBA64(image.Rect(0, 0, 9, 9))), png.Encode(&flat, image.NewNRGBA(image.Rect(0, 0, 9, 9)))); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		data []byte
		w, h int
	}{
		"16 bits":        {deep.Bytes(), 9, 9},
		"damaged":        {damaged, 40, 30},
		"damaged stream": {unchecked, 40, 30},
		"cut off":        {good[:len(good)-30], 40, 30},
		"without end":    {good[:len(good)-12], 40, 30},
		"another size":   {good, 41, 30},
		"too many rows":  {taller(good, 29), 40, 29},
		"too few rows":   {taller(good, 31), 40, 31},
	} {
		if _, err := decodePlainPNG(t.Context(), tc.data, tc.w, tc.h); !errors.Is(err, errNotPlainPNG) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := decodePlainPNG(ctx, flat.Bytes(), 9, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// taller gives the header another height.
func taller(data []byte, h int) []byte {
	out := bytes.Clone(data)
	binary.BigEndian.PutUint32(out[20:], uint32(h))
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

// Whatever the bytes, what the plain decoder takes the standard one takes, with the same samples.
func FuzzPlainPNG(f *testing.F) {
	for kind, channels := range map[byte]int{pngGray: 1, pngGrayAlpha: 2, pngRGB: 3, pngRGBA: 4} {
		f.Add(rawPNG(kind, channels, 7, 5, 3, 2))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 33 || string(data[:8]) != "\x89PNG\r\n\x1a\n" {
			return
		}
		w, h := int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:]))
		if w < 1 || h < 1 || w > 4096 || h > 4096 {
			return
		}
		got, err := decodePlainPNG(t.Context(), data, w, h)
		if err != nil {
			return
		}
		want, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal("the standard decoder refuses it:", err)
		}
		if !bytes.Equal(straightOf(t, got), straightOf(t, want)) {
			t.Fatal("other samples")
		}
	})
}
