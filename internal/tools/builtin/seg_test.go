package builtin

import (
	"context"
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

const madeW, madeH = 180, 140

// ring is an object with a hole, legs three pixels wide and a separate piece.
func ring() shape {
	return ellipse(80, 60, 46, 34).without(ellipse(80, 60, 20, 14)).
		and(rect(50, 85, 53, 120)).and(rect(107, 85, 110, 120)).and(ellipse(140, 60, 10, 12))
}

func ringPicture(t testing.TB) *pixel.Image {
	return made(madeW, madeH, colorOf(t, "gray"), painted{ring(), colorOf(t, "red")})
}

// coarse is a class map as a small network gives it: blurred and of low resolution.
func coarse(m *pixel.Mask) *pixel.Mask {
	small := pixel.ResizeMask(m, m.W/8, m.H/8)
	return pixel.Feather(pixel.ResizeMask(small, m.W, m.H), 4)
}

func segInputs(t testing.TB, op string) map[string]edit.Artifact {
	img, truth := ringPicture(t), ring().truth(madeW, madeH)
	box := edit.Boxes{Picked: []edit.Box{boxOf(truth, "ring")}}
	classes := &pixel.Classes{W: madeW, H: madeH, Layers: []pixel.Layer{{Label: "ring", Mask: coarse(truth)}}}
	return map[string]map[string]edit.Artifact{
		"color-region":       {"image": img, "object": edit.Text("the red ring")},
		"grabcut-box":        {"image": img, "object": edit.Text("ring"), "boxes": box},
		"grabcut-classes":    {"image": img, "object": edit.Text("ring"), "boxes": box, "classes": classes},
		"grabcut-points":     {"image": img, "points": edit.Points{{X: 44, Y: 60}, {X: 140, Y: 60}, {X: 80, Y: 60, Exclude: true}}},
		"simple-foreground":  {"image": img},
		"classes-foreground": {"image": img, "classes": classes},
	}[op]
}

func TestSegContract(t *testing.T) {
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, spec := range set.All() {
		if spec.Runtime.Builtin == nil || segOps[spec.Runtime.Builtin.Op] == nil {
			continue
		}
		seen++
		t.Run(spec.Name, func(t *testing.T) {
			tooltest.Run(t, func(t *testing.T) tooltest.Harness {
				return tooltest.Harness{Runner: New(), Request: func() tools.Request {
					return tools.Request{
						Spec: &spec, Params: spec.Runtime.Builtin.Params, Seed: 1,
						Inputs: segInputs(t, spec.Runtime.Builtin.Op),
					}
				}}
			})
		})
	}
	if seen < len(segOps) {
		t.Errorf("%d docs for %d operations", seen, len(segOps))
	}
}

func TestSegFindsMadeObject(t *testing.T) {
	truth := ring().truth(madeW, madeH)
	for op, least := range map[string]float64{
		"color-region": 0.95, "grabcut-box": 0.95, "grabcut-classes": 0.95,
		"grabcut-points": 0.9, "simple-foreground": 0.8, "classes-foreground": 0.9,
	} {
		t.Run(op, func(t *testing.T) {
			m := segmented(t, op, segInputs(t, op))
			wantIoU(t, m, truth, least)
			if op != "simple-foreground" && m.At(80, 60) != 0 { // nobody tells it of the hole
				t.Error("the hole is filled")
			}
			if m.At(51, 112) == 0 {
				t.Error("the leg is lost")
			}
		})
	}
}

// TestSegStopsWhereverCancelled cancels at many points of a run.
func TestSegStopsWhereverCancelled(t *testing.T) {
	for op := range segOps {
		req := requestOf(op, segInputs(t, op))
		for n := 1; n < 12; n++ {
			_, err := New().Run(&countdown{t.Context(), n}, req)
			if err == nil {
				break // it asks fewer times than that
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, cancelled at question %d: %v", op, n, err)
			}
		}
	}
}

func TestGrabCutKeepsOtherObjectsOut(t *testing.T) {
	seat := rect(20, 70, 160, 95).and(rect(26, 95, 31, 130)).and(rect(148, 95, 153, 130))
	sitter := ellipse(90, 60, 24, 34)
	img := made(madeW, madeH, colorOf(t, "olive"), painted{seat, colorOf(t, "dark gray")}, painted{sitter, colorOf(t, "white")})
	seatMask, sitterMask := seat.without(sitter).truth(madeW, madeH), sitter.truth(madeW, madeH)
	boxes := edit.Boxes{Picked: []edit.Box{boxOf(seatMask, "bench")}, Others: []edit.Box{boxOf(sitterMask, "dog")}}
	classes := &pixel.Classes{W: madeW, H: madeH, Layers: []pixel.Layer{{Label: "dog", Mask: coarse(sitterMask)}}}

	wantIoU(t, segmented(t, "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": boxes}), seatMask, 0.93)
	m := segmented(t, "grabcut-classes", map[string]edit.Artifact{"image": img, "boxes": boxes, "classes": classes})
	wantIoU(t, m, seatMask, 0.93)
	if m.At(90, 80) != 0 {
		t.Error("the sitter is in the bench's mask")
	}
}

