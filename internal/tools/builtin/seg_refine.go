package builtin

import (
	"context"
	"image"

	"pentimento/internal/pixel"
)

// bandPixels is how far, in pixels of the finer scale, a border may move when
// a labelling is carried from one scale to the next.
const bandPixels = 4

// refinePixels bounds the picture on which a border is cut again; above it
// only the soft border follows the picture's own pixels. It keeps the graph
// below some 200 MB.
const refinePixels = 2_500_000

// carryUp refines a labelling from its frame to the crop's full size, doubling
// the scale at each step. Only a narrow band around the border is cut again;
// the colour models stay. It returns the labelling at full size.
func carryUp(ctx context.Context, img *pixel.Image, fr *frame, ev *evidence, label []float32, m models, opt cutOptions) ([]float32, error) {
	fullW, fullH := fr.crop.Dx(), fr.crop.Dy()
	topW, topH := fitPixels(fullW, fullH, refinePixels)
	for fr.w < topW || fr.h < topH {
		w, h := min(2*fr.w, topW), min(2*fr.h, topH)
		if 3*w >= 2*topW { // the last step may be a little longer
			w, h = topW, topH
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		finer := newFrame(img, fr.crop, w, h)
		next := newEvidence(w * h)
		up := resample(label, fr.w, fr.h, w, h)
		markBand(next, up, w, h, bandPixels*max(1, w/(2*fr.w)))
		copy(next.prior, resample(ev.prior, fr.w, fr.h, w, h))
		var err error
		if label, err = cut(ctx, finer, next, m, opt); err != nil {
			return nil, err
		}
		fr, ev = finer, next
	}
	return resample(label, fr.w, fr.h, fullW, fullH), ctx.Err()
}

// markBand fixes every pixel farther than band from the border of a labelling.
func markBand(ev *evidence, label []float32, w, h, band int) {
	near := pixel.BoxBlur(&pixel.Plane{W: w, H: h, V: label}, band)
	for i, v := range near.V {
		switch {
		case v > 0.999:
			ev.fixed[i] = surelyIn
		case v < 0.001:
			ev.fixed[i] = surelyOut
		}
	}
}

// resample scales a plane given as a slice.
func resample(v []float32, w0, h0, w, h int) []float32 {
	if w0 == w && h0 == h {
		return append([]float32(nil), v...)
	}
	return pixel.ResizePlane(&pixel.Plane{W: w0, H: h0, V: v}, w, h, pixel.Area).V
}

// matteRadius is the least half width in pixels of the soft border.
const matteRadius = 2

// matte turns a hard labelling of a crop into a soft mask of the whole picture,
// wider where the border is fuzzy, as hair and fur are.
func matte(ctx context.Context, img *pixel.Image, crop image.Rectangle, label []float32) (*pixel.Mask, error) {
	hard := pixel.NewMask(img.W, img.H)
	for y := range crop.Dy() {
		row := hard.Pix[(crop.Min.Y+y)*img.W+crop.Min.X:]
		for x, v := range label[y*crop.Dx() : (y+1)*crop.Dx()] {
			if v >= 0.5 {
				row[x] = 255
			}
		}
	}
	_, h := fitPixels(crop.Dx(), crop.Dy(), refinePixels)
	least := float64(matteRadius * ((crop.Dy() + h - 1) / h)) // a border cut at a lower scale may be off by more
	return pixel.RefineMatte(ctx, img, hard, pixel.MatteOptions{Least: least})
}
