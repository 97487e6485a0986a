package pixel

import (
	"context"
	"image"
	"math"
)

// MatteOptions says how far from a mask's border its matte may be soft. The
// zero value suits photographs of any size.
type MatteOptions struct {
	// Least and Most bound the half width in pixels of the band that is solved
	// anew; between them it follows how fuzzy the border is at each place. 0:
	// 2 pixels and 1.5 % of the picture's shorter side (at least 6, at most 40).
	Least, Most float64
}

// withDefaults fills in what is not said.
func (o MatteOptions) withDefaults(w, h int) MatteOptions {
	if o.Least <= 0 {
		o.Least = 2
	}
	if o.Most <= 0 {
		o.Most = min(max(0.015*float64(min(w, h)), 6), 40)
	}
	o.Most = max(o.Most, o.Least)
	return o
}

// matteTile is the side of the tiles that are solved one at a time, so that
// memory does not grow with the picture.
const matteTile = 448

// mattePixels bounds the picture on which a matte is solved; a larger one's
// follows from a smaller picture's.
const mattePixels = 2_500_000

// matteFlat is the colour variance below which a large picture has no edge for its matte to follow.
const matteFlat = 1e-4

// matteHaze is the share of a pixel below which a matte is taken for 0, and
// from 1 for 1: a solution's last per cent is noise that would tint far pixels.
const matteHaze = 0.03

// RefineMatte returns the soft matte of an object whose outline is roughly
// known: in a band along the border of mask (at least Half is inside; its own
// soft pixels belong to the band) each pixel becomes the share of the object
// in it, by closed-form matting (Levin, Lischinski and Weiss, "A closed-form
// solution to natural image matting", 2008). The band is wide where the border
// is fuzzy, as along hair and fur, and narrow where it is sharp; outside it
// the mask is made hard. Shares are of linear light. Mattes below 3 % are 0
// and above 97 % 255. It returns the context's error when cancelled.
func RefineMatte(ctx context.Context, m *Image, mask *Mask, opt MatteOptions) (*Mask, error) {
	sameSize(m.W, m.H, mask.W, mask.H)
	opt = opt.withDefaults(m.W, m.H)
	out := Threshold(mask, Half)
	near := mask.Bounds(1).Inset(-int(math.Ceil(opt.Most))).Intersect(image.Rect(0, 0, m.W, m.H))
	if near.Empty() {
		return out, ctx.Err()
	}
	part := CropMask(mask, near)
	var fine *Mask
	var err error
	if near.Dx()*near.Dy() > mattePixels {
		fine, err = refineSmaller(ctx, Crop(m, near), part, opt, mattePixels)
	} else {
		fine, err = refineTiles(ctx, Crop(m, near), part, opt)
	}
	if err != nil {
		return nil, err
	}
	return PasteMask(out, fine, near.Min.X, near.Min.Y), nil
}

// refineTiles mattes a picture at its own size, tile by tile.
func refineTiles(ctx context.Context, m *Image, mask *Mask, opt MatteOptions) (*Mask, error) {
	margin := int(math.Ceil(3*opt.Most)) + 4
	return byTile(ctx, mask, matteTile, margin, func(around image.Rectangle, part *Mask) (*Mask, error) {
		return solveTile(ctx, Crop(m, around), part, opt)
	})
}

// refineSmaller mattes a large picture at a size of about pixels and carries the matte
// up along the large one's own edges by the guided filter.
func refineSmaller(ctx context.Context, m *Image, mask *Mask, opt MatteOptions, pixels float64) (*Mask, error) {
	s := math.Sqrt(pixels / (float64(m.W) * float64(m.H)))
	w, h := max(1, int(s*float64(m.W))), max(1, int(s*float64(m.H)))
	small := MatteOptions{Least: max(s*opt.Least, 2), Most: max(s*opt.Most, 2)}
	rough, err := refineTiles(ctx, Resize(m, w, h, Box), ResizeMask(mask, w, h), small)
	if err != nil {
		return nil, err
	}
	r := int(math.Ceil(1 / s))
	return byTile(ctx, ResizeMask(rough, m.W, m.H), matteTile, 4*r, func(around image.Rectangle, part *Mask) (*Mask, error) {
		fine := GuidedFilterColor(Crop(m, around), part.Plane(), r, matteFlat)
		for i, a := range fine.V {
			fine.V[i] = withoutHaze(a)
		}
		return MaskOf(fine), ctx.Err()
	})
}

