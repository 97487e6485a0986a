package builtin

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"pentimento/internal/pixel"
)

// psnr is the peak signal-to-noise ratio in dB of the colour samples.
func psnr(a, b *pixel.Image) float64 {
	var e, n float64
	for i := range a.Pix {
		if i%4 < 3 {
			d := float64(a.Pix[i]) - float64(b.Pix[i])
			e += d * d
			n++
		}
	}
	return 10 * math.Log10(255*255/max(e/n, 1e-9))
}

// noisy adds Gaussian noise of standard deviation sigma.
func noisy(m *pixel.Image, sigma float64) *pixel.Image {
	rng := rand.New(rand.NewPCG(1, 2))
	out := m.Clone()
	for i := range out.Pix {
		if i%4 < 3 {
			out.Pix[i] = uint8(min(max(math.Round(float64(m.Pix[i])+sigma*rng.NormFloat64()), 0), 255))
		}
	}
	return out
}

var restorePhotos = []string{"kodim04_woman_red_hat.png", "kodim08_houses.png", "kodim13_creek.png", "kodim23_parrots.png"}

func TestDenoiseTable(t *testing.T) {
	if os.Getenv("RESTORE_TABLE") == "" {
		t.Skip()
	}
	for _, name := range restorePhotos {
		img := sharedPhoto(t, name)
		for _, sigma := range []float64{0, 5, 10, 25} {
			in := noisy(img, sigma)
			n, hist, _ := measureNoise(context.Background(), in)
			start := time.Now()
			out, _ := denoise(context.Background(), in, n, nil)
			took := time.Since(start)
			known, _ := denoise(context.Background(), in, flatNoise(float32(sigma)), nil)
			t.Logf("%s σ=%g found %.1f %.1f %.1f: %.2f -> %.2f dB (σ known %.2f) %.2fs", name, sigma, n.mean(0, hist), n.mean(1, hist), n.mean(2, hist), psnr(img, in), psnr(img, out), psnr(img, known), took.Seconds())
		}
	}
}
