package artifact

import (
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// FuzzDecode: whatever is decoded is whole, and encoding it gives an artifact that decodes to the same.
func FuzzDecode(f *testing.F) {
	deep := pixel.NewImage(3, 2)
	deep.Deep = &pixel.Deep{Pix: make([]uint16, 24), Bits: 16, Space: testSpaces(f)[1]}
	deep.Deep.Pix[5] = 300
	for _, a := range []edit.Artifact{
		pixel.NewImage(4, 3), deep, pixel.NewMask(9, 9),
		&pixel.Classes{W: 2, H: 2, Layers: []pixel.Layer{{Label: "dog", Aliases: []string{"puppy"}, Mask: pixel.NewMask(2, 2)}}},
		&pixel.Depth{W: 1, H: 2, V: []float32{1, 2}},
		edit.Boxes{Picked: []edit.Box{{X1: 3, Label: "dog", Landmarks: []edit.Point{{X: 1}}}}},
		edit.Points{{X: 1, Exclude: true}},
		edit.Text("words"),
		edit.Spans{{Text: "OPEN"}},
		edit.Color{R: 1, Name: "red"},
		edit.Number(2),
	} {
		b, err := Encode(a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Decode(b)
		if err != nil {
			return
		}
		if Hash(a).IsZero() {
			t.Fatalf("what was decoded is not whole: %+v", a)
		}
		again, err := Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(again)
		if err != nil || Hash(got) != Hash(a) {
			t.Fatalf("it does not round-trip: %v", err)
		}
	})
}
