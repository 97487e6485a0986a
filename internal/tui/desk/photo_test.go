package desk

import (
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/models"
	"pentimento/internal/pixel"
	"pentimento/internal/tui"
	"pentimento/tooldocs"
)

// photograph opens a desk on a real photograph with the shared detector, or skips loudly.
func photograph(t *testing.T, name string) *Desk {
	t.Helper()
	shared := os.Getenv("PENTIMENTO_SHARED")
	if shared == "" {
		t.Skip("NOT TESTED WITH REAL DETECTORS: PENTIMENTO_SHARED is not set")
	}
	env, err := config.Find(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	dirs := config.Dirs{Data: filepath.Join(dir, "data"), Models: filepath.Join(dir, "models"), Cache: env.Cache}
	d := New(Options{File: filepath.Join(shared, "images", name), Kit: func() (*agent.Kit, error) {
		return agent.Open(agent.Options{Dirs: dirs, Shipped: tooldocs.FS, ORTLib: os.Getenv("PENTIMENTO_ORT_LIB")})
	}})
	t.Cleanup(d.Close)
	kit, err := d.kit()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range kit.Engine.Specs {
		if s.Name == "yolox-nano" {
			if _, err := kit.Store.Pull(t.Context(), []edit.ToolSpec{s}, models.Options{From: filepath.Join(shared, "models")}); err != nil {
				t.Skip("NOT TESTED WITH REAL DETECTORS: ", err)
			}
		}
	}
	if ready, err := d.Warm(t.Context()); err != nil || ready.Device == "" {
		t.Skipf("NOT TESTED WITH REAL DETECTORS: models do not run here: %v, %v", ready.Notices, err)
	}
	return d
}

// TestNumbersOfAPhotograph: what n numbers in a photograph is in it, and a number in a
// request changes that object and nothing else.
func TestNumbersOfAPhotograph(t *testing.T) {
	d := photograph(t, "dog_bench.png")
	ctx := t.Context()
	if _, err := d.Open(ctx); err != nil {
		t.Fatal(err)
	}
	regions, err := d.Objects(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	dog := -1
	for i, r := range regions {
		if r.Number != i+1 {
			t.Errorf("region %d has number %d", i+1, r.Number)
		}
		if r.Phrase == "dog" {
			dog = i
		}
	}
	if dog < 0 || len(regions) < 2 {
		t.Fatalf("the numbered objects are %+v", regions)
	}
	r, err := d.Outline(ctx, 0, regions[dog], nil)
	if err != nil {
		t.Fatal(err)
	}
	regions[dog] = r
	reply, err := d.Edit(ctx, tui.Ask{Request: "recolor " + itoa(r.Number) + " to teal", Alpha: 1, Regions: regions}, func(edit.Event) {})
	if err != nil || reply.Seen == nil {
		t.Fatalf("%v: %+v", err, reply.Summary)
	}
	before, _ := d.image(ctx, 0)
	after, _ := d.image(ctx, reply.Seen.Tree.Head)
	changed, wrong := 0, 0
	for i, v := range r.Mask.Pix {
		if [4]uint8(before.Pix[4*i:]) == [4]uint8(after.Pix[4*i:]) {
			continue
		}
		if changed++; v == 0 {
			wrong++
		}
	}
	if outlined := area(r.Mask); wrong > 0 || changed < outlined/2 {
		t.Errorf("%d pixels changed of the %d outlined, %d of them elsewhere", changed, outlined, wrong)
	}
}

func area(m *pixel.Mask) (n int) {
	for _, v := range m.Pix {
		if v >= pixel.Half {
			n++
		}
	}
	return n
}
