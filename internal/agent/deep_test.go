package agent

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/icc"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// deepPicture is a soft gradient in Display P3 with alpha, at 8 or 16 bits.
func deepPicture(t *testing.T, bits int) *pixel.Image {
	t.Helper()
	curve := make([]float32, 1024)
	for i := range curve {
		curve[i] = pixel.ToLinearExact(float32(i) / 1023)
	}
	p, err := icc.Parse(icc.Build([3]float64{0.51512, 0.24120, -0.00105}, [3]float64{0.29198, 0.69225, 0.04189}, [3]float64{0.15710, 0.06657, 0.78407}, curve...))
	if err != nil {
		t.Fatal(err)
	}
	space, err := p.Space()
	if err != nil {
		t.Fatal(err)
	}
	const w, h = 120, 90
	r := rand.New(rand.NewPCG(1, 2))
	pix := make([]uint16, 4*w*h)
	for i := range w * h {
		x, y := i%w, i/w
		pix[4*i], pix[4*i+1], pix[4*i+2] = uint16(45000+x*100)+uint16(r.UintN(200)), uint16(12000+y*90), uint16(9000+x*30)
		pix[4*i+3] = 65535
		if x < 10 {
			pix[4*i+3] = uint16(r.UintN(65536))
		}
	}
	if bits == 8 {
		for i, v := range pix {
			pix[i] = v >> 8 * 257
		}
	}
	return pixel.FromDeep(w, h, &pixel.Deep{Pix: pix, Bits: bits, Space: space}, true)
}

