package tools

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

var pickLabels = edit.NewLabels(
	[]string{"person", "car", "truck", "bird"},
	map[string][]string{"person": {"man", "woman", "people"}, "car": {"automobile"}, "bird": {"parrot"}},
	[]string{"object", "thing"},
)

// object is a box of one colour on the test picture.
func object(name string, x0, y0, x1, y1, score float64) edit.Box {
	return edit.Box{X0: x0, Y0: y0, X1: x1, Y1: y1, Label: name, Score: score}
}

// scene is a grey 400×300 picture with coloured boxes on it.
func scene(paint map[int]edit.Color, boxes []edit.Box) *pixel.Image {
	img := pixel.NewImage(400, 300)
	fill := func(b edit.Box, c edit.Color) {
		b = b.Clip(img.W, img.H)
		for y := int(b.Y0); y < int(b.Y1); y++ {
			for x := int(b.X0); x < int(b.X1); x++ {
				img.Set(x, y, c.R, c.G, c.B, 255)
			}
		}
	}
	fill(edit.Box{X1: 400, Y1: 300}, edit.Color{R: 120, G: 122, B: 118})
	for i, c := range paint {
		fill(boxes[i], c)
	}
	return img
}

func TestPick(t *testing.T) {
	red, darkRed, blue := edit.Color{R: 200, G: 25, B: 30}, edit.Color{R: 70, G: 12, B: 14}, edit.Color{R: 30, G: 60, B: 190}
	white, black := edit.Color{R: 235, G: 234, B: 228}, edit.Color{R: 22, G: 20, B: 24}
	cars := []edit.Box{
		object("car", 10, 100, 90, 160, 0.9), object("car", 150, 120, 220, 180, 0.8),
		object("car", 300, 200, 390, 290, 0.85), object("person", 100, 50, 130, 150, 0.7),
	}
	paint := map[int]edit.Color{0: red, 1: blue, 2: darkRed, 3: white}
	people := []edit.Box{
		object("person", 20, 50, 60, 150, 0.6), object("person", 180, 50, 220, 150, 0.9), object("person", 330, 50, 370, 150, 0.7),
	}
	cases := []struct {
		name   string
		boxes  []edit.Box
		paint  map[int]edit.Color
		phrase string
		picked []int // indices into boxes
		others []int
		fails  string // "not found", "ambiguous", "unknown"
	}{
		{name: "one of its kind", boxes: cars, phrase: "the man", picked: []int{3}, others: []int{0, 2, 1}},
		{name: "several for one", boxes: cars, phrase: "the car", fails: "ambiguous"},
		{name: "plural", boxes: cars, phrase: "the cars", picked: []int{0, 2, 1}, others: []int{3}},
		{name: "all", boxes: cars, phrase: "every car", picked: []int{0, 2, 1}, others: []int{3}},
		{name: "none", boxes: cars, phrase: "the truck", fails: "not found"},
		{name: "unknown word", boxes: cars, phrase: "the giraffe", fails: "unknown"},
		{name: "every class", boxes: people[:1], phrase: "the object", picked: []int{0}},
		{name: "all of every class", boxes: cars, phrase: "all objects", picked: []int{0, 2, 1, 3}},

		{name: "colour", boxes: cars, paint: paint, phrase: "the blue car", picked: []int{1}, others: []int{0, 2, 3}},
		{name: "colour in light and shade", boxes: cars, paint: paint, phrase: "the red cars", picked: []int{0, 2}, others: []int{1, 3}},
		{name: "colour and position", boxes: cars, paint: paint, phrase: "the red car on the right", picked: []int{2}, others: []int{0, 1, 3}},
		{name: "colour that none has", boxes: cars, paint: paint, phrase: "the green car", fails: "not found"},
		{name: "grey is no colour of a painted car", boxes: cars, paint: paint, phrase: "the white car", fails: "not found"},
		{name: "white", boxes: people, paint: map[int]edit.Color{0: white, 1: black, 2: red}, phrase: "the white woman", picked: []int{0}, others: []int{1, 2}},
		{name: "black", boxes: people, paint: map[int]edit.Color{0: white, 1: black, 2: red}, phrase: "the black person", picked: []int{1}, others: []int{2, 0}},
		{name: "colour of the only one, wrong", boxes: people[:1], paint: map[int]edit.Color{0: blue}, phrase: "the yellow person", fails: "not found"},

		{name: "left", boxes: people, phrase: "the person on the left", picked: []int{0}, others: []int{1, 2}},
		{name: "right", boxes: people, phrase: "the person on the right", picked: []int{2}, others: []int{1, 0}},
		{name: "middle", boxes: people, phrase: "the person in the middle", picked: []int{1}, others: []int{2, 0}},
		{name: "largest", boxes: cars, phrase: "the largest car", picked: []int{2}, others: []int{0, 1, 3}},
		{name: "smallest", boxes: cars, phrase: "the smallest car", picked: []int{1}, others: []int{0, 2, 3}},
		{name: "nearest", boxes: cars, phrase: "the nearest car", picked: []int{2}, others: []int{0, 1, 3}},
		{name: "farthest", boxes: cars, phrase: "the farthest car", picked: []int{0}, others: []int{2, 1, 3}},
		{name: "top", boxes: cars, phrase: "the top car", picked: []int{0}, others: []int{2, 1, 3}},
		{name: "bottom", boxes: cars, phrase: "the bottom car", picked: []int{2}, others: []int{0, 1, 3}},
		{name: "a half of the picture", boxes: cars, phrase: "the cars on the left", picked: []int{0, 1}, others: []int{2, 3}},
		{name: "an empty half", boxes: people[:1], phrase: "the people on the right", fails: "not found"},

		{name: "ordinal", boxes: people, phrase: "the second person", picked: []int{1}, others: []int{2, 0}},
		{name: "ordinal from the right", boxes: people, phrase: "the first person from the right", picked: []int{2}, others: []int{1, 0}},
		{name: "ordinal too far", boxes: people, phrase: "the fifth person", fails: "not found"},
		{name: "count", boxes: people, phrase: "the three people", picked: []int{1, 2, 0}},
		{name: "count and place", boxes: people, phrase: "the two people on the left", picked: []int{0, 1}, others: []int{2}},
		{name: "count too small", boxes: people, phrase: "two people", fails: "ambiguous"},
		{name: "count too great", boxes: people, phrase: "seven people", fails: "not found"},

		{
			name:   "one seen twice",
			boxes:  []edit.Box{object("person", 20, 50, 60, 150, 0.6), object("person", 22, 52, 61, 149, 0.9)},
			phrase: "the person", picked: []int{1},
		},
		{
			name:   "a part of one",
			boxes:  []edit.Box{object("person", 20, 50, 60, 150, 0.9), object("person", 22, 52, 50, 90, 0.4)},
			phrase: "the person", picked: []int{0},
		},
		{
			name:   "a child before a man is no part of him",
			boxes:  []edit.Box{object("person", 20, 50, 60, 150, 0.9), object("person", 22, 52, 50, 90, 0.8)},
			phrase: "the person", fails: "ambiguous",
		},
		{
			name:   "under two names",
			boxes:  []edit.Box{object("truck", 20, 50, 160, 150, 0.9), object("car", 22, 52, 161, 149, 0.5)},
			phrase: "the truck", picked: []int{0},
		},
		{
			name:   "under two names, the weaker asked for",
			boxes:  []edit.Box{object("truck", 20, 50, 160, 150, 0.9), object("car", 22, 52, 161, 149, 0.5)},
			phrase: "the car", picked: []int{1},
		},
		{
			name: "broken boxes",
			boxes: []edit.Box{
				object("car", 390, 290, 500, 400, 0.9), object("car", -50, -50, -10, -10, 0.9), object("car", 5, 5, 5, 90, 0.9),
				object("car", 10, 10, 60, 60, math.NaN()),
			},
			phrase: "the car", picked: []int{0},
		},
		{name: "nothing seen", phrase: "the car", fails: "not found"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			img := scene(c.paint, c.boxes)
			got, err := Pick(img, c.boxes, pickLabels, edit.ParsePhrase(c.phrase), "test-detector")
			if c.fails != "" {
				wantPickError(t, err, c.fails)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "picked", img, got.Picked, c.boxes, c.picked)
			same(t, "others", img, got.Others, c.boxes, c.others)
		})
	}
}

