package patchmatch

import (
	"testing"

	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// TestStreetWithoutBench takes the bench out of the drawn street, which hides
// bricks, shade, slanted joints and the line between wall and pavement, with a
// tree and a lamp post close by, and measures what comes in its place.
func TestStreetWithoutBench(t *testing.T) {
	const foot = 590 // the pavement's first row
	img, masks := scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
	for _, grow := range []float64{9, 14} {
		hole := pixel.Grow(pixel.Close(pixel.Threshold(masks["bench"], 16), 8), grow)
		out := fill(t, img, hole)
		luma := func(x, y0, y1 int) (mean int) {
			for y := y0; y < y1; y++ {
				p := out.Pix[4*(y*out.W+x):]
				mean += int(p[0]) + int(p[1]) + int(p[2])
			}
			return mean / 3 / (y1 - y0)
		}
		trunk, dark := 0, 0
		for i, m := range hole.Pix {
			if p := out.Pix[4*i:]; m > 0 {
				if int(p[0])-int(p[2]) > 9 {
					trunk++
				}
				if p[1] < 112 {
					dark++ // the tree's pit, the road, the post
				}
			}
		}
		lost, columns := 0, 0
		for x := range out.W {
			if hole.At(x, foot-5) == 0 || hole.At(x, foot+5) == 0 {
				continue
			}
			columns++
			step := 0 // the row near the foot at which it lightens most
			for y, best := foot-6, -256; y <= foot+6; y++ {
				if d := luma(x, y, y+3) - luma(x, y-3, y); d > best {
					step, best = y, d
				}
			}
			if step < foot-2 || step > foot+2 {
				lost++
			}
		}
		area := hole.Count(1)
		t.Logf("grown by %v: %d px of %d from the trunk, %d dark, the wall's foot lost in %d of %d columns", grow, trunk, area, dark, lost, columns)
		if trunk*500 > area || dark*50 > area {
			t.Errorf("grown by %v: %d px of %d come from the trunk and %d are as dark as pit, road and post", grow, trunk, area, dark)
		}
		if lost*10 > columns {
			t.Errorf("grown by %v: the wall's foot is lost in %d of %d columns", grow, lost, columns)
		}
	}
}
