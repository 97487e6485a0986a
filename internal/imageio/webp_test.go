package imageio_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func noise(w, h int, alpha bool) *pixel.Image {
	m := pixel.NewImage(w, h)
	m.HasAlpha = alpha
	r := rand.New(rand.NewPCG(3, 4))
	for i := range m.Pix {
		if i%4 != 3 || alpha {
			m.Pix[i] = uint8(r.UintN(256))
		}
	}
	return m
}

func webpOf(t *testing.T, m *pixel.Image, opt imageio.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := imageio.Encode(&b, m, imageio.WebP, opt); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every pair of a sample and an alpha comes back as it was, colours beneath transparent pixels included.
func TestLosslessWebPKeepsEverySample(t *testing.T) {
	every := pixel.NewImage(256, 256)
	every.HasAlpha = true
	for i := range 256 * 256 {
		v := uint8(i)
		copy(every.Pix[4*i:], []uint8{v, 255 - v, v ^ 0x55, uint8(i >> 8)})
	}
	flat := pixel.NewImage(40, 30)
	for name, m := range map[string]*pixel.Image{
		"every alpha": every, "noise": noise(67, 45, false), "noise with alpha": noise(67, 45, true), "flat": flat,
		"one pixel": noise(1, 1, false), "a row": noise(300, 1, true), "a column": noise(1, 300, false),
		"drawn": pixel.FromNRGBA(quartered(500, 211), false),
	} {
		for _, meta := range []imageio.Options{{}, {XMP: []byte(somePacket)}} {
			got, info, err := decodeBytes(webpOf(t, m, meta))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !slices.Equal(got.Pix, m.Pix) {
				t.Errorf("%s: samples changed", name)
			}
			if (meta.XMP != nil) != (info.XMP != nil) || len(info.ICC) != len(meta.ICC) {
				t.Errorf("%s: XMP %d bytes, ICC %d bytes", name, len(info.XMP), len(info.ICC))
			}
		}
	}
}

func TestLossyWebP(t *testing.T) {
	m := pixel.FromNRGBA(quartered(64, 48), false)
	small, large := webpOf(t, noise(64, 48, false), imageio.Options{Quality: 20}), webpOf(t, noise(64, 48, false), imageio.Options{Quality: 95})
	if len(small) >= len(large) {
		t.Errorf("quality 20 takes %d bytes, 95 takes %d", len(small), len(large))
	}
	a, b := webpOf(t, m, imageio.Options{Quality: 90}), webpOf(t, m, imageio.Options{Quality: 90})
	if !bytes.Equal(a, b) {
		t.Error("two runs gave different bytes")
	}
	got, _, err := decodeBytes(a)
	if err != nil {
		t.Fatal(err)
	}
	showsQuarters(t, got, quarters, 8)
	soft := m.Clone()
	soft.HasAlpha = true
	for i := 3; i < len(soft.Pix); i += 4 {
		soft.Pix[i] = uint8(i / 4 % 64 * 4)
	}
	got, info, err := decodeBytes(webpOf(t, soft, imageio.Options{Quality: 80, XMP: []byte(somePacket)}))
	if err != nil || !got.HasAlpha || info.XMP == nil {
		t.Fatalf("%v, %+v", err, info)
	}
	for i := 3; i < len(soft.Pix); i += 4 {
		if got.Pix[i] != soft.Pix[i] {
			t.Fatalf("alpha %d became %d", soft.Pix[i], got.Pix[i])
		}
	}
}

func TestWebPRefuses(t *testing.T) {
	for _, tc := range []struct {
		m   *pixel.Image
		opt imageio.Options
	}{
		{pixel.NewImage(16384, 1), imageio.Options{}},
		{pixel.NewImage(8, 8), imageio.Options{Quality: 101}},
		{&pixel.Image{W: 9000, H: 9000}, imageio.Options{}},
	} {
		var b bytes.Buffer
		if err := imageio.Encode(&b, tc.m, imageio.WebP, tc.opt); err == nil || b.Len() > 0 {
			t.Errorf("%d×%d, quality %d: %v", tc.m.W, tc.m.H, tc.opt.Quality, err)
		}
	}
}

// A cancelled call does not wait for an encoder that cannot be stopped.
func TestWebPEncodingEndsWithItsContext(t *testing.T) {
	m := pixel.NewImage(600, 600)
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i >> 7)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, quality := range []int{0, 90} {
		var b bytes.Buffer
		err := imageio.EncodeContext(ctx, &b, m, imageio.WebP, imageio.Options{Quality: quality})
		if !errors.Is(err, context.Canceled) || b.Len() > 0 {
			t.Errorf("quality %d: %v, %d bytes", quality, err, b.Len())
		}
	}
}
