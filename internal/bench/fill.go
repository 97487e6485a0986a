package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"math/rand/v2"

	"pentimento/internal/pixel"
)

const (
	holeLeast, holeMost = 40, 200 // sides of a hole in pixels,
	holeShare           = 4       // at most the picture's shorter side over this
	holeMargin          = 32      // pixels between a hole and the picture's border, at least
	boxMargin           = 32      // pixels around a hole that MS-SSIM sees
	liveliness          = 1.5     // mean gradient of a place, in steps of 255, below which there is no texture to fill
	placeTries          = 200
)

// Photo is a picture that holes are placed in.
type Photo struct {
	Name  string
	Image *pixel.Image
}

// FillHole is one hole: a place in a photo whose original is known.
type FillHole struct {
	Photo Photo
	Mask  *pixel.Mask // of the photo's size, 0 or 255
	Blob  bool        // else a rectangle
}

// Box is the smallest rectangle around the hole.
func (h FillHole) Box() image.Rectangle {
	var b image.Rectangle
	for i, v := range h.Mask.Pix {
		if v > 0 {
			x, y := i%h.Mask.W, i/h.Mask.W
			b = b.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return b
}

// SampleHoles places n holes, rectangles and blobs in turn, over the photos in
// turn. A place is taken when it has texture and keeps its distance from the
// picture's border; what it shows does not matter. Equal seeds give equal
// holes. Photos in which no place is found after many tries are passed over.
func SampleHoles(photos []Photo, n int, seed uint64) []FillHole {
	rnd := rand.New(rand.NewPCG(seed, 40)) // #nosec G404 -- places of holes, not secrets
	var holes []FillHole
	for try := 0; len(holes) < n && try < 4*n && len(photos) > 0; try++ {
		p := photos[try%len(photos)]
		luma := luma255(p.Image)
		for range placeTries {
			h := FillHole{Photo: p, Blob: len(holes)%2 == 1}
			if box, ok := placeBox(rnd, p.Image.W, p.Image.H); ok && meanGradient(luma, box) >= liveliness {
				h.Mask = pixel.RectMask(p.Image.W, p.Image.H, box)
				if h.Blob {
					h.Mask = blobMask(rnd, p.Image.W, p.Image.H, box)
				}
				holes = append(holes, h)
				break
			}
		}
	}
	return holes
}

// placeBox draws a rectangle away from the border of a w×h picture.
func placeBox(rnd *rand.Rand, w, h int) (image.Rectangle, bool) {
	most := min(holeMost, min(w, h)/holeShare)
	if most < holeLeast {
		return image.Rectangle{}, false
	}
	bw, bh := holeLeast+rnd.IntN(most-holeLeast+1), holeLeast+rnd.IntN(most-holeLeast+1)
	x := holeMargin + rnd.IntN(w-bw-2*holeMargin+1)
	y := holeMargin + rnd.IntN(h-bh-2*holeMargin+1)
	return image.Rect(x, y, x+bw, y+bh), true
}

// blobMask is an ellipse in a box, its radius wobbling by three waves.
func blobMask(rnd *rand.Rand, w, h int, box image.Rectangle) *pixel.Mask {
	var amplitude, phase [3]float64
	for k := range amplitude {
		amplitude[k], phase[k] = 0.25*rnd.Float64()/float64(k+1), 2*math.Pi*rnd.Float64()
	}
	m := pixel.NewMask(w, h)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			u := (float64(x)+0.5-float64(box.Min.X))/float64(box.Dx())*2 - 1
			v := (float64(y)+0.5-float64(box.Min.Y))/float64(box.Dy())*2 - 1
			r := 0.85
			for k := range amplitude {
				r += amplitude[k] * math.Sin(float64(k+2)*math.Atan2(v, u)+phase[k])
			}
			if math.Hypot(u, v) < r {
				m.Pix[y*w+x] = 255
			}
		}
	}
	return m
}

// meanGradient is the mean absolute difference of neighbours in a box of a plane.
func meanGradient(p *pixel.Plane, box image.Rectangle) float64 {
	var sum float64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			v := p.At(x, y)
			sum += math.Abs(float64(p.At(x+1, y)-v)) + math.Abs(float64(p.At(x, y+1)-v))
		}
	}
	return sum / float64(2*box.Dx()*box.Dy())
}

// FillScore is what the three measures say of one fill.
type FillScore struct {
	Gradient float64 `json:"gradient"` // GradientDistance, less is better
	Border   float64 `json:"border"`   // |ln BorderRatio|, less is better
	MSSSIM   float64 `json:"ms_ssim"`  // more is better
}

// ScoreFill measures a fill of a hole against the photo it was cut from.
func ScoreFill(h FillHole, filled *pixel.Image) FillScore {
	box := h.Box()
	around := box.Inset(-max(boxMargin, ringWidth, borderReach)).Intersect(image.Rect(0, 0, filled.W, filled.H))
	luma := luma255(pixel.Crop(filled, around))
	hole := pixel.CropMask(h.Mask, around)
	return FillScore{
		Gradient: GradientDistance(luma, hole),
		Border:   math.Abs(math.Log(BorderRatio(luma, hole))),
		MSSSIM:   MSSSIM(luma, luma255(pixel.Crop(h.Photo.Image, around))),
	}
}

// Leads counts on how many of the three measures a is ahead of b.
func (a FillScore) Leads(b FillScore) int {
	n := 0
	for _, ahead := range [3]bool{a.Gradient < b.Gradient, a.Border < b.Border, a.MSSSIM > b.MSSSIM} {
		if ahead {
			n++
		}
	}
	return n
}

// Filler fills the hole of a picture whose hole pixels hold nothing of the original.
type Filler struct {
	Name string
	Fill func(ctx context.Context, img *pixel.Image, hole *pixel.Mask) (*pixel.Image, error)
}

// Blanked is the hole's photo with the hole black, so that nothing of the original can leak into a fill.
func (h FillHole) Blanked() *pixel.Image {
	img := h.Photo.Image.Clone()
	for i, v := range h.Mask.Pix {
		if v > 0 {
			clear(img.Pix[4*i : 4*i+3])
		}
	}
	return img
}

// RunFill fills every hole with every filler and scores the results.
func RunFill(ctx context.Context, holes []FillHole, fillers []Filler, progress func(done, total int)) (*FillReport, error) {
	r := &FillReport{Event: "done", Holes: holes}
	for _, f := range fillers {
		r.Fillers = append(r.Fillers, f.Name)
	}
	for i, h := range holes {
		var row []FillScore
		for _, f := range fillers {
			out, err := f.Fill(ctx, h.Blanked(), h.Mask)
			if err != nil {
				return nil, fmt.Errorf("%s on hole %d in %s: %w", f.Name, i, h.Photo.Name, err)
			}
			row = append(row, ScoreFill(h, out))
		}
		r.Scores = append(r.Scores, row)
		if progress != nil {
			progress(i+1, len(holes))
		}
	}
	return r, nil
}
