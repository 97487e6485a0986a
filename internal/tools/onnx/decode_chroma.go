package onnx

import (
	"context"
	"fmt"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// decodeChroma reads a colouriser's answer, [1, 2, h, w]: a* and b* of CIE Lab,
// each times `range` where the network's own unit differs (1 if not given). They
// are brought to the picture's size and laid under the picture's own lightness,
// so that its detail stays whatever size the network saw.
func decodeChroma(ctx context.Context, j *job) (tools.Response, error) {
	f, v, err := j.volume(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if v.c != 2 {
		return tools.Response{}, fmt.Errorf("its output %v has %d channels in layout %s, want a and b", v.t.shape, v.c, j.dec.Layout)
	}
	var ab [2]*pixel.Plane
	for c := range ab {
		p := pixel.NewPlane(v.w, v.h)
		for i := range p.V {
			p.V[i] = v.get(c, i/v.w, i%v.w) * float32(whiteOf(j.dec))
		}
		ab[c] = f.spread(p)
	}
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	seen := opaque(j.img, true)
	out := pixel.NewImage(j.img.W, j.img.H)
	pixel.Rows(out.H, func(y0, y1 int) {
		for i := y0 * out.W; i < y1*out.W; i++ {
			s := seen.Pix[4*i : 4*i+3 : 4*i+3]
			l := lightness(float32(s[0]), float32(s[1]), float32(s[2]))
			d := out.Pix[4*i : 4*i+3 : 4*i+3]
			d[0], d[1], d[2] = withChroma(l, ab[0].V[i], ab[1].V[i])
		}
	})
	return j.answerPicture(out)
}
