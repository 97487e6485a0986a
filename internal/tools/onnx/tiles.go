package onnx

import (
	"context"
	"fmt"
	"image"
	"math"
	"runtime"
	"slices"

	"pentimento/internal/pixel"
)

// span is one tile along one side: pixels [at, at+n) of the picture.
type span struct{ at, n int }

// spans lays tiles of at most size pixels along a side of length l, neighbours
// sharing at least overlap. They are spread evenly; where the model's sides are
// open they are also made as small as covers the side, so that nothing is
// computed twice for the last tile's sake. All begin at a multiple, as the whole
// does: a network that gathers pixels in blocks then sees the same blocks.
func spans(l, size, overlap, multiple int, fixed bool) []span {
	if l <= size {
		return []span{{0, l}}
	}
	m := max(1, multiple)
	whole := roundUp(l, m)
	step := size - overlap - (m - 1) // rounding may take that much of what two share
	if step < 1 {
		return spans(l, size, overlap, 1, fixed)
	}
	n := (whole - overlap + step - 1) / step
	length := size
	if !fixed {
		length = min(size, roundUp((whole+(n-1)*(overlap+m-1)+n-1)/n, m))
	}
	list := make([]span, n)
	for i := range list {
		at := m * int(math.Round(float64(i)*float64(whole-length)/float64(n-1)/float64(m)))
		list[i] = span{at, min(length, l-at)}
	}
	return slices.Compact(list)
}

// largePicture is the size in bytes from which each row of tiles ends with a
// collection: the collector lets garbage grow to the size of what is live, and
// such a picture is, so that the tensors of all its tiles would lie around at once.
const largePicture = 64 << 20

// tiled runs the network on overlapping tiles and joins the answers: where two
// overlap, the second fades in over the middle half of the shared pixels, see fade. A row of tiles
// is joined into a strip first and the strips then below one another, so that at
// corners, too, the weights of all tiles sum to one.
func (j *job) tiled(ctx context.Context, up int) (*pixel.Image, error) {
	t := *j.rt.Tile
	if t.Size < 1 || t.Overlap < 0 || 2*t.Overlap >= t.Size {
		return nil, fmt.Errorf("tiles of %d pixels cannot overlap by %d", t.Size, t.Overlap)
	}
	fixedW, fixedH := j.fixedSides()
	cols := spans(j.img.W, t.Size, t.Overlap, j.in.Multi, fixedW > 0)
	rows := spans(j.img.H, t.Size, t.Overlap, j.in.Multi, fixedH > 0)
	out := pixel.NewImage(j.img.W*up, j.img.H*up)
	doneY, count := 0, 0
	var strip *pixel.Image
	for _, row := range rows {
		if strip == nil || strip.H != row.n*up {
			strip = pixel.NewImage(out.W, row.n*up)
		}
		if len(out.Pix) >= largePicture {
			runtime.GC()
		}
		doneX := 0
		for _, col := range cols {
			src := image.Rect(col.at, row.at, col.at+col.n, row.at+row.n)
			b := 2 * j.in.Border
			f := tileFrame(j.in, j.img.W, j.img.H, src, max(fixedW, roundUp(col.n, j.in.Multi)+b), max(fixedH, roundUp(row.n, j.in.Multi)+b))
			piece, err := j.piece(ctx, f, up)
			if err != nil {
				return nil, err
			}
			join(strip, piece, col.at*up, 0, (doneX-col.at)*up, 0)
			doneX = col.at + col.n
			count++
			j.progress(float64(count) / float64(len(rows)*len(cols)))
		}
		join(out, strip, 0, row.at*up, 0, (doneY-row.at)*up)
		doneY = row.at + row.n
	}
	return out, nil
}

// fixedSides are the width and height that the model has fixed, 0 where open.
func (j *job) fixedSides() (w, h int) {
	for _, fd := range j.feeds {
		if fd.image == nil || !fd.info.Ranked {
			continue
		}
		_, h, w, _ := sides(fd.info.Dims, fd.image.Layout)
		return int(max(w, 0)), int(max(h, 0))
	}
	return 0, 0
}

// join writes piece into dst at (x0,y0). Over its first fadeX columns or fadeY
// rows, which dst holds already, it fades in; at most one of them is above 0.
func join(dst, piece *pixel.Image, x0, y0, fadeX, fadeY int) {
	pixel.Rows(piece.H, func(from, to int) {
		for y := from; y < to; y++ {
			d := dst.Pix[4*((y0+y)*dst.W+x0):]
			s := piece.Pix[4*y*piece.W : 4*(y+1)*piece.W]
			faded := min(max(fadeX, 0), piece.W)
			if y < fadeY {
				faded = piece.W
			}
			for x := range faded {
				w := fade(x, fadeX)
				if y < fadeY {
					w = fade(y, fadeY)
				}
				for c := range 3 {
					a, b := float32(d[4*x+c]), float32(s[4*x+c])
					d[4*x+c] = uint8(a + (b-a)*w + 0.5)
				}
			}
			copy(d[4*faded:4*piece.W], s[4*faded:])
		}
	})
}

// trimShare is the part of what two tiles share that is left out at each end of
// the fade: a network knows least about the pixels at the edge of its input, and
// on real ones that error falls off within a few pixels.
const trimShare = 0.25

// fade is the weight of a tile in column or row i of the n that it shares with
// the one before it: 0 for a quarter, then rising smoothly to 1 for the last.
func fade(i, n int) float32 {
	trim := trimShare * float32(n)
	t := min(max((float32(i)+0.5-trim)/(float32(n)-2*trim), 0), 1)
	return t * t * (3 - 2*t)
}
