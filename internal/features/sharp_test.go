package features

import (
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/pixel"
)

// The mean that slides along a line is, to the last bit, the mean of each window by itself.
func TestSharpnessIsExact(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		m := pixel.NewImage(tileLeast+rnd.IntN(tileSize), tileLeast+rnd.IntN(tileSize))
		for i := range m.Pix {
			m.Pix[i] = uint8(rnd.IntN(256)) >> rnd.IntN(8)
			if i%4 == 3 {
				m.Pix[i] = 255
			}
		}
		tile := pixel.NewPlane(min(tileSize, m.W), min(tileSize, m.H))
		if !cutTile(m, tile, 0, 0) {
			t.Fatal("the tile is clipped")
		}
		got, ok := tileSharpness(tile)
		want, wantOK := plainSharpness(tile)
		if got != want || ok != wantOK {
			t.Fatalf("%d×%d: %v %v, want %v %v", tile.W, tile.H, got, ok, want, wantOK)
		}
	}
}

// plainSharpness is tileSharpness with each window added up by itself.
func plainSharpness(t *pixel.Plane) (float64, bool) {
	var all, lost float64
	along := func(n, stride, start int) {
		mean := func(i int) (s float64) {
			a, b := max(0, i-4), min(n-1, i+4)
			for j := a; j <= b; j++ {
				s += float64(t.V[start+j*stride])
			}
			return s / float64(b-a+1)
		}
		for i := 5; i < n-4; i++ {
			d := math.Abs(float64(t.V[start+i*stride] - t.V[start+(i-1)*stride]))
			all += d
			lost += max(0, d-math.Abs(mean(i)-mean(i-1)))
		}
	}
	for y := range t.H {
		along(t.W, 1, y*t.W)
	}
	for x := range t.W {
		along(t.H, t.W, x)
	}
	if all < 2*1.5*float64(t.W*t.H) {
		return 0, false
	}
	return lost / all, true
}
