package imageio

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func plain(data []byte) (image.Image, error) {
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return decodePlainJPEG(context.Background(), data, cfg.Width, cfg.Height)
}

// samePicture compares all samples that are shown.
func samePicture(t testing.TB, got, want image.Image) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v", got.Bounds(), want.Bounds())
	}
	rows := func(name string, got, want []uint8, gs, ws, w, h int) {
		for y := range h {
			if !slices.Equal(got[y*gs:][:w], want[y*ws:][:w]) {
				t.Fatalf("%s differs in row %d", name, y)
			}
		}
	}
	w, h := got.Bounds().Dx(), got.Bounds().Dy()
	switch g := got.(type) {
	case *image.Gray:
		rows("grey", g.Pix, want.(*image.Gray).Pix, g.Stride, want.(*image.Gray).Stride, w, h)
	case *image.YCbCr:
		s := want.(*image.YCbCr)
		if g.SubsampleRatio != s.SubsampleRatio {
			t.Fatalf("%v, want %v", g.SubsampleRatio, s.SubsampleRatio)
		}
		rows("luma", g.Y, s.Y, g.YStride, s.YStride, w, h)
		cw, ch := (w+g.YStride/g.CStride-1)*g.CStride/g.YStride, (h*len(g.Cb)/g.CStride)/(len(g.Y)/g.YStride)
		rows("blue", g.Cb, s.Cb, g.CStride, s.CStride, cw, ch)
		rows("red", g.Cr, s.Cr, g.CStride, s.CStride, cw, ch)
	default:
		t.Fatalf("made a %T", got)
	}
}

func noisy(w, h int, gray bool) image.Image {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	g := image.NewGray(m.Rect)
	for y := range h {
		for x := range w {
			v := uint8(x*3 + r.IntN(60))
			m.SetRGBA(x, y, color.RGBA{v, uint8(y * 5), uint8(r.IntN(256)), 255})
			g.SetGray(x, y, color.Gray{v})
		}
	}
	if gray {
		return g
	}
	return m
}

// The decoder of ours gives what the standard one gives, sample for sample.
func TestPlainJPEG(t *testing.T) {
	files := map[string][]byte{}
	for _, size := range [][2]int{{1, 1}, {8, 8}, {17, 5}, {64, 48}, {131, 200}} {
		for _, q := range []int{1, 40, 92, 100} {
			for _, gray := range []bool{false, true} {
				var b bytes.Buffer
				if err := jpeg.Encode(&b, noisy(size[0], size[1], gray), &jpeg.Options{Quality: q}); err != nil {
					t.Fatal(err)
				}
				files[string(rune('a'+len(files)))] = b.Bytes()
			}
		}
	}
	names, err := filepath.Glob("testdata/plain-*.jpg")
	if err != nil || len(names) != 4 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		for _, cores := range []int{1, 4} {
			before := runtime.GOMAXPROCS(cores)
			got, err := plain(data)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, got, want)
		}
	}
}

// Rare and damaged files are left to the standard decoder.
func TestNotPlainJPEG(t *testing.T) {
	for _, name := range []string{"progressive.jpg", "cmyk.jpg", "ycck.jpg"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plain(data); err == nil {
			t.Errorf("%s was taken on", name)
		}
	}
	data, err := os.ReadFile("testdata/plain-420.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) - 1 {
		if _, err := plain(data[:n]); err == nil {
			t.Fatalf("cut to %d of %d bytes, it was read", n, len(data))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := decodePlainJPEG(ctx, data, 109, 83); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it gave %v", err)
	}
	if _, err := decodePlainJPEG(context.Background(), data, 110, 83); err == nil {
		t.Error("another size than the header's was accepted")
	}
}

// Whatever is taken on, the standard decoder reads too, with the same samples.
func FuzzPlainJPEG(f *testing.F) {
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || cfg.Width*cfg.Height > 1<<18 {
			return
		}
		got, err := decodePlainJPEG(context.Background(), data, cfg.Width, cfg.Height)
		if err != nil {
			return
		}
		want, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("the standard decoder refuses it: %v", err)
		}
		samePicture(t, got, want)
	})
}

func BenchmarkPlainJPEG(b *testing.B) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, noisy(1600, 1200, false), nil); err != nil {
		b.Fatal(err)
	}
	for name, decode := range map[string]func() (image.Image, error){
		"ours":     func() (image.Image, error) { return plain(file.Bytes()) },
		"standard": func() (image.Image, error) { return jpeg.Decode(bytes.NewReader(file.Bytes())) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
