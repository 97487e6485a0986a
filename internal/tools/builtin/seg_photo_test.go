package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/draw"
	_ "image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/onnx"
	"pentimento/internal/tools/ortlib"
	"pentimento/tooldocs"
)

// shared returns a path in the folder of real photographs, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("PENTIMENTO_SHARED")
	if dir == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	return filepath.Join(dir, name)
}

func readPicture(t testing.TB, path string) *pixel.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	n := image.NewNRGBA(image.Rect(0, 0, src.Bounds().Dx(), src.Bounds().Dy()))
	draw.Draw(n, n.Rect, src, src.Bounds().Min, draw.Src)
	return pixel.FromNRGBA(n, false)
}

func readMask(t testing.TB, path string) *pixel.Mask {
	t.Helper()
	p := readPicture(t, path)
	m := pixel.NewMask(p.W, p.H)
	for i := range m.Pix {
		m.Pix[i] = p.Pix[4*i]
	}
	return m
}

// recorded returns the boxes that YOLOX-Nano gives for a shared photo.
func recorded(t testing.TB, photo string) []edit.Box {
	t.Helper()
	b, err := os.ReadFile(shared(t, "models/reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		YOLOX [][]any `json:"yolox"`
	}
	if err := json.Unmarshal(stripAbout(t, b), &all); err != nil {
		t.Fatal(err)
	}
	var boxes []edit.Box
	for _, v := range all[photo].YOLOX {
		num := func(i int) float64 { f, _ := v[i].(float64); return f }
		label, _ := v[0].(string)
		boxes = append(boxes, edit.Box{Label: label, Score: num(1), X0: num(2), Y0: num(3), X1: num(4), Y1: num(5)})
	}
	return boxes
}

func stripAbout(t testing.TB, b []byte) []byte {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "_about")
	out, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// saveOverlay writes the photo with the mask laid over it, for a person to
// look at, when PENTIMENTO_OVERLAYS names a folder.
func saveOverlay(t testing.TB, img *pixel.Image, m *pixel.Mask, name string) {
	t.Helper()
	dir := os.Getenv("PENTIMENTO_OVERLAYS")
	if dir == "" {
		return
	}
	out := img.Clone()
	for i, a := range m.Pix {
		for c, v := range [3]int{255, 0, 255} {
			p := &out.Pix[4*i+c]
			*p = uint8((int(*p)*(510-int(a)) + v*int(a)) / 510)
		}
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, out.NRGBA()); err != nil {
		t.Fatal(err)
	}
}

// classesOf asks the shipped DeepLab doc for the class maps of a photo.
func classesOf(t testing.TB, img *pixel.Image) *pixel.Classes {
	t.Helper()
	set, errs := tooldoc.Load(tooldocs.FS)
	spec, ok := set.Get("deeplab-voc")
	if !ok {
		t.Fatalf("no doc deeplab-voc: %v", errors.Join(errs...))
	}
	runner := onnx.New(onnx.Options{
		Device: "cpu",
		Lib: func(ctx context.Context) (string, error) {
			path, _, err := ortlib.Find(ctx, ortlib.Options{})
			if err == nil {
				return path, nil
			}
			return ortlib.Install(ctx, ortlib.Options{})
		},
		Locate: func(part edit.ModelFile) (string, edit.ModelSource, error) {
			src := part.Accept[0]
			return shared(t, "models/"+src.File), src, nil
		},
	})
	defer func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	}()
	resp, err := runner.Run(t.Context(), tools.Request{Spec: &spec, Inputs: map[string]edit.Artifact{"image": img}})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := resp.Outputs["classes"].(*pixel.Classes)
	return c
}

func TestSegmentPhotos(t *testing.T) {
	for _, c := range []struct {
		photo, mask, label string
		pick               int // index among the recorded boxes of that label
		box                *edit.Box
	}{
		{photo: "dog_bench.png", mask: "bench", label: "bench"},
		{photo: "dog_bench.png", mask: "dog", label: "dog"},
		{photo: "truck.jpg", mask: "truck", label: "truck"},
		{photo: "kodim20_airplane.png", mask: "airplane", label: "airplane"},
		{photo: "kodim23_parrots.png", mask: "red-parrot", label: "bird"},
		{photo: "person_wall_signs.jpg", mask: "person-right", label: "person", pick: 1},
		{photo: "coffee.png", label: "cup", box: &edit.Box{X0: 77, Y0: 70, X1: 478, Y1: 388}},
		{photo: "coffee.png", label: "cup"},
		{photo: "cat_dog.jpg", label: "dog"},
		{photo: "cat_dog.jpg", label: "cat"},
		{photo: "kodim14_rafting.png", label: "boat", mask: "raft"},
		{photo: "kodim04_woman_red_hat.png", label: "person", mask: "person"},
		{photo: "elephant.jpg", label: "elephant"},
		{photo: "desk_laptop.jpg", label: "laptop"},
		{photo: "street_traffic.jpg", label: "car"},
	} {
		for _, mode := range []string{"box", "classes"} {
			name := c.photo + "/" + c.label + "/" + mode
			if c.box != nil {
				name += "/drawn"
			}
			t.Run(name, func(t *testing.T) {
				img := readPicture(t, shared(t, "images/"+c.photo))
				tg := &target{names: []string{c.label}}
				n := 0
				for _, b := range recorded(t, c.photo) {
					if b.Label == c.label && n == c.pick && c.box == nil {
						tg.picked = append(tg.picked, b)
					} else {
						tg.others = append(tg.others, b)
					}
					if b.Label == c.label {
						n++
					}
				}
				if c.box != nil {
					tg.picked, tg.others = []edit.Box{*c.box}, nil
				}
				if mode == "classes" {
					tg.classes = classesOf(t, img)
				}
				start := time.Now()
				m, err := tg.segment(context.Background(), img, basePixels, cutOptions{rounds: defaultRounds, color: 1})
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				saveOverlay(t, img, m, strings.NewReplacer("/", "_", ".", "_").Replace(name))
				if c.mask == "" {
					t.Logf("%-45s        %v", name, took.Round(time.Millisecond))
					return
				}
				truth := readMask(t, shared(t, "images/masks/"+strings.TrimSuffix(c.photo, filepath.Ext(c.photo))+"."+c.mask+".png"))
				t.Logf("%-45s IoU %.3f %v", name, pixel.IoU(m, truth, pixel.IgnoreGrey), took.Round(time.Millisecond))
			})
		}
	}
}
