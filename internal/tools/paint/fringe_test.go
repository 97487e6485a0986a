package paint

import (
	"context"
	"testing"

	"pentimento/internal/pixel"
)

// TestFringeOfALens repaints a white panel with a violet line in a dark joint:
// beside black the violet goes, whose light stays; beside a colour, and where the
// line is blue, it is left alone.
func TestFringeOfALens(t *testing.T) {
	for name, tc := range map[string]struct {
		line   [3]uint8
		target [3]uint8
		goes   bool
	}{
		"violet beside black": {line: [3]uint8{142, 64, 163}, target: [3]uint8{20, 20, 20}, goes: true},
		"violet beside red":   {line: [3]uint8{142, 64, 163}, target: [3]uint8{200, 30, 30}},
		"blue beside black":   {line: [3]uint8{40, 70, 170}, target: [3]uint8{20, 20, 20}},
	} {
		img, mask := pixel.NewImage(60, 60), pixel.FullMask(60, 60)
		for y := range 60 {
			for x := range 60 {
				switch {
				case y == 30 || y == 31:
					img.Set(x, y, tc.line[0], tc.line[1], tc.line[2], 255)
				case y > 27 && y < 34:
					img.Set(x, y, 25, 25, 30, 255)
				default:
					img.Set(x, y, 225, 228, 232, 255)
				}
			}
		}
		out, err := Recolor(context.Background(), img, mask, pixel.ToLab(tc.target[0], tc.target[1], tc.target[2]))
		if err != nil {
			t.Fatal(err)
		}
		r, g, b, _ := out.At(30, 30)
		got, was := pixel.ToLab(r, g, b), pixel.ToLab(tc.line[0], tc.line[1], tc.line[2])
		kept := hypot(got.A, got.B) / hypot(was.A, was.B)
		if tc.goes && (kept > 0.1 || abs(got.L-was.L) > 0.08) || !tc.goes && kept < 0.8 {
			t.Errorf("%s: (%d,%d,%d) keeps %.2f of its chroma", name, r, g, b, kept)
		}
	}
}
