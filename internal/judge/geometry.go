package judge

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Mirror checks a flipped picture: sameness with the original mirrored along
// either axis (measure same), and that it is not the original itself (changed).
func Mirror(before, after *pixel.Image) Verdict {
	t := newTally("mirror")
	if !sameSize(before, after) {
		t.fail("the picture's size changed")
		return t.verdict("")
	}
	best := 0.0
	for _, turn := range [2]int{2, 4} {
		best = max(best, sampledSame(before, after, turn))
	}
	t.add("same", best, 0.97, 0.6, "the picture is not the mirrored original")
	return t.verdict("the picture is the mirrored original")
}

// orientations are the EXIF orientations of quarter turns clockwise.
var orientations = [4]int{1, 6, 3, 8}

// Turn checks a rotation by degrees clockwise. Quarter turns are compared sample by
// sample (same), others by the size of the canvas (size).
func Turn(before, after *pixel.Image, degrees float64) Verdict {
	t := newTally("turn")
	quarters := degrees / 90
	if q := math.Round(quarters); math.Abs(quarters-q) < 1e-6 {
		k := ((int(q) % 4) + 4) % 4
		t.add("same", sampledSame(before, after, orientations[k]), 0.97, 0.6, "the picture is not the turned original")
		return t.verdict("the picture is the turned original")
	}
	s, c := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(before.W), float64(before.H)
	wantW, wantH := math.Abs(w*c)+math.Abs(h*s), math.Abs(w*s)+math.Abs(h*c)
	off := max(logAbs(float64(after.W)/wantW), logAbs(float64(after.H)/wantH))
	t.add("size", off, 0.02, 0.3, "the canvas is not that of a picture turned by this angle")
	return t.verdict("the canvas is that of the turned picture")
}

// sampledSame is the share of a grid of samples that agree after the original is
// brought into an EXIF orientation, by looking up rather than by turning all of it.
func sampledSame(before, after *pixel.Image, orientation int) float64 {
	w, h := before.W, before.H
	turned := orientation >= 5
	if turned && (after.W != h || after.H != w) || !turned && (after.W != w || after.H != h) {
		return 0
	}
	var same mean
	step := max(1, min(w, h)/300)
	for y := 0; y < h; y += step {
		for x := 0; x < w; x += step {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 6:
				tx, ty = h-1-y, x
			case 8:
				tx, ty = y, w-1-x
			}
			p, q := before.Pix[4*(y*w+x):], after.Pix[4*(ty*after.W+tx):]
			same.add(indicator(near(p[0], q[0]) && near(p[1], q[1]) && near(p[2], q[2])))
		}
	}
	return same.value()
}

// Crop checks a cropped picture. Measures: shape (|ln| of the area over that asked, where
// boxes tell), same (share of a grid of samples found in the original at the best place).
func Crop(before, after *pixel.Image, boxes []edit.Box) Verdict {
	t := newTally("cut")
	if after.W > before.W || after.H > before.H || sameSize(before, after) {
		t.fail("nothing was cut off")
		return t.verdict("")
	}
	x0, y0 := (before.W-after.W)/2, (before.H-after.H)/2
	same := sameShare(after, before, x0, y0, max(1, min(after.W, after.H)/200))
	if len(boxes) > 0 {
		all := boxes[0]
		for _, b := range boxes[1:] {
			all = edit.Box{X0: min(all.X0, b.X0), Y0: min(all.Y0, b.Y0), X1: max(all.X1, b.X1), Y1: max(all.Y1, b.Y1)}
		}
		all = all.Clip(before.W, before.H)
		area := float64(after.W*after.H) / max(all.Area(), 1)
		t.add("shape", logAbs(area), 0.5, 1.6, "what was kept is not the size of the object")
		cx, cy := all.Center()
		x0, y0 = int(cx)-after.W/2, int(cy)-after.H/2
		same = bestShare(before, after, x0, y0)
	}
	t.add("same", same, 0.97, 0.5, "what was kept is not a part of the original")
	return t.verdict("what was kept is a part of the original")
}

// bestShare looks for the cut near a place: its margins may have been cut at the picture's border.
func bestShare(before, after *pixel.Image, x0, y0 int) float64 {
	best := 0.0
	roomX, roomY := before.W-after.W, before.H-after.H
	coarse := max(1, min(after.W, after.H)/24)
	reach := max(4, max(after.W, after.H)/12)
	for y := max(0, y0-reach); y <= min(roomY, y0+reach); y++ {
		for x := max(0, x0-reach); x <= min(roomX, x0+reach); x++ {
			if probe(before, after, x, y) {
				best = max(best, sameShare(after, before, x, y, coarse))
			}
		}
	}
	return best
}

// probe compares a few samples.
func probe(before, after *pixel.Image, x0, y0 int) bool {
	hits := 0
	for k := range 5 {
		x, y := after.W*(2*k+1)/10, after.H*(2*((k*3)%5)+1)/10
		p, q := after.Pix[4*(y*after.W+x):], before.Pix[4*((y+y0)*before.W+x+x0):]
		if near(p[0], q[0]) && near(p[1], q[1]) && near(p[2], q[2]) {
			hits++
		}
	}
	return hits >= 4
}

// ResizeInput is a picture that was resampled. Zero fields were not asked.
type ResizeInput struct {
	Before, After                *pixel.Image
	Width, Height, Side, Percent float64
}

// Resized checks a resampled picture: its size (|ln| of the side reached over the one
// asked) and, at a small common size, structure and color as in Upscale.
func Resized(in ResizeInput) Verdict {
	t := newTally("resize")
	w, h := float64(in.After.W), float64(in.After.H)
	long := max(w, h)
	off := 0.0
	for _, k := range [4][2]float64{{in.Width, w}, {in.Height, h}, {in.Side, long}, {in.Percent / 100 * float64(in.Before.W), w}} {
		if k[0] > 0 {
			off = max(off, logAbs(k[1]/k[0]))
		}
	}
	t.add("size", off, 0.01, 0.2, "the picture does not have the size that was asked")
	small := min(in.Before.W, in.Before.H, in.After.W, in.After.H, 400)
	cw := max(1, small*in.Before.W/max(in.Before.W, in.Before.H))
	ch := max(1, small*in.Before.H/max(in.Before.W, in.Before.H))
	compareRestored(t, pixel.Resize(in.Before, cw, ch, pixel.Box), pixel.Resize(in.After, cw, ch, pixel.Box), 0.85, 0.4)
	return t.verdict("the picture has the size asked and shows the same")
}
