package builtin

import (
	"image"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// A red disc on brown ground with a shadow that leaves the box: the ground's
// own tint, darkened. A shaded part of the disc keeps the disc's tint.
func TestDropShadowsTellsGroundFromObject(t *testing.T) {
	const w, h = 120, 100
	red, brown := edit.Color{R: 190, G: 40, B: 25}, edit.Color{R: 190, G: 140, B: 90}
	dim := func(c edit.Color) edit.Color { return edit.Color{R: c.R / 2, G: c.G / 2, B: c.B / 2} }
	disc := ellipse(60, 50, 34, 30)
	shaded := func(x, y float64) bool { return disc(x, y) && y > 66 }
	shadow := rect(20, 60, 60, 86).without(disc)
	img := made(w, h, brown, painted{disc, red}, painted{shaded, dim(red)}, painted{shadow, dim(brown)})
	fr := newFrame(img, image.Rect(0, 0, w, h), w, h)
	ev := newEvidence(w * h)
	label := make([]float32, w*h)
	taken := disc.and(shadow).truth(w, h)
	for i := range label {
		label[i] = float32(taken.Pix[i]) / 255
		if !image.Pt(i%w, i/w).In(image.Rect(20, 18, 98, 86)) {
			ev.fixed[i] = surelyOut
		}
	}
	dropShadows(fr, ev, label)
	got := pixel.NewMask(w, h)
	for i, v := range label {
		got.Pix[i] = uint8(255 * v)
	}
	if before := pixel.IoU(taken, disc.truth(w, h), pixel.IgnoreGrey); before > 0.88 {
		t.Fatalf("the shadow is too small to matter: IoU %.3f before", before)
	}
	// Tints are averaged, so a rim of two pixels stays; the finer cut takes it.
	wantIoU(t, got, disc.truth(w, h), 0.92)
}
