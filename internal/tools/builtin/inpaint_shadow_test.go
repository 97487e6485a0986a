package builtin

import (
	"image"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// A soft shadow that reaches out from under an object goes into the hole with
// it; a ditch that only begins there, and a stain away from it, do not.
func TestGrowMaskTakesContactShadow(t *testing.T) {
	object := image.Rect(150, 100, 330, 180)
	stain := image.Pt(420, 190)
	for _, c := range []struct {
		name   string
		shade  func(x, y float64) float64 // the share of light
		shadow image.Point
		taken  bool
	}{
		{"shadow", func(x, y float64) float64 {
			away := (y - 180) / 12
			return 1 - 0.6*math.Exp(-math.Pow(math.Abs(x-240)/115, 8)-away*away)
		}, image.Pt(342, 181), true},
		{"ditch", func(_, y float64) float64 {
			if y > 172 && y < 200 {
				return 0.4
			}
			return 1
		}, image.Pt(348, 188), false},
		{"dark end", func(x, y float64) float64 {
			if x > 320 && y > 172 && y < 200 {
				return 0.4
			}
			return 1
		}, image.Pt(348, 188), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := pixel.NewImage(480, 300)
			for y := range img.H {
				for x := range img.W {
					light := c.shade(float64(x), float64(y))
					if d := image.Pt(x, y).Sub(stain); d.X*d.X+d.Y*d.Y < 64 {
						light = 0.3
					}
					v := (150 + float64((x*7+y*13)%11)) * math.Sqrt(light)
					img.Set(x, y, uint8(v), uint8(v*0.95), uint8(v*0.9), 255)
				}
			}
			mask := pixel.RectMask(img.W, img.H, object)
			resp, err := runDoc(t, "grow-mask", map[string]edit.Artifact{"mask": mask, "image": img})
			if err != nil {
				t.Fatal(err)
			}
			hole := resp.Outputs["hole"].(*pixel.Mask)
			if got := hole.At(c.shadow.X, c.shadow.Y) > 0; got != c.taken {
				t.Errorf("at %v the hole is %v, want %v", c.shadow, got, c.taken)
			}
			if hole.At(stain.X, stain.Y) > 0 {
				t.Error("a stain beside the object is in the hole")
			}
			if hole.At(240, 80) > 0 || hole.At(60, 182) > 0 {
				t.Error("the hole reaches over lit ground")
			}
		})
	}
}
