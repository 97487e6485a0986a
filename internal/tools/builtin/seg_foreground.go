package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

const (
	// rimShare of each side of the picture is taken to be background for the colour models.
	rimShare = 0.07
	// subjectShare is the least share of the picture that a class must fill to be a subject,
	subjectShare = 0.01
	// besideShare the least share of the greatest class's area for a second class to be one too.
	besideShare = 0.15
)

// simpleForeground finds what stands out against the picture's rim: inputs
// image; output foreground. It knows no objects, only colours and places.
func simpleForeground(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: boxSmooth, rounds: defaultRounds, color: 0.7})
	if err != nil {
		return tools.Response{}, err
	}
	fr := wholeFrame(img)
	ev := newEvidence(len(fr.f))
	fr.believeSalience(ev)
	mask, err := separate(ctx, img, fr, ev, opt)
	if err != nil {
		return tools.Response{}, err
	}
	if mask.Count(pixel.Half) == 0 {
		return tools.Response{}, &edit.UserError{
			Msg:  req.Spec.Name + ": nothing stands out against the picture's rim",
			Hint: "name the object to keep, or give its outline with --mask",
		}
	}
	return maskResponse("foreground", mask), nil
}

// believeSalience takes beliefs from how rare a colour is along the rim, and
// from a preference for the middle. The lower rim counts little: subjects
// stand on it.
func (fr *frame) believeSalience(ev *evidence) {
	var rim, all histogram
	mx, my := max(1, int(rimShare*float64(fr.w))), max(1, int(rimShare*float64(fr.h)))
	for i, f := range fr.f {
		x, y := i%fr.w, i/fr.w
		all.add(f)
		if x < mx || x >= fr.w-mx || y < my {
			rim.add(f)
		}
	}
	rim.finish()
	all.finish()
	for i, f := range fr.f {
		x, y := (float64(i%fr.w)+0.5)/float64(fr.w)-0.5, (float64(i/fr.w)+0.5)/float64(fr.h)-0.55
		middle := math.Exp(-(x*x/(2*0.24*0.24) + y*y/(2*0.3*0.3)))
		rare := 1 - math.Min(1, 0.7*rim.at(f)/math.Max(all.at(f), 1e-9))
		ev.seed[i] = float32(rare * middle)
		ev.prior[i] = float32(3.2*middle - 1.6)
	}
	smooth := pixel.BoxBlur(&pixel.Plane{W: fr.w, H: fr.h, V: ev.seed}, 2)
	copy(ev.seed, smooth.V)
}

// classesForeground merges the class maps of the picture's subjects and
// refines their border: inputs image, classes; output foreground.
func classesForeground(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	classes, err := tools.Input[*pixel.Classes](req, "classes")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: classesSmooth, rounds: defaultRounds, color: 1})
	if err != nil {
		return tools.Response{}, err
	}
	subject := subjects(classes)
	if subject == nil {
		return tools.Response{}, &edit.UserError{
			Msg:  req.Spec.Name + ": the class maps show no subject of at least 1 % of the picture",
			Hint: "name the object to keep, or give its outline with --mask",
		}
	}
	fr := wholeFrame(img)
	ev := newEvidence(len(fr.f))
	fr.believeLayer(ev, subject, img)
	mask, err := separate(ctx, img, fr, ev, opt)
	if err != nil {
		return tools.Response{}, err
	}
	if mask.Count(pixel.Half) == 0 {
		return tools.Response{}, &edit.UserError{Msg: req.Spec.Name + ": the class maps' subject could not be told from the rest"}
	}
	return maskResponse("foreground", mask), nil
}

// subjects is the union of the class maps that are large, nil when none is.
func subjects(c *pixel.Classes) *pixel.Mask {
	least := subjectShare * float64(c.W) * float64(c.H)
	greatest := 0.0
	for _, l := range c.Layers {
		greatest = math.Max(greatest, float64(l.Mask.Count(pixel.Half)))
	}
	var all *pixel.Mask
	for _, l := range c.Layers {
		if n := float64(l.Mask.Count(pixel.Half)); n < least || n < besideShare*greatest {
			continue
		}
		if all == nil {
			all = l.Mask
		} else {
			all = pixel.Union(all, l.Mask)
		}
	}
	return all
}
