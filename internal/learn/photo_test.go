package learn

import (
	"context"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/judge"
	"pentimento/internal/models"
	"pentimento/internal/pixel"
	"pentimento/internal/subroutines"
	"pentimento/internal/tools"
	"pentimento/tooldocs"
)

// declared runs the real tools on a clock of its own, on which each call takes
// what its doc says and nothing loads: what is learned is the same on any
// machine, however busy, and models are as warm for the first edit as for the last.
type declared struct {
	tools.Runner
	now *time.Time
}

func (d declared) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	resp, err := d.Runner.Run(ctx, req)
	resp.LoadSeconds = 0
	mp := 0.0
	if img, ok := req.Inputs[edit.SlotImage].(*pixel.Image); ok {
		mp = img.Megapixels()
	}
	c := req.Spec.Cost
	*d.now = d.now.Add(time.Duration((c.Seconds + c.PerMegapixel*mp) * float64(time.Second)))
	return resp, err
}

// photoLearner is a learner over the real tools and models, with an empty store.
func photoLearner(t *testing.T) (*Learner, *agent.Kit) {
	t.Helper()
	shared := os.Getenv("PENTIMENTO_SHARED")
	if shared == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dirs := config.Dirs{Models: t.TempDir(), Data: t.TempDir(), Cache: filepath.Join(cache, "pentimento")}
	if v := os.Getenv("PENTIMENTO_CACHE"); v != "" {
		dirs.Cache = v
	}
	kit, err := agent.Open(agent.Options{Dirs: dirs, Shipped: tooldocs.FS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kit.Close)
	if _, err := kit.Store.Pull(t.Context(), kit.Engine.Specs, models.Options{From: filepath.Join(shared, "models")}); err != nil && !strings.Contains(err.Error(), "mirror") {
		t.Fatal(err)
	}
	if err := kit.OpenStore(t.Context(), func(n string) { t.Log(n) }); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	start := now
	for kind, r := range kit.Engine.Runners {
		kit.Engine.Runners[kind] = declared{r, &now}
	}
	kit.Engine.Now = func() time.Time { return now }
	kit.Engine.CPU = func() float64 { return now.Sub(start).Seconds() }
	return New(kit.Engine), kit
}

// photo is a part of a photograph (x0, y0, x1, y1 as shares of its sides) at a
// small size, so that many edits take little.
func photo(t *testing.T, name string, side int, part [4]float64) *pixel.Image {
	t.Helper()
	img, _, err := imageio.Load(t.Context(), filepath.Join(os.Getenv("PENTIMENTO_SHARED"), "images", name), imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	w, h := float64(img.W), float64(img.H)
	img = pixel.Crop(img, image.Rect(int(part[0]*w), int(part[1]*h), int(part[2]*w), int(part[3]*h)))
	scale := float64(side) / float64(max(img.W, img.H))
	return pixel.Resize(img, int(float64(img.W)*scale+0.5), int(float64(img.H)*scale+0.5), pixel.Box)
}

// editPhoto carries out a request of one subtask; change, not nil, changes the job.
func editPhoto(t *testing.T, kit *agent.Kit, img *pixel.Image, request string, change func(*agent.Job)) (edit.Summary, edit.SubtaskReport) {
	t.Helper()
	plan, err := kit.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	job := agent.Job{Image: img, Plan: plan, Alpha: 1, Threshold: judge.PassMark}
	if change != nil {
		change(&job)
	}
	out, err := kit.Engine.Run(t.Context(), job, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Summary, out.Summary.Subtasks[0]
}

// A grey elephant has no class of its own in the class maps: the outline that the
// search believes in takes in the ground, and painting it fails the judge. Each call of
// that path is good elsewhere, so no estimate of a call learns from it, and the search
// goes the same way in vain on picture after picture. A rule about the path does learn,
// and spares the vain calls on a photograph that it has never seen, of another thing.
func TestLearnedFromPhotographs(t *testing.T) {
	if testing.Short() {
		t.Skip("it edits some sixty photographs")
	}
	l, kit := photoLearner(t)
	colors := []string{"pink", "blue", "green", "red", "yellow", "teal", "purple", "orange"}
	var wasted [2]float64 // in the first and the second ten tasks
	for i := range 20 {
		part := [4]float64{0.015 * float64(i%4), 0.02 * float64(i/4), 1 - 0.01*float64(i%3), 1}
		sum, _ := editPhoto(t, kit, photo(t, "elephant.jpg", 140, part), "recolor the grey elephant to "+colors[i%len(colors)], nil)
		wasted[i/10] += sum.WastedSeconds
	}
	t.Logf("wasted in the first ten tasks: %.2f s, in the second: %.2f s", wasted[0], wasted[1])
	if wasted[1] < 0.5*wasted[0] {
		t.Errorf("the search alone learned it: %.2f s wasted in ten tasks, then %.2f s", wasted[0], wasted[1])
	}
	m, err := l.Mine(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, c := range m.Added {
		v, err := l.Verify(t.Context(), c.Subroutine.ID, math.Inf(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s, when %s: %s by %s", v.Subroutine.Path, v.Subroutine.When, v.Subroutine.State, v.Why())
		if v.Subroutine.State == subroutines.Active {
			active++
		}
	}
	if active == 0 {
		t.Fatalf("of %d candidates none was accepted", len(m.Added))
	}
	unseen := photo(t, "dog_bicycle_car.jpg", 180, [4]float64{0, 0, 1, 1})
	way := func(slow bool) (edit.Summary, edit.SubtaskReport) {
		sum, r := editPhoto(t, kit, unseen, "recolor the white truck to red", func(j *agent.Job) { j.Trial, j.NoSubroutines = true, slow })
		t.Logf("unseen, by %s: %s by %v, quality %.2f, %.2f s, %.2f s of it in vain", r.Via, r.Status, r.Toolpath, r.Quality, sum.ToolSeconds, sum.WastedSeconds)
		return sum, r
	}
	without, slow := way(true)
	with, fast := way(false)
	if without.WastedSeconds == 0 {
		t.Fatal("the search wastes nothing there, so it shows nothing")
	}
	if fast.Status != edit.StatusDone || fast.Via != "subroutine" || with.WastedSeconds >= without.WastedSeconds || fast.Quality < slow.Quality-0.02 {
		t.Errorf("with subroutines %.2f s wasted at quality %.2f, without %.2f s at %.2f", with.WastedSeconds, fast.Quality, without.WastedSeconds, slow.Quality)
	}
}
