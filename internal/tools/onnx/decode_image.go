package onnx

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// decodeImage reads a picture: white is `range`, the sides are `upscale` times
// the input's. A native run gives the network's own pixels, in tiles where the
// doc says so; where the picture was resampled to a fixed size the answer is
// brought back to the picture's size, see fromFixed. Transparency is the
// picture's own, enlarged with it.
func decodeImage(ctx context.Context, j *job) (tools.Response, error) {
	up := max(1, j.dec.Upscale)
	if int64(j.img.W)*int64(up)*int64(j.img.H)*int64(up) > maxElements/4 {
		return tools.Response{}, edit.Userf("%d×%d enlarged %d times is too large", j.img.W, j.img.H, up)
	}
	if s, ok := j.req.Inputs["scale"].(edit.Number); ok && float64(s) != float64(up) {
		return tools.Response{}, edit.Userf("tool %s enlarges %d times, not %v times", j.req.Spec.Name, up, float64(s))
	}
	var out *pixel.Image
	var err error
	if j.rt.Crop != nil && up == 1 {
		out, err = j.cropped(ctx)
	} else {
		out, err = j.picture(ctx, up)
	}
	if err != nil {
		return tools.Response{}, err
	}
	return j.answerPicture(out)
}

// picture runs the network on the job's picture: in tiles, as it is, or fitted.
func (j *job) picture(ctx context.Context, up int) (*pixel.Image, error) {
	var out *pixel.Image
	var err error
	switch {
	case j.rt.Tile != nil:
		out, err = j.tiled(ctx, up)
	case j.in.Fit == "native":
		out, err = j.single(ctx, up)
	default:
		out, err = j.fromFixed(ctx, up)
	}
	if err == nil && j.dec.Chroma {
		addChroma(out, j.seen)
	}
	return out, err
}

// answerPicture is the tool's answer: with the picture's transparency, and
// unchanged outside the mask where the doc promises that.
func (j *job) answerPicture(out *pixel.Image) (tools.Response, error) {
	if out != j.img {
		restoreAlpha(out, j.img)
	}
	if port, ok := j.req.Spec.MaskInput(); ok && j.req.Spec.Keeps(edit.PreserveOutsideMask) {
		mask, err := tools.Input[*pixel.Mask](j.req, port.Name)
		if err != nil {
			return tools.Response{}, err
		}
		out = pixel.KeepOutside(j.img, out, mask)
	}
	return j.respond(out, math.NaN())
}

// single runs the network once on the whole picture.
func (j *job) single(ctx context.Context, up int) (*pixel.Image, error) {
	f, err := newFrame(j.in, j.img.W, j.img.H)
	if err != nil {
		return nil, err
	}
	return j.piece(ctx, f, up)
}

// piece runs the network on one native frame and returns its answer for f.src, enlarged.
func (j *job) piece(ctx context.Context, f frame, up int) (*pixel.Image, error) {
	outs, err := j.inferFrame(ctx, f)
	if err != nil {
		return nil, err
	}
	v, err := j.pictureOf(outs)
	if err != nil {
		return nil, err
	}
	var at image.Point // where f.src begins in the answer
	switch b := j.in.Border; {
	case v.w == f.netW*up && v.h == f.netH*up:
		at = f.dst.Min.Mul(up)
	case v.w == (f.netW-2*b)*up && v.h == (f.netH-2*b)*up: // the network has cut the border
		at = f.dst.Min.Sub(image.Pt(b, b)).Mul(up)
	default:
		return nil, fmt.Errorf("its answer is %d×%d for an input of %d×%d; upscale %d and border %d do not explain that",
			v.w, v.h, f.netW, f.netH, up, b)
	}
	return j.samples(v, image.Rectangle{Min: at, Max: at.Add(f.src.Size().Mul(up))}), nil
}

// pictureOf checks the answer of a network that makes pictures.
func (j *job) pictureOf(outs []tensorData) (volume, error) {
	if len(outs) == 0 {
		return volume{}, errors.New("it has no output")
	}
	v, err := asVolume(outs[0], j.dec.Layout)
	if err == nil && v.c != 1 && v.c != 3 {
		err = fmt.Errorf("its answer %v has %d channels in layout %s, want 1 or 3", outs[0].shape, v.c, j.dec.Layout)
	}
	return v, err
}

// samples takes the rectangle r of an answer over as an opaque 8-bit picture.
func (j *job) samples(v volume, r image.Rectangle) *pixel.Image {
	out := pixel.NewImage(r.Dx(), r.Dy())
	scale := float32(255 / whiteOf(j.dec))
	channel := [3]int{0, 1, 2}
	switch {
	case v.c == 1:
		channel = [3]int{}
	case j.in.Order == "bgr":
		channel = [3]int{2, 1, 0}
	}
	pixel.Rows(out.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			dst := out.Pix[4*y*out.W : 4*(y+1)*out.W]
			for k, c := range channel {
				i := c*v.sc + (r.Min.Y+y)*v.sh + r.Min.X*v.sw
				for x := range out.W {
					var s float32
					if v.t.f != nil {
						s = v.t.f[i+x*v.sw]
					} else {
						s = float32(v.t.u[i+x*v.sw])
					}
					dst[4*x+k] = uint8(min(max(s*scale+0.5, 0), 255))
				}
			}
		}
	})
	return out
}

