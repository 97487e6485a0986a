package onnx

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// wantUserError wants an error meant for the person that holds all the words.
func wantUserError(t *testing.T, err error, words ...string) {
	t.Helper()
	var user *edit.UserError
	if !errors.As(err, &user) {
		t.Fatalf("error %v is %T, want a *edit.UserError", err, err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q lacks %q", err, w)
		}
	}
}

func TestBadModelFiles(t *testing.T) {
	good := sameGraph()
	cases := []struct {
		name  string
		model []byte
		pin   string // sha256 in the doc; empty: the file's own
		words []string
	}{
		{name: "another file", model: good, pin: strings.Repeat("0", 64), words: []string{strings.Repeat("0", 64), "sha256"}},
		{name: "cut short", model: good[:len(good)-9], words: []string{"cut short"}},
		{name: "zero bytes", words: []string{"is empty"}},
		{name: "garbage", model: []byte("hello, I am no model"), words: []string{"is no ONNX model"}},
		{name: "external data", model: modelWith(modelGraph, graphWith(graphInitializer, external("/etc/passwd"))), words: []string{"another file"}},
		{name: "an operator that does not exist", model: field(nil, modelGraph, field(append([]byte(nil), field(nil, graphInput, field(nil, valueName, []byte("x")))...), graphOutput, field(nil, valueName, []byte("y")))), words: []string{"cannot be used"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			src := source(t, dir, "model.onnx", c.model)
			if c.pin != "" {
				src.SHA256 = c.pin
			}
			r := newRunner(t, dir)
			_, err := r.Run(t.Context(), request(imageSpec(src), picture(8, 8)))
			wantUserError(t, err, append(c.words, "model.onnx")...)
			// The file is mended: the next run must not remember the failure.
			src = source(t, dir, "model.onnx", good)
			if _, err := r.Run(t.Context(), request(imageSpec(src), picture(8, 8))); err != nil {
				t.Errorf("after the file was mended: %v", err)
			}
		})
	}
}

func TestMissingModel(t *testing.T) {
	s := imageSpec(edit.ModelSource{File: "none.onnx", SHA256: strings.Repeat("1", 64)})
	r := newRunner(t, t.TempDir())
	var missing *tools.UnavailableError
	if err := r.Available(s); !errors.As(err, &missing) || missing.Command != "agent models pull test-tool" {
		t.Errorf("Available: %v", err)
	}
	if _, err := r.Run(t.Context(), request(s, picture(8, 8))); err == nil {
		t.Error("a tool without its model ran")
	}
}

func TestMissingLibrary(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "m.onnx", sameGraph()))
	reason := &edit.UserError{Msg: "no library", Hint: "agent doctor --fix"}
	r := newRunner(t, dir, func(o *Options) { o.Lib = func(context.Context) (string, error) { return "", reason } })
	var missing *tools.UnavailableError
	if err := r.Available(s); !errors.As(err, &missing) || missing.Command != "agent doctor --fix" {
		t.Errorf("Available: %v", err)
	}
	_, err := r.Run(t.Context(), request(s, picture(8, 8)))
	wantUserError(t, err, "agent doctor --fix")
}

func TestAnotherLibraryIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := newRunner(t, dir).Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.so")
	r := newRunner(t, dir, func(o *Options) { o.Lib = func(context.Context) (string, error) { return other, nil } })
	wantUserError(t, r.Open(t.Context()), "other.so", "is loaded already")
}

// A model that does not fit its doc fails before it runs, with the doc's and the model's side of it.
func TestModelThatDoesNotFitItsDoc(t *testing.T) {
	dir := t.TempDir()
	plain := source(t, dir, "same.onnx", sameGraph())
	paint := source(t, dir, "paint.onnx", paintGraph())
	boxes := source(t, dir, "boxes.onnx", boxesGraph())
	cases := []struct {
		name  string
		spec  *edit.ToolSpec
		do    func(s *edit.ToolSpec)
		words []string
	}{
		{"input name", imageSpec(plain), func(s *edit.ToolSpec) { s.Runtime.ONNX.Input.Name = "picture" }, []string{`no input "picture"`, "image float32"}},
		{"output name", imageSpec(plain), func(s *edit.ToolSpec) { s.Runtime.ONNX.Decode.Outputs = []string{"answer"} }, []string{`no output "answer"`, "out float32"}},
		{"type", imageSpec(plain), func(s *edit.ToolSpec) { s.Runtime.ONNX.Input.Type = "uint8" }, []string{"type uint8"}},
		{"channels", imageSpec(plain), func(s *edit.ToolSpec) { s.Runtime.ONNX.Input.Order = "gray" }, []string{"3 channels", "feeds 1"}},
		{"layout", imageSpec(boxes), func(s *edit.ToolSpec) {
			s.Runtime.ONNX.Input.Layout, s.Runtime.ONNX.Decode.Outputs = "nhwc", []string{"boxes"}
		}, []string{"channels in layout nhwc"}},
		{"size", imageSpec(boxes), func(s *edit.ToolSpec) {
			s.Runtime.ONNX.Input.Width, s.Runtime.ONNX.Input.Height, s.Runtime.ONNX.Input.Fit = 64, 64, "stretch"
		}, []string{"width 32", "64"}},
		{"input that nothing fills", imageSpec(paint), func(*edit.ToolSpec) {}, []string{"nothing fills its input mask"}},
		{"extra that is not there", imageSpec(plain), func(s *edit.ToolSpec) {
			s.Runtime.ONNX.Extra = []edit.ExtraInput{{Tensor: "sigma", Value: []float64{1}}}
		}, []string{`no input "sigma"`}},
		{"rank of an extra", paintSpec(paint), func(s *edit.ToolSpec) { s.Runtime.ONNX.Extra[1].Shape = []int64{1, 1} }, []string{"amount", "shape [1 1]"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.do(c.spec)
			req := paintRequest(c.spec)
			_, err := newRunner(t, dir).Run(t.Context(), req)
			wantUserError(t, err, c.words...)
		})
	}
}

