package builtin

import (
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// The constants of stuff that lies in bits on a paler ground, such as leaves on gravel.
const (
	paleGround  = 0.09 // median chroma from which on all of it is vivid: foliage, no ground
	strewnFaint = 1.35 // chroma, in medians, from which on a pixel is more than ground,
	strewnVivid = 1.9  // and from which on it is plainly not
	strewnDark  = 0.2  // lightness below which a colour tells nothing,
	strewnLight = 0.3  // and from which on it tells all
)

// pickStrewn keeps of a mask, which it changes, what is plainly more vivid than
// most of it. It leaves the mask alone where most of it is vivid, or nothing is.
func pickStrewn(img *pixel.Image, mask *pixel.Mask) {
	var chroma []float64
	step := max(1, int(math.Sqrt(float64(len(mask.Pix))/100_000)))
	for y := 0; y < mask.H; y += step {
		for x := 0; x < mask.W; x += step {
			if mask.At(x, y) >= pixel.Half {
				chroma = append(chroma, labAt(img, x, y).Chroma())
			}
		}
	}
	if len(chroma) == 0 {
		return
	}
	slices.Sort(chroma)
	median := chroma[len(chroma)/2]
	if median >= paleGround {
		return
	}
	picked := pixel.NewMask(mask.W, mask.H)
	pixel.Rows(mask.H, func(a, b int) {
		for y := a; y < b; y++ {
			for x := range mask.W {
				v := mask.At(x, y)
				if v == 0 {
					continue
				}
				c := labAt(img, x, y)
				share := rise(c.Chroma(), strewnFaint*median, strewnVivid*median) * rise(float64(c.L), strewnDark, strewnLight)
				picked.Pix[y*mask.W+x] = uint8(float64(v)*share + 0.5)
			}
		}
	})
	if picked.Count(pixel.Half) > 0 {
		copy(mask.Pix, picked.Pix)
	}
}

func labAt(img *pixel.Image, x, y int) pixel.Lab {
	r, g, b, _ := img.At(x, y)
	return pixel.ToLab(r, g, b)
}

// rise climbs from 0 at low to 1 at high.
func rise(v, low, high float64) float64 { return min(max((v-low)/(high-low), 0), 1) }
