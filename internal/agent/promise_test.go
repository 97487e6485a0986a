package agent

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/onnxgraph"
	"pentimento/internal/tools/ortlib"
	"pentimento/internal/tools/tooltest"
	"pentimento/tooldocs"
)

// TestPromises runs every tool here whose doc promises something about pixels on
// random pictures with random masks, and holds the tool itself to its word: the
// engine's own enforcement is not in between.
func TestPromises(t *testing.T) {
	kit := openKit(t, os.Getenv("PENTIMENTO_SHARED") != "")
	tested := 0
	for i := range kit.Engine.Specs {
		spec := &kit.Engine.Specs[i]
		if state, _ := kit.State(spec); state != "ready" || !spec.Keeps(edit.PreserveOutsideMask) {
			continue
		}
		tested++
		t.Run(spec.Name, func(t *testing.T) {
			runner := kit.Engine.Runners[spec.Runtime.Kind]
			rapid.Check(t, func(rt *rapid.T) {
				req := tools.Request{Spec: spec, Params: params(spec, edit.Call{Tool: spec.Name}), Inputs: randomInputs(rt, spec)}
				resp, err := runner.Run(context.Background(), req)
				if err != nil {
					return // a refusal changes no pixel
				}
				tooltest.CheckPromises(t, req, resp)
			})
		})
	}
	if tested == 0 {
		t.Error("no tool that promises anything was found")
	}
}

func randomInputs(t *rapid.T, spec *edit.ToolSpec) map[string]edit.Artifact {
	w, h := rapid.IntRange(33, 60).Draw(t, "w"), rapid.IntRange(33, 60).Draw(t, "h")
	img := pixel.NewImage(w, h)
	img.HasAlpha = rapid.Bool().Draw(t, "alpha")
	seed := rapid.Uint32().Draw(t, "seed")
	for i := range img.Pix {
		if i%4 == 3 && !img.HasAlpha {
			continue
		}
		seed = seed*1664525 + 1013904223
		img.Pix[i] = uint8(seed >> 24)
	}
	mask := pixel.NewMask(w, h)
	x0, y0 := rapid.IntRange(0, w-2).Draw(t, "x0"), rapid.IntRange(0, h-2).Draw(t, "y0")
	x1, y1 := rapid.IntRange(x0+1, w).Draw(t, "x1"), rapid.IntRange(y0+1, h).Draw(t, "y1")
	soft := rapid.Uint8Range(1, 255).Draw(t, "soft")
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			mask.Pix[y*w+x] = 255
			if (x+y)%5 == 0 {
				mask.Pix[y*w+x] = soft
			}
		}
	}
	inputs := make(map[string]edit.Artifact)
	for _, p := range spec.Inputs {
		inputs[p.Name] = sample(spec, p, img, mask)
	}
	return inputs
}

// pointer is a detector stand-in: it answers with the box it was given.
type pointer struct {
	tools.Runner
	box edit.Box
}

func (p pointer) Available(spec *edit.ToolSpec) error {
	if isDetector(spec) {
		return nil
	}
	return p.Runner.Available(spec)
}

func (p pointer) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	if !isDetector(req.Spec) {
		return p.Runner.Run(ctx, req)
	}
	return tools.Response{Outputs: map[string]edit.Artifact{"boxes": edit.Boxes{Picked: []edit.Box{p.box}}}, Quality: math.NaN()}, nil
}

// discs is a picture with two equal red discs on grey.
func discs() *pixel.Image {
	img := pixel.NewImage(200, 100)
	for y := range 100 {
		for x := range 200 {
			shade := uint8((x*7+y*13)%17 - 8)
			img.Set(x, y, 120+shade, 122+shade, 118+shade, 255)
			for _, cx := range []int{50, 150} {
				if (x-cx)*(x-cx)+(y-50)*(y-50) < 30*30 {
					img.Set(x, y, 190+shade, 40+shade, 40+shade, 255)
				}
			}
		}
	}
	return img
}

// TestTheLineUsesItsDetector: a detector whose box is moved moves the edit.
func TestTheLineUsesItsDetector(t *testing.T) {
	for side, box := range map[string]edit.Box{
		"left":  {X0: 15, Y0: 15, X1: 85, Y1: 85, Label: "sports ball", Score: 0.9},
		"right": {X0: 115, Y0: 15, X1: 185, Y1: 85, Label: "sports ball", Score: 0.9},
	} {
		kit := openKit(t, false)
		kit.Engine.Runners["onnx"] = pointer{kit.Engine.Runners["onnx"], box}
		plan, err := kit.Plan(context.Background(), "recolor the ball to blue")
		if err != nil {
			t.Fatal(err)
		}
		img := discs()
		out, err := kit.Engine.Run(context.Background(), Job{Image: img, Plan: plan, Alpha: 1, Threshold: 0.8}, nil)
		if err != nil || out.Summary.Subtasks[0].Status != edit.StatusDone {
			t.Fatalf("%s: %v %+v", side, err, out.Summary.Subtasks)
		}
		count := map[string]int{}
		for i := range img.W * img.H {
			if changed(img, out.Image, i) {
				half := "left"
				if i%img.W >= 100 {
					half = "right"
				}
				count[half]++
			}
		}
		other := map[string]string{"left": "right", "right": "left"}[side]
		if count[side] < 2000 || count[other] > 20 {
			t.Errorf("box on the %s: changed %v", side, count)
		}
	}
}