func TestTensorNamesOfAnotherExport(t *testing.T) {
	dir := t.TempDir()
	src := source(t, dir, "same.onnx", sameGraph())
	src.Tensor = map[string]string{"picture": "image", "answer": "out"}
	s := imageSpec(src)
	s.Runtime.ONNX.Input.Name, s.Runtime.ONNX.Decode.Outputs = "picture", []string{"answer"}
	if _, err := newRunner(t, dir).Run(t.Context(), request(s, picture(8, 8))); err != nil {
		t.Error(err)
	}
}

func TestParams(t *testing.T) {
	dir := t.TempDir()
	s := boxesSpec(source(t, dir, "boxes.onnx", boxesGraph()))
	r := newRunner(t, dir)
	count := func(params map[string]any) int {
		req := request(s, picture(64, 64))
		req.Inputs["object"], req.Params = edit.Text("all dogs"), params
		resp, err := r.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return len(resp.Outputs["boxes"].(edit.Boxes).Picked)
	}
	if n := count(nil); n != 1 {
		t.Errorf("%d dogs at the doc's threshold, want 1", n)
	}
	if n := count(map[string]any{"score": 0.15}); n != 2 {
		t.Errorf("%d dogs at score 0.15, want 2", n)
	}
	for _, bad := range []map[string]any{{"colour": 1.0}, {"score": "low"}} {
		req := request(s, picture(8, 8))
		req.Inputs["object"], req.Params = edit.Text("dog"), bad
		_, err := r.Run(t.Context(), req)
		wantUserError(t, err, "test-tool")
	}
}

func TestDevices(t *testing.T) {
	lib, err := testLib()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"cuda", "directml", "toaster"} {
		r := newRunner(t, "", func(o *Options) { o.Device = d })
		wantUserError(t, r.Open(t.Context()), d)
	}
	for _, d := range []string{"cpu", "auto", ""} {
		r := newRunner(t, "", func(o *Options) { o.Device = d })
		if err := r.Open(t.Context()); err != nil {
			t.Errorf("%q: %v", d, err)
		}
		if device, notice := r.Device(); len(candidates(lib)) == 0 && (device != cpu || notice != "") {
			t.Errorf("%q runs on %q with notice %q", d, device, notice)
		}
	}
}

// A library that could serve a GPU and does not is told; nothing else is probed.
func TestChooseDevice(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "cpu", "libonnxruntime.so")
	gpu := filepath.Join(dir, "gpu", "libonnxruntime.so")
	for _, f := range []string{plain, gpu, filepath.Join(dir, "gpu", "libonnxruntime_providers_cuda.so")} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	no := errors.New("no driver")
	cases := []struct {
		asked, lib string
		has        string // the device that can be had
		device     string
		notice     bool
		fails      bool
	}{
		{asked: "auto", lib: plain, device: cpu},
		{asked: "", lib: plain, has: "cuda", device: cpu}, // never probed
		{asked: "auto", lib: gpu, has: "cuda", device: "cuda"},
		{asked: "auto", lib: gpu, device: cpu, notice: true},
		{asked: "cpu", lib: gpu, has: "cuda", device: cpu},
		{asked: "cuda", lib: gpu, has: "cuda", device: "cuda"},
		{asked: "cuda", lib: gpu, fails: true},
		{asked: "webgpu", lib: plain, fails: true},
		{asked: "webgpu", lib: plain, has: "webgpu", device: "webgpu"},
	}
	for _, c := range cases {
		device, notice, err := chooseDevice(c.asked, c.lib, func(d string) error {
			if d == c.has {
				return nil
			}
			return no
		})
		if c.fails {
			if !errors.Is(err, no) {
				t.Errorf("%+v: error %v, want the reason", c, err)
			}
			continue
		}
		if err != nil || device != c.device || (notice != "") != c.notice {
			t.Errorf("%+v: %q, %q, %v", c, device, notice, err)
		}
	}
}
