package builtin

import (
	"testing"

	"pentimento/internal/edit"
)

// BenchmarkGrabCutBox cuts the truck, the largest photo with a hand-checked mask (1800×1200).
func BenchmarkGrabCutBox(b *testing.B) {
	img := readPicture(b, shared(b, "images/truck.jpg"))
	req := requestOf("grabcut-box", map[string]edit.Artifact{
		"image": img, "boxes": edit.Boxes{Picked: []edit.Box{{Label: "truck", X0: 99, Y0: 274, X1: 1709, Y1: 851}}},
	})
	runner := New()
	for b.Loop() {
		if _, err := runner.Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkColorRegion(b *testing.B) {
	img := readPicture(b, shared(b, "images/kodim14_rafting.png"))
	req := requestOf("color-region", map[string]edit.Artifact{"image": img, "object": edit.Text("the yellow raft")})
	runner := New()
	for b.Loop() {
		if _, err := runner.Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
