package onnx

import (
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// TestPhrasesOnPhotos asks the detector for objects of real photos by phrase.
func TestPhrasesOnPhotos(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	cases := []struct {
		photo, phrase string
		boxes         []edit.Box // that must be picked, and no other
		fails         string
	}{
		{photo: "kodim23_parrots.png", phrase: "the red parrot", boxes: []edit.Box{{X0: 395, Y0: 105, X1: 768, Y1: 512}}},
		{photo: "kodim23_parrots.png", phrase: "the parrot on the left", boxes: []edit.Box{{X0: 72, Y0: 170, X1: 395, Y1: 512}}},
		{photo: "kodim23_parrots.png", phrase: "the parrots", boxes: []edit.Box{{X0: 72, Y0: 170, X1: 395, Y1: 512}, {X0: 395, Y0: 105, X1: 768, Y1: 512}}},
		{photo: "kodim23_parrots.png", phrase: "the purple parrot", fails: "not found"},
		{photo: "truck.jpg", phrase: "the white truck", boxes: []edit.Box{{X0: 95, Y0: 275, X1: 1710, Y1: 850}}},
		{photo: "kodim20_airplane.png", phrase: "the airplane", boxes: []edit.Box{{X0: 60, Y0: 65, X1: 768, Y1: 490}}},
		{photo: "kodim20_airplane.png", phrase: "the giraffe", fails: "not found"},
		{photo: "dog_bench.png", phrase: "the dog", boxes: []edit.Box{{X0: 178, Y0: 118, X1: 310, Y1: 462}}},
		{photo: "dog_bench.png", phrase: "the bench", boxes: []edit.Box{{X0: 28, Y0: 222, X1: 474, Y1: 485}}},
		{photo: "person_wall_signs.jpg", phrase: "the person on the right", boxes: []edit.Box{{X0: 430, Y0: 555, X1: 535, Y1: 885}}},
		{photo: "person_wall_signs.jpg", phrase: "the person", fails: "ambiguous"},
		{photo: "kodim14_rafting.png", phrase: "the banana", fails: "not found"},
		{photo: "cat_dog.jpg", phrase: "the cat", boxes: []edit.Box{{X0: 0, Y0: 330, X1: 560, Y1: 880}}},
		{photo: "street_traffic.jpg", phrase: "the bus", boxes: []edit.Box{{X0: 1525, Y0: 730, X1: 1890, Y1: 1095}}},
		{photo: "market_dog.jpg", phrase: "the dog", boxes: []edit.Box{{X0: 75, Y0: 735, X1: 380, Y1: 1196}}},
	}
	for _, c := range cases {
		t.Run(c.photo+" "+c.phrase, func(t *testing.T) {
			resp, err := r.Run(t.Context(), tools.Request{Spec: spec(t, "yolox-nano"), Inputs: map[string]edit.Artifact{
				"image": readPhoto(t, c.photo), "object": edit.Text(c.phrase),
			}})
			var nf *edit.NotFoundError
			var amb *edit.AmbiguousError
			switch {
			case c.fails == "not found" && !errors.As(err, &nf), c.fails == "ambiguous" && !errors.As(err, &amb):
				t.Fatalf("answered %v, %v; want %s", resp.Outputs, err, c.fails)
			case c.fails != "":
				return
			case err != nil:
				t.Fatal(err)
			}
			got := resp.Outputs["boxes"].(edit.Boxes)
			if len(got.Picked) != len(c.boxes) {
				t.Fatalf("picked %v, want %v", got.Picked, c.boxes)
			}
			for _, want := range c.boxes {
				best := 0.0
				for _, b := range got.Picked {
					best = max(best, b.IoU(want))
				}
				if best < 0.75 {
					t.Errorf("picked %v, want %v (overlap %.2f)", got.Picked, want, best)
				}
			}
			t.Logf("precision %.2f, others %d", resp.Quality, len(got.Others))
		})
	}
}
