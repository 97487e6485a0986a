package patchmatch

import (
	"context"
	"image"

	"pentimento/internal/pixel"
)

// workBudget is how many missing pixels are filled patch by patch. A
// larger hole is filled at a fraction of its size, and its detail is taken from
// where the patches are from.
const workBudget = 300_000

// shrinkFor is the factor, a power of two, by which a hole of n pixels is made smaller.
func shrinkFor(n int) int {
	s := 1
	for n > workBudget*s*s {
		s *= 2
	}
	return s
}

// holeIn counts the hole's pixels in a region.
func holeIn(hole *pixel.Mask, r image.Rectangle) int {
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range hole.Pix[y*hole.W+r.Min.X : y*hole.W+r.Max.X] {
			if v > 0 {
				n++
			}
		}
	}
	return n
}

// shrunk makes the level of a region of a picture at 1/s of its size. A pixel is
// missing when any of those it covers is, and barred when any is transparent.
func shrunk(img *pixel.Image, hole *pixel.Mask, r image.Rectangle, s int) *level {
	w, h := (r.Dx()+s-1)/s, (r.Dy()+s-1)/s
	l := &level{w: w, h: h, px: make([]float32, channels*w*h), unknown: make([]bool, w*h), barred: make([]bool, w*h)}
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range w {
				l.shrinkInto(y*w+x, img, hole, image.Rect(x*s, y*s, (x+1)*s, (y+1)*s).Add(r.Min).Intersect(r))
			}
		}
	})
	l.texture()
	return l
}

// shrinkInto sets pixel i to the mean of the known pixels of a cell.
func (l *level) shrinkInto(i int, img *pixel.Image, hole *pixel.Mask, cell image.Rectangle) {
	p := l.px[channels*i : channels*i+3]
	var n float32
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			q := img.Pix[4*(y*img.W+x):][:4]
			switch {
			case hole.Pix[y*hole.W+x] > 0:
				l.unknown[i] = true
			case q[3] < 128:
				l.barred[i] = true
			default:
				n++
				for c := range p {
					p[c] += float32(q[c])
				}
			}
		}
	}
	for c := range p {
		p[c] /= max(n, 1)
	}
	l.barred[i] = l.barred[i] && !l.unknown[i]
}

// enlarge writes the filled level, which is 1/s of the region's size, into the
// picture: its colours smoothly enlarged, with the detail that the patches'
// origins have beyond theirs.
func (l *level) enlarge(ctx context.Context, out *pixel.Image, hole *pixel.Mask, box, r image.Rectangle, s int) {
	origin := l.origins()
	// Rows are written at once, since what is read is known and stays.
	pixel.Rows(box.Dy(), func(y0, y1 int) {
		for y := box.Min.Y + y0; y < box.Min.Y+y1 && ctx.Err() == nil; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				at := y*out.W + x
				if hole.Pix[at] == 0 {
					continue
				}
				v := l.enlarged(out, hole, r, origin, x-r.Min.X, y-r.Min.Y, s)
				for c := range 3 {
					out.Pix[4*at+c] = uint8(min(max(v[c], 0), 255) + 0.5)
				}
			}
		}
	})
}

// origins is for every pixel the index of the known one it comes from: itself where it is known.
func (l *level) origins() []int32 {
	o := make([]int32, len(l.nn))
	for i := range o {
		o[i] = int32(i)
		if !l.unknown[i] {
			continue
		}
		x, y := i%l.w, i/l.w
		// A patch's centre must be a little away from the picture's border.
		tx, ty := min(max(x, radius), l.w-1-radius), min(max(y, radius), l.h-1-radius)
		if s := l.nn[ty*l.w+tx]; s >= 0 {
			o[i] = s + int32((y-ty)*l.w+x-tx)
		}
	}
	return o
}

// enlarged is the colour of fine pixel (x,y) of the region.
func (l *level) enlarged(img *pixel.Image, hole *pixel.Mask, r image.Rectangle, origin []int32, x, y, s int) [3]float32 {
	fx, fy := (float32(x)+0.5)/float32(s)-0.5, (float32(y)+0.5)/float32(s)-0.5
	v := l.at(fx, fy)
	x0, y0 := int(max(fx, 0)), int(max(fy, 0))
	tx, ty := min(max(fx-float32(x0), 0), 1), min(max(fy-float32(y0), 0), 1)
	for k, wt := range [4]float32{(1 - tx) * (1 - ty), tx * (1 - ty), (1 - tx) * ty, tx * ty} {
		cx, cy := min(x0+k%2, l.w-1), min(y0+k/2, l.h-1)
		if !l.unknown[cy*l.w+cx] { // it comes from its own place, which here is missing
			cx, cy = x/s, y/s
		}
		from := int(origin[cy*l.w+cx])
		dx, dy := from%l.w-cx, from/l.w-cy
		at := image.Pt(x+dx*s, y+dy*s).Add(r.Min)
		if wt == 0 || !at.In(r) || hole.Pix[at.Y*img.W+at.X] > 0 {
			continue
		}
		p := img.Pix[4*(at.Y*img.W+at.X):]
		smooth := l.at(fx+float32(dx), fy+float32(dy))
		for c := range v {
			v[c] += wt * (float32(p[c]) - smooth[c])
		}
	}
	return v
}

// at is the level's colour between its pixels.
func (l *level) at(x, y float32) (out [3]float32) {
	x, y = min(max(x, 0), float32(l.w-1)), min(max(y, 0), float32(l.h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, l.w-1), min(y0+1, l.h-1)
	fx, fy := x-float32(x0), y-float32(y0)
	a, b := channels*(y0*l.w+x0), channels*(y0*l.w+x1)
	d, e := channels*(y1*l.w+x0), channels*(y1*l.w+x1)
	for c := range out {
		out[c] = (1-fy)*((1-fx)*l.px[a+c]+fx*l.px[b+c]) + fy*((1-fx)*l.px[d+c]+fx*l.px[e+c])
	}
	return out
}
