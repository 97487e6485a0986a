package imageio_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func TestPNGKeepsEverySample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 20).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h")
		m := &pixel.Image{W: w, H: h, Pix: rapid.SliceOfN(rapid.Uint8(), 4*w*h, 4*w*h).Draw(t, "pix"), HasAlpha: true}
		if rapid.Bool().Draw(t, "opaque") {
			m = pixel.Flatten(m, 0, 0, 0)
		}
		var b bytes.Buffer
		if err := imageio.Encode(&b, m, imageio.PNG, imageio.Options{Fast: rapid.Bool().Draw(t, "fast")}); err != nil {
			t.Fatal(err)
		}
		got, _, err := decodeBytes(b.Bytes())
		if err != nil || got.W != w || got.H != h || !slices.Equal(got.Pix, m.Pix) {
			t.Fatalf("%d×%d came back as %v, %v", w, h, got, err)
		}
	})
}

func TestJPEGSaysThatTransparencyIsLost(t *testing.T) {
	q := quartered(48, 32)
	clear := quartered(48, 32)
	for y := range 16 {
		for x := range 24 {
			clear.Pix[clear.PixOffset(x, y)+3] = 0
		}
	}
	for _, tc := range []struct {
		name string
		m    *image.NRGBA
		said int
	}{{"opaque", q, 0}, {"transparent", clear, 1}} {
		var b bytes.Buffer
		var said []string
		opt := imageio.Options{Quality: 95, Notice: func(s string) { said = append(said, s) }}
		if err := imageio.Encode(&b, pixel.FromNRGBA(tc.m, true), imageio.JPEG, opt); err != nil {
			t.Fatal(err)
		}
		if len(said) != tc.said {
			t.Errorf("%s: said %q", tc.name, said)
		}
		m, _, err := decodeBytes(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		want := quarters
		if tc.said > 0 {
			want[0].R, want[0].G, want[0].B = 255, 255, 255
		}
		showsQuarters(t, m, want, 3)
	}
}

func TestEncodeRefusals(t *testing.T) {
	m := pixel.NewImage(2, 2)
	for _, tc := range []struct {
		f    imageio.Format
		m    *pixel.Image
		opt  imageio.Options
		says string
	}{
		{imageio.GIF, m, imageio.Options{}, "GIF cannot be written"},
		{imageio.JPEG, m, imageio.Options{Quality: 101}, "outside 1 to 100"},
		{imageio.JPEG, pixel.NewImage(70000, 1), imageio.Options{}, "at most 65535"},
	} {
		err := imageio.Encode(io.Discard, tc.m, tc.f, tc.opt)
		if err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q", tc.f, err, tc.says)
		}
	}
}

