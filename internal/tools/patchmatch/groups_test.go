package patchmatch

import (
	"image"
	"testing"

	"pentimento/internal/pixel"
)

func TestGroups(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []image.Rectangle
		want  []image.Rectangle
	}{
		{"nothing", nil, nil},
		{"one", []image.Rectangle{image.Rect(10, 10, 20, 90)}, []image.Rectangle{image.Rect(10, 10, 20, 90)}},
		{"near", []image.Rectangle{image.Rect(10, 10, 20, 20), image.Rect(40, 10, 50, 20)}, []image.Rectangle{image.Rect(10, 10, 50, 20)}},
		{"apart", []image.Rectangle{image.Rect(10, 10, 20, 20), image.Rect(300, 10, 310, 20)}, []image.Rectangle{image.Rect(10, 10, 20, 20), image.Rect(300, 10, 310, 20)}},
		{"one inside another's box", []image.Rectangle{image.Rect(0, 0, 400, 10), image.Rect(0, 0, 10, 400), image.Rect(200, 200, 210, 210)}, []image.Rectangle{image.Rect(0, 0, 400, 400)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := pixel.NewMask(420, 410)
			for _, r := range c.parts {
				m = pixel.Union(m, pixel.RectMask(m.W, m.H, r))
			}
			got := groups(m)
			if len(got) != len(c.want) {
				t.Fatalf("groups %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("group %d is %v, want %v", i, got[i], c.want[i])
				}
			}
		})
	}
}

// TestSmallHoleInLargePicture checks that what a fill allocates beside the copy
// of the picture depends on the hole and not on the picture.
func TestSmallHoleInLargePicture(t *testing.T) {
	bytesFor := func(side int) int64 {
		img := canvas(side, side, bricks)
		hole := rect(side, side, 300, 300, 330, 330)
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Fill(b.Context(), img, hole, Options{Seed: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
		return r.AllocedBytesPerOp() - int64(len(img.Pix))
	}
	small, large := bytesFor(700), bytesFor(2800)
	if large > small+small/4 {
		t.Errorf("beside the picture's copy %d bytes are allocated at 700×700 and %d at 2800×2800", small, large)
	}
}
