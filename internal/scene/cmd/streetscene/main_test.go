package main

import (
	"path/filepath"
	"slices"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

func TestRunWritesPictureAndMasks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := run(t.Context(), dir, 96, 64, 1, 0); err != nil {
		t.Fatal(err)
	}
	img, _, err := imageio.Load(t.Context(), filepath.Join(dir, "street.png"), imageio.Limits{})
	if err != nil || img.W != 96 || img.H != 64 {
		t.Fatalf("picture: %v", err)
	}
	_, masks := scene.Render(96, 64, 1)
	for _, name := range scene.Names() {
		m, _, err := imageio.LoadMask(t.Context(), filepath.Join(dir, "street."+name+".png"), 96, 64, imageio.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Area() != masks[name].Area() {
			t.Errorf("mask of %s changed on its way", name)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"no directory": run(t.Context(), "", 96, 64, 1, 0),
		"too small":    run(t.Context(), t.TempDir(), 8, 64, 1, 0),
		"too large":    run(t.Context(), t.TempDir(), 96, 9000, 1, 0),
		"too many":     run(t.Context(), t.TempDir(), 96, 64, 1, 1001),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRunWritesASeries(t *testing.T) {
	dir := t.TempDir()
	if err := run(t.Context(), dir, 48, 32, 7, 2); err != nil {
		t.Fatal(err)
	}
	for name, seed := range map[string]int64{"street-7.png": 7, "street-8.png": 8} {
		img, _, err := imageio.Load(t.Context(), filepath.Join(dir, name), imageio.Limits{})
		want, _ := scene.Render(48, 32, seed)
		if err != nil || !slices.Equal(img.Pix, want.Pix) {
			t.Errorf("%s is not the street of seed %d (%v)", name, seed, err)
		}
	}
}