func TestFormatForPath(t *testing.T) {
	for path, want := range map[string]imageio.Format{"a.png": imageio.PNG, "b/c.JPG": imageio.JPEG, "w.WebP": imageio.WebP, "x.y.jpeg": imageio.JPEG} {
		if got, err := imageio.FormatForPath(path); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	for path, says := range map[string]string{"a": "no extension", "a.xyz": "no format", "a.gif": "can be read but not written"} {
		_, err := imageio.FormatForPath(path)
		mustRefuse(t, err, path, says)
	}
}

func TestSaveIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.png")
	first, second := pixel.NewImage(2, 2), pixel.NewImage(5, 4)
	if err := imageio.Save(t.Context(), path, first, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	width := func() int {
		t.Helper()
		m, _, err := imageio.Load(t.Context(), path, imageio.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return m.W
	}
	failed := errors.New("the disk is full")
	err := imageio.WriteFile(t.Context(), path, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) || width() != 2 {
		t.Errorf("a failed write: %v, now %d wide", err, width())
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = imageio.WriteFile(ctx, path, func(w io.Writer) error {
		cancel()
		_, err := w.Write(make([]byte, 1<<20))
		return err
	})
	if !errors.Is(err, context.Canceled) || width() != 2 {
		t.Errorf("a cancelled write: %v, now %d wide", err, width())
	}
	if err := imageio.Save(t.Context(), path, second, imageio.Options{}); err != nil || width() != 5 {
		t.Errorf("replacing: %v, now %d wide", err, width())
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

func TestSaveRefusals(t *testing.T) {
	dir := t.TempDir()
	m := pixel.NewImage(2, 2)
	sub := filepath.Join(dir, "sub.png")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		sub:                                   "is a directory",
		filepath.Join(dir, "gone", "a.png"):   "does not exist",
		filepath.Join(dir, "a.gif"):           "can be read but not written",
		filepath.Join(dir, "no-extension-at"): "no extension",
	} {
		mustRefuse(t, imageio.Save(t.Context(), path, m, imageio.Options{}), path, says)
	}
}

func TestSameFile(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png")
	for _, p := range []string{a, b} {
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roundabout := filepath.Join(dir, "..", filepath.Base(dir), "a.png")
	if !imageio.SameFile(a, roundabout) || imageio.SameFile(a, b) || imageio.SameFile(a, a+"x") {
		t.Error("files are told apart wrongly")
	}
}

func TestMasksComeBack(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mask.png")
	m := pixel.RectMask(40, 30, image.Rect(10, 5, 20, 25))
	m.Pix[0] = 77
	if err := imageio.SaveMask(t.Context(), path, m); err != nil {
		t.Fatal(err)
	}
	got, notices, err := imageio.LoadMask(t.Context(), path, 40, 30, imageio.Limits{})
	if err != nil || len(notices) > 0 || !slices.Equal(got.Pix, m.Pix) {
		t.Errorf("came back changed: %v, %q", err, notices)
	}
	got, notices, err = imageio.LoadMask(t.Context(), path, 80, 60, imageio.Limits{})
	if err != nil || got.W != 80 || got.H != 60 || len(notices) != 1 {
		t.Errorf("same shape: %v, %q", err, notices)
	}
	_, _, err = imageio.LoadMask(t.Context(), path, 40, 40, imageio.Limits{})
	mustRefuse(t, err, path, "the mask is 40×30 and the picture 40×40")
	mustRefuse(t, imageio.SaveMask(t.Context(), filepath.Join(dir, "m.jpg"), m), filepath.Join(dir, "m.jpg"), "without loss")
}

func TestMaskFromAlphaOrBrightness(t *testing.T) {
	dir := t.TempDir()
	m := pixel.NewImage(4, 1)
	for x, v := range []uint8{0, 85, 170, 255} {
		m.Set(x, 0, v, v, v, 255)
	}
	bright := filepath.Join(dir, "bright.png")
	if err := imageio.Save(t.Context(), bright, m, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	cut := pixel.CutOut(m, &pixel.Mask{W: 4, H: 1, Pix: []uint8{255, 200, 100, 0}})
	alpha := filepath.Join(dir, "alpha.png")
	if err := imageio.Save(t.Context(), alpha, cut, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	black := filepath.Join(dir, "black.png")
	if err := imageio.Save(t.Context(), black, pixel.NewImage(4, 1), imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path   string
		want   []uint8
		notice string
	}{
		{bright, []uint8{0, 85, 170, 255}, ""},
		{alpha, []uint8{255, 200, 100, 0}, ""},
		{black, []uint8{0, 0, 0, 0}, "empty"},
	} {
		got, notices, err := imageio.LoadMask(t.Context(), tc.path, 4, 1, imageio.Limits{})
		if err != nil || !slices.Equal(got.Pix, tc.want) || !strings.Contains(strings.Join(notices, ""), tc.notice) {
			t.Errorf("%s: %v, %q, %v; want %v", filepath.Base(tc.path), got, notices, err, tc.want)
		}
	}
}

func BenchmarkDecodeJPEG(b *testing.B) {
	data := jpegOf(b, quartered(1280, 1280))
	b.SetBytes(4 * 1280 * 1280)
	for b.Loop() {
		if _, _, err := decodeBytes(data); err != nil {
			b.Fatal(err)
		}
	}
}
