package builtin

import (
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// TestShadeTellsColourWordsApart holds each word's plain colour, lit and shaded, against every word.
func TestShadeTellsColourWordsApart(t *testing.T) {
	words := []string{"red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "white", "black", "gray"}
	dim := func(c edit.Color, k float32) pixel.Lab {
		light := func(v uint8) float32 { return pixel.ToLinear(v) * k }
		return pixel.LinearLab(light(c.R), light(c.G), light(c.B))
	}
	for _, w := range words {
		c := colorOf(t, w)
		s := shadeIn(c, nil, false)
		for _, k := range []float32{1, 0.6} {
			if w == "white" && k < 1 {
				continue // white in shade is grey: no word can tell
			}
			if got := s.match(dim(c, k)); got < 0.8 {
				t.Errorf("%s in light %.1f matches its own word by %.2f", w, k, got)
			}
		}
		for _, other := range words {
			if other == w || w == "orange" && other == "brown" {
				continue // orange in deep shade is brown: only the scene could tell
			}
			if o := colorOf(t, other); s.match(pixel.LabOf(o)) > 0.3 {
				t.Errorf("%s matches the word %s by %.2f", other, w, s.match(pixel.LabOf(o)))
			}
		}
	}
}

// balls are three red balls, the middle one the largest, and a yellow one.
var balls = []shape{ellipse(30, 40, 16, 16), ellipse(90, 80, 30, 30), ellipse(150, 40, 14, 14), ellipse(30, 110, 18, 18)}

func TestColorRegionChoosesByPhrase(t *testing.T) {
	red := colorOf(t, "red")
	img := made(madeW, madeH, colorOf(t, "light gray"), painted{balls[0], red}, painted{balls[1], red}, painted{balls[2], red}, painted{balls[3], colorOf(t, "yellow")})
	for _, c := range []struct {
		phrase string
		want   shape
	}{
		{"the yellow ball", balls[3]},
		{"the red ball on the left", balls[0]},
		{"the rightmost red ball", balls[2]},
		{"the largest red ball", balls[1]},
		{"the smallest red ball", balls[2]},
		{"the lowest red ball", balls[1]},
		{"the second red ball", balls[1]},
		{"the red ball", balls[1]}, // three times as large as the others
		{"all red balls", balls[0].and(balls[1]).and(balls[2])},
		{"the two red balls", balls[0].and(balls[1])},
		{"the red and yellow balls", balls[0].and(balls[1]).and(balls[2]).and(balls[3])},
	} {
		t.Run(c.phrase, func(t *testing.T) {
			m := segmented(t, "color-region", map[string]edit.Artifact{"image": img, "object": edit.Text(c.phrase)})
			wantIoU(t, m, c.want.truth(madeW, madeH), 0.93)
		})
	}
}

func TestColorRegionRefusals(t *testing.T) {
	red := colorOf(t, "red")
	twins := made(madeW, madeH, colorOf(t, "light gray"), painted{ellipse(40, 70, 24, 24), red}, painted{ellipse(140, 70, 24, 24), red})
	run := func(phrase string) error {
		_, err := New().Run(t.Context(), requestOf("color-region", map[string]edit.Artifact{"image": twins, "object": edit.Text(phrase)}))
		return err
	}
	var missing *edit.NotFoundError
	if err := run("the purple ball"); !errors.As(err, &missing) || len(missing.By) != 1 {
		t.Errorf("purple: %v, want not found and by whom", err)
	}
	var twin *edit.AmbiguousError
	if err := run("the red ball"); !errors.As(err, &twin) || len(twin.Candidates) != 2 {
		t.Fatalf("two red balls: %v, want both listed", err)
	}
	for _, want := range []shape{ellipse(40, 70, 24, 24), ellipse(140, 70, 24, 24)} {
		box := boxOf(want.truth(madeW, madeH), "")
		if max(box.IoU(twin.Candidates[0]), box.IoU(twin.Candidates[1])) < 0.8 {
			t.Errorf("no candidate at %v: %v", box, twin.Candidates)
		}
	}
}

func TestColorRegionJoinsWhatAnOccluderParts(t *testing.T) {
	hull := rect(20, 60, 160, 100)
	post := rect(84, 20, 87, 130)
	img := made(madeW, madeH, colorOf(t, "gray"), painted{hull, colorOf(t, "yellow")}, painted{post, colorOf(t, "dark blue")})
	m := segmented(t, "color-region", map[string]edit.Artifact{"image": img, "object": edit.Text("the yellow raft")})
	wantIoU(t, m, hull.without(post).truth(madeW, madeH), 0.95)
}

func TestColorRegionFillsLetteringAndKeepsGaps(t *testing.T) {
	yellow, gray, black := colorOf(t, "yellow"), colorOf(t, "gray"), colorOf(t, "black")
	board := rect(20, 30, 160, 110)
	sign := made(madeW, madeH, gray, painted{board, yellow}, painted{rect(60, 60, 68, 84), black})
	m := segmented(t, "color-region", map[string]edit.Artifact{"image": sign, "object": edit.Text("the yellow sign")})
	wantIoU(t, m, board.truth(madeW, madeH), 0.97)

	slats := rect(20, 30, 26, 110).and(rect(154, 30, 160, 110))
	for y := 30.0; y < 110; y += 16 {
		slats = slats.and(rect(20, y, 160, y+8))
	}
	bench := made(madeW, madeH, gray, painted{slats, yellow})
	m = segmented(t, "color-region", map[string]edit.Artifact{"image": bench, "object": edit.Text("the yellow bench")})
	wantIoU(t, m, slats.truth(madeW, madeH), 0.93)
}

// TestColorRegionOnTheStreet runs on the project's own scene, whose masks are exact.
func TestColorRegionOnTheStreet(t *testing.T) {
	img, masks := scene.Render(960, 640, 3)
	for phrase, object := range map[string]string{"the red car": "car-paint", "the yellow bench": "bench"} {
		t.Run(phrase, func(t *testing.T) {
			m := segmented(t, "color-region", map[string]edit.Artifact{"image": img, "object": edit.Text(phrase)})
			saveOverlay(t, img, m, "scene_"+object)
			wantIoU(t, m, masks[object], 0.9)
		})
	}
}

func TestGrabCutOnTheStreet(t *testing.T) {
	img, masks := scene.Render(960, 640, 3)
	m := segmented(t, "grabcut-box", map[string]edit.Artifact{
		"image": img, "object": edit.Text("tree"), "boxes": edit.Boxes{Picked: []edit.Box{boxOf(masks["tree"], "tree")}},
	})
	wantIoU(t, m, masks["tree"], 0.85)
}
