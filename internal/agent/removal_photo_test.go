package agent

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// TestRemovedIsNotFoundAgain removes objects from photographs and has the
// detector that found them look again: what it finds then must lie elsewhere.
func TestRemovedIsNotFoundAgain(t *testing.T) {
	shared(t)
	kit := openKit(t, true)
	for _, c := range []struct {
		photo, remove, find string
		at                  edit.Box // the object, as objects.json has it
		boxes               map[string][]edit.Box
	}{
		{"dog_bench.png", "remove the dog", "detect the dogs", edit.Box{X0: 178, Y0: 118, X1: 310, Y1: 462}, nil},
		{"person_wall_signs.jpg", "remove the person on the right", "detect the people", edit.Box{X0: 430, Y0: 555, X1: 535, Y1: 885}, nil},
		{"cat_dog.jpg", "remove the cat", "detect the cats", edit.Box{X0: 0, Y0: 330, X1: 560, Y1: 880}, nil},
		{"elephant.jpg", "remove the elephant", "detect the elephants", edit.Box{X0: 95, Y0: 162, X1: 490, Y1: 650}, nil},
		// No detector of the set knows vans: a person draws the box, and it is looked for as a car.
		{
			"street_traffic.jpg", "remove the van", "detect the cars",
			edit.Box{X0: 865, Y0: 945, X1: 1005, Y1: 1075},
			map[string][]edit.Box{"van": {{X0: 865, Y0: 925, X1: 1005, Y1: 1075}}},
		},
	} {
		t.Run(c.photo+" "+c.remove, func(t *testing.T) {
			img, times := smallPhoto(t, c.photo)
			c.at = scaled(c.at, times)
			for _, boxes := range c.boxes {
				for i := range boxes {
					boxes[i] = scaled(boxes[i], times)
				}
			}
			before := overlap(request(t, kit, img, c.find, nil), c.at)
			out := request(t, kit, img, c.remove, c.boxes)
			if s := out.Summary.Subtasks[0]; s.Status != edit.StatusDone {
				t.Fatalf("the removal ended as %s: %s", s.Status, s.Reason)
			}
			keepPhoto(t, photoCase{name: "removed-" + c.photo[:len(c.photo)-4]}, out)
			after := overlap(request(t, kit, out.Image, c.find, nil), c.at)
			t.Logf("overlap of what is found with where the object was: %.2f before, %.2f after", before, after)
			if before < 0.4 {
				t.Errorf("the object was not found in the photograph: overlap %.2f", before)
			}
			if after > 0.3 {
				t.Errorf("it is found again: overlap %.2f", after)
			}
		})
	}
}

// longest is the longer side of a photograph that stands for a larger one
// where what is tested does not depend on the size: the networks see no more of it.
const longest = 640

// photograph loads one of the shared photographs.
func photograph(t *testing.T, name string) *pixel.Image {
	t.Helper()
	img, _, err := imageio.Load(context.Background(), filepath.Join(shared(t), "images", name), imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// smallPhoto loads a photograph, makes it smaller where it is larger than that, and tells by how many times.
func smallPhoto(t *testing.T, name string) (img *pixel.Image, times float64) {
	t.Helper()
	img = photograph(t, name)
	if times = longest / float64(max(img.W, img.H)); times >= 1 {
		return img, 1
	}
	w, h := int(math.Round(float64(img.W)*times)), int(math.Round(float64(img.H)*times))
	return pixel.Resize(img, w, h, pixel.Lanczos), times
}

func scaled(b edit.Box, times float64) edit.Box {
	b.X0, b.Y0, b.X1, b.Y1 = times*b.X0, times*b.Y0, times*b.X1, times*b.Y1
	return b
}

// request runs a plan for a picture in memory: ranked by what does not depend on
// how busy the machine is, and with the best result there is, whatever the judge thinks of it.
func request(t *testing.T, kit *Kit, img *pixel.Image, words string, boxes map[string][]edit.Box) Outcome {
	t.Helper()
	ctx := context.Background()
	plan, err := kit.Plan(ctx, words)
	if err != nil {
		t.Fatal(err)
	}
	out, err := kit.Engine.Run(ctx, Job{Image: img, Plan: plan, Evidence: Evidence{Boxes: boxes}, Alpha: 1, Threshold: 0.8, Frozen: true, AcceptBest: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// overlap is the greatest intersection over union of a box and what was found.
func overlap(out Outcome, at edit.Box) float64 {
	var most float64
	for _, f := range out.Findings {
		for _, b := range f.Boxes {
			w := min(b.X1, at.X1) - max(b.X0, at.X0)
			h := min(b.Y1, at.Y1) - max(b.Y0, at.Y0)
			if w > 0 && h > 0 {
				both := float64(w * h)
				most = max(most, both/(float64((b.X1-b.X0)*(b.Y1-b.Y0))+float64((at.X1-at.X0)*(at.Y1-at.Y0))-both))
			}
		}
	}
	return most
}
