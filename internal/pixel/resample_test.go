package pixel_test

import (
	"testing"

	"pentimento/internal/pixel"
)

func BenchmarkResample(b *testing.B) {
	m := pixel.NewImage(2725, 2225)
	for i := range m.Pix {
		m.Pix[i] = uint8(i*7919>>5) | 1
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	for _, f := range []struct {
		name string
		f    pixel.Filter
	}{{"box", pixel.Box}, {"linear", pixel.Linear}, {"catmull-rom", pixel.CatmullRom}, {"lanczos", pixel.Lanczos}} {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				pixel.Resize(m, 720, 588, f.f)
			}
		})
	}
	m.HasAlpha = true
	b.Run("lanczos with alpha", func(b *testing.B) {
		for b.Loop() {
			pixel.Resize(m, 720, 588, pixel.Lanczos)
		}
	})
}