// fromFixed runs a network whose input has a size of its own and brings the
// answer back to the picture's. A network smaller than the picture would blur
// it; with `detail` its answer is taken as a gain on the picture's own samples,
// so that the picture keeps its detail and takes the network's tones.
func (j *job) fromFixed(ctx context.Context, up int) (*pixel.Image, error) {
	f, err := newFrame(j.in, j.img.W, j.img.H)
	if err != nil {
		return nil, err
	}
	outs, err := j.inferFrame(ctx, f)
	if err != nil {
		return nil, err
	}
	v, err := j.pictureOf(outs)
	if err != nil {
		return nil, err
	}
	answer := j.samples(v, image.Rect(0, 0, v.w, v.h))
	shrunk := f.dst.Dx() < f.src.Dx() || f.dst.Dy() < f.src.Dy()
	asGain := j.dec.Detail && shrunk && up == 1
	var whole [3]*pixel.Plane
	if asGain {
		whole = j.seen.Channels()
	}
	f.w, f.h = f.w*up, f.h*up
	f.src = image.Rectangle{Min: f.src.Min.Mul(up), Max: f.src.Max.Mul(up)}
	out := pixel.NewImage(f.w, f.h)
	for c, p := range answer.Channels() {
		if asGain {
			p = gain(pixel.ResizePlane(whole[c], v.w, v.h, pixel.Area), p)
		}
		for i, s := range f.spread(p).V {
			if asGain {
				s = (whole[c].V[i]+gainFloor)*s - gainFloor
			}
			out.Pix[4*i+c] = uint8(min(max(s*255+0.5, 0), 255))
		}
	}
	return out, nil
}

// gainFloor keeps the gain of a dark sample in bounds: 4/255.
const gainFloor = 4.0 / 255

// gain is by how much each sample of a picture was multiplied.
func gain(before, after *pixel.Plane) *pixel.Plane {
	g := pixel.NewPlane(before.W, before.H)
	for i, b := range before.V {
		g.V[i] = (after.V[i] + gainFloor) / (b + gainFloor)
	}
	return g
}

// addChroma gives a grey picture the colours of seen, enlarged to its size:
// the luma is out's, the colour differences are seen's.
func addChroma(out, seen *pixel.Image) {
	color := pixel.Resize(seen, out.W, out.H, pixel.CatmullRom)
	for i := 0; i < len(out.Pix); i += 4 {
		r, g, b := float32(color.Pix[i]), float32(color.Pix[i+1]), float32(color.Pix[i+2])
		d := float32(out.Pix[i]) - (lumaR*r + lumaG*g + lumaB*b)
		for k, v := range [3]float32{r, g, b} {
			out.Pix[i+k] = uint8(min(max(v+d+0.5, 0), 255))
		}
	}
}

// restoreAlpha gives out the transparency of the picture. At the picture's own
// size samples hidden under full transparency come back as they were stored.
func restoreAlpha(out, img *pixel.Image) {
	out.HasAlpha = img.HasAlpha
	if !img.HasAlpha {
		return
	}
	alpha := img.Alpha()
	same := out.W == img.W && out.H == img.H
	if !same {
		alpha = pixel.ResizeMask(alpha, out.W, out.H)
	}
	for i, a := range alpha.Pix {
		out.Pix[4*i+3] = a
		if a == 0 && same {
			copy(out.Pix[4*i:4*i+3], img.Pix[4*i:4*i+3])
		}
	}
}

// spreadColor fills fully transparent pixels with the colour of the nearest
// visible one (chamfer distance, two sweeps) and drops the transparency.
func spreadColor(m *pixel.Image) *pixel.Image {
	out := m.Clone()
	out.HasAlpha = false
	const far = math.MaxInt32 / 2
	dist := make([]int32, m.W*m.H)
	for i := range dist {
		if m.Pix[4*i+3] == 0 {
			dist[i] = far
		}
		out.Pix[4*i+3] = 255
	}
	pull := func(i, x, y, dx, dy int, step int32) {
		if x+dx < 0 || x+dx >= m.W || y+dy < 0 || y+dy >= m.H {
			return
		}
		if k := i + dy*m.W + dx; dist[k]+step < dist[i] {
			dist[i] = dist[k] + step
			copy(out.Pix[4*i:4*i+3], out.Pix[4*k:4*k+3])
		}
	}
	sweep := func(i, s int) {
		x, y := i%m.W, i/m.W
		pull(i, x, y, -s, 0, 3)
		pull(i, x, y, 0, -s, 3)
		pull(i, x, y, -s, -s, 4)
		pull(i, x, y, s, -s, 4)
	}
	for i := range dist {
		sweep(i, 1)
	}
	for i := len(dist) - 1; i >= 0; i-- {
		sweep(i, -1)
	}
	return out
}
