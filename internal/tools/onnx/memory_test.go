package onnx

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	g "pentimento/internal/tools/onnxgraph"
)

// doubleGraph enlarges twice, each pixel to four.
func doubleGraph() []byte {
	m := g.New("double")
	img := openImage(m)
	up := m.Op("Resize", []g.Value{img, "", m.Floats([]float32{1, 1, 2, 2}, 4)}, g.Str("mode", "nearest"),
		g.Str("coordinate_transformation_mode", "asymmetric"), g.Str("nearest_mode", "floor"))
	return model(m, up)
}

// residentMegabytes is what the process holds in memory, with what the library allocates.
func residentMegabytes(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("the process's memory cannot be read here: not tested")
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	var kb int
	if _, err := fmt.Sscan(string(rest), &kb); err != nil {
		t.Fatal(err)
	}
	return kb >> 10
}

// Enlarging 12 megapixels twice in tiles takes the answer's own 192 MB and a row of tiles;
// at once it would take above 900 MB for the tensors alone.
func TestTilesBoundTheMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own: not measured")
	}
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "double.onnx", doubleGraph()))
	s.Preserves = []edit.Preserve{edit.PreserveAlpha}
	s.Runtime.ONNX.Decode.Upscale, s.Runtime.ONNX.Tile = 2, &edit.Tile{Size: 512, Overlap: 32}
	img := pixel.NewImage(4000, 3000)
	for i := range img.Pix {
		img.Pix[i] = uint8(i>>2 + i>>12)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	r := newRunner(t, dir)
	run1(t, r, s, pixel.Crop(img, img.NRGBA().Rect.Inset(1400))) // load everything first
	debug.FreeOSMemory()
	before, most := residentMegabytes(t), 0
	req := request(s, img)
	req.Progress = func(float64) { most = max(most, residentMegabytes(t)) }
	resp, err := r.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	out := resp.Outputs["image"].(*pixel.Image)
	for _, p := range [][2]int{{0, 0}, {7999, 5999}, {1023, 1024}, {4321, 2345}} {
		r0, g0, b0, _ := img.At(p[0]/2, p[1]/2)
		if r1, g1, b1, _ := out.At(p[0], p[1]); r0 != r1 || g0 != g1 || b0 != b1 {
			t.Errorf("pixel %v is %d,%d,%d, want %d,%d,%d", p, r1, g1, b1, r0, g0, b0)
		}
	}
	t.Logf("%d MB more than the %d before", most-before, before)
	if most-before > 192+220 {
		t.Errorf("took %d MB, want the answer's 192 MB and at most 220 MB for a row of tiles", most-before)
	}
}

// A network that takes pictures as they are keeps its scratch memory for small ones only, and answers alike with and without.
func TestSmallPicturesKeepTheScratch(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	r := newRunner(t, dir)
	kept := func() (list []bool) {
		for key := range r.pool.entries {
			list = append(list, key.arena)
		}
		r.pool.trim()
		return list
	}
	for _, c := range []struct {
		w, h        int
		whole, want bool
	}{{8, 8, false, true}, {512, 512, false, true}, {513, 512, false, false}, {8, 8, true, false}} {
		s.Runtime.ONNX.WholeImage = c.whole
		img := flatPicture(c.w, c.h, 10, 20, 30)
		if out := run1(t, r, s, img); !bytes.Equal(out.Pix, img.Pix) {
			t.Errorf("%d×%d: the answer of a network that changes nothing differs from the picture", c.w, c.h)
		}
		if got := kept(); len(got) != 1 || got[0] != c.want {
			t.Errorf("%d×%d, whole-image %v: sessions keep their scratch memory %v, want [%v]", c.w, c.h, c.whole, got, c.want)
		}
	}
}
