package paint

import (
	"testing"

	"pentimento/internal/pixel"
)

func BenchmarkRecolor(b *testing.B) {
	img, mask := ball(1280, 1280, pixel.Lab{L: 0.62, A: 0.2, B: 0.1})
	b.SetBytes(int64(len(img.Pix)))
	for b.Loop() {
		if _, err := Recolor(b.Context(), img, mask, pixel.Lab{L: 0.5, A: -0.08, B: -0.05}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMeasure(b *testing.B) {
	img, mask := ball(1280, 1280, pixel.Lab{L: 0.62, A: 0.2, B: 0.1})
	for b.Loop() {
		if _, err := Measure(b.Context(), img, mask); err != nil {
			b.Fatal(err)
		}
	}
}
