package onnx

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // decoders of the photos
	_ "image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/ortlib"
	"pentimento/tooldocs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testLib is the library the tests run on: the one that is installed, else the pinned one.
var testLib = sync.OnceValues(func() (string, error) {
	path, _, err := ortlib.Find(context.Background(), ortlib.Options{})
	if err == nil {
		return path, nil
	}
	return ortlib.Install(context.Background(), ortlib.Options{})
})

// newRunner makes a Runner over the models of one folder, found by name and size.
func newRunner(t testing.TB, dir string, adjust ...func(*Options)) *Runner {
	t.Helper()
	o := Options{
		Lib:    func(context.Context) (string, error) { return testLib() },
		Device: cpu,
		Locate: func(part edit.ModelFile) (string, edit.ModelSource, error) {
			for _, src := range part.Accept {
				path := filepath.Join(dir, src.File)
				if info, err := os.Stat(path); err == nil && (src.Bytes == 0 || info.Size() == src.Bytes) {
					return path, src, nil
				}
			}
			return "", edit.ModelSource{}, fmt.Errorf("model %s is not installed", part.Accept[0].File)
		},
	}
	for _, f := range adjust {
		f(&o)
	}
	r := New(o)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// shared is the folder with photos and models that real-photo tests need.
func shared(t testing.TB, sub ...string) string {
	t.Helper()
	dir := os.Getenv("PENTIMENTO_SHARED")
	if dir == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	return filepath.Join(append([]string{dir}, sub...)...)
}

func readPhoto(t testing.TB, name string) *pixel.Image {
	t.Helper()
	f, err := os.Open(shared(t, "images", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(image.Rect(0, 0, src.Bounds().Dx(), src.Bounds().Dy()))
	draw.Draw(out, out.Rect, src, src.Bounds().Min, draw.Src)
	return pixel.FromNRGBA(out, false)
}

// shippedSpecs are the docs of the program by name.
var shippedSpecs = sync.OnceValues(func() (map[string]*edit.ToolSpec, error) {
	set, errs := tooldoc.Load(tooldocs.FS)
	specs := make(map[string]*edit.ToolSpec)
	for _, s := range set.All() {
		specs[s.Name] = &s
	}
	return specs, errors.Join(errs...)
})

func spec(t testing.TB, name string) *edit.ToolSpec {
	t.Helper()
	specs, err := shippedSpecs()
	s := specs[name]
	if s == nil {
		t.Fatalf("there is no tool doc %s; errors of the docs: %v", name, err)
	}
	return s
}

// run runs a shipped tool and fails the test on an error.
func run(t testing.TB, r *Runner, tool string, inputs map[string]edit.Artifact) tools.Response {
	t.Helper()
	resp, err := r.Run(t.Context(), tools.Request{Spec: spec(t, tool), Inputs: inputs})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return resp
}

// request asks for one run of a spec on a picture.
func request(s *edit.ToolSpec, img *pixel.Image) tools.Request {
	return tools.Request{Spec: s, Inputs: map[string]edit.Artifact{"image": img}}
}
