package builtin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/lettering"
	"pentimento/internal/tools/patchmatch"
)

// textOps are the operations on writing: where it is, and other words in its place.
var textOps = map[string]opFunc{
	"text-mask":    opTextMask,
	"plate-mask":   opPlateMask,
	"text-replace": opTextReplace,
}

// opTextMask marks the letters of the lines an object phrase means, with the halo
// around them and not the ground they stand on. Inputs: image, object, and
// regions (found) or spans (read). Output: a mask.
//
// Parameter whole: mark lines from end to end, not their letters. A phrase with words in quotes means the lines that hold them, which only lines
// that were read can tell. Lines whose letters cannot be told from their ground are
// marked whole.
func opTextMask(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, spans, phrase, err := textInputs(req)
	if err != nil {
		return tools.Response{}, err
	}
	whole, err := param(req, "whole", false)
	if err != nil {
		return tools.Response{}, err
	}
	var notices []string
	var picked edit.Spans
	if words, quoted := quotedWords(phrase); quoted {
		picked, err = withWords(spans, words)
	} else {
		picked, err = placedSpans(img, spans, phrase)
	}
	if err != nil {
		return tools.Response{}, err
	}
	if len(picked) == 0 {
		return tools.Response{}, &edit.NotFoundError{Phrase: phrase, By: []string{req.Spec.Name}}
	}
	if on := onWhat(phrase); on != "" && len(picked) == len(spans) {
		notices = append(notices, fmt.Sprintf("all %d lines of text in the picture are taken; which of them are %s cannot be told", len(picked), on))
	}
	mask := pixel.NewMask(img.W, img.H)
	for _, s := range picked {
		if err := ctx.Err(); err != nil {
			return tools.Response{}, err
		}
		markSpan(mask, img, s, whole)
	}
	return tools.Response{Outputs: map[string]edit.Artifact{req.Spec.Outputs[0].Name: mask}, Quality: math.NaN(), Notices: notices}, nil
}

func textInputs(req tools.Request) (*pixel.Image, edit.Spans, string, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return nil, nil, "", err
	}
	object, err := tools.Input[edit.Text](req, "object")
	if err != nil {
		return nil, nil, "", err
	}
	port := "spans"
	if _, ok := req.Spec.Input("regions"); ok {
		port = "regions"
	}
	spans, err := tools.Input[edit.Spans](req, port)
	return img, spans, string(object), err
}

