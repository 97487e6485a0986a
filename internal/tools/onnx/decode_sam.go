package onnx

import (
	"context"
	"errors"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// refineAtMost is the area, in pixels, up to which a network's coarse mask is
// pulled onto the picture's edges: beyond it the filter's planes would take gigabytes.
const refineAtMost = 4 << 20

// refineEps is the variance below which a window of the picture counts as flat.
const refineEps = 1e-4

// decodeSAM reads the masks of a network that cuts out what is pointed at
// (Segment Anything and its kin): logits [.., k, h, w] of k candidates, then
// their estimated quality [.., k]. The first part, the encoder, runs once for a
// picture and is remembered; the last once for every box, or once for all
// clicks. Of the candidates the one is taken that respects most clicks, and of
// those the one that the network thinks best. It is brought to the picture's
// size and its border pulled onto the picture's edges.
func decodeSAM(ctx context.Context, j *job) (tools.Response, error) {
	prompts, err := j.prompts()
	if err != nil {
		return tools.Response{}, err
	}
	whole := pixel.NewMask(j.img.W, j.img.H)
	for i, p := range prompts {
		j.prompt = p
		f, outs, err := j.whole(ctx)
		if err == nil {
			outs, err = j.afterwards(ctx, f, outs)
		}
		if err != nil {
			return tools.Response{}, err
		}
		mask, cell, err := bestMask(f, outs, p, j.dec.Layout)
		if err != nil {
			return tools.Response{}, err
		}
		for k, v := range j.refined(mask, cell).Pix {
			whole.Pix[k] = max(whole.Pix[k], v)
		}
		j.progress(float64(i+1) / float64(len(prompts)))
	}
	return j.respond(whole, math.NaN())
}

// prompts are what the tool's input of boxes or points asks for.
func (j *job) prompts() ([]prompt, error) {
	for _, p := range j.req.Spec.Inputs {
		switch a := j.req.Inputs[p.Name].(type) {
		case edit.Boxes:
			var list []prompt
			for _, b := range a.Picked {
				list = append(list, prompt{box: &b})
			}
			if len(list) == 0 {
				return nil, &edit.UserError{Msg: "there is no box to cut out", Hint: "give one with --box x0,y0,x1,y1"}
			}
			return list, nil
		case edit.Points:
			for _, c := range a {
				if !c.Exclude {
					return []prompt{{clicks: a}}, nil
				}
			}
			return nil, &edit.UserError{Msg: "no click says what is meant", Hint: "give one with --point x,y"}
		}
	}
	return nil, &tools.ContractError{Tool: j.req.Spec.Name, Detail: "decoder sam needs an input of boxes or points"}
}

// bestMask chooses among the candidates and brings the chosen one to the
// picture's size. cell is how many pixels of the picture one of its own covers.
func bestMask(f frame, outs []tensorData, p prompt, layout string) (mask *pixel.Mask, cell float64, err error) {
	if len(outs) < 2 || outs[1].f == nil {
		return nil, 0, fmt.Errorf("decoder sam reads masks and their quality, found %v", shapes(outs))
	}
	v, err := asVolume(outs[0], layout)
	if err != nil {
		return nil, 0, err
	}
	quality := outs[1].f
	if len(quality) < v.c {
		return nil, 0, fmt.Errorf("%d masks and %d estimates of their quality: %v", v.c, len(quality), shapes(outs))
	}
	g := f
	if v.w == v.h && f.netW != f.netH { // the masks cover the square that the network pads the picture to
		g.netW, g.netH = max(f.netW, f.netH), max(f.netW, f.netH)
	}
	best, fewest := -1, math.MaxInt
	for c := range v.c {
		wrong := disrespected(v, c, g, p.clicks)
		if wrong < fewest || wrong == fewest && quality[c] > quality[best] {
			best, fewest = c, wrong
		}
	}
	if best < 0 {
		return nil, 0, errors.New("it gives no mask")
	}
	plane := pixel.NewPlane(v.w, v.h)
	for i := range plane.V {
		plane.V[i] = float32(sigmoid(v.get(best, i/v.w, i%v.w)))
	}
	cell = float64(g.netW) / float64(v.w) * float64(f.src.Dx()) / float64(f.dst.Dx())
	return pixel.MaskOf(g.spread(plane)), cell, nil
}

// disrespected counts the clicks that a candidate is on the wrong side of.
func disrespected(v volume, c int, f frame, clicks edit.Points) int {
	n := 0
	for _, p := range clicks {
		at := f.toTensor(p.X, p.Y)
		x := min(max(int(at.x*float64(v.w)/float64(f.netW)), 0), v.w-1)
		y := min(max(int(at.y*float64(v.h)/float64(f.netH)), 0), v.h-1)
		if (v.get(c, y, x) > 0) == p.Exclude {
			n++
		}
	}
	return n
}

// refined pulls a mask whose own pixels are cells of the picture onto its edges.
func (j *job) refined(mask *pixel.Mask, cell float64) *pixel.Mask {
	box := mask.Bounds(1)
	if cell <= 1 || box.Dx()*box.Dy() > refineAtMost {
		return mask
	}
	return pixel.RefineMask(j.img, mask, min(int(math.Ceil(cell)), 32), refineEps)
}
