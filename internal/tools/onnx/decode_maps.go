package onnx

import (
	"context"
	"fmt"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// minShare is the least part of the picture a class must win to become a layer:
// single cells of a coarse map are noise. It is 1/2000, a square of 2 % a side.
const minShare = 0.0005

// background is the label of a first class that is no object.
const background = "background"

// decodeClasses reads per-class maps: scores [1, C, h, w] (or nhwc), one channel
// per label; a first one called background is no layer. A layer's matte is the class's odds
// against the best other class, p/(p+q), brought to the picture's size: 1/2 lies
// exactly where the winner changes, and the border is smooth.
func decodeClasses(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if len(outs) != 1 {
		return tools.Response{}, fmt.Errorf("decoder classes reads one output, found %v; name it in decode.outputs", shapes(outs))
	}
	v, err := asVolume(outs[0], j.dec.Layout)
	if err != nil {
		return tools.Response{}, err
	}
	if v.c != len(j.dec.Labels.Names) {
		return tools.Response{}, fmt.Errorf("its output %v has %d channels in layout %s, the doc has %d labels", outs[0].shape, v.c, j.dec.Layout, len(j.dec.Labels.Names))
	}
	logits := j.dec.Softmax || !isProbability(v)
	if j.has(edit.KindMask) {
		return j.classMask(f, v, logits)
	}
	out := &pixel.Classes{W: j.img.W, H: j.img.H}
	odds, share := classOdds(v, logits)
	for c := range v.c {
		if share[c] < minShare || c == 0 && j.dec.Labels.Names[0] == background {
			continue
		}
		name := j.dec.Labels.Names[c]
		out.Layers = append(out.Layers, pixel.Layer{
			Label: name, Aliases: j.dec.Labels.Synonyms[name], Mask: pixel.MaskOf(f.spread(odds(c))),
		})
	}
	return j.respond(out, math.NaN())
}

// classMask answers with the matte of the class that the object's word names, its
// border pulled onto the picture's edges.
func (j *job) classMask(f frame, v volume, logits bool) (tools.Response, error) {
	phrase, err := tools.Input[edit.Text](j.req, "object")
	if err != nil {
		return tools.Response{}, err
	}
	head := edit.ParsePhrase(string(phrase)).Head
	c, ok := j.dec.Labels.Find(head)
	if !ok || c < 0 {
		return tools.Response{}, edit.Userf("%s does not know the word %q", j.req.Spec.Name, head)
	}
	odds, share := classOdds(v, logits)
	if share[c] < minShare {
		return tools.Response{}, &edit.NotFoundError{Phrase: string(phrase), By: []string{j.req.Spec.Name}}
	}
	cell := float64(f.netW) / float64(v.w) * float64(f.src.Dx()) / float64(f.dst.Dx())
	return j.respond(j.refined(pixel.MaskOf(f.spread(odds(c))), cell), math.NaN())
}

// isProbability reports whether every cell's channels are already in [0,1] and sum to 1.
func isProbability(v volume) bool {
	for y := 0; y < v.h; y += max(1, v.h/8) {
		for x := 0; x < v.w; x += max(1, v.w/8) {
			var sum float64
			for c := range v.c {
				p := float64(v.get(c, y, x))
				if p < -1e-3 || p > 1.001 {
					return false
				}
				sum += p
			}
			if math.Abs(sum-1) > 1e-2 {
				return false
			}
		}
	}
	return true
}

// classOdds finds per cell the two best channels. odds(c) is the plane of
// p_c/(p_c + best other), share[c] the part of the cells that c wins. For
// logits p_c/(p_c+q) is the logistic function of their difference.
func classOdds(v volume, logits bool) (odds func(c int) *pixel.Plane, share []float64) {
	n := v.w * v.h
	first, second, winner := make([]float32, n), make([]float32, n), make([]uint16, n)
	share = make([]float64, v.c)
	for y := range v.h {
		for x := range v.w {
			a, b, w := float32(math.Inf(-1)), float32(math.Inf(-1)), 0
			for c := range v.c {
				switch s := v.get(c, y, x); {
				case s > a:
					a, b, w = s, a, c
				case s > b:
					b = s
				}
			}
			i := y*v.w + x
			first[i], second[i], winner[i] = a, b, uint16(w)
			share[w] += 1 / float64(n)
		}
	}
	return func(c int) *pixel.Plane {
		p := pixel.NewPlane(v.w, v.h)
		for i := range p.V {
			own, other := v.get(c, i/v.w, i%v.w), first[i]
			if int(winner[i]) == c {
				other = second[i]
			}
			switch {
			case logits:
				p.V[i] = float32(sigmoid(own - other))
			case own+other > 0:
				p.V[i] = own / (own + other)
			}
		}
		return p
	}, share
}

// decodeMatte reads one map of how much each pixel belongs to the subject:
// channel `channel`, white at `range` (1 if not given), through softmax when the
// channels are logits. It answers with a mask, or with classes of one layer
// named by the first label, as the doc's output says.
func decodeMatte(ctx context.Context, j *job) (tools.Response, error) {
	f, v, err := j.volume(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if j.dec.Channel >= v.c {
		return tools.Response{}, fmt.Errorf("channel %d of an output of %d: %v", j.dec.Channel, v.c, v.t.shape)
	}
	mask := pixel.MaskOf(f.spread(j.mattePlane(v)))
	if j.has(edit.KindMask) {
		return j.respond(mask, math.NaN())
	}
	name := j.className(0)
	layer := pixel.Layer{Label: name, Mask: mask}
	if l := j.dec.Labels; l != nil {
		layer.Aliases = l.Synonyms[name]
	}
	return j.respond(&pixel.Classes{W: j.img.W, H: j.img.H, Layers: []pixel.Layer{layer}}, math.NaN())
}

func (j *job) mattePlane(v volume) *pixel.Plane {
	white := float32(whiteOf(j.dec))
	p := pixel.NewPlane(v.w, v.h)
	for y := range v.h {
		for x := range v.w {
			s := v.get(j.dec.Channel, y, x) / white
			if j.dec.Softmax {
				var sum float64
				for c := range v.c {
					sum += math.Exp(float64(v.get(c, y, x) - v.get(j.dec.Channel, y, x)))
				}
				s = float32(1 / sum)
			}
			if j.dec.Sigmoid {
				s = float32(sigmoid(s))
			}
			p.V[y*v.w+x] = s
		}
	}
	if j.dec.Stretch {
		stretch(p.V)
	}
	for i, s := range p.V {
		p.V[i] = min(max(s, 0), 1)
	}
	return p
}

// stretch maps the least value to 0 and the greatest to 1; values that are all one stay.
func stretch(v []float32) {
	lo, hi := slices.Min(v), slices.Max(v)
	if hi-lo < 1e-3 {
		return
	}
	for i, s := range v {
		v[i] = (s - lo) / (hi - lo)
	}
}

func whiteOf(d edit.Decode) float64 {
	if d.Range == 0 {
		return 1
	}
	return d.Range
}

// decodeDepth reads relative inverse depth, larger is nearer, at the picture's size.
func decodeDepth(ctx context.Context, j *job) (tools.Response, error) {
	f, v, err := j.volume(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if j.dec.Channel >= v.c {
		return tools.Response{}, fmt.Errorf("channel %d of an output of %d: %v", j.dec.Channel, v.c, v.t.shape)
	}
	p := pixel.NewPlane(v.w, v.h)
	for i := range p.V {
		p.V[i] = v.get(j.dec.Channel, i/v.w, i%v.w)
	}
	p = f.spread(p)
	return j.respond(&pixel.Depth{W: p.W, H: p.H, V: p.V}, math.NaN())
}
