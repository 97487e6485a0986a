package builtin

import "pentimento/internal/pixel"

// edgeSigma is how far, in pixels, a border pixel looks for the colours it is mixed of.
const edgeSigma = 4

// solidMatte and clearMatte are the mattes from which a pixel counts as pure
// foreground or pure background.
const solidMatte, clearMatte = 242, 13

// frontColors are a picture's foreground colours in linear light.
type frontColors struct {
	img *pixel.Image
	est [3]*pixel.Plane // estimates at soft pixels
	fg  *pixel.Mask
}

// at is sample c of the foreground's colour at pixel i.
func (f *frontColors) at(i, c int) float32 {
	if m := f.fg.Pix[i]; m == 0 || m >= solidMatte {
		return pixel.ToLinear(f.img.Pix[4*i+c])
	}
	return f.est[c].V[i]
}

// foregroundColors estimates what colour the foreground alone has where its
// matte m is soft. A pixel there is m·F + (1-m)·B. B is the mean of the pure
// background nearby, which gives F by subtraction; that is exact for m near 1
// and noise for m near 0, where the mean of the pure foreground nearby takes over.
func foregroundColors(img *pixel.Image, fg *pixel.Mask) *frontColors {
	f := &frontColors{img: img, fg: fg}
	solid, clear := pixel.NewPlane(img.W, img.H), pixel.NewPlane(img.W, img.H)
	for i, m := range fg.Pix {
		switch {
		case m >= solidMatte:
			solid.V[i] = 1
		case m <= clearMatte:
			clear.V[i] = 1
		}
	}
	solidWeight, clearWeight := pixel.GaussianBlur(solid, edgeSigma), pixel.GaussianBlur(clear, edgeSigma)
	for c := range 3 {
		front, back := solid.Clone(), clear.Clone()
		for i := range front.V {
			v := pixel.ToLinear(img.Pix[4*i+c])
			front.V[i] *= v
			back.V[i] *= v
		}
		front, back = pixel.GaussianBlur(front, edgeSigma), pixel.GaussianBlur(back, edgeSigma)
		for i, m8 := range fg.Pix {
			if m8 == 0 || m8 >= solidMatte {
				continue
			}
			v, m := pixel.ToLinear(img.Pix[4*i+c]), float32(m8)/255
			est := v
			if w := clearWeight.V[i]; w > 1e-3 {
				est = min(max((v-(1-m)*back.V[i]/w)/m, 0), 1)
			}
			if w := solidWeight.V[i]; w > 1e-3 {
				est = m*est + (1-m)*front.V[i]/w
			}
			front.V[i] = est
		}
		f.est[c] = front
	}
	return f
}