// TestOneModelIsATool: a doc with an ONNX graph beside the models is planned for
// and run, without a line of code. The graph is made here: it inverts the picture.
func TestOneModelIsATool(t *testing.T) {
	base := openKit(t, false)
	if _, _, err := ortlib.Find(context.Background(), base.ORT()); err != nil {
		t.Skipf("ONNX Runtime is not installed, the ONNX tool was not run: %v", err)
	}
	g := onnxgraph.New("negative")
	in := g.Input("input", onnxgraph.Float, 1, 3, "h", "w")
	g.Output("output", g.Sub(g.C(1), in), onnxgraph.Float, 1, 3, "h", "w")
	model := g.Model()
	if err := os.WriteFile(filepath.Join(base.Options.Dirs.Models, "negative.onnx"), model, 0o600); err != nil {
		t.Fatal(err)
	}
	doc := fmt.Sprintf(`---
name: negative
title: Photographic negative
description: Turns a picture into its negative. Use it for a darkroom look, not to recolour one object.
license: Apache-2.0
quality: 0.9
tasks:
  - {task: negative-look, quality: 0.9, words: [negate, make a negative]}
inputs: {image: image}
outputs: {image: image}
preserves: [size, alpha]
cost: {seconds: 0.02, per-megapixel: 0.05}
runtime:
  kind: onnx
  models:
    - {file: negative.onnx, origin: made by this test, sha256: %x, bytes: %d, license: Apache-2.0}
  input: {fit: native, scale: 0.00392156862745098}
  decode: {kind: image, range: 1}
examples:
  - {request: negate the photo, task: negative-look, arguments: {}}
---
White becomes black.
`, sha256.Sum256(model), len(model))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "negative.md"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	out := runWithOverlay(t, base, dir, "negate the photo")
	if r := out.Summary.Subtasks[0]; r.Status != edit.StatusDone || !slices.Equal(r.Toolpath, []string{"negative"}) {
		t.Fatalf("%+v", r)
	}
	want := discs()
	for i := range want.Pix {
		if i%4 != 3 && out.Image.Pix[i] != 255-want.Pix[i] {
			t.Fatalf("sample %d is %d, want %d", i, out.Image.Pix[i], 255-want.Pix[i])
		}
	}
}

// runWithOverlay plans and runs a request on the discs with one more folder of docs.
func runWithOverlay(t *testing.T, base *Kit, dir, request string) Outcome {
	t.Helper()
	kit, err := Open(Options{Dirs: base.Options.Dirs, Shipped: tooldocs.FS, Overlays: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kit.Close)
	if len(kit.Problems) > 0 {
		t.Fatal(kit.Problems)
	}
	plan, err := kit.Plan(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	out, err := kit.Engine.Run(context.Background(), Job{Image: discs(), Plan: plan, Alpha: 1, Threshold: 0.8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOneFileIsATool: a doc dropped into an overlay folder is planned for and run.
func TestOneFileIsATool(t *testing.T) {
	dir := t.TempDir()
	doc := `---
name: noir
title: Noir look
description: Makes a picture black and white with a film look. Use it for a noir mood, not to recolour one object.
license: Apache-2.0
quality: 0.9
tasks:
  - {task: noir-look, quality: 0.9, words: [noirify, make it noir]}
inputs: {image: image, amount: number}
outputs: {image: image}
preserves: [size, alpha]
accepts: {amount: {min: -1, max: 0, default: -1}}
cost: {seconds: 0.02, per-megapixel: 0.05}
deterministic: true
runtime: {kind: builtin, op: saturation}
examples:
  - {request: noirify the photo, task: noir-look, arguments: {}}
---
Takes all colour out.
`
	if err := os.WriteFile(filepath.Join(dir, "noir.md"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	base := openKit(t, false)
	out := runWithOverlay(t, base, dir, "noirify the photo")
	r := out.Summary.Subtasks[0]
	if r.Status != edit.StatusDone || !slices.Equal(r.Toolpath, []string{"noir"}) {
		t.Fatalf("%+v", r)
	}
	if red, green, blue, _ := out.Image.At(50, 50); red != green || green != blue {
		t.Errorf("the disc is still coloured: %d %d %d", red, green, blue)
	}
	report, err := base.CheckTool(context.Background(), filepath.Join(dir, "noir.md"))
	if err != nil || report.Failed || !strings.Contains(report.View, "Noir look") {
		t.Errorf("check: %v\n%s", err, report)
	}
}
