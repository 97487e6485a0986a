package imageio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pentimento/internal/imageio"
)

func TestHugeHeadersAllocateNothing(t *testing.T) {
	gifBomb := gifOf(t, 1)
	binary.LittleEndian.PutUint16(gifBomb[6:], 65535)
	binary.LittleEndian.PutUint16(gifBomb[8:], 65535)
	bmpBomb := bmpOf(t, quartered(4, 4))
	binary.LittleEndian.PutUint32(bmpBomb[18:], 60000)
	binary.LittleEndian.PutUint32(bmpBomb[22:], 60000)
	webpBomb := testdata(t, "animated.webp")
	copy(webpBomb[12+8+4:], "\xff\xff\xff\xff\xff\xff")
	sof := func(marker byte, w, h uint16) []byte {
		body := []byte{8}
		body = binary.BigEndian.AppendUint16(body, h)
		body = binary.BigEndian.AppendUint16(body, w)
		body = append(body, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0)
		return jpegSegment([]byte("\xff\xd8\xff\xda\x00\x04\x00\x00"), marker, body)
	}
	for _, tc := range []struct {
		name, says string
		data       []byte
	}{
		{"png 100,000 square", "100000×100000", pngHeader(100_000, 100_000)},
		{"png as large as can be said", "dimension overflow", pngHeader(1<<31-1, 1<<31-1)},
		{"png within the limit, but empty", "more than the file can hold", pngHeader(9_000, 9_000)},
		{"gif", "more than the limit", gifBomb},
		{"bmp", "60000×60000", bmpBomb},
		{"webp", "more than the limit", webpBomb},
		{"jpeg", "65500×65500", sof(0xc0, 65500, 65500)},
		{"progressive jpeg of 80 MP", "progressive", sof(0xc2, 10000, 8000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := decodeBytes(tc.data)
			runtime.ReadMemStats(&after)
			mustRefuse(t, err, "photo.png", tc.says)
			if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
				t.Errorf("%d bytes were allocated for a refused header", n)
			}
		})
	}
}

func TestLimitsAreSettings(t *testing.T) {
	data := pngOf(t, quartered(100, 50))
	for _, tc := range []struct {
		lim  imageio.Limits
		says string
	}{
		{imageio.Limits{MaxPixels: 4999}, "100×50"},
		{imageio.Limits{MaxBytes: int64(len(data)) - 1}, "larger than the limit"},
	} {
		_, _, err := imageio.Decode(t.Context(), bytes.NewReader(data), "a", tc.lim)
		mustRefuse(t, err, "a", tc.says)
	}
	lim := imageio.Limits{MaxPixels: 5000, MaxBytes: int64(len(data))}
	if _, _, err := imageio.Decode(t.Context(), bytes.NewReader(data), "a", lim); err != nil {
		t.Errorf("exactly at the limits: %v", err)
	}
	wide := pngOf(t, image.NewRGBA64(image.Rect(0, 0, 100, 50)))
	_, _, err := imageio.Decode(t.Context(), bytes.NewReader(wide), "a", imageio.Limits{MaxPixels: 5000})
	mustRefuse(t, err, "a", "16-bit")
}

// An endless source is read to the byte limit and no further.
func TestEndlessInput(t *testing.T) {
	_, _, err := imageio.Decode(t.Context(), zeros{}, "-", imageio.Limits{MaxBytes: 1 << 20})
	mustRefuse(t, err, "-", "larger than the limit of 1 MiB")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestHeaderAndBodyDisagree(t *testing.T) {
	frame := gifOf(t, 1) // the frame is larger than the screen
	binary.LittleEndian.PutUint16(frame[6:], 10)
	binary.LittleEndian.PutUint16(frame[8:], 10)
	webp := testdata(t, "alpha.webp") // the canvas is smaller than the picture
	copy(webp[12+8+4:], []byte{9, 0, 0, 9, 0, 0})
	anim := testdata(t, "animated.webp")
	copy(anim[12+8+4:], []byte{9, 0, 0, 9, 0, 0})
	pal := pngOf(t, palettedOf(quartered(48, 32), quarterPalette()))
	i := bytes.Index(pal, []byte("PLTE"))
	short := append(append([]byte(nil), pal[:i-4]...), 0, 0, 0, 3)
	short = append(short, "PLTE\x01\x02\x03\x00\x00\x00\x00"...)
	short = append(short, pal[i+4+15+4:]...)
	for name, data := range map[string][]byte{"gif": frame, "webp": webp, "animated webp": anim, "png palette": short} {
		_, _, err := decodeBytes(data)
		if err == nil {
			t.Errorf("%s: it was read", name)
			continue
		}
		mustRefuse(t, err, "photo.png", "")
	}
}

func TestTruncatedFiles(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 90, 70))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.UintN(256)) | 1
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	for name, whole := range map[string][]byte{
		"png": pngOf(t, m), "jpeg": jpegOf(t, m), "bmp": bmpOf(t, m), "tiff": tiffOf(t, m), "webp": testdata(t, "lossy.webp"),
		"webp lossless": testdata(t, "lossless.webp"), "webp alpha": testdata(t, "alpha.webp"), "webp animated": testdata(t, "animated.webp"),
	} {
		t.Run(name, func(t *testing.T) {
			step := min(1024, len(whole)/10)
			for n := step; n < len(whole)-16; n += step {
				_, _, err := decodeBytes(whole[:n])
				if err == nil && strings.HasSuffix(name, "animated") {
					continue // the first frame is whole before the file is
				}
				mustRefuse(t, err, "photo.png", "")
			}
		})
	}
}

