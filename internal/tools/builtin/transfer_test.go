package builtin

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func TestTransferMatchesTheReference(t *testing.T) {
	img := photo(80, 60, false)
	ref := canvasOf(50, 70, func(x, y int) [3]uint8 {
		return [3]uint8{uint8(120 + x), uint8(90 + (x+y)/2), uint8(60 + y/3)}
	})
	out := edited(t, "color-transfer", img, nil, map[string]edit.Artifact{"reference": ref, "amount": num(1)})
	was, is, want := statistics(img), statistics(out), statistics(ref)
	for i := range want.mean {
		if before, after := math.Abs(was.mean[i]-want.mean[i]), math.Abs(is.mean[i]-want.mean[i]); after > 0.25*before+0.01 {
			t.Errorf("mean %d is %.3f from the reference's, it was %.3f", i, after, before)
		}
	}
}

func TestTransferToItselfChangesLittle(t *testing.T) {
	img := photo(80, 60, true)
	out := edited(t, "color-transfer", img, nil, map[string]edit.Artifact{"reference": img, "amount": num(1)})
	for i := range img.Pix {
		if d := int(out.Pix[i]) - int(img.Pix[i]); d < -2 || d > 2 {
			t.Fatalf("sample %d goes from %d to %d", i, img.Pix[i], out.Pix[i])
		}
	}
	none := edited(t, "color-transfer", img, nil, map[string]edit.Artifact{"reference": canvasOf(9, 9, func(int, int) [3]uint8 { return [3]uint8{200, 0, 0} }), "amount": num(0)})
	for i := range img.Pix {
		if d := int(none.Pix[i]) - int(img.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("amount 0: sample %d goes from %d to %d", i, img.Pix[i], none.Pix[i])
		}
	}
}

func TestTransferLeavesBlackAndWhiteGrey(t *testing.T) {
	img := photo(60, 60, false)
	img.Set(0, 0, 0, 0, 0, 255)
	img.Set(1, 0, 255, 255, 255, 255)
	ref := canvasOf(40, 40, func(x, y int) [3]uint8 { return [3]uint8{uint8(150 + x), uint8(80 + y), 40} })
	out := edited(t, "color-transfer", img, nil, map[string]edit.Artifact{"reference": ref, "amount": num(1)})
	for k, name := range []string{"black", "white"} {
		p := out.Pix[4*k : 4*k+3]
		if c := pixel.ToLab(p[0], p[1], p[2]).Chroma(); c > 0.01 {
			t.Errorf("%s became %v, a tint of %.3f", name, p, c)
		}
	}
}

// TestMongeKantorovich checks M·A·M = B where no bound is met, and the bounds.
func TestMongeKantorovich(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi float64) mat3 {
			var v mat3
			for i := range v {
				for j := range i + 1 {
					v[i][j] = rapid.Float64Range(-0.2, 0.2).Draw(t, name)
				}
				v[i][i] = rapid.Float64Range(lo, hi).Draw(t, name)
			}
			return v.times(v.transposed())
		}
		a, b := draw("a", 0.9, 1.1), draw("b", 0.9, 1.1)
		m := mongeKantorovich(a, b)
		values, _ := m.eigen()
		bound := false
		for _, v := range values {
			if v < transferLeast-1e-9 || v > transferMost+1e-9 {
				t.Fatalf("spread changes by %v", v)
			}
			bound = bound || v < transferLeast+1e-6 || v > transferMost-1e-6
		}
		if bound {
			return
		}
		got := m.times(a).times(m)
		for i := range got {
			for j := range got {
				if math.Abs(got[i][j]-b[i][j]) > 1e-6 {
					t.Fatalf("M·A·M is %v, want %v", got, b)
				}
			}
		}
	})
}

func TestTransferOfTransparent(t *testing.T) {
	clearRef := &pixel.Image{W: 4, H: 4, Pix: make([]uint8, 64), HasAlpha: true}
	img := photo(20, 20, false)
	out := edited(t, "color-transfer", img, nil, map[string]edit.Artifact{"reference": clearRef})
	for i := range img.Pix {
		if out.Pix[i] != img.Pix[i] {
			t.Fatal("a reference with nothing to see changed the picture")
		}
	}
}
