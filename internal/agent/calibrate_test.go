package agent

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// benchmark is a machine of the test's own: a clock, its CPU time, and a runner
// whose tools take what the test says.
type benchmark struct {
	*fakeRunner
	now, cpu float64
	loaded   map[string]bool
	cores    func(run int) float64 // CPU seconds per second of a run
	runs     int
}

func (b *benchmark) Unload() { clear(b.loaded) }

// takes has a tool cost fixed + slope·megapixels, and a load when it is cold.
func (b *benchmark) takes(tool string, fixed, slope, load float64) {
	b.do[tool] = func(r tools.Request) (tools.Response, error) {
		img := r.Inputs["image"].(*pixel.Image)
		resp, err := out("image", img.Clone())
		seconds := fixed + slope*img.Megapixels()
		if !b.loaded[tool] && load > 0 {
			resp.LoadSeconds = load
		}
		b.loaded[tool] = true
		b.now += seconds + resp.LoadSeconds
		b.cpu += (seconds + resp.LoadSeconds) * b.cores(b.runs)
		b.runs++
		return resp, err
	}
}

func calibrating(t *testing.T, names ...string) (*Kit, *benchmark) {
	t.Helper()
	b := &benchmark{
		fakeRunner: &fakeRunner{do: map[string]func(tools.Request) (tools.Response, error){}, missing: map[string]string{}},
		loaded:     map[string]bool{}, cores: func(int) float64 { return 1 },
	}
	var specs []edit.ToolSpec
	for _, name := range names {
		specs = append(specs, edit.ToolSpec{
			Name: name, Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "tone", Quality: 0.9}}, Inputs: []edit.Port{imagePort}, Outputs: []edit.Port{imagePort},
			Cost: edit.Cost{Seconds: 0.1}, Runtime: edit.Runtime{Kind: "fake"},
		})
	}
	e := remembering(t, t.TempDir(), specs, b.fakeRunner)
	e.Runners["fake"] = b
	e.Now = func() time.Time { return time.Unix(0, int64(b.now*1e9)) }
	e.CPU = func() float64 { return b.cpu }
	return &Kit{Engine: e}, b
}

func calibrated(ctx context.Context, t *testing.T, k *Kit, o CalibrateOptions) (map[string]Calibration, error) {
	t.Helper()
	got := make(map[string]Calibration)
	o.Image = pixel.NewImage(64, 48)
	err := k.Calibrate(ctx, o, func(n string) { t.Error(n) }, func(c Calibration) { got[c.Tool] = c })
	return got, err
}

func TestCalibrateFindsTheLine(t *testing.T) {
	k, b := calibrating(t, "broken", "cold", "dear", "missing", "slow")
	k.Engine.Specs[2].Cost.USD = 0.02
	b.missing["missing"] = "agent models pull missing"
	b.do["broken"] = func(tools.Request) (tools.Response, error) {
		return tools.Response{}, errors.New("its wheels came off")
	}
	b.takes("cold", 0.5, 0, 2)
	b.takes("slow", 0.2, 3, 0)
	// Every third run is stalled by others.
	b.cores = func(run int) float64 { return []float64{1, 1, 0.5}[run%3] }
	got, err := calibrated(t.Context(), t, k, CalibrateOptions{Seconds: 1000, Repeats: 3})
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol*want+1e-12 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	cold, slow := got["cold"], got["slow"]
	near("cold fixed", cold.Seconds, 0.5, 0.1)
	near("cold slope", cold.PerMegapixel*4, 0, 0)
	near("cold load", cold.Load, 2, 1e-9)
	near("slow at 1", slow.Seconds+slow.PerMegapixel, 3.2, 0.05)
	near("slow at 4", slow.Seconds+4*slow.PerMegapixel, 12.2, 0.05)
	if cold.State != "measured" || slow.Load != 0 || len(slow.Sizes) != len(rungs) || slow.N != int64(3*len(rungs)) || slow.Sizes[0].Discarded == 0 || slow.Spread > 0.1 {
		t.Errorf("cold %+v\nslow %+v", cold, slow)
	}
	for tool, want := range map[string]string{"broken": "failed", "dear": "skipped", "missing": "not installed"} {
		if c := got[tool]; c.State != want || c.Reason == "" || c.N != 0 || c.Seconds != 0.1 {
			t.Errorf("%s is %+v, want it %s", tool, c, want)
		}
	}

	var listed []string
	tell := func(c Calibration) {
		if c.N > 0 {
			listed = append(listed, c.Tool)
		}
	}
	if err := k.Learned(t.Context(), k.Engine.Store, nil, tell); err != nil || !slices.Equal(listed, []string{"cold", "slow"}) {
		t.Errorf("learned of %v (%v)", listed, err)
	}
	if costs, qualities, err := k.Unlearn(t.Context(), k.Engine.Store, []string{"cold"}); costs != 1 || qualities != 0 || err != nil {
		t.Errorf("forgot %d and %d, %v", costs, qualities, err)
	}
	listed = nil
	if err := k.Learned(t.Context(), k.Engine.Store, nil, tell); err != nil || !slices.Equal(listed, []string{"slow"}) {
		t.Errorf("after one was forgotten: %v (%v)", listed, err)
	}
}

