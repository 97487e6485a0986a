package judge

import (
	"context"
	"maps"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

type check func(ctx context.Context, j Judge, s Step) (Verdict, error)

// byTask says which check a task type's completing call gets; every other task
// type gets Generic, and one that makes no picture is checked by what it makes.
var byTask = map[string]check{
	"object-recoloration":    judgeRecolor,
	"color-shift":            judgeShift,
	"object-removal":         judgeRemoval,
	"background-removal":     background(Transparent),
	"background-replacement": background(Replaced),
	"background-gradient":    background(Replaced),
	"background-blur":        background(Blurred),
	"text-removal":           judgeTextRemoval,
	"text-replacement":       judgeTextWriting,
	"text-addition":          judgeTextWriting,
	"text-redaction":         hidden(0.3),
	"object-redaction":       hidden(0.3),
	"object-pixelation":      hidden(0.3),
	"object-blur":            hidden(0.3),
	"image-blur":             hidden(0.85),
	"image-upscaling":        judgeUpscale,
	"image-deblurring":       restored(Deblur),
	"image-denoising":        restored(Denoise),
	"outpainting":            judgeOutpaint,
	"exposure-adjustment":    tone(Light),
	"low-light-enhancement":  tone(Light),
	"shadow-recovery":        tone(Shadow),
	"contrast-adjustment":    tone(Contrast),
	"saturation-adjustment":  tone(Strength),
	"temperature-adjustment": tone(Warmth),
	"image-colorization":     tone(Strength),
	"color-transfer":         judgeTransfer,
	"style-transfer":         judgeRestyle,
	"scenery-change":         judgeRestyle,
	"image-flip": func(_ context.Context, _ Judge, s Step) (Verdict, error) {
		return Mirror(s.Before, s.After), nil
	},
	"image-rotation": func(_ context.Context, _ Judge, s Step) (Verdict, error) {
		return Turn(s.Before, s.After, s.number("degrees", 90)), nil
	},
	"image-crop": func(_ context.Context, _ Judge, s Step) (Verdict, error) {
		return Crop(s.Before, s.After, s.boxes()), nil
	},
	"image-resize": func(_ context.Context, _ Judge, s Step) (Verdict, error) {
		return Resized(ResizeInput{
			Before: s.Before, After: s.After,
			Width: s.number("width", 0), Height: s.number("height", 0), Side: s.number("side", 0), Percent: s.number("percent", 0),
		}), nil
	},
}

func judgeRecolor(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	target, ok := s.color()
	mask := s.mask()
	if !ok || mask == nil {
		return Generic(ctx, s.Spec, s.Before, s.After, mask)
	}
	return Recolor(ctx, RecolorInput{Before: s.Before, After: s.After, Mask: mask, Target: target})
}

func judgeShift(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	mask := s.mask()
	leans := s.number("redness", 0) != 0 || s.number("yellowness", 0) != 0 // then the hue is to turn
	if mask == nil || leans {
		return Generic(ctx, s.Spec, s.Before, s.After, mask)
	}
	return Shift(ctx, ShiftInput{Before: s.Before, After: s.After, Mask: mask, Lightness: s.number("lightness", 0), Chroma: s.number("chroma", 0)})
}

func judgeRemoval(ctx context.Context, j Judge, s Step) (Verdict, error) {
	mask := s.mask()
	if mask == nil {
		return Generic(ctx, s.Spec, s.Before, s.After, nil)
	}
	return Removal(ctx, RemovalInput{Before: s.Before, After: s.After, Hole: mask, Phrase: s.Object, FoundBefore: s.boxes(), Detect: j.Detect})
}

func background(ground Ground) check {
	return func(ctx context.Context, _ Judge, s Step) (Verdict, error) {
		mask := s.mask()
		if mask == nil {
			return Generic(ctx, s.Spec, s.Before, s.After, nil)
		}
		in := BackgroundInput{Before: s.Before, After: s.After, Subject: mask, Ground: ground}
		// A gradient passes through its colour, a plain ground is of it.
		if c, ok := s.color(); ok && s.Task == "background-replacement" {
			in.Color = &c
		}
		return Background(ctx, in)
	}
}

func judgeTextRemoval(ctx context.Context, j Judge, s Step) (Verdict, error) {
	mask := s.mask()
	if mask == nil {
		return Generic(ctx, s.Spec, s.Before, s.After, nil)
	}
	return RemovedText(ctx, TextInput{Before: s.Before, After: s.After, Place: mask, Old: s.Object, Read: j.Read})
}

func judgeTextWriting(ctx context.Context, j Judge, s Step) (Verdict, error) {
	return WrittenText(ctx, TextInput{Before: s.Before, After: s.After, Place: s.mask(), Old: s.Object, New: s.text(), Read: j.Read})
}

func hidden(most float64) check {
	return func(ctx context.Context, _ Judge, s Step) (Verdict, error) {
		return Hidden(ctx, HiddenInput{Before: s.Before, After: s.After, Mask: s.mask(), Most: most})
	}
}

func restored(f func(context.Context, RestoreInput) (Verdict, error)) check {
	return func(ctx context.Context, _ Judge, s Step) (Verdict, error) {
		return f(ctx, RestoreInput{Before: s.Before, After: s.After})
	}
}

func judgeUpscale(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	return Upscale(ctx, RestoreInput{Before: s.Before, After: s.After, Factor: s.number("scale", 0)})
}

func judgeOutpaint(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	left, top := s.number("left", 0), s.number("top", 0)
	if left == 0 && top == 0 && s.number("right", 0) == 0 && s.number("bottom", 0) == 0 {
		// All sides grew alike.
		return Outpaint(ctx, OutpaintInput{Before: s.Before, After: s.After, Left: (s.After.W - s.Before.W) / 2, Top: (s.After.H - s.Before.H) / 2})
	}
	return Outpaint(ctx, OutpaintInput{
		Before: s.Before, After: s.After,
		Left: int(left / 100 * float64(s.Before.W)), Top: int(top / 100 * float64(s.Before.H)),
	})
}

func tone(q Quantity) check {
	return func(ctx context.Context, _ Judge, s Step) (Verdict, error) {
		return Tone(ctx, ToneInput{Before: s.Before, After: s.After, Mask: s.mask(), Quantity: q, Direction: s.number("amount", 1)})
	}
}

func judgeTransfer(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	in := RestyleInput{Before: s.Before, After: s.After, Mask: s.mask()}
	in.Reference, _ = s.Inputs[edit.Slot("reference", edit.KindImage)].(*pixel.Image)
	return Restyle(ctx, in)
}

func judgeRestyle(ctx context.Context, _ Judge, s Step) (Verdict, error) {
	return Restyle(ctx, RestyleInput{Before: s.Before, After: s.After, Mask: s.mask()})
}

func sortedSlots(m map[string]edit.Artifact) []string { return slices.Sorted(maps.Keys(m)) }
