package builtin

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// skyShape is the sky of a made picture, above a house and a meadow.
func skyShape() shape {
	return rect(0, 0, madeW, 70).without(rect(60, 30, 110, 70))
}

func skyPicture(t testing.TB) *pixel.Image {
	return made(madeW, madeH, colorOf(t, "olive"), painted{skyShape(), colorOf(t, "sky blue")}, painted{rect(60, 30, 110, 90), colorOf(t, "brown")})
}

func regionInputs(t testing.TB, op string) map[string]edit.Artifact {
	img, truth := skyPicture(t), skyShape().truth(madeW, madeH)
	return map[string]map[string]edit.Artifact{
		"region-all":        {"image": img, "object": edit.Text("everything")},
		"region-background": {"image": img, "object": edit.Text("background"), "foreground": truth},
		"region-subject":    {"object": edit.Text("sky"), "mask": truth},
		"region-stuff":      {"image": img, "object": edit.Text("the sky"), "except": rect(60, 30, 110, 90).truth(madeW, madeH)},
		"region-panel":      {"image": img, "object": edit.Text("screen"), "boxes": edit.Boxes{Picked: []edit.Box{{X0: 50, Y0: 20, X1: 120, Y1: 100}}}},
		"blur":              {"image": img, "radius": edit.Number(0), "amount": edit.Number(1)},
	}[op]
}

func TestRegionContract(t *testing.T) {
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, spec := range set.All() {
		if spec.Runtime.Builtin == nil || regionOps[spec.Runtime.Builtin.Op] == nil {
			continue
		}
		seen = append(seen, spec.Runtime.Builtin.Op)
		t.Run(spec.Name, func(t *testing.T) {
			tooltest.Run(t, func(t *testing.T) tooltest.Harness {
				return tooltest.Harness{Runner: New(), Request: func() tools.Request {
					return tools.Request{Spec: &spec, Params: spec.Runtime.Builtin.Params, Inputs: regionInputs(t, spec.Runtime.Builtin.Op)}
				}}
			})
		})
	}
	for op := range regionOps {
		if !slices.Contains(seen, op) {
			t.Errorf("no shipped doc uses the operation %s", op)
		}
	}
}

func stuff(t *testing.T, img *pixel.Image, phrase string) (*pixel.Mask, error) {
	t.Helper()
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	spec, ok := set.Get("stuff-region")
	if !ok {
		t.Fatal("no doc stuff-region")
	}
	resp, err := New().Run(context.Background(), tools.Request{
		Spec: &spec, Params: spec.Runtime.Builtin.Params, Inputs: map[string]edit.Artifact{"image": img, "object": edit.Text(phrase)},
	})
	if err != nil {
		return nil, err
	}
	return resp.Outputs["mask"].(*pixel.Mask), nil
}

func TestStuff(t *testing.T) {
	m, err := stuff(t, skyPicture(t), "the sky")
	if err != nil {
		t.Fatal(err)
	}
	if iou := pixel.IoU(m, skyShape().truth(madeW, madeH), nil); iou < 0.95 {
		t.Errorf("the sky is outlined with an overlap of %.3f", iou)
	}
}

// TestStuffRefuses checks that what does not look like it is not found, rather than guessed.
func TestStuffRefuses(t *testing.T) {
	indoors := made(madeW, madeH, colorOf(t, "brown"), painted{rect(40, 40, 120, 110), colorOf(t, "dark red")})
	for _, phrase := range []string{"sky", "grass", "snow", "the water"} {
		m, err := stuff(t, indoors, phrase)
		var nf *edit.NotFoundError
		if !errors.As(err, &nf) {
			t.Errorf("%s in a brown picture: %v, %v", phrase, m != nil, err)
		}
	}
}

func TestStuffTakesThePlaceAndColourSaid(t *testing.T) {
	img := made(madeW, madeH, colorOf(t, "white"),
		painted{rect(0, 0, 80, 90), colorOf(t, "red")}, painted{rect(100, 0, 180, 90), colorOf(t, "blue")}, painted{rect(0, 90, 180, 140), colorOf(t, "black")})
	left, right := rect(0, 0, 80, 90).truth(madeW, madeH), rect(100, 0, 180, 90).truth(madeW, madeH)
	for phrase, want := range map[string]*pixel.Mask{"the red wall": left, "the blue wall": right, "the wall on the right": right} {
		m, err := stuff(t, img, phrase)
		if err != nil {
			t.Errorf("%s: %v", phrase, err)
			continue
		}
		if iou := pixel.IoU(m, want, nil); iou < 0.9 {
			t.Errorf("%s: overlap %.3f", phrase, iou)
		}
	}
}

func TestStuffNamesABadLook(t *testing.T) {
	spec := &edit.ToolSpec{
		Name: "x", Inputs: []edit.Port{{Name: "image", Kind: edit.KindImage}, {Name: "object", Kind: edit.KindText}},
		Outputs: []edit.Port{{Name: "mask", Kind: edit.KindMask}}, Accepts: map[string]edit.Accept{"object": {Labels: edit.NewLabels([]string{"fog"}, nil, nil)}},
		Runtime: edit.Runtime{Kind: "builtin", Builtin: &edit.BuiltinRuntime{Op: "region-stuff"}},
	}
	for name, params := range map[string]map[string]any{
		"none": {}, "short": {"fog-thin": []any{1, 2}}, "words": {"fog-thin": []any{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "thick"}},
	} {
		_, err := New().Run(context.Background(), tools.Request{Spec: spec, Params: params, Inputs: map[string]edit.Artifact{"image": skyPicture(t), "object": edit.Text("fog")}})
		var user *edit.UserError
		if !errors.As(err, &user) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStuffLooksBesideWhatStays checks that what is left out is not taken for the stuff: here a larger plain thing.
func TestStuffLooksBesideWhatStays(t *testing.T) {
	van := rect(0, 20, 120, 90)
	img := made(madeW, madeH, colorOf(t, "black"), painted{rect(0, 0, 180, 90), colorOf(t, "yellow")}, painted{van, colorOf(t, "white")})
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := set.Get("stuff-beside")
	resp, err := New().Run(context.Background(), tools.Request{
		Spec: &spec, Params: spec.Runtime.Builtin.Params,
		Inputs: map[string]edit.Artifact{"image": img, "object": edit.Text("wall"), "except": van.truth(madeW, madeH)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := rect(0, 0, 180, 90).without(van).truth(madeW, madeH)
	if iou := pixel.IoU(resp.Outputs["mask"].(*pixel.Mask), want, nil); iou < 0.85 {
		t.Errorf("the wall beside the van is outlined with an overlap of %.3f", iou)
	}
}
