package patchmatch

import (
	"math"
	"testing"

	"pentimento/internal/pixel"
)

func TestShrinkFor(t *testing.T) {
	for n, want := range map[int]int{0: 1, workBudget: 1, workBudget + 1: 2, 4 * workBudget: 2, 4*workBudget + 1: 4} {
		if s := shrinkFor(n); s != want {
			t.Errorf("a hole of %d pixels is made smaller by %d, want %d", n, s, want)
		}
	}
}

// TestLargeHoleKeepsDetail fills a hole too large to be filled at full size, in
// fine noise on a slope, and checks that the fill is as fine, and as bright, as its surroundings.
func TestLargeHoleKeepsDetail(t *testing.T) {
	rnd := newRNG(5, 1)
	img := canvas(1300, 900, func(x, y int) float64 { return 60 + float64(x)/16 + float64(y)/32 + float64(rnd.intn(60)) })
	hole := rect(1300, 900, 300, 150, 1000, 650)
	if shrinkFor(hole.Count(1)) == 1 {
		t.Fatal("the hole is not large")
	}
	blanked := img.Clone()
	for i, m := range hole.Pix {
		if m > 0 {
			copy(blanked.Pix[4*i:], []uint8{255, 0, 255})
		}
	}
	out := fill(t, blanked, hole)
	fine := func(m *pixel.Image) (detail, tone float64) {
		n := 0.0
		for y := 160; y < 640; y++ {
			for x := 310; x < 990; x++ {
				a, b := float64(m.Pix[4*(y*m.W+x)]), float64(m.Pix[4*(y*m.W+x+1)])
				detail, tone, n = detail+math.Abs(a-b), tone+a, n+1
			}
		}
		return detail / n, tone / n
	}
	wantDetail, wantTone := fine(img)
	gotDetail, gotTone := fine(out)
	if gotDetail < 0.7*wantDetail || gotDetail > 1.3*wantDetail {
		t.Errorf("neighbours differ by %.1f in the fill and by %.1f in the original", gotDetail, wantDetail)
	}
	if math.Abs(gotTone-wantTone) > 6 {
		t.Errorf("the fill's mean is %.1f and the original's %.1f", gotTone, wantTone)
	}
	for i, m := range hole.Pix {
		if p := out.Pix[4*i:]; m > 0 && int(p[0])-int(p[1]) > 20 {
			t.Fatalf("pixel %d was not filled: %v", i, p[:3])
		}
		if m == 0 && out.Pix[4*i] != img.Pix[4*i] {
			t.Fatalf("known pixel %d changed", i)
		}
	}
}
