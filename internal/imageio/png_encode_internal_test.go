package imageio

import (
	"bytes"
	"errors"
	"hash/adler32"
	"image"
	"image/png"
	"math/rand/v2"
	"runtime"
	"testing"

	"pentimento/internal/pixel"
)

// paeth is the predictor as the PNG specification words it.
func paeth(a, b, c byte) byte {
	abs := func(v int) int { return max(v, -v) }
	p := int(a) + int(b) - int(c)
	da, db, dc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}

// Each filter's bytes and weights are those of the specification, byte by byte.
func TestFiltersBytewise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for n := range 40 {
		rows := make([][]byte, 4)
		for i := range rows {
			rows[i] = make([]byte, n)
			for k := range rows[i] {
				rows[i][k] = []byte{0, 255, 128, 127, byte(r.IntN(256)), byte(r.IntN(256))}[r.IntN(6)]
			}
		}
		x, left, above, corner := rows[0], rows[1], rows[2], rows[3]
		line := make([]byte, n)
		for name, tc := range map[string]struct {
			filter func() int
			want   func(i int) byte
		}{
			"sub":     {func() int { return filterSub(line, x, left) }, func(i int) byte { return x[i] - left[i] }},
			"average": {func() int { return filterAverage(line, x, left, above) }, func(i int) byte { return x[i] - byte((int(left[i])+int(above[i]))/2) }},
			"paeth":   {func() int { return filterPaeth(line, x, left, above, corner) }, func(i int) byte { return x[i] - paeth(left[i], above[i], corner[i]) }},
		} {
			sum, want := tc.filter(), 0
			for i := range line {
				if line[i] != tc.want(i) {
					t.Fatalf("%s of %d bytes: %d at %d, want %d", name, n, line[i], i, tc.want(i))
				}
				want += max(int(int8(line[i])), -int(int8(line[i])))
			}
			if sum != want {
				t.Errorf("%s of %d bytes weighs %d, want %d", name, n, sum, want)
			}
		}
	}
}

func TestJoinSums(t *testing.T) {
	data := stepped(300, 200, 4)
	for _, at := range []int{0, 1, 65521, 100_000, len(data)} {
		got := joinSums(adler32.Checksum(data[:at]), adler32.Checksum(data[at:]), len(data)-at)
		if want := adler32.Checksum(data); got != want {
			t.Errorf("cut at %d: %x, want %x", at, got, want)
		}
	}
}

// The file is one and the same from any number of cores, the standard decoder reads it, and it is hardly larger than the standard encoder's.
func TestPNGFromSeveralCores(t *testing.T) {
	const w, h = 401, 900 // several strips
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	pix := stepped(w, h, 2)
	clear := bytes.Clone(pix)
	for i := 3; i < len(clear); i += 28 {
		clear[i] = uint8(i / 7)
	}
	for name, m := range map[string]*pixel.Image{
		"opaque":      {W: w, H: h, Pix: pix},
		"transparent": {W: w, H: h, Pix: clear, HasAlpha: true},
	} {
		for _, fast := range []bool{false, true} {
			var files [3]bytes.Buffer
			for i := range files {
				runtime.GOMAXPROCS(i + 1)
				if err := encodePNG(&files[i], settled{Image: m}, Options{Fast: fast}); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(files[i].Bytes(), files[0].Bytes()) {
					t.Errorf("%s: %d cores write another file", name, i+1)
				}
			}
			got, err := png.Decode(bytes.NewReader(files[0].Bytes()))
			if err != nil || !bytes.Equal(straightOf(t, got), m.Pix) {
				t.Errorf("%s: %v, or other samples", name, err)
			}
			var standard bytes.Buffer
			if err := png.Encode(&standard, m.NRGBA()); err != nil {
				t.Fatal(err)
			}
			if !fast && files[0].Len() > standard.Len()*103/100 {
				t.Errorf("%s: %d bytes, the standard encoder's are %d", name, files[0].Len(), standard.Len())
			}
		}
	}
}

func TestPNGEncodingEndsWithTheWriter(t *testing.T) {
	s := settled{Image: &pixel.Image{W: 640, H: 1900, Pix: stepped(640, 1900, 1)}}
	for _, n := range []int{0, 40, 300_000} {
		if err := encodePNG(&fullAfter{n}, s, Options{}); !errors.Is(err, errFull) {
			t.Errorf("full after %d: %v", n, err)
		}
	}
}

func TestGrayPNG(t *testing.T) {
	m := &pixel.Image{W: 90, H: 70, Pix: make([]uint8, 4*90*70)}
	for i := range m.Pix {
		m.Pix[i] = uint8(i / 4 * 7)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	if err := encodePNG(&b, settled{Image: m, gray: true}, Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(&b)
	if g, ok := got.(*image.Gray); err != nil || !ok || !bytes.Equal(g.Pix, oneOfFour(m.Pix)) {
		t.Errorf("%T, %v, or other samples", got, err)
	}
}
