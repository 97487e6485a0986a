package imageio

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// stepped is a picture with smooth parts, noise and hard edges.
func stepped(w, h int, seed uint64) []uint8 {
	r := rand.New(rand.NewPCG(seed, 1))
	pix := make([]uint8, 4*w*h)
	for y := range h {
		for x := range w {
			p := pix[4*(y*w+x):][:4]
			p[3] = 255
			for c := range 3 {
				v := 128 + 90*math.Sin(float64(x+7*c)/23)*math.Cos(float64(y)/17)
				switch {
				case (x/37+y/29)%4 == 1:
					v = float64(r.IntN(256))
				case (x/37+y/29)%4 == 2:
					v = float64(r.IntN(2) * 255)
				case (x/37+y/29)%7 == 3:
					v = 255 * float64((x/3+c)%2)
				}
				p[c] = uint8(v)
			}
		}
	}
	return pix
}

// The bytes are those of image/jpeg, at any quality, size and number of cores.
func TestJPEGBytesAreTheStandardOnes(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for i, size := range [][2]int{{1, 1}, {7, 9}, {16, 16}, {17, 300}, {333, 31}, {640, 480}, {1201, 997}} {
		w, h := size[0], size[1]
		for _, q := range []int{1, 17, 50, 75, 92, 100} {
			runtime.GOMAXPROCS(1 + (i+q)%3)
			pix := stepped(w, h, uint64(q))
			var want, got bytes.Buffer
			rgba := &image.RGBA{Pix: pix, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
			if err := jpeg.Encode(&want, rgba, &jpeg.Options{Quality: q}); err != nil {
				t.Fatal(err)
			}
			if err := encodePlainJPEG(&got, pix, w, h, false, q); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d×%d at %d: %d bytes, %v; want %d", w, h, q, got.Len(), err, want.Len())
			}
			want.Reset()
			got.Reset()
			gray := &image.Gray{Pix: oneOfFour(pix), Stride: w, Rect: image.Rect(0, 0, w, h)}
			if err := jpeg.Encode(&want, gray, &jpeg.Options{Quality: q}); err != nil {
				t.Fatal(err)
			}
			if err := encodePlainJPEG(&got, gray.Pix, w, h, true, q); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("grey %d×%d at %d: %d bytes, %v; want %d", w, h, q, got.Len(), err, want.Len())
			}
		}
	}
}

// The quotients are those of division, for every coefficient that can be and every divisor.
func TestQuantizerDivides(t *testing.T) {
	for step := 1; step <= 255; step++ {
		d := uint64(8 * step)
		inv := (uint64(1)<<invBits + d - 1) / d
		for n := range uint64(1 << 14) {
			if n*inv>>invBits != n/d {
				t.Fatalf("%d / %d = %d", n, d, n*inv>>invBits)
			}
		}
	}
}

var errFull = errors.New("full")

// fullAfter takes n bytes.
type fullAfter struct{ n int }

func (f *fullAfter) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestJPEGEncodingEndsWithTheWriter(t *testing.T) {
	pix := stepped(640, 640, 1)
	for _, n := range []int{0, 1000, 100_000} {
		if err := encodePlainJPEG(&fullAfter{n}, pix, 640, 640, false, 95); !errors.Is(err, errFull) {
			t.Errorf("full after %d: %v", n, err)
		}
	}
}

func TestInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 3, 100} {
		next := 0
		err := inOrder(n, func(i, _ int) int { return i * i }, func(v int) error {
			if v != next*next {
				t.Errorf("%d at %d", v, next)
			}
			next++
			return nil
		})
		if err != nil || next != n {
			t.Errorf("%d of %d, %v", next, n, err)
		}
	}
	defer func() {
		if r := recover(); r != "job 5" {
			t.Errorf("recovered %v", r)
		}
	}()
	_ = inOrder(9, func(i, _ int) int {
		if i == 5 {
			panic("job 5")
		}
		return i
	}, func(int) error { return nil })
}

func BenchmarkJPEGEncode(b *testing.B) {
	const w, h = 4000, 3000
	pix := make([]uint8, 4*w*h)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range pix {
		x, y := i/4%w, i/4/w
		pix[i] = uint8(128 + 90*math.Sin(float64(x)/23)*math.Cos(float64(y)/17) + 20*r.Float64())
	}
	b.SetBytes(w * h)
	for b.Loop() {
		if err := encodePlainJPEG(&fullAfter{1 << 40}, pix, w, h, false, 92); err != nil {
			b.Fatal(err)
		}
	}
}