// A recolour from file to file leaves every stored sample outside the mask as
// it was, whatever the depth, the colour space and the format, and tells once of 8 bits.
func TestStoredSamplesOutsideTheMask(t *testing.T) {
	kit := openKit(t, false)
	for _, bits := range []int{8, 16} {
		for _, format := range []string{"png", "tif"} {
			dir := t.TempDir()
			in, out, maskFile := filepath.Join(dir, "in."+format), filepath.Join(dir, "out."+format), filepath.Join(dir, "mask.png")
			before := deepPicture(t, bits)
			if err := imageio.Save(t.Context(), in, before, imageio.Options{}); err != nil {
				t.Fatal(err)
			}
			mask := pixel.NewMask(before.W, before.H)
			for y := 30; y < 60; y++ {
				for x := 5; x < 80; x++ {
					mask.Pix[y*mask.W+x] = uint8(min(255, 40*(y-29)))
				}
			}
			if err := imageio.SaveMask(t.Context(), maskFile, mask); err != nil {
				t.Fatal(err)
			}
			var notices []string
			_, err := kit.EditFile(t.Context(), FileJob{
				Input: in, Output: out, Mask: maskFile, Request: "make the ball blue", Alpha: 1, Threshold: 0,
			}, func(e edit.Event) {
				if e.Type == edit.EventNotice {
					notices = append(notices, e.Message)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			after, meta, err := imageio.Load(t.Context(), out, imageio.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if meta.BitDepth != bits || len(meta.ICC) == 0 || after.Deep == nil {
				t.Fatalf("%s of %d bits came back with %d, profile of %d bytes", format, bits, meta.BitDepth, len(meta.ICC))
			}
			changed := 0
			for i, m := range mask.Pix {
				was, is := before.Deep.Pix[4*i:4*i+4], after.Deep.Pix[4*i:4*i+4]
				if m == 0 && !slices.Equal(was, is) || was[3] != is[3] {
					t.Fatalf("%s, %d bits: pixel %d under mask %d went from %v to %v", format, bits, i, m, was, is)
				}
				if m == 255 && !slices.Equal(was, is) {
					changed++
				}
			}
			if changed < 1000 {
				t.Errorf("%s, %d bits: only %d pixels changed inside", format, bits, changed)
			}
			told := 0
			for _, n := range notices {
				if strings.Contains(n, "16 bits") {
					told++
				}
			}
			if want := bits/8 - 1; told != want {
				t.Errorf("%s, %d bits: told %d times: %q", format, bits, told, notices)
			}
		}
	}
}

// Tone and geometry work on all 16 bits, and nothing is said.
func TestSixteenBitTools(t *testing.T) {
	kit := openKit(t, false)
	kit.Engine.Judge = nil // the picture has nothing to sharpen
	before := deepPicture(t, 16)
	for _, request := range []string{
		"make it a bit brighter", "increase the contrast", "make it more saturated", "make it warmer", "sharpen it",
		"resize to 77 pixels wide", "crop to a square", "rotate by 90 degrees", "rotate by 7 degrees", "flip it horizontally",
	} {
		plan, err := kit.Plan(t.Context(), request)
		if err != nil {
			t.Fatalf("%s: %v", request, err)
		}
		var notices []string
		out, err := kit.Engine.Run(context.Background(), Job{Image: before, Plan: plan, Alpha: 1}, func(e edit.Event) {
			if e.Type == edit.EventNotice {
				notices = append(notices, e.Message)
			}
		})
		if err != nil || !out.Edited {
			t.Fatalf("%s: edited %v, %v: %+v", request, out.Edited, err, out.Summary.Subtasks)
		}
		d := out.Image.Deep
		if d == nil || d == before.Deep || d.Bits != 16 || len(d.Pix) != len(out.Image.Pix) {
			t.Fatalf("%s: the stored samples were lost", request)
		}
		fine := 0
		for _, v := range d.Pix {
			if v%257 != 0 {
				fine++
			}
		}
		if fine < len(d.Pix)/2 {
			t.Errorf("%s: only %d of %d samples use more than 8 bits", request, fine, len(d.Pix))
		}
		if slices.ContainsFunc(notices, func(n string) bool { return strings.Contains(n, "16 bits") }) {
			t.Errorf("%s: %q", request, notices)
		}
		shown := pixel.FromDeep(out.Image.W, out.Image.H, d, true)
		for i := range shown.Pix {
			if e := int(shown.Pix[i]) - int(out.Image.Pix[i]); e < -1 || e > 1 {
				t.Fatalf("%s: sample %d shows as %d, tools see %d", request, i, shown.Pix[i], out.Image.Pix[i])
			}
		}
	}
}

// A coloured edit of a grey file makes it a colour file, a grey one leaves it grey.
func TestGrayFiles(t *testing.T) {
	kit := openKit(t, false)
	dir := t.TempDir()
	in := filepath.Join(dir, "in.png")
	img := pixel.NewImage(60, 40)
	for i := range 60 * 40 {
		v := uint8(40 + i%60*3)
		img.Set(i%60, i/60, v, v, v, 255)
	}
	if err := imageio.Save(t.Context(), in, img, imageio.Options{Gray: true}); err != nil {
		t.Fatal(err)
	}
	for request, gray := range map[string]bool{"increase the contrast": true, "make it warmer": false} {
		out := filepath.Join(dir, "out.png")
		if _, err := kit.EditFile(t.Context(), FileJob{Input: in, Output: out, Request: request, Alpha: 1}, func(edit.Event) {}); err != nil {
			t.Fatal(err)
		}
		_, meta, err := imageio.Load(t.Context(), out, imageio.Limits{})
		if err != nil || meta.Gray != gray {
			t.Errorf("%s: grey %v (%v)", request, meta.Gray, err)
		}
	}
}

// What is at hand gives the same file as what was run, for tools that leave the stored samples to the engine too.
func TestStoredSamplesAtHand(t *testing.T) {
	kit := openKit(t, false).Fork(t.TempDir())
	t.Cleanup(func() { _ = kit.Forget() })
	dir := t.TempDir()
	in := filepath.Join(dir, "in.png")
	if err := imageio.Save(t.Context(), in, deepPicture(t, 16), imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, request := range []string{"blur the picture", "increase the contrast", "make it black and white"} {
		var files [2][]byte
		for i := range files {
			out := filepath.Join(dir, "out.png")
			got, err := kit.EditFile(t.Context(), FileJob{Input: in, Output: out, Request: request, Alpha: 1, Threshold: 0}, func(edit.Event) {})
			if err != nil {
				t.Fatal(err)
			}
			if i == 1 && (got.Summary.ToolRuns > 0 || got.Summary.CacheHits == 0) {
				t.Errorf("%s: the second time %d tools ran", request, got.Summary.ToolRuns)
			}
			if files[i], err = os.ReadFile(out); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: the result at hand gives another file than the tool that ran", request)
		}
	}
}