// byTile calls f for every tile of a mask that has a border near it, with the
// tile's surroundings, and puts the tiles' results together.
func byTile(ctx context.Context, mask *Mask, side, margin int, f func(around image.Rectangle, part *Mask) (*Mask, error)) (*Mask, error) {
	out := Threshold(mask, Half)
	all := image.Rect(0, 0, mask.W, mask.H)
	for y := 0; y < mask.H; y += side {
		for x := 0; x < mask.W; x += side {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			tile := image.Rect(x, y, x+side, y+side).Intersect(all)
			around := tile.Inset(-margin).Intersect(all)
			part := CropMask(mask, around)
			if !hasBorder(part) {
				continue
			}
			fine, err := f(around, part)
			if err != nil {
				return nil, err
			}
			for ty := tile.Min.Y; ty < tile.Max.Y; ty++ {
				from := (ty-around.Min.Y)*fine.W + tile.Min.X - around.Min.X
				copy(out.Pix[ty*out.W+tile.Min.X:ty*out.W+tile.Max.X], fine.Pix[from:from+tile.Dx()])
			}
		}
	}
	return out, ctx.Err()
}

// hasBorder reports whether a mask is neither 0 nor 255 throughout.
func hasBorder(m *Mask) bool {
	first := m.Pix[0]
	if first != 0 && first != 255 {
		return true
	}
	for _, v := range m.Pix {
		if v != first {
			return true
		}
	}
	return false
}

// solveTile mattes a part of a picture.
func solveTile(ctx context.Context, m *Image, mask *Mask, opt MatteOptions) (*Mask, error) {
	t := newTrimap(m, mask, opt)
	alpha, err := t.solve(ctx)
	if err != nil {
		return nil, err
	}
	out := NewMask(m.W, m.H)
	for i, a := range alpha {
		out.Pix[i] = to8(withoutHaze(a))
	}
	return out, nil
}

// withoutHaze stretches a matte so that its last per cent at either end go.
func withoutHaze(a float32) float32 { return (a - matteHaze) / (1 - 2*matteHaze) }

// trimap is a part of a picture with what is known of its matte.
type trimap struct {
	w, h    int
	rgb     [3][]float32 // linear light
	signed  []float32    // distance to the border, above 0 inside
	unknown []bool
	guess   []float32 // the matte where it is known, a first guess elsewhere
	weight  []float32 // how much the guess of an unknown pixel counts
}

// hintWeight is what a guess counts beside the smoothness along colours;
// insideWeight is added at the inner rim of the band. Masks miss hairs outside
// rather than take ground inside, and a shine of the ground's colour on the
// object is no hole in it.
const (
	hintWeight   = 0.0003
	insideWeight = 0.03
)

func newTrimap(m *Image, mask *Mask, opt MatteOptions) *trimap {
	n := m.W * m.H
	t := &trimap{
		w: m.W, h: m.H, signed: make([]float32, n), unknown: make([]bool, n),
		guess: make([]float32, n), weight: make([]float32, n),
	}
	for c := range t.rgb {
		t.rgb[c] = make([]float32, n)
		for i := range n {
			t.rgb[c][i] = ToLinear(m.Pix[4*i+c])
		}
	}
	toIn, toOut := Distance(mask, Half), Distance(Threshold(Invert(mask), Half), Half)
	for i, v := range mask.Pix {
		if v >= Half {
			t.signed[i], t.guess[i] = toOut.V[i], 1
		} else {
			t.signed[i] = -toIn.V[i]
		}
	}
	width := t.fuzz(opt)
	t.mark(mask, width, opt)
	t.favourPure(width, opt)
	return t
}

// mark decides which pixels are unknown: those of a band along the border, of the half width given for each place.
func (t *trimap) mark(mask *Mask, width []float32, opt MatteOptions) {
	for i, s := range t.signed {
		d := float32(math.Abs(float64(s)))
		soft := mask.Pix[i] > 25 && mask.Pix[i] < 230 && d <= float32(opt.Most)
		if t.unknown[i] = d <= width[i]+0.5 || soft; t.unknown[i] {
			t.guess[i] = float32(mask.Pix[i]) / 255
			t.weight[i] = hintWeight
			if s > 0 {
				deep := min(d/(width[i]+0.5), 1)
				t.weight[i] += insideWeight * deep * deep
			}
		}
	}
}