func TestNoPicture(t *testing.T) {
	for _, tc := range []struct{ name, data, says string }{
		{"nothing", "", "an empty file"},
		{"text", "dear diary,\nthis is no picture\n", "a text file"},
		{"text with a rune cut off", strings.Repeat("x", 1023) + "é", "a text file"},
		{"svg", `<?xml version="1.0"?><svg width="9"/>`, "an SVG drawing"},
		{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a HEIC picture, which cannot be read (save it as JPEG"},
		{"avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "an AVIF picture, which cannot be read (save it as JPEG"},
		{"pdf", "%PDF-1.7\n", "a PDF document"},
		{"noise", "\x01\x02\x03\x04\xff\xfe\x00\x00", "unknown format"},
		{"only a magic number", "\x89PNG\r\n\x1a\n", "PNG"},
		{"half a magic number", "\x89PN", "unknown format"},
		{"BM", "BM", "BMP"},
		{"RIFF", "RIFF\x00\x00\x00\x00WEBP", "WebP"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := decodeBytes([]byte(tc.data))
			mustRefuse(t, err, "photo.png", tc.says)
		})
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.png")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := imageio.Load(t.Context(), dir, imageio.Limits{})
	mustRefuse(t, err, dir, "directory")
	gone := filepath.Join(t.TempDir(), "gone.png")
	_, _, err = imageio.Load(t.Context(), gone, imageio.Limits{})
	mustRefuse(t, err, gone, "no such file")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v does not wrap os.ErrNotExist", err)
	}
}

func TestLoadGoesByContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(path, jpegOf(t, quartered(48, 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	m, meta, err := imageio.Load(t.Context(), path, imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	showsQuarters(t, m, quarters, 3)
	if meta.Format != imageio.JPEG || len(meta.Notices) != 1 || !strings.Contains(meta.Notices[0], "the content is JPEG") {
		t.Errorf("%+v", meta)
	}
}

func TestCancel(t *testing.T) {
	data := pngOf(t, quartered(300, 300))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := imageio.Decode(ctx, bytes.NewReader(data), "a.png", imageio.Limits{})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "a.png: ") {
		t.Errorf("cancelled before: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	_, _, err = imageio.Decode(ctx, &cancelling{bytes.NewReader(data), cancel}, "a.png", imageio.Limits{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while reading: %v", err)
	}
}

// cancelling ends the context with its first read.
type cancelling struct {
	r      io.Reader
	cancel func()
}

func (c *cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return c.r.Read(p[:1])
}

func TestDamagedEXIFIsSkipped(t *testing.T) {
	le := binary.LittleEndian
	good := exifBlock(le, 6)
	edit := func(at int, b ...byte) []byte {
		out := append([]byte(nil), good...)
		copy(out[at:], b)
		return out
	}
	for name, exif := range map[string][]byte{
		"directory past the end":   edit(4, 0xff, 0xff, 0xff, 0x7f),
		"directory in the header":  edit(4, 0, 0, 0, 0),
		"too many entries":         edit(8, 0xff, 0xff),
		"orientation 9":            edit(18, 9),
		"orientation of text type": edit(12, 2),
		"orientation of no values": edit(14, 0),
		"cut in the entry":         good[:15],
		"empty":                    {},
		"only the byte order":      good[:4],
	} {
		t.Run(name, func(t *testing.T) {
			m, meta, err := decodeBytes(jpegSegment(jpegOf(t, quartered(48, 32)), 0xe1, append([]byte("Exif\x00\x00"), exif...)))
			if err != nil {
				t.Fatal(err)
			}
			if m.W != 48 || meta.Orientation != 1 || len(meta.Notices) != 1 {
				t.Errorf("%d wide, %+v", m.W, meta)
			}
		})
	}
	// A directory that names itself as the next, and as its sub-directory, does no harm.
	loop := exifBlock(le, 6)
	le.PutUint32(loop[len(loop)-4:], 8)
	_, meta, err := decodeBytes(pngChunk(pngOf(t, quartered(4, 4)), "eXIf", loop))
	if err != nil || meta.Orientation != 6 {
		t.Errorf("self-referring directory: %+v, %v", meta, err)
	}
}

func ExampleDecode() {
	_, _, err := imageio.Decode(context.Background(), strings.NewReader("hello"), "hello.png", imageio.Limits{})
	fmt.Println(err)
	// Output: hello.png: is a text file, which cannot be read (give a PNG, JPEG, GIF, WebP, BMP or TIFF picture)
}
