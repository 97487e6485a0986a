package builtin

import (
	"image"
	"testing"

	"pentimento/internal/pixel"
)

// A dark body before a wall, its feet on the street. The labelling lacks the feet.
func TestReachOutAddsWhatTheBoxPromises(t *testing.T) {
	const w, h = 90, 120
	body, feet := rect(30, 20, 60, 80), rect(34, 80, 44, 100).and(rect(48, 80, 58, 100))
	img := made(w, h, colorOf(t, "silver"),
		painted{rect(0, 78, w, h), colorOf(t, "gray")}, painted{body.and(feet), colorOf(t, "black")})
	fr := newFrame(img, image.Rect(0, 0, w, h), w, h)
	for _, c := range []struct {
		name string
		box  image.Rectangle
		feet bool
	}{
		{"box down to the feet", image.Rect(30, 20, 60, 100), true},
		{"box of the body", image.Rect(30, 20, 60, 80), false},
		{"no detector's box", image.Rectangle{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ev := newEvidence(w * h)
			if !c.box.Empty() {
				ev.tight = []image.Rectangle{c.box}
			}
			truth := body.truth(w, h)
			label := make([]float32, w*h)
			for i := range label {
				label[i] = float32(truth.Pix[i]) / 255
				if p := image.Pt(i%w, i/w); !p.In(image.Rect(28, 18, 62, 104)) {
					ev.fixed[i] = surelyOut
				}
			}
			reachOut(fr, ev, label)
			got := pixel.NewMask(w, h)
			for i, v := range label {
				got.Pix[i] = uint8(255 * v)
			}
			want := body
			if c.feet {
				want = body.and(feet)
			}
			wantIoU(t, got, want.truth(w, h), 0.97)
		})
	}
}