func TestGrabCutOfSeveralBoxes(t *testing.T) {
	a, b := ellipse(40, 70, 22, 30), ellipse(140, 60, 24, 24)
	img := made(madeW, madeH, colorOf(t, "light gray"), painted{a, colorOf(t, "blue")}, painted{b, colorOf(t, "blue")})
	boxes := edit.Boxes{Picked: []edit.Box{boxOf(a.truth(madeW, madeH), "ball"), boxOf(b.truth(madeW, madeH), "ball")}}
	wantIoU(t, segmented(t, "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": boxes}), a.and(b).truth(madeW, madeH), 0.95)

	one := edit.Boxes{Picked: boxes.Picked[:1], Others: boxes.Picked[1:]}
	wantIoU(t, segmented(t, "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": one}), a.truth(madeW, madeH), 0.95)
}

// TestGrabCutClassesFollowsMapBeyondBox: detectors cut hats off.
func TestGrabCutClassesFollowsMapBeyondBox(t *testing.T) {
	body := ellipse(90, 75, 40, 50)
	img := made(madeW, madeH, colorOf(t, "teal"), painted{body, colorOf(t, "orange")})
	truth := body.truth(madeW, madeH)
	box := boxOf(truth, "person")
	box.Y0 += 15
	classes := &pixel.Classes{W: madeW, H: madeH, Layers: []pixel.Layer{{Label: "person", Aliases: []string{"woman"}, Mask: coarse(truth)}}}
	in := map[string]edit.Artifact{
		"image": img, "object": edit.Text("the woman"), "boxes": edit.Boxes{Picked: []edit.Box{box}}, "classes": classes,
	}
	wantIoU(t, segmented(t, "grabcut-classes", in), truth, 0.95)
}

func TestGrabCutMovesWithItsBox(t *testing.T) {
	a, b := ellipse(45, 70, 25, 35), ellipse(135, 70, 25, 35)
	img := made(madeW, madeH, colorOf(t, "beige"), painted{a, colorOf(t, "navy")}, painted{b, colorOf(t, "navy")})
	for _, s := range []shape{a, b} {
		truth := s.truth(madeW, madeH)
		boxes := edit.Boxes{Picked: []edit.Box{boxOf(truth, "")}}
		wantIoU(t, segmented(t, "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": boxes}), truth, 0.9)
	}
}

func TestSegRefusals(t *testing.T) {
	img := ringPicture(t)
	flat := made(60, 40, colorOf(t, "gray"))
	for _, c := range []struct {
		name, op string
		in       map[string]edit.Artifact
		params   map[string]any
	}{
		{"box outside", "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": edit.Boxes{Picked: []edit.Box{{X0: 500, Y0: 500, X1: 600, Y1: 600}}}}, nil},
		{"no boxes", "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": edit.Boxes{}}, nil},
		{"point outside", "grabcut-points", map[string]edit.Artifact{"image": img, "points": edit.Points{{X: -4, Y: 3}}}, nil},
		{"only excluding points", "grabcut-points", map[string]edit.Artifact{"image": img, "points": edit.Points{{X: 4, Y: 3, Exclude: true}}}, nil},
		{"no colour word", "color-region", map[string]edit.Artifact{"image": img, "object": edit.Text("the ring")}, nil},
		{"no subject in the maps", "classes-foreground", map[string]edit.Artifact{"image": flat, "classes": &pixel.Classes{W: 60, H: 40}}, nil},
		{"parameter of a wrong type", "grabcut-box", segInputs(t, "grabcut-box"), map[string]any{"smooth": "much"}},
		{"parameter out of range", "grabcut-box", segInputs(t, "grabcut-box"), map[string]any{"rounds": 1000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := requestOf(c.op, c.in)
			req.Params = c.params
			_, err := New().Run(t.Context(), req)
			var user *edit.UserError
			if !errors.As(err, &user) || user.Hint == "" {
				t.Errorf("error %v, want one for the person with a hint", err)
			}
		})
	}
}

// TestSegTinyPictures: no size may panic, whatever the answer is.
func TestSegTinyPictures(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 1}, {1, 9}, {3, 3}, {2, 40}} {
		w, h := size[0], size[1]
		img := made(w, h, colorOf(t, "white"), painted{rect(0, 0, float64(w)/2, float64(h)), colorOf(t, "red")})
		full := pixel.FullMask(w, h)
		in := map[string]edit.Artifact{
			"image": img, "object": edit.Text("the red thing"),
			"boxes":   edit.Boxes{Picked: []edit.Box{{X1: float64(w), Y1: float64(h)}}},
			"classes": &pixel.Classes{W: w, H: h, Layers: []pixel.Layer{{Label: "thing", Mask: full}}},
			"points":  edit.Points{{X: 0.5, Y: 0.5}},
		}
		for op := range segOps {
			_, err := New().Run(t.Context(), requestOf(op, in))
			var broken *tools.ContractError
			if errors.As(err, &broken) {
				t.Errorf("%s on %d×%d: %v", op, w, h, err)
			}
		}
	}
}
