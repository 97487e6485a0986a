package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// bandPixels is how far, in pixels of the finer scale, a border may move when
// a labelling is carried from one scale to the next.
const bandPixels = 4

// carryUp refines a labelling from its frame to the crop's full size, doubling
// the scale at each step. Only a narrow band around the border is cut again;
// the colour models stay. It returns the labelling at full size.
func carryUp(ctx context.Context, img *pixel.Image, fr *frame, ev *evidence, label []float32, m models, opt cutOptions) ([]float32, error) {
	for fr.w < fr.crop.Dx() || fr.h < fr.crop.Dy() {
		w, h := min(2*fr.w, fr.crop.Dx()), min(2*fr.h, fr.crop.Dy())
		if 3*w >= 2*fr.crop.Dx() { // the last step may be a little longer
			w, h = fr.crop.Dx(), fr.crop.Dy()
		}
		finer := newFrame(img, fr.crop, w, h)
		next := newEvidence(w * h)
		up := resample(label, fr.w, fr.h, w, h)
		prior := resample(ev.prior, fr.w, fr.h, w, h)
		band := bandPixels * max(1, w/(2*fr.w))
		markBand(next, up, w, h, band)
		copy(next.prior, prior)
		var err error
		if label, err = cut(ctx, finer, next, m, opt); err != nil {
			return nil, err
		}
		fr, ev = finer, next
	}
	return label, nil
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

const (
	matteRadius = 2    // pixels, the window in which the border is softened
	matteEps    = 1e-4 // colour variance below which there is no edge to follow
)

// matte turns a hard labelling of a crop into a soft mask of the whole picture:
// the guided filter of the colours, kept within two pixels of the border.
func matte(img *pixel.Image, fr *frame, label []float32) *pixel.Mask {
	part := pixel.Crop(img, fr.crop)
	hard := &pixel.Mask{W: fr.crop.Dx(), H: fr.crop.Dy(), Pix: make([]uint8, len(label))}
	for i, v := range label {
		if v >= 0.5 {
			hard.Pix[i] = 255
		}
	}
	soft := pixel.RefineMask(part, hard, matteRadius, matteEps)
	for i, v := range soft.Pix {
		soft.Pix[i] = steepen(v)
	}
	return pixel.PasteMask(pixel.NewMask(img.W, img.H), soft, fr.crop.Min.X, fr.crop.Min.Y)
}

// steepen pulls the ends of a soft border to 0 and 255: the guided filter
// leaves a haze of a few per cent that would tint far pixels.
func steepen(v uint8) uint8 {
	const lo, hi = 0.15, 0.85
	t := (float64(v)/255 - lo) / (hi - lo)
	return uint8(math.Round(255 * min(max(t, 0), 1)))
}
