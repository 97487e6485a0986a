package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/models"
	"pentimento/internal/pixel"
	"pentimento/tooldocs"
)

var (
	update  = flag.Bool("update", false, "rewrite testdata/photos.json with what is measured")
	keepDir = flag.String("keep", "", "save the edited photos to this folder, to be looked at")
)

// shared is the folder of real photographs and models, or the test is skipped loudly.
func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PENTIMENTO_SHARED")
	if dir == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	return dir
}

// pulledDir is where pulled put the models, once it has run.
var pulledDir string

// pulled installs the shared models once for all tests.
var pulled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pentimento-models")
	if err != nil {
		return "", err
	}
	pulledDir = dir
	kit, err := Open(Options{Dirs: config.Dirs{Models: dir}, Shipped: tooldocs.FS})
	if err != nil {
		return "", err
	}
	defer kit.Close()
	_, err = kit.Store.Pull(context.Background(), kit.Engine.Specs, models.Options{From: filepath.Join(os.Getenv("PENTIMENTO_SHARED"), "models")})
	if err != nil && !strings.Contains(err.Error(), "mirror") {
		return "", err
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if pulledDir != "" {
		_ = os.RemoveAll(pulledDir)
	}
	os.Exit(code)
}

// openKit opens the kit with the models of the shared folder, or with none.
func openKit(t testing.TB, withModels bool) *Kit {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dirs := config.Dirs{Models: t.TempDir(), Cache: filepath.Join(cache, "pentimento")}
	if v := os.Getenv("PENTIMENTO_CACHE"); v != "" {
		dirs.Cache = v
	}
	if withModels {
		shared(t)
		if dirs.Models, err = pulled(); err != nil {
			t.Fatal(err)
		}
	}
	kit, err := Open(Options{Dirs: dirs, Shipped: tooldocs.FS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kit.Close)
	for _, p := range kit.Problems {
		t.Errorf("a shipped doc is broken: %v", p)
	}
	return kit
}

// photoCase is an edit of a real photograph. truth names a hand-checked mask.
type photoCase struct {
	name, image, request string
	boxes                map[string][]edit.Box
	truth                string
	color                string // the recolour's target
	bare                 bool   // with no model pulled
}

var photoCases = []photoCase{
	{name: "bench", image: "dog_bench.png", request: "detect the dog and recolor the bench to pink", truth: "dog_bench.bench", color: "pink"},
	{name: "truck", image: "truck.jpg", request: "make the white truck teal", truth: "truck.truck", color: "teal"},
	{name: "airplane", image: "kodim20_airplane.png", request: "recolor the airplane red", truth: "kodim20_airplane.airplane", color: "red"},
	{name: "airplane-blur", image: "kodim20_airplane.png", request: "recolor the airplane red and blur the background", truth: "kodim20_airplane.airplane"},
	{name: "raft", image: "kodim14_rafting.png", request: "recolor the yellow raft to purple", truth: "kodim14_rafting.raft", color: "purple"},
	{name: "parrot", image: "kodim23_parrots.png", request: "make the red parrot blue", truth: "kodim23_parrots.red-parrot", color: "blue"},
	{name: "hat", image: "kodim04_woman_red_hat.png", request: "recolor the red hat and scarf to blue", truth: "kodim04_woman_red_hat.hat-and-scarf", color: "blue"},
	{name: "person", image: "person_wall_signs.jpg", request: "remove the person on the right", truth: "person_wall_signs.person-right"},
	{name: "cup", image: "coffee.png", request: "recolor the cup to green", boxes: map[string][]edit.Box{"cup": {{X0: 77, Y0: 70, X1: 478, Y1: 388}}}, color: "green"},
	{name: "upscale", image: "coffee.png", request: "upscale 2x"},
	{name: "raft-bare", image: "kodim14_rafting.png", request: "recolor the yellow raft to purple", truth: "kodim14_rafting.raft", color: "purple", bare: true},
	{name: "parrot-bare", image: "kodim23_parrots.png", request: "make the red parrot blue", color: "blue", bare: true},
	{name: "hat-bare", image: "kodim04_woman_red_hat.png", request: "recolor the red hat and scarf to blue", truth: "kodim04_woman_red_hat.hat-and-scarf", color: "blue", bare: true},
}

// signature is what of a result is pinned: after it was looked at.
type signature struct {
	IoU      float64    `json:"iou,omitempty"`
	Changed  float64    `json:"changed"` // fraction of pixels that differ from the input
	Lab      [3]float64 `json:"lab"`     // mean OKLab of the changed pixels
	Toolpath []string   `json:"toolpath"`
}

// TestPhotos runs the edits the program promises on real photographs, scores
// them against hand-checked masks, and compares with what was pinned after a
// person had looked at the pictures. To look: go test -run Photos -keep DIR.
func TestPhotos(t *testing.T) {
	dir := shared(t)
	path := filepath.Join("testdata", "photos.json")
	pinned := make(map[string]signature)
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &pinned); err != nil {
			t.Fatal(err)
		}
	}
	measured := make(map[string]signature)
	for _, tc := range photoCases {
		t.Run(tc.name, func(t *testing.T) {
			sig := runPhoto(t, dir, tc)
			measured[tc.name] = sig
			if !*update {
				comparePinned(t, pinned[tc.name], sig)
			}
		})
	}
	if *update && !t.Failed() {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		if err := enc.Encode(measured); err != nil {
			t.Fatal(err)
		}
		if err := writeFile(path, b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
}

func runPhoto(t *testing.T, dir string, tc photoCase) signature {
	ctx := context.Background()
	kit := openKit(t, !tc.bare)
	img, _, err := imageio.Load(ctx, filepath.Join(dir, "images", tc.image), imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := kit.Plan(ctx, tc.request)
	if err != nil {
		t.Fatal(err)
	}
	out, err := kit.Engine.Run(ctx, Job{Image: img, Plan: plan, Evidence: Evidence{Boxes: tc.boxes}, Alpha: 1, Threshold: 0.8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Summary.Subtasks {
		t.Logf("%d %s %q: %s %s via %v, %.2f s", r.ID, r.Task, r.Object, r.Status, r.Reason, r.Toolpath, r.Seconds)
		if r.Status != edit.StatusDone {
			t.Errorf("subtask %d ended as %s: %s", r.ID, r.Status, r.Reason)
		}
	}
	keepPhoto(t, tc, out)
	if tc.request == "upscale 2x" {
		if out.Image.W != 2*img.W || out.Image.H != 2*img.H {
			t.Errorf("made %d×%d of %d×%d", out.Image.W, out.Image.H, img.W, img.H)
		}
		return signature{Toolpath: path(out)}
	}
	sig := measure(img, out.Image)
	sig.Toolpath = path(out)
	if tc.truth != "" {
		truth, _, err := imageio.LoadMask(ctx, filepath.Join(dir, "images", "masks", tc.truth+".png"), img.W, img.H, imageio.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		sig.IoU = round(pixel.IoU(out.Mask, truth, pixel.IgnoreGrey))
		t.Logf("IoU %.3f, changed %.3f, mean OKLab %v", sig.IoU, sig.Changed, sig.Lab)
		if sig.IoU < 0.85 {
			t.Errorf("mask IoU is %.3f, want at least 0.85", sig.IoU)
		}
	}
	if tc.color != "" {
		checkRecolor(t, img, out, sig, tc.color)
	}
	return sig
}

func path(out Outcome) []string {
	var all []string
	for _, r := range out.Summary.Subtasks {
		all = append(all, r.Toolpath...)
	}
	return all
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

func changed(a, b *pixel.Image, i int) bool { return !bytes.Equal(a.Pix[4*i:4*i+4], b.Pix[4*i:4*i+4]) }

// measure averages the pixels that differ visibly.
func measure(before, after *pixel.Image) signature {
	var sig signature
	n := 0
	for i := range before.W * before.H {
		if !changed(before, after, i) {
			continue
		}
		n++
		c := pixel.ToLab(after.Pix[4*i], after.Pix[4*i+1], after.Pix[4*i+2])
		sig.Lab[0] += float64(c.L)
		sig.Lab[1] += float64(c.A)
		sig.Lab[2] += float64(c.B)
	}
	for k := range sig.Lab {
		sig.Lab[k] = round(sig.Lab[k] / float64(max(n, 1)))
	}
	sig.Changed = round(float64(n) / float64(before.W*before.H))
	return sig
}

// checkRecolor: the target's hue inside, not one sample changed outside the mask.
func checkRecolor(t *testing.T, before *pixel.Image, out Outcome, sig signature, name string) {
	t.Helper()
	for i, v := range out.Mask.Pix {
		if v == 0 && changed(before, out.Image, i) {
			t.Fatalf("pixel %d,%d changed outside the mask", i%before.W, i/before.W)
		}
	}
	c, _ := edit.ParseColor(name)
	want := pixel.LabOf(c)
	got := pixel.Lab{L: float32(sig.Lab[0]), A: float32(sig.Lab[1]), B: float32(sig.Lab[2])}
	if d := pixel.HueDist(got.Hue(), want.Hue()); d > 0.35 {
		t.Errorf("mean hue is %.2f rad from %s (mean %v)", d, name, sig.Lab)
	}
	if got.Chroma() < 0.35*want.Chroma() {
		t.Errorf("mean chroma %.3f is pale beside %s's %.3f", got.Chroma(), name, want.Chroma())
	}
}

func comparePinned(t *testing.T, want, got signature) {
	t.Helper()
	near := func(a, b, tol float64) bool { return math.Abs(a-b) <= tol }
	if want.Toolpath == nil {
		t.Error("nothing is pinned for this photo: look at the result (-keep DIR), then pin it (-update)")
		return
	}
	if !near(want.IoU, got.IoU, 0.02) || !near(want.Changed, got.Changed, 0.02) ||
		!near(want.Lab[0], got.Lab[0], 0.02) || !near(want.Lab[1], got.Lab[1], 0.02) || !near(want.Lab[2], got.Lab[2], 0.02) ||
		strings.Join(want.Toolpath, " ") != strings.Join(got.Toolpath, " ") {
		t.Errorf("the result differs from the pinned one: look at it (-keep DIR), then pin it (-update)\n got %+v\nwant %+v", got, want)
	}
}

func keepPhoto(t *testing.T, tc photoCase, out Outcome) {
	if *keepDir == "" {
		return
	}
	ctx := context.Background()
	if err := imageio.Save(ctx, filepath.Join(*keepDir, tc.name+".png"), out.Image, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	if out.Mask != nil {
		if err := imageio.SaveMask(ctx, filepath.Join(*keepDir, tc.name+".mask.png"), out.Mask); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRefusals: what is not there is not edited, and what is there still is.
func TestRefusals(t *testing.T) {
	dir := shared(t)
	for _, tc := range []struct {
		image, request string
		want           []edit.Status
		reason         string
	}{
		{"kodim20_airplane.png", "remove the giraffe and recolor the airplane red", []edit.Status{edit.StatusNotFound, edit.StatusDone}, "giraffe not found"},
		{"kodim14_rafting.png", "remove the banana", []edit.Status{edit.StatusNotFound}, "banana not found"},
		{"person_wall_signs.jpg", "remove the person", []edit.Status{edit.StatusAmbiguous}, "2 objects"},
	} {
		t.Run(tc.request, func(t *testing.T) {
			ctx := context.Background()
			kit := openKit(t, true)
			out, err := kit.EditFile(ctx, FileJob{
				Input: filepath.Join(dir, "images", tc.image), Output: filepath.Join(t.TempDir(), "out.png"),
				Request: tc.request, Alpha: 1, Threshold: 0.8,
			}, func(edit.Event) {})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range out.Summary.Subtasks {
				if r.Status != tc.want[i] {
					t.Errorf("subtask %d ended as %s (%s), want %s", r.ID, r.Status, r.Reason, tc.want[i])
				}
			}
			if r := out.Summary.Subtasks[0]; !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("reason %q does not say %q", r.Reason, tc.reason)
			}
			if edited := tc.want[len(tc.want)-1] == edit.StatusDone; out.Edited != edited {
				t.Errorf("edited = %v, want %v", out.Edited, edited)
			}
		})
	}
}

func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}
