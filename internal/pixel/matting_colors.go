package pixel

import (
	"context"
	"image"
)

const (
	// colorsTile is the side of the tiles whose colours are estimated one at a time.
	colorsTile = 512
	// colorsWide and colorsNear are the radii, in pixels, in which a soft pixel
	// looks for the pure colours it is mixed of: first far, then near.
	colorsWide = 32
	colorsNear = 5
)

// ForegroundColors returns the picture with the colours of the foreground alone
// where its matte is soft: what is left of I = α·F + (1-α)·B, in linear light,
// when the background B is taken out. Laid over another background with that
// matte it shows no fringe of the old one. Pixels whose matte is 0 or 255 keep
// their colour, and alpha is not touched. F and B are means weighted by α and
// 1-α, corrected by what they leave unexplained, wide and then near (Forte,
// "Approximate fast foreground colour estimation", 2021).
func ForegroundColors(ctx context.Context, m *Image, matte *Mask) (*Image, error) {
	sameSize(m.W, m.H, matte.W, matte.H)
	out := m.Clone()
	all := image.Rect(0, 0, m.W, m.H)
	for y := 0; y < m.H; y += colorsTile {
		for x := 0; x < m.W; x += colorsTile {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			tile := image.Rect(x, y, x+colorsTile, y+colorsTile).Intersect(all)
			if !softIn(matte, tile) {
				continue
			}
			around := tile.Inset(-2 * colorsWide).Intersect(all)
			part, alpha := Crop(m, around), CropMask(matte, around)
			for c := range 3 {
				front := frontChannel(part, alpha, c)
				for ty := tile.Min.Y; ty < tile.Max.Y; ty++ {
					for tx := tile.Min.X; tx < tile.Max.X; tx++ {
						i := ty*m.W + tx
						if a := matte.Pix[i]; a > 0 && a < 255 {
							out.Pix[4*i+c] = FromLinear(front.At(tx-around.Min.X, ty-around.Min.Y))
						}
					}
				}
			}
		}
	}
	return out, ctx.Err()
}

func softIn(m *Mask, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range m.Pix[y*m.W+r.Min.X : y*m.W+r.Max.X] {
			if v > 0 && v < 255 {
				return true
			}
		}
	}
	return false
}

// frontChannel estimates one channel of the foreground, in linear light.
func frontChannel(m *Image, matte *Mask, c int) *Plane {
	seen := NewPlane(m.W, m.H)
	for i := range seen.V {
		seen.V[i] = ToLinear(m.Pix[4*i+c])
	}
	alpha, front, back := matte.Plane(), seen.Clone(), seen.Clone()
	for _, r := range [2]int{colorsWide, colorsNear} {
		front, back = explain(seen, alpha, front, back, r)
	}
	return front
}

// explain blurs both layers where they are pure and then corrects the front by
// what the two together leave of the picture unexplained.
func explain(seen, alpha, front, back *Plane, r int) (f, b *Plane) {
	rest := NewPlane(alpha.W, alpha.H)
	for i, a := range alpha.V {
		rest.V[i] = 1 - a
	}
	f, b = weightedBlur(front, alpha, r), weightedBlur(back, rest, r)
	for i, a := range alpha.V {
		gap := seen.V[i] - a*f.V[i] - (1-a)*b.V[i]
		f.V[i] = min(max(f.V[i]+a*gap, 0), 1)
	}
	return f, b
}

// weightedBlur is the box mean of v by weight.
func weightedBlur(v, weight *Plane, r int) *Plane {
	sum, norm := BoxBlur(product(v, weight), r), BoxBlur(weight, r)
	for i, n := range norm.V {
		if n > 1e-5 {
			sum.V[i] /= n
		} else {
			sum.V[i] = v.V[i]
		}
	}
	return sum
}
