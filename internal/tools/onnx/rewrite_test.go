package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	g "pentimento/internal/tools/onnxgraph"
)

// halfBlur is blurGraph with its picture, its answer and its weights' boundary in half floats.
func halfBlur() []byte {
	m := g.New("half")
	w := make([]float32, 3*25)
	for i := range w {
		w[i] = 1.0 / 25
	}
	img := m.Input("image", g.Half, 1, 3, "h", "w")
	out := m.Conv(m.Cast(img, g.Float), w, 3, 3, 1, 5, 5)
	m.Output("out", m.Cast(out, g.Half), g.Half, 1, 3, "h", "w")
	return m.Model()
}

// A network in half floats is fed and read like one in full, of any size and in tiles.
func TestHalfFloats(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	full := imageSpec(source(t, dir, "full.onnx", blurGraph()))
	half := imageSpec(source(t, dir, "half.onnx", halfBlur()))
	for _, tile := range []*edit.Tile{nil, {Size: 32, Overlap: 12}} {
		full.Runtime.ONNX.Tile, half.Runtime.ONNX.Tile = tile, tile
		for _, size := range [][2]int{{40, 30}, {97, 61}} {
			img := opaquePicture(size[0], size[1])
			if d := maxDiff(run1(t, r, full, img), run1(t, r, half, img)); d > 1 {
				t.Errorf("%v, tile %v: half floats differ by %d", size, tile, d)
			}
		}
	}
	// The doc may name the type of the file, too.
	half.Runtime.ONNX.Input.Type = "float16"
	run1(t, r, half, opaquePicture(20, 20))
	half.Runtime.ONNX.Input.Type = "uint8"
	_, err := r.Run(t.Context(), request(half, opaquePicture(20, 20)))
	wantUserError(t, err, "uint8", "float16")
}

// Inputs of bool and int32 are cast on the way in, an output of bool on the way out.
func TestOtherTypes(t *testing.T) {
	dir := t.TempDir()
	m := g.New("types")
	img := openImage(m)
	on := m.Input("on", g.Bool, 1)
	n := m.Input("n", 6, 1)
	gain := m.Mul(m.Cast(on, g.Float), m.Cast(n, g.Float))
	m.Output("out", m.Cast(m.Greater(m.Mul(img, gain), m.C(0.5)), g.Bool), g.Bool, 1, 3, "h", "w")
	s := imageSpec(source(t, dir, "types.onnx", m.Model()))
	s.Runtime.ONNX.Extra = []edit.ExtraInput{
		{Tensor: "on", Value: []float64{1}, Type: "bool"}, {Tensor: "n", Value: []float64{2}, Type: "int32"},
	}
	out := run1(t, newRunner(t, dir), s, flatPicture(4, 4, 200, 50, 100))
	if r, gr, b, _ := out.At(1, 1); r != 255 || gr != 0 || b != 255 {
		t.Errorf("200,50,100 doubled and cut at half is %d,%d,%d", r, gr, b)
	}
}

