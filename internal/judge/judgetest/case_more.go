package judgetest

import (
	"image"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
)

// texts write strokes into photographs; the photograph itself is the perfect removal.
func (m *maker) texts() error {
	for i, name := range m.names() {
		if i%2 == 0 {
			continue
		}
		img := center(m.photos.Images[name])
		before, place := scribble(img, i)
		in := map[string]edit.Artifact{"image": before, "hole": place}
		err := m.edit("remove text from "+name, "text-removal", "", before, img, in, func(judge.Step) []Spoil {
			return []Spoil{Ghost(place), Seam(place), Bleed(place)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scribble draws upright and level strokes, as of capitals, and returns the mask of
// the strokes grown as a removal grows them.
func scribble(img *pixel.Image, seed int) (*pixel.Image, *pixel.Mask) {
	strokes := pixel.NewMask(img.W, img.H)
	size := min(img.W, img.H) / 8
	thick := max(2, size/7)
	x, y := img.W/5, img.H*(2+seed%3)/6
	for k := range 6 {
		bars := []image.Rectangle{
			image.Rect(x, y, x+thick, y+size),
			image.Rect(x, y+(k+seed)%3*size/3, x+size/2, y+(k+seed)%3*size/3+thick),
		}
		if k%2 == 0 {
			bars = append(bars, image.Rect(x+size/2, y, x+size/2+thick, y+size))
		}
		for _, b := range bars {
			strokes = pixel.Union(strokes, pixel.RectMask(img.W, img.H, b.Intersect(image.Rect(0, 0, img.W, img.H))))
		}
		x += size * 3 / 4
	}
	ink := img.Clone()
	shade := []uint8{245, 20}[seed%2]
	for i := range ink.Pix {
		if i%4 != 3 {
			ink.Pix[i] = shade
		}
	}
	return pixel.Composite(img, ink, pixel.Feather(strokes, 0.7)), pixel.Grow(strokes, 4)
}

// restores make a picture worse; the original is the perfect result, a tool's is a good one.
func (m *maker) restores() error {
	for i, name := range m.names() {
		if i%2 == 1 {
			continue
		}
		img := center(m.photos.Images[name])
		small := pixel.Resize(img, img.W/2, img.H/2, pixel.Box)
		even := pixel.Crop(img, image.Rect(0, 0, small.W*2, small.H*2))
		scale := map[string]edit.Artifact{"image": small, "scale": edit.Number(2)}
		after, tool := even, ""
		if i%4 == 0 {
			after, tool = nil, "lanczos-upscale"
		}
		err := m.edit("upscale "+name, "image-upscaling", tool, small, after, scale, func(judge.Step) []Spoil {
			return []Spoil{Smear(nil), Noise(nil), {"wrong size", shrunk}}
		})
		if err != nil {
			return err
		}
		noisy := AddNoise(img, nil, 12+float64(i%3)*4, 3)
		var clean *pixel.Image
		if tool = "denoise"; i%4 == 0 {
			clean, tool = img, ""
		}
		err = m.edit("denoise "+name, "image-denoising", tool, noisy, clean, map[string]edit.Artifact{"image": noisy, "sigma": edit.Number(0)}, func(judge.Step) []Spoil {
			return []Spoil{Untouched(), Smear(nil)}
		})
		if err != nil {
			return err
		}
		soft := AddNoise(pixel.BlurImage(img, 1.6, pixel.LinearLight), nil, 1, 5)
		err = m.edit("deblur "+name, "image-deblurring", "", soft, img, map[string]edit.Artifact{"image": soft}, func(judge.Step) []Spoil {
			return []Spoil{Untouched(), Noise(nil), Smear(nil)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// shrunk makes the result smaller than what was asked.
func shrunk(s judge.Step, level int) judge.Step {
	k := 1 - 0.09*float64(level)
	return withImage(s, pixel.Resize(s.After, int(float64(s.After.W)*k), int(float64(s.After.H)*k), pixel.Box))
}

// outpaints cut the right third off a photograph; the photograph is the perfect result.
func (m *maker) outpaints() error {
	for i, name := range m.names() {
		if i%2 == 0 {
			continue
		}
		img := center(m.photos.Images[name])
		w := img.W * 3 / 4
		before := pixel.Crop(img, image.Rect(0, 0, w, img.H))
		in := map[string]edit.Artifact{"image": before, "right": edit.Number(100 * float64(img.W-w) / float64(w)), "left": edit.Number(0), "top": edit.Number(0), "bottom": edit.Number(0), "ratio": edit.Number(0)}
		after, tool := img, ""
		if i%5 == 0 {
			after, tool = nil, "outpaint"
		}
		err := m.edit("outpaint "+name, "outpainting", tool, before, after, in, func(good judge.Step) []Spoil {
			a := good.After
			added := pixel.Invert(pixel.RectMask(a.W, a.H, image.Rect(0, 0, w, a.H)))
			kept := pixel.Invert(added)
			return []Spoil{Seam(added), Smear(added), Noise(added), {"original changed", func(s judge.Step, level int) judge.Step {
				return withImage(s, AddNoise(s.After, kept, 2*float64(level), 9))
			}}}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) tones() error {
	kinds := []struct {
		task, tool string
		amount     float64
	}{
		{"exposure-adjustment", "exposure", 0.3},
		{"exposure-adjustment", "exposure", -0.3},
		{"contrast-adjustment", "contrast", 0.3},
		{"saturation-adjustment", "saturation", 0.4},
		{"temperature-adjustment", "temperature", 0.4},
		{"shadow-recovery", "shadows", 0.5},
	}
	for i, name := range m.names() {
		k := kinds[i%len(kinds)]
		img := center(m.photos.Images[name])
		in := map[string]edit.Artifact{"image": img, "amount": edit.Number(k.amount)}
		err := m.edit("tone "+k.tool+" "+name, k.task, k.tool, img, nil, in, func(judge.Step) []Spoil {
			return []Spoil{Opposite(), Untouched(), Smear(nil)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) hides() error {
	kinds := []struct{ task, tool string }{{"object-blur", "blur-object"}, {"object-pixelation", "pixelate"}, {"object-redaction", "redact"}}
	for i, k := range m.photos.Masks {
		img, kind := m.photos.Images[k.Photo], kinds[i%3]
		in := map[string]edit.Artifact{"image": img, "mask": k.Matte}
		err := m.edit(kind.task+" "+k.Object, kind.task, kind.tool, img, nil, in, func(judge.Step) []Spoil {
			return []Spoil{Untouched(), HalfDone(k.Matte), Bleed(k.Matte)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