func TestCalibrateLearnsNothingOnABusyMachine(t *testing.T) {
	k, b := calibrating(t, "tool")
	b.takes("tool", 0.5, 0, 1)
	b.cores = func(int) float64 { return 0.6 }
	got, err := calibrated(t.Context(), t, k, CalibrateOptions{Seconds: 100, Repeats: 2})
	if c := got["tool"]; err != nil || c.State != "busy" || c.N != 0 || c.Load != 0 || !strings.Contains(c.Reason, "core") {
		t.Errorf("%+v, %v", c, err)
	}
}

// A tool that uses two cores and had one and a half of them was disturbed too.
func TestRunsWithFewerCoresThanTheBestAreDiscarded(t *testing.T) {
	got := undisturbed([]sampled{{seconds: 1, cores: 1.9}, {seconds: 1.3, cores: 1.5}, {seconds: 1.05, cores: 1.8}, {seconds: 3, cores: 0.7}})
	if !slices.Equal(got, []float64{1, 1.05}) {
		t.Errorf("left %v", got)
	}
}

// The time is shared: a slow tool does not take the others', and what is stopped keeps what it finished.
func TestCalibrateKeepsToItsTime(t *testing.T) {
	k, b := calibrating(t, "a-slow", "b-quick")
	b.takes("a-slow", 2, 10, 0)
	b.takes("b-quick", 0.01, 0, 0)
	got, err := calibrated(t.Context(), t, k, CalibrateOptions{Seconds: 60, Repeats: 3})
	if err != nil || got["b-quick"].State != "measured" || len(got["b-quick"].Sizes) != len(rungs) || len(got["a-slow"].Sizes) == len(rungs) {
		t.Errorf("%+v, %v", got, err)
	}
	if b.now > 60 {
		t.Errorf("took %v s", b.now)
	}

	k, b = calibrating(t, "a", "b")
	b.takes("a", 0.1, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	b.do["b"] = func(tools.Request) (tools.Response, error) {
		cancel()
		return tools.Response{}, ctx.Err()
	}
	got, err = calibrated(ctx, t, k, CalibrateOptions{Seconds: 60, Repeats: 1})
	if !errors.Is(err, context.Canceled) || got["a"].N == 0 || len(got) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCalibrateRefusesUnknownTools(t *testing.T) {
	k, _ := calibrating(t, "tool")
	var usage *UsageError
	if _, err := calibrated(t.Context(), t, k, CalibrateOptions{Tools: []string{"tol"}, Seconds: 1}); !errors.As(err, &usage) {
		t.Errorf("got %v", err)
	}
}

// A tool that shifts something by a number, none by default, is measured at work.
func TestLadderShiftsByMoreThanNothing(t *testing.T) {
	least, most, none := -1.0, 1.0, 0.0
	spec := edit.ToolSpec{Accepts: map[string]edit.Accept{"x": {Min: &least, Max: &most, Default: &none}}}
	if got := newLadder(nil).at(rungs[0]).input(&spec, port("x", edit.KindNumber)); got != edit.Number(0.5) {
		t.Errorf("got %v", got)
	}
}

// Every input that a doc can declare is made, at the ladder's sizes.
func TestLadder(t *testing.T) {
	for _, img := range []*pixel.Image{nil, pixel.NewImage(90, 40)} {
		l := newLadder(img)
		for _, mp := range rungs[:2] {
			s := l.at(mp)
			if off := s.img.Megapixels()/mp - 1; math.Abs(off) > 0.02 || s.mask.W != s.img.W || s.mask.H != s.img.H || s.mask.Empty() || s.text.Clip(s.img.W, s.img.H).Area() < 4 {
				t.Errorf("at %v: %d×%d, text %v", mp, s.img.W, s.img.H, s.text)
			}
			for _, kind := range edit.Kinds() {
				if a := s.input(&edit.ToolSpec{}, port("x", kind)); a == nil || a.Kind() != kind {
					t.Errorf("%s gets %v", kind, a)
				}
			}
		}
	}
}
