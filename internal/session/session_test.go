package session_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
)

// TestTree edits, undoes, branches and names, closes and finds everything again.
func TestTree(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	all := session.Open(openStore(t, dir), session.Options{Now: clock()})
	first := photo(300, 200, 1)
	s := begin(t, all, "street", first)
	red := patched(first, 10, 20, 50, 60, 1)
	a := commit(t, s, session.Original, recolour("car", "red"), session.Result{Image: red, Mask: pixel.NewMask(300, 200)})
	blue := patched(red, 100, 20, 50, 60, 2)
	b := commit(t, s, a, recolour("bench", "blue"), session.Result{Image: blue})

	undone, err := s.Undo(ctx)
	if err != nil || undone.ID != b || s.Head() != a {
		t.Fatalf("Undo gives turn %d, %v; the head is %d", undone.ID, err, s.Head())
	}
	if redone, err := s.Redo(ctx); err != nil || redone.ID != b || s.Head() != b {
		t.Errorf("Redo gives turn %d, %v; the head is %d", redone.ID, err, s.Head())
	}
	if _, err := s.Redo(ctx); !errors.Is(err, session.ErrNothing) {
		t.Errorf("Redo at the tip says %v", err)
	}
	// A turn after an undone one begins a branch; the old one stays.
	if err := s.Goto(ctx, a); err != nil {
		t.Fatal(err)
	}
	green := patched(red, 100, 20, 50, 60, 3)
	c := commit(t, s, a, recolour("bench", "green"), session.Result{Image: green})
	if err := s.Name(ctx, c, "the green one"); err != nil {
		t.Fatal(err)
	}
	if err := s.Branch(ctx, a, "try"); err != nil {
		t.Fatal(err)
	}
	if err := s.Name(ctx, a, "TRY"); err == nil {
		t.Error("a turn got the name of a branch")
	}
	if err := s.Review(ctx, b, session.Review{Verdict: session.Rejected, Reason: "too dark"}); err != nil {
		t.Fatal(err)
	}
	d := commit(t, s, a, recolour("tree", "pink"), session.Result{Image: blue})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, err = all.Load(ctx, "Street")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	wantBranches := []session.Branch{{Name: "branch-2", Tip: c}, {Name: "main", Tip: b}, {Name: "try", Tip: d, Current: true}}
	if diff := cmp.Diff(wantBranches, s.Branches()); diff != "" {
		t.Errorf("branches (-want +got):\n%s", diff)
	}
	if s.Head() != d || len(s.Turns()) != 5 {
		t.Errorf("the head is %d of %d turns", s.Head(), len(s.Turns()))
	}
	for text, want := range map[string]session.TurnID{"the green one": c, "Main": b, "head": d, "original": 0, "2": b, "#3": c} {
		if got, err := s.Find(text); err != nil || got != want {
			t.Errorf("Find(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for id, want := range map[session.TurnID]*pixel.Image{0: first, a: red, b: blue, c: green, d: blue} {
		if !same(state(t, s, id), want) {
			t.Errorf("the picture of turn %d is another", id)
		}
	}
	if turn, ok := s.Turn(b); !ok || turn.Review.Reason != "too dark" || turn.Request != "recolor the bench to blue" {
		t.Errorf("turn %d came back as %+v", b, turn)
	}
	if m, err := s.Mask(ctx, a); err != nil || m == nil || m.W != 300 {
		t.Errorf("the mask came back as %v, %v", m, err)
	}
	if th, err := s.Thumbnail(ctx, c); err != nil || max(th.W, th.H) != session.ThumbSide {
		t.Errorf("the thumbnail is %v, %v", th, err)
	}
	h := s.History(c)
	if len(h.Turns) != 2 || h.Turns[1].Subtasks[0].Target != "green" {
		t.Errorf("the history of turn %d is %+v", c, h)
	}
}

// TestDeepPictures keeps 16 bits, alpha and hidden colour exactly.
func TestDeepPictures(t *testing.T) {
	all := session.Open(openStore(t, t.TempDir()), session.Options{})
	for name, m := range map[string]*pixel.Image{"deep": deep(photo(131, 257, 2)), "tiny": photo(1, 1, 3), "alpha": photo(129, 128, 4)} {
		if name == "alpha" {
			m.HasAlpha = true
			for i := 3; i < len(m.Pix); i += 4 {
				m.Pix[i] = byte(i)
			}
		}
		s := begin(t, all, name, m)
		if !same(state(t, s, 0), m) {
			t.Errorf("%s came back as another", name)
		}
	}
}

// TestRegions numbers objects, which later turns of one size keep.
func TestRegions(t *testing.T) {
	ctx := context.Background()
	all := session.Open(openStore(t, t.TempDir()), session.Options{})
	img := photo(200, 100, 1)
	s := begin(t, all, "a", img)
	mask := pixel.NewMask(200, 100)
	mask.Pix[5] = 77
	regions := []session.Region{{Number: 1, Phrase: "cup", Box: edit.Box{X0: 1, Y0: 2, X1: 30, Y1: 40}}, {Number: 3, Phrase: "car", Mask: mask}}
	if err := s.SetRegions(ctx, 0, regions); err != nil {
		t.Fatal(err)
	}
	id := commit(t, s, 0, recolour("cup", "red"), session.Result{Image: patched(img, 0, 0, 20, 20, 1)})
	got, err := s.Regions(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(regions, got); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
	if h := s.History(id); len(h.Regions) != 2 || h.Regions[1].Phrase != "car" {
		t.Errorf("the history knows %+v", h.Regions)
	}
	smaller := commit(t, s, id, session.Turn{Request: "crop"}, session.Result{Image: photo(50, 50, 1)})
	if got, err := s.Regions(ctx, smaller); err != nil || len(got) != 0 {
		t.Errorf("a picture of another size has regions %v, %v", got, err)
	}
	if err := s.SetRegions(ctx, id, []session.Region{{Number: 2}, {Number: 2}}); err == nil {
		t.Error("two regions have one number")
	}
}

// TestOneAtATime refuses a session that is open already, and one that is only looked at to change.
func TestOneAtATime(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	all := session.Open(openStore(t, dir), session.Options{})
	s := begin(t, all, "a", photo(20, 20, 1))
	other := session.Open(openStore(t, dir), session.Options{})
	var busy *session.BusyError
	if _, err := other.Load(ctx, "a"); !errors.As(err, &busy) || busy.PID == 0 {
		t.Errorf("a session that is open opens again: %v", err)
	}
	if err := other.Delete(ctx, "a"); !errors.As(err, &busy) {
		t.Errorf("a session that is open is deleted: %v", err)
	}
	view, err := other.View(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := view.Commit(ctx, 0, session.Turn{}, session.Result{Image: photo(20, 20, 2)}); err == nil || view.Goto(ctx, 0) == nil {
		t.Error("a session that is only looked at was changed")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := other.Load(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
	var missing *session.NotFoundError
	if _, err := other.Load(ctx, "b"); !errors.As(err, &missing) {
		t.Errorf("a session that is not there: %v", err)
	}
}

// TestRoom refuses turns at the bound and takes them again when space was freed.
func TestRoom(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	st := openStore(t, dir)
	all := session.Open(st, session.Options{MaxBytes: 1_500_000})
	s := begin(t, all, "a", photo(512, 512, 1))
	other := begin(t, all, "b", photo(256, 256, 2))
	var full *session.FullError
	n := 0
	for ; n < 20; n++ {
		_, err := s.Commit(ctx, s.Head(), session.Turn{}, session.Result{Image: photo(512, 512, uint64(10+n))})
		if errors.As(err, &full) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	used, limit, err := all.Usage(ctx)
	if n == 0 || n == 20 || err != nil || used > limit || full.Used != used {
		t.Fatalf("after %d turns %d of %d bytes are used (%v), %v", n, used, limit, full, err)
	}
	if int(s.Head()) != n || !same(state(t, s, s.Head()), photo(512, 512, uint64(9+n))) {
		t.Errorf("the refused turn left the session at turn %d", s.Head())
	}
	_ = s.Close()
	if err := all.Delete(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	freed, err := all.GC(ctx)
	if err != nil || freed < used/2 {
		t.Errorf("GC freed %d of %d bytes, %v", freed, used, err)
	}
	if !same(state(t, other, 0), photo(256, 256, 2)) {
		t.Error("GC took what another session needs")
	}
	if report, err := all.Verify(ctx, ""); err != nil || len(report.Problems) > 0 || report.Sessions != 1 {
		t.Errorf("Verify says %+v, %v", report, err)
	}
}

// TestPrunedBranch frees what a deleted branch alone needed, and nothing else.
func TestPrunedBranch(t *testing.T) {
	ctx := context.Background()
	all := session.Open(openStore(t, t.TempDir()), session.Options{})
	base := photo(512, 512, 1)
	s := begin(t, all, "a", base)
	// The turns of one branch share tiles with those of the other.
	shared := patched(base, 0, 0, 128, 128, 1)
	a := commit(t, s, 0, session.Turn{Request: "1"}, session.Result{Image: shared})
	kept := patched(shared, 256, 0, 128, 128, 2)
	b := commit(t, s, a, session.Turn{Request: "2"}, session.Result{Image: kept})
	if err := s.Branch(ctx, a, "side"); err != nil {
		t.Fatal(err)
	}
	side := patched(kept, 0, 256, 256, 256, 3)
	commit(t, s, a, session.Turn{Request: "3"}, session.Result{Image: side})
	if _, err := s.DeleteBranch(ctx, "side"); err == nil {
		t.Error("the current branch was deleted")
	}
	if err := s.Checkout(ctx, "main"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.DeleteBranch(ctx, "side"); err != nil || n != 1 {
		t.Fatalf("DeleteBranch removed %d turns, %v", n, err)
	}
	if freed, err := all.GC(ctx); err != nil || freed == 0 {
		t.Errorf("GC freed %d bytes, %v", freed, err)
	}
	for id, want := range map[session.TurnID]*pixel.Image{0: base, a: shared, b: kept} {
		if !same(state(t, s, id), want) {
			t.Errorf("turn %d is another after GC", id)
		}
	}
	if next := commit(t, s, b, session.Turn{}, session.Result{Image: base}); next != 4 {
		t.Errorf("the next turn is %d: a number was used again", next)
	}
}