func wantPickError(t *testing.T, err error, kind string) {
	t.Helper()
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	var user *edit.UserError
	switch kind {
	case "not found":
		if !errors.As(err, &nf) || len(nf.By) != 1 || nf.By[0] != "test-detector" {
			t.Errorf("error %v, want not found by the detector", err)
		}
	case "ambiguous":
		if !errors.As(err, &amb) || len(amb.Candidates) < 2 {
			t.Fatalf("error %v, want the candidates", err)
		}
		for i := 1; i < len(amb.Candidates); i++ {
			a, _ := amb.Candidates[i-1].Center()
			b, _ := amb.Candidates[i].Center()
			if a > b {
				t.Errorf("candidates %v are not in order from the left", amb.Candidates)
			}
		}
	case "unknown":
		if !errors.As(err, &user) || !strings.Contains(err.Error(), "test-detector") {
			t.Errorf("error %v, want the word and the detector", err)
		}
	}
}

func same(t *testing.T, what string, img *pixel.Image, got, all []edit.Box, want []int) {
	t.Helper()
	var names []string
	for _, i := range want {
		names = append(names, fmt.Sprint(all[i].Label, all[i].Clip(img.W, img.H)))
	}
	var found []string
	for _, b := range got {
		found = append(found, fmt.Sprint(b.Label, b))
	}
	if fmt.Sprint(found) != fmt.Sprint(names) {
		t.Errorf("%s %v, want %v", what, found, names)
	}
}

func TestPickDoesNotWriteIntoItsInput(t *testing.T) {
	boxes := []edit.Box{object("car", -10, 10, 60, 60, 0.3), object("car", 100, 10, 160, 60, 0.9)}
	before := fmt.Sprint(boxes)
	if _, err := Pick(scene(nil, nil), boxes, pickLabels, edit.ParsePhrase("cars"), "d"); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(boxes) != before {
		t.Errorf("the boxes became %v", boxes)
	}
}

func TestPickWithoutLabelsTakesAll(t *testing.T) {
	got, err := Pick(scene(nil, nil), []edit.Box{object("", 0, 0, 9, 9, 1)}, nil, edit.ParsePhrase("the anything"), "d")
	if err != nil || len(got.Picked) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
