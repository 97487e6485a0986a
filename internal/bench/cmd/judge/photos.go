package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"pentimento/internal/bench"
	"pentimento/internal/edit"
	"pentimento/internal/judge/judgetest"
	"pentimento/internal/pixel"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/builtin"
	"pentimento/tooldocs"
)

// longest is the longer side that photographs are reduced to: cases by the hundred are to take minutes.
const longest = 720

// load reads the photographs and their outlines.
func load(ctx context.Context, shared string) (judgetest.Photos, error) {
	if shared == "" {
		return judgetest.Photos{}, &edit.UserError{Msg: "no folder of photographs is named", Hint: "give -shared DIR or set PENTIMENTO_SHARED"}
	}
	photos, err := bench.LoadPhotos(ctx, filepath.Join(shared, "images"))
	if err != nil {
		return judgetest.Photos{}, err
	}
	masks, err := bench.LoadPhotos(ctx, filepath.Join(shared, "images", "masks"))
	if err != nil {
		return judgetest.Photos{}, err
	}
	out := judgetest.Photos{Images: make(map[string]*pixel.Image)}
	for _, p := range photos {
		w, h := pixel.FitWithin(p.Image.W, p.Image.H, longest, longest)
		out.Images[p.Name] = pixel.Resize(p.Image, w, h, pixel.Box)
	}
	for _, m := range masks {
		photo, object, ok := strings.Cut(strings.TrimSuffix(m.Name, ".png"), ".")
		if !ok {
			continue
		}
		for name := range out.Images {
			if strings.TrimSuffix(name, filepath.Ext(name)) == photo {
				out.Masks = append(out.Masks, judgetest.Mask{Photo: name, Object: object, Matte: pixel.ResizeMask(matte(m.Image), out.Images[name].W, out.Images[name].H)})
			}
		}
	}
	sort.Slice(out.Masks, func(i, j int) bool { return out.Masks[i].Object < out.Masks[j].Object })
	return out, nil
}

// matte turns a hand-checked outline (255 object, 128 not judged) into a matte whose
// border runs through the middle of the band along the outline.
func matte(m *pixel.Image) *pixel.Mask {
	object, most := pixel.NewMask(m.W, m.H), pixel.NewMask(m.W, m.H)
	for i := range object.Pix {
		switch v := m.Pix[4*i]; {
		case v == 255:
			object.Pix[i], most.Pix[i] = 255, 255
		case v >= pixel.Half:
			most.Pix[i] = 255
		}
	}
	return pixel.Feather(pixel.Intersect(pixel.Grow(object, 1.5), most), 0.7)
}

// runner runs the shipped built-in tools, defaults filled in from their docs.
func runner() judgetest.Run {
	set, _ := tooldoc.Load(tooldocs.FS)
	run := builtin.New()
	return func(ctx context.Context, tool string, inputs map[string]edit.Artifact) (*pixel.Image, error) {
		spec, ok := set.Get(tool)
		if !ok {
			return nil, fmt.Errorf("there is no tool %s", tool)
		}
		in := make(map[string]edit.Artifact, len(inputs))
		for k, v := range inputs {
			in[k] = v
		}
		for _, p := range spec.Inputs {
			if d := spec.Accepts[p.Name].Default; d != nil && in[p.Name] == nil {
				in[p.Name] = edit.Number(*d)
			}
		}
		resp, err := run.Run(ctx, tools.Request{Spec: &spec, Params: spec.Runtime.Builtin.Params, Inputs: in, Seed: 1})
		if err != nil {
			return nil, err
		}
		img, ok := resp.Outputs[edit.SlotImage].(*pixel.Image)
		if !ok {
			return nil, fmt.Errorf("%s made no picture", tool)
		}
		if p, ok := spec.MaskInput(); ok && spec.Keeps(edit.PreserveOutsideMask) {
			before, _ := in[edit.SlotImage].(*pixel.Image)
			mask, _ := in[p.Name].(*pixel.Mask)
			img = pixel.Preserve(before, img, mask, spec.Keeps(edit.PreserveAlpha))
		}
		return img, nil
	}
}
