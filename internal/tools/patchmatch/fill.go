// Package patchmatch fills holes in pictures from what surrounds them. A hole
// is first laid out with large pieces of its surroundings, moved by offsets at
// which the picture repeats itself (Pritch et al., 2009; He and Sun, 2012), and then
// mended patch by patch, coarse to fine (Wexler et al., 2007), with the
// nearest-neighbour search of PatchMatch (Barnes et al., 2009) and the onion-peel
// start and texture features of Newson et al. (2014).
package patchmatch

import (
	"context"
	"errors"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

const (
	radius         = 3   // patches are 7×7
	confidenceBase = 1.3 // a pixel's confidence falls by this factor per pixel of depth
	infinite       = math.MaxFloat32
	coarsestDepth  = 4          // the pyramid ends when the hole is at most this deep,
	coarsestSide   = 28         // or the picture this small
	layoutBudget   = 12_000     // missing pixels that a layout may have
	mendReach      = 8          // pixels from a layout's choice that are searched
	peelBudget     = 10_000_000 // patches that the first guess may compare
	textureRadius  = 2
	minMargin      = 96  // pixels around a hole that are looked at,
	marginShare    = 100 // and as many more percent of its longer side
	settled        = 0.3 // a mean change per sample below which a level is done
)

// Options steer a fill.
type Options struct {
	Seed     int64
	Progress func(fraction float64) // may be nil
	// Outward says that the hole lies around the picture: pieces are then taken
	// from farther away, so that what borders on the hole is not repeated at short intervals.
	Outward bool
}

// Fill returns the picture with every pixel whose hole matte is above 0
// replaced; all others keep their samples, and alpha is kept everywhere. A hole
// that leaves no 7×7 patch of the picture known is an error of type *edit.UserError.
func Fill(ctx context.Context, img *pixel.Image, hole *pixel.Mask, opt Options) (*pixel.Image, error) {
	out := img.Clone()
	boxes := groups(hole)
	for i, box := range boxes {
		part := opt
		part.Progress = func(f float64) {
			if opt.Progress != nil {
				opt.Progress((float64(i) + f) / float64(len(boxes)))
			}
		}
		if err := fillBox(ctx, out, hole, box, part); err != nil {
			return nil, err
		}
	}
	return out, ctx.Err()
}

// fillBox fills the hole's pixels in one group's box, in place, from the
// surroundings of that box. What other groups' holes cover there is no source.
func fillBox(ctx context.Context, out *pixel.Image, hole *pixel.Mask, box image.Rectangle, opt Options) error {
	margin := minMargin + marginShare*max(box.Dx(), box.Dy())/100
	for whole := image.Rect(0, 0, out.W, out.H); ; margin *= 2 {
		r := box.Inset(-margin).Intersect(whole)
		err := fillRegion(ctx, out, hole, r, box, opt)
		if !errors.Is(err, errNoSource) || r == whole {
			return err
		}
	}
}

// fillRegion fills the hole's pixels in a box from a region that holds it.
func fillRegion(ctx context.Context, out *pixel.Image, hole *pixel.Mask, r, box image.Rectangle, opt Options) error {
	if s := shrinkFor(holeIn(hole, r)); s > 1 {
		l := shrunk(out, hole, r, s)
		if err := complete(ctx, l, opt); err != nil {
			return err
		}
		l.enlarge(ctx, out, hole, box, r, s)
		return ctx.Err()
	}
	l := newLevel(pixel.Crop(out, r), pixel.CropMask(hole, r))
	if err := complete(ctx, l, opt); err != nil {
		return err
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			i := (y-r.Min.Y)*l.w + x - r.Min.X
			if !l.unknown[i] {
				continue
			}
			p := out.Pix[4*(y*out.W+x):]
			for c := range 3 {
				p[c] = uint8(min(max(l.px[channels*i+c], 0), 255) + 0.5)
			}
		}
	}
	return nil
}

// complete fills the unknown pixels of the finest level. The hole is laid out
// with large pieces at a size at which that is quick, and what the pieces do
// not quite match is mended patch by patch at that size and all finer ones. Thin
// holes have no layout to find: there the patches are chosen one by one.
func complete(ctx context.Context, fine *level, opt Options) error {
	if !fine.prepare() {
		return errNoSource
	}
	pyramid := []*level{fine}
	thin := fine.maxDepth() <= coarsestDepth
	for l := fine; thin && l.peelWork() > peelBudget || !thin && l.holeSize() > layoutBudget; {
		if err := ctx.Err(); err != nil {
			return err
		}
		l = l.half()
		if min(l.w, l.h) < coarsestSide || !l.prepare() {
			break
		}
		pyramid = append(pyramid, l)
	}
	for k := len(pyramid) - 1; k >= 0; k-- {
		l := pyramid[k]
		l.reach = mendReach
		switch {
		case k < len(pyramid)-1:
			rnd := newRNG(uint64(opt.Seed), uint64(1000+k))
			l.inherit(pyramid[k+1], &rnd)
			l.weigh(0.5)
			l.vote(ctx)
		case thin:
			l.reach = int32(max(l.w, l.h))
			if err := l.peel(ctx); err != nil {
				return err
			}
		default:
			if err := l.arrange(ctx, opt); err != nil {
				return err
			}
		}
		if err := l.refine(ctx, k, opt); err != nil {
			return err
		}
		if opt.Progress != nil {
			opt.Progress(math.Pow(0.25, float64(k)))
		}
	}
	if err := fine.blend(ctx, opt.Outward); err != nil {
		return err
	}
	return ctx.Err()
}

// refine alternates search and vote at one level, which is EM with the
// nearest-neighbour field as the hidden variable, until the guess settles.
func (l *level) refine(ctx context.Context, k int, opt Options) error {
	// The finest level is the dearest and inherits a good field.
	rounds, sweeps := min(4+3*k, 12), 4
	if k == 0 {
		rounds, sweeps = 3, 3
	}
	for i := range rounds {
		l.measure(ctx)
		for sweep := range sweeps {
			l.search(ctx, sweep, uint64(opt.Seed)+uint64(k*1000+i*10+sweep)*0x2545f4914f6cdd1d)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		last := i == rounds-1
		q := 0.5
		if last && k == 0 {
			q = 0.1 // the picture to keep: let the best patches win, for sharpness
		}
		l.weigh(q)
		if change := l.vote(ctx); change < settled && k > 0 {
			break
		}
	}
	return nil
}

var errNoSource error = &edit.UserError{
	Msg:  "the hole leaves too little of the picture to fill it from",
	Hint: "give a smaller mask",
}
