package artifact

import (
	"crypto/sha256"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// twelve is a picture of 12 megapixels: the example scene, tiled.
func twelve() *pixel.Image {
	s, _ := scene.Render(1000, 750, 1)
	m := pixel.NewImage(4000, 3000)
	for y := range m.H {
		for x := 0; x < m.W; x += s.W {
			copy(m.Pix[4*(y*m.W+x):], s.Pix[4*(y%s.H)*s.W:4*(y%s.H+1)*s.W])
		}
	}
	return m
}

func withDeep(m *pixel.Image) *pixel.Image {
	d := *m
	d.Deep = &pixel.Deep{Bits: 16, Pix: make([]uint16, len(m.Pix))}
	seed := uint32(1)
	for i, v := range m.Pix {
		seed = seed*1664525 + 1013904223
		d.Deep.Pix[i] = uint16(v)<<8 | uint16(seed>>24)
	}
	return &d
}

func BenchmarkSHA256(b *testing.B) {
	m := twelve()
	b.SetBytes(int64(len(m.Pix)))
	for b.Loop() {
		sha256.Sum256(m.Pix)
	}
}

func BenchmarkHash(b *testing.B) {
	m := twelve()
	for name, a := range map[string]*pixel.Image{"image": m, "deep": withDeep(m)} {
		b.Run(name, func(b *testing.B) {
			n := len(a.Pix)
			if a.Deep != nil {
				n += 2 * len(a.Deep.Pix)
			}
			b.SetBytes(int64(n))
			for b.Loop() {
				Hash(a)
			}
		})
	}
}

func BenchmarkCodec(b *testing.B) {
	m := twelve()
	mask := pixel.NewMask(m.W, m.H)
	for i := range mask.Pix {
		if x, y := i%m.W-2000, i/m.W-1500; x*x+y*y < 1e6 {
			mask.Pix[i] = 255
		}
	}
	for name, a := range map[string]edit.Artifact{"image": m, "deep": withDeep(m), "mask": mask, "depth": &pixel.Depth{W: m.W, H: m.H, V: make([]float32, m.W*m.H)}} {
		packed, err := Encode(a)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("encode/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Encode(a); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(packed))/1e6, "MB")
		})
		b.Run("decode/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Decode(packed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
