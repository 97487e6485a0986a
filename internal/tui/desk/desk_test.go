package desk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
	"pentimento/internal/session"
	"pentimento/internal/tools"
	"pentimento/internal/tui"
	"pentimento/tooldocs"
)

// street opens a desk on the example scene, with the built-in tools alone.
func street(t *testing.T) (*Desk, map[string]*pixel.Mask, string) {
	t.Helper()
	dir := t.TempDir()
	img, masks := scene.Render(320, 220, 1)
	file := filepath.Join(dir, "street.png")
	if err := imageio.Save(t.Context(), file, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	d := New(Options{File: file, Kit: func() (*agent.Kit, error) {
		return agent.Open(agent.Options{Dirs: config.Dirs{Data: filepath.Join(dir, "data"), Models: filepath.Join(dir, "none"), Cache: dir}, Shipped: tooldocs.FS})
	}})
	t.Cleanup(d.Close)
	return d, masks, file
}

// TestANumberBindsToItsMask: a request that speaks of a region changes that
// region and nothing else, and what is painted over is no region any more.
func TestANumberBindsToItsMask(t *testing.T) {
	d, masks, _ := street(t)
	ctx := t.Context()
	seen, err := d.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mask := masks["car"]
	regions := []session.Region{{Number: 1, Phrase: "cup", Box: edit.Box{X1: 20, Y1: 20}, Mask: pixel.NewMask(320, 220)}, {Number: 2, Phrase: "car", Box: edit.Box{X1: 320, Y1: 220}, Mask: mask}}
	reply, err := d.Edit(ctx, tui.Ask{Request: "recolor 2 to green", Alpha: 1, Regions: regions, At: seen.Tree.Head}, func(edit.Event) {})
	if err != nil || reply.Seen == nil {
		t.Fatalf("%v: %+v", err, reply.Summary)
	}
	before, _ := d.image(ctx, 0)
	after, _ := d.image(ctx, reply.Seen.Tree.Head)
	changed := 0
	for i, v := range mask.Pix {
		same := [4]uint8(before.Pix[4*i:]) == [4]uint8(after.Pix[4*i:])
		if v == 0 && !same {
			t.Fatal("a pixel outside the region changed")
		}
		if !same {
			changed++
		}
	}
	if changed < 100 || len(reply.Seen.Regions) != 2 {
		t.Fatalf("%d pixels changed, %d regions are left", changed, len(reply.Seen.Regions))
	}
	reply, err = d.Edit(ctx, tui.Ask{Request: "remove 2", Alpha: 1, Regions: reply.Seen.Regions, At: reply.Seen.Tree.Head}, func(edit.Event) {})
	if err != nil || reply.Seen == nil {
		t.Fatalf("%v: %+v", err, reply.Summary)
	}
	if left := reply.Seen.Regions; len(left) != 1 || left[0].Number != 1 {
		t.Fatalf("the regions left are %+v", left)
	}
	if back, err := d.Goto(ctx, 0); err != nil || back.Tree.Head != 0 || len(back.Tree.Turns) != 3 {
		t.Fatalf("%v: %+v", err, back.Tree)
	}
}

// TestNumbersBesideTheObject: a number binds as well where it says what is left alone or
// whose colour is wanted, also where all regions are called the same.
func TestNumbersBesideTheObject(t *testing.T) {
	d, masks, _ := street(t)
	ctx := t.Context()
	if _, err := d.Open(ctx); err != nil {
		t.Fatal(err)
	}
	car, bench := masks["car"], masks["bench"]
	regions := []session.Region{
		{Number: 2, Phrase: "thing", Box: edit.Box{X1: 320, Y1: 220}, Mask: car}, {Number: 3, Phrase: "thing", Box: edit.Box{X1: 320, Y1: 220}, Mask: bench},
	}
	before, _ := d.image(ctx, 0)
	changed := func(request string) (inside [3]int) { // of the car, of the bench, elsewhere
		t.Helper()
		reply, err := d.Edit(ctx, tui.Ask{Request: request, Alpha: 1, Regions: regions}, func(edit.Event) {})
		if err != nil || reply.Seen == nil {
			t.Fatalf("%s: %v: %+v", request, err, reply.Summary)
		}
		after, _ := d.image(ctx, reply.Seen.Tree.Head)
		for i := range car.Pix {
			if [4]uint8(before.Pix[4*i:]) == [4]uint8(after.Pix[4*i:]) {
				continue
			}
			switch {
			case car.Pix[i] == 255:
				inside[0]++
			case bench.Pix[i] == 255:
				inside[1]++
			case car.Pix[i] == 0 && bench.Pix[i] == 0:
				inside[2]++
			}
		}
		return inside
	}
	if n := changed("recolor 2 like 3"); n[0] < 100 || n[1] > 0 || n[2] > 0 {
		t.Errorf("recolor 2 like 3 changed %v pixels", n)
	}
	if n := changed("blur everything except 3"); n[0] < 100 || n[1] > 0 || n[2] < 1000 {
		t.Errorf("blur everything except 3 changed %v pixels", n)
	}
	if n := changed("blur everything except 2 and 3"); n[0] > 0 || n[1] > 0 || n[2] < 1000 {
		t.Errorf("blur everything except 2 and 3 changed %v pixels", n)
	}
}

func TestReopensTheSessionOfTheFile(t *testing.T) {
	d, _, file := street(t)
	if _, err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	reply, err := d.Edit(t.Context(), tui.Ask{Request: "flip the picture horizontally", Alpha: 1}, func(edit.Event) {})
	if err != nil || reply.Seen == nil {
		t.Fatalf("%v: %+v", err, reply.Summary)
	}
	path, err := d.Export(t.Context(), 1, "")
	if err != nil || filepath.Dir(path) != filepath.Dir(file) {
		t.Fatalf("%q, %v", path, err)
	}
	if _, err := d.Export(t.Context(), 1, path); err == nil {
		t.Fatal("a file that exists was written over")
	}
	kit, _ := d.kit()
	dirs := kit.Options.Dirs
	d.Close()
	again := New(Options{Kit: func() (*agent.Kit, error) { return agent.Open(agent.Options{Dirs: dirs, Shipped: tooldocs.FS}) }})
	defer again.Close()
	seen, err := again.Open(t.Context())
	if err != nil || seen.Tree.Head != 1 || seen.Tree.File != file || seen.Before == nil {
		t.Fatalf("%v: %+v", err, seen.Tree)
	}
}

func TestFreeName(t *testing.T) {
	for file, want := range map[string]string{
		"/a/street.png": "street 2", "/a/.png": "picture", "/a/ü ñ!.jpg": "ü ñ", "/a/-x.tar.png": "x.tar",
	} {
		if got := freeName(file, map[string]bool{"street": true}); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// waiting is a runner whose call ends with its context.
type waiting struct{ begun chan struct{} }

func (w waiting) Available(*edit.ToolSpec) error { return nil }

func (w waiting) Run(ctx context.Context, _ tools.Request) (tools.Response, error) {
	close(w.begun)
	<-ctx.Done()
	return tools.Response{}, ctx.Err()
}

// TestSkipEndsTheCallAlone: the call fails as a tool does, and the request's context goes on.
func TestSkipEndsTheCallAlone(t *testing.T) {
	s := &skipper{}
	w := waiting{make(chan struct{})}
	e := &agent.Engine{Runners: map[string]tools.Runner{"x": w}}
	s.wrap(e)
	if s.Skip() {
		t.Fatal("nothing ran, and it was given up")
	}
	failed := make(chan error)
	go func() {
		_, err := e.Runners["x"].Run(t.Context(), tools.Request{Spec: &edit.ToolSpec{Name: "slow"}})
		failed <- err
	}()
	<-w.begun
	if !s.Skip() {
		t.Fatal("the call was not given up")
	}
	if err := <-failed; !errors.Is(err, errSkipped) || errors.Is(err, context.Canceled) {
		t.Fatalf("it failed with %v", err)
	}
}

// TestNoArchive: what is named like a session and is no regular file is refused and not read.
func TestNoArchive(t *testing.T) {
	d, _, _ := street(t)
	dir := filepath.Join(t.TempDir(), "street"+session.ArchiveExt)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.opt.File = dir
	var user *edit.UserError
	if _, err := d.Open(t.Context()); !errors.As(err, &user) || user.Msg != dir+" is no regular file" {
		t.Errorf("a folder as a session: %v", err)
	}
}