// outsideModel moves the tensors of a model's main graph into a file of the
// given name, as exporters do with large ones.
func outsideModel(t *testing.T, model []byte, location string) (small, data []byte) {
	t.Helper()
	small, err := onGraph(model, func(graph []byte) ([]byte, error) {
		var out []byte
		err := rawFields(graph, func(num int, raw, v []byte) error {
			if num != graphInitializer {
				out = append(out, raw...)
				return nil
			}
			var tensor []byte
			err := rawFields(v, func(num int, raw, v []byte) error {
				if num != tensorRaw {
					tensor = append(tensor, raw...)
					return nil
				}
				for key, value := range map[string]string{"location": location, "offset": fmt.Sprint(len(data)), "length": fmt.Sprint(len(v))} {
					tensor = appendField(tensor, tensorExternal, appendField(appendField(nil, entryKey, []byte(key)), entryValue, []byte(value)))
				}
				tensor = appendNumber(tensor, tensorLocation, 1)
				data = append(data, v...)
				return nil
			})
			out = appendField(out, graphInitializer, tensor)
			return err
		})
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return small, data
}

// Tensors in a file that the doc pins are handed over from memory; any other file is refused.
func TestOutsideTensors(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	whole := imageSpec(source(t, dir, "whole.onnx", blurGraph()))
	img := opaquePicture(50, 40)
	want := run1(t, r, whole, img)
	made := 0
	make := func(location string, pinned string, data []byte) *edit.ToolSpec {
		small, outside := outsideModel(t, blurGraph(), location)
		made++
		s := imageSpec(source(t, dir, fmt.Sprintf("small%d.onnx", made), small))
		if pinned != "" {
			if data == nil {
				data = outside
			}
			src := source(t, dir, pinned, data)
			s.Runtime.ONNX.Models = append(s.Runtime.ONNX.Models, edit.ModelFile{Part: "weights", Role: edit.RoleData, Accept: []edit.ModelSource{src}})
		}
		return s
	}
	if d := maxDiff(want, run1(t, r, make("blur.data", "blur.data", nil), img)); d != 0 {
		t.Errorf("with its weights outside the network answers otherwise, by %d", d)
	}
	_, outside := outsideModel(t, blurGraph(), "x")
	for name, c := range map[string]struct {
		spec  *edit.ToolSpec
		words []string
	}{
		"not declared":     {make("other.data", "", nil), []string{"another file"}},
		"another name":     {make("../blur.data", "blur.data", nil), []string{"another file"}},
		"absolute":         {make("/etc/passwd", "blur.data", nil), []string{"another file"}},
		"cut short":        {make("cut.data", "cut.data", outside[:len(outside)-4]), []string{"cut.data", fmt.Sprint(len(outside) - 4)}},
		"not there at all": {make("gone.data", "gone.data", nil), []string{"gone.data"}},
	} {
		if name == "not there at all" {
			if err := os.Remove(filepath.Join(dir, "gone.data")); err != nil {
				t.Fatal(err)
			}
		}
		_, err := r.Run(t.Context(), request(c.spec, img))
		if err == nil {
			t.Errorf("%s: it ran", name)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q lacks %q", name, err, w)
			}
		}
	}
	// Exchanged after it was pinned: found out by its checksum.
	s := make("swap.data", "swap.data", nil)
	bad := slices.Clone(outside)
	bad[3] ^= 0x40
	if err := os.WriteFile(filepath.Join(dir, "swap.data"), bad, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Runtime.ONNX.Models[1].Accept[0].Bytes = 0
	fresh := newRunner(t, dir)
	_, err := fresh.Run(t.Context(), request(s, img))
	sum := sha256.Sum256(bad)
	wantUserError(t, err, "swap.data", hex.EncodeToString(sum[:]))
}

// The shipped SCUNet doc runs a network whose weights lie in its second file.
func TestSCUNetStandIn(t *testing.T) {
	dir := t.TempDir()
	small, data := outsideModel(t, blurGraph(), "scunet_color_real_psnr.onnx.data")
	s := standIn(t, dir, "scunet", map[string][]byte{"": small, "weights": data})
	img := opaquePicture(700, 90)
	out := run1(t, newRunner(t, dir), s, img)
	if d := maxDiff(out, run1(t, newRunner(t, dir), standIn(t, dir, "nafnet-deblur", map[string][]byte{"": blurGraph()}), img)); d > 1 || out.W != 700 {
		t.Errorf("two docs over the same network differ by %d", d)
	}
}

// What the rewriting does to hostile bytes is an error, never a panic.
func FuzzRewrite(f *testing.F) {
	f.Add(blurGraph())
	f.Add(halfBlur())
	f.Add(modelWith(modelGraph, graphWith(graphInitializer, external("x"))))
	f.Fuzz(func(t *testing.T, model []byte) {
		out, err := inlineData(model, map[string][]byte{"x": []byte("12345678")})
		if err != nil {
			return
		}
		if sig, err := inspect(out); err == nil {
			if _, _, err := castEnds(out, sig); err != nil {
				t.Errorf("a model that was inspected could not be rewritten: %v", err)
			}
		}
	})
}

// Beyond its border a frame repeats or mirrors the picture.
func TestBeyondTheBorder(t *testing.T) {
	for _, c := range []struct {
		reflect bool
		n       int
		want    []int
	}{
		{false, 3, []int{0, 0, 0, 0, 1, 2, 2, 2, 2, 2}},
		{true, 3, []int{1, 2, 1, 0, 1, 2, 1, 0, 1, 2}},
		{true, 1, []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		f := frame{reflect: c.reflect}
		for k, want := range c.want {
			if got := f.beyond(k-3, c.n); got != want {
				t.Errorf("reflect %v, side %d, index %d: %d, want %d", c.reflect, c.n, k-3, got, want)
			}
		}
	}
	img := opaquePicture(5, 3)
	in := edit.TensorInput{Fit: "letterbox", Width: 10, Height: 10, Anchor: "top-left", Edge: "reflect", Scale: 1}
	fr, err := newFrame(in, img.W, img.H)
	if err != nil {
		t.Fatal(err)
	}
	tn, err := newTensor(elemFloat32, 1, 3, 10, 10)
	if err != nil {
		t.Fatal(err)
	}
	fill(tn, in, fr, img)
	for x := range 10 { // rows 6..9 mirror rows 4..1
		for k, y := range []int{6, 7, 8, 9} {
			if tn.f[10*y+x] != tn.f[10*(4-k)+x] {
				t.Errorf("column %d: row %d is not the mirror of row %d", x, y, 4-k)
			}
		}
	}
}