// placedSpans are the spans at the place a phrase names ("the text at the top"), or all.
func placedSpans(img *pixel.Image, spans edit.Spans, phrase string) (edit.Spans, error) {
	p := edit.ParsePhrase(phrase)
	p.Colors = nil // of the letters, which a box cannot tell
	p.All = p.Position == edit.Anywhere && p.Ordinal == 0 && p.Count <= 1
	boxes := make([]edit.Box, len(spans))
	for i, s := range spans {
		boxes[i] = s.Bounds()
		boxes[i].Label = ""
		boxes[i].Score = 1 - float64(i)*1e-6 // reading order
	}
	picked, err := tools.Pick(img, boxes, nil, p, "text detection")
	if err != nil {
		return nil, err
	}
	var out edit.Spans
	for i, s := range spans {
		clipped := boxes[i].Clip(img.W, img.H)
		if slices.ContainsFunc(picked.Picked, func(b edit.Box) bool { return b.IoU(clipped) > 0.99 }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// onWhat is the place of "the text on the signs", empty where none is named.
func onWhat(phrase string) string {
	for _, link := range []string{" on ", " in ", " of "} {
		if i := strings.Index(phrase, link); i > 0 {
			return strings.TrimSpace(phrase[i:])
		}
	}
	return ""
}

// markSpan adds one line's letters to a mask, or the line whole.
func markSpan(mask *pixel.Mask, img *pixel.Image, s edit.Span, whole bool) {
	p, ok := lettering.Straighten(img, s.Quad)
	if !ok {
		return
	}
	if strokes, ok := lettering.Read(p); ok && !whole {
		strokes.Mask(mask)
		return
	}
	p.Fill(mask)
}

// opPlateMask marks registration plates by what is written on them: a line of
// letters and digits together, of a plate's shape. Inputs: image, object, spans.
// Output: mask.
func opPlateMask(_ context.Context, req tools.Request) (tools.Response, error) {
	img, spans, phrase, err := textInputs(req)
	if err != nil {
		return tools.Response{}, err
	}
	mask := pixel.NewMask(img.W, img.H)
	found := false
	for _, s := range spans {
		if !plateLike(s) {
			continue
		}
		if p, ok := lettering.Straighten(img, s.Quad); ok {
			p.Fill(mask)
			found = true
		}
	}
	if !found {
		return tools.Response{}, &edit.NotFoundError{Phrase: phrase, By: []string{req.Spec.Name}}
	}
	return tools.Response{Outputs: map[string]edit.Artifact{req.Spec.Outputs[0].Name: mask}, Quality: math.NaN()}, nil
}

// plateLike reports whether a line reads and is shaped like a registration: four
// to nine letters and digits, at least one of each, twice to eight times as wide as high.
func plateLike(s edit.Span) bool {
	letters, digits := 0, 0
	for _, r := range s.Text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'A' && r <= 'Z':
			letters++
		case r >= 'a' && r <= 'z':
			return false
		}
	}
	b := s.Bounds()
	shape := b.W() / max(b.H(), 1)
	return letters > 0 && digits > 0 && letters+digits >= 4 && letters+digits <= 9 && shape >= 2 && shape <= 8
}

// opTextReplace writes other words where the words named stand, in the hand they
// are written in. Inputs: image, spans, object (the old words), text (the new). Output: image.
func opTextReplace(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, spans, phrase, err := textInputs(req)
	if err != nil {
		return tools.Response{}, err
	}
	text, err := tools.Input[edit.Text](req, "text")
	if err != nil {
		return tools.Response{}, err
	}
	old := phrase
	if words, quoted := quotedWords(phrase); quoted {
		old = words
	}
	matches, err := withWords(spans, old)
	if err != nil {
		return tools.Response{}, err
	}
	switch {
	case len(matches) == 0:
		return tools.Response{}, &edit.NotFoundError{Phrase: phrase, By: []string{req.Spec.Name}}
	case len(matches) > 1:
		amb := &edit.AmbiguousError{Phrase: phrase}
		for _, s := range matches {
			amb.Candidates = append(amb.Candidates, s.Bounds())
		}
		return tools.Response{}, amb
	}
	out, err := rewrite(ctx, req, img, matches[0], substitute(matches[0].Text, old, string(text)))
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}

// rewrite fills a line's letters from their ground and writes words in their hand.
func rewrite(ctx context.Context, req tools.Request, img *pixel.Image, s edit.Span, words string) (*pixel.Image, error) {
	patch, ok := lettering.Straighten(img, s.Quad)
	if !ok {
		return nil, edit.Userf("the line %q is too small to write on", s.Text)
	}
	strokes, ok := lettering.Read(patch)
	if !ok {
		return nil, &edit.UserError{
			Msg:  fmt.Sprintf("the letters of %q cannot be told from what they are written on", s.Text),
			Hint: "remove the text and add the new in a paint program",
		}
	}
	hand, err := strokes.Measure(s.Text)
	if err != nil {
		return nil, err
	}
	ink, err := strokes.Write(words, hand)
	if err != nil {
		return nil, err
	}
	hole := pixel.NewMask(img.W, img.H)
	strokes.Mask(hole)
	filled, err := patchmatch.Fill(ctx, img, hole, patchmatch.Options{Seed: req.Seed, Progress: req.Progress})
	if err != nil {
		return nil, err
	}
	out := filled.Clone()
	strokes.Paint(out, ink)
	return out, nil
}
