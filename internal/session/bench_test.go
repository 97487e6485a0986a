package session_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
	"pentimento/internal/session"
	"pentimento/internal/store"
)

// big is a picture of 12 megapixels: a photograph enlarged, with the noise that
// a sensor of that size has, or one that is made up where there is no photograph.
func big(b *testing.B) *pixel.Image {
	b.Helper()
	const w, h = 4000, 3000
	m := photo(w, h, 1)
	if shared := os.Getenv("PENTIMENTO_SHARED"); shared != "" {
		img, _, err := imageio.Load(context.Background(), filepath.Join(shared, "images", "dog_bench.png"), imageio.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		m = pixel.Resize(img, w, h, pixel.CatmullRom)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range m.Pix {
			if i%4 < 3 {
				m.Pix[i] = byte(min(255, max(0, int(m.Pix[i])+int(r.Uint32N(5))-2)))
			}
		}
	}
	return m
}

// told is a turn with as much beside its picture as a real one of two subtasks has.
func told(n int) session.Turn {
	t := recolour("red car", fmt.Sprint("colour ", n))
	call := func(tool string) recipe.Call {
		return recipe.Call{Tool: tool, Digest: fmt.Sprintf("%064d", n), Params: map[string]any{"strength": 0.5, "mode": "soft"}, Models: []string{fmt.Sprintf("%064d", n)}}
	}
	t.Recipe = &recipe.Turn{Program: "pentimento", Request: t.Request, Planner: "grammar"}
	for i := range 2 {
		path := recipe.Toolpath{Calls: []recipe.Call{call("detect"), call("segment"), call("recolor")}}
		t.Recipe.Steps = append(t.Recipe.Steps, recipe.Step{Subtask: t.Plan.Subtasks[0], Status: edit.StatusDone, Toolpaths: []recipe.Toolpath{path}})
		t.Summary.Subtasks = append(t.Summary.Subtasks, edit.SubtaskReport{ID: i, Task: "object-recoloration", Object: "red car", Status: edit.StatusDone, Toolpath: []string{"detect", "segment", "recolor"}, Via: "search"})
	}
	return t
}

// recoloured changes a twentieth of m's area, at a place that r draws: its
// channels are swapped and mixed, so that its noise stays.
func recoloured(m *pixel.Image, r *rand.Rand) *pixel.Image {
	const w, h = 894, 671
	out := m.Clone()
	x0, y0, mix := r.IntN(m.W-w), r.IntN(m.H-h), r.IntN(200)
	for y := y0; y < y0+h; y++ {
		for x := x0; x < x0+w; x++ {
			a, b, c, _ := m.At(x, y)
			out.Set(x, y, c, byte((int(a)*mix+int(b)*(256-mix))>>8), a+byte(mix), 255)
		}
	}
	return out
}

// BenchmarkEdits commits turns that change a twentieth of 12 megapixels each and
// says what a thousand of them take on disk. PENTIMENTO_BENCH_TURNS sets how many are made (40).
func BenchmarkEdits(b *testing.B) {
	ctx := context.Background()
	turns := 40
	if n, err := strconv.Atoi(os.Getenv("PENTIMENTO_BENCH_TURNS")); err == nil {
		turns = n
	}
	base := big(b)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		st := openStore(b, dir)
		all := session.Open(st, session.Options{})
		s := begin(b, all, "a", base)
		first, _, err := all.Usage(ctx)
		if err != nil {
			b.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 3))
		m := base
		b.StartTimer()
		for n := range turns {
			b.StopTimer()
			m = recoloured(m, r)
			b.StartTimer()
			commit(b, s, s.Head(), told(n), session.Result{Image: m})
		}
		b.StopTimer()
		used, _, err := all.Usage(ctx)
		if err != nil {
			b.Fatal(err)
		}
		db, err := os.Stat(store.Path(dir))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(first)/1e6, "MB/original")
		b.ReportMetric(float64(used-first)/float64(turns)*1000/1e9, "GB/1000-turns")
		b.ReportMetric(float64(db.Size())/1e6, "MB/database")
		b.StartTimer()
	}
}

// BenchmarkOpen opens a session of a thousand turns on 12 megapixels: its tree with
// the head's record, and, apart, the head's picture.
func BenchmarkOpen(b *testing.B) {
	ctx := context.Background()
	dir := b.TempDir()
	st := openStore(b, dir)
	all := session.Open(st, session.Options{})
	base := big(b)
	s := begin(b, all, "a", base)
	// Turns of small pictures make the tree and its packs as many; the last ones are of 12 megapixels.
	for n := range 980 {
		commit(b, s, s.Head(), told(n), session.Result{Image: photo(130, 100, uint64(n))})
	}
	r := rand.New(rand.NewPCG(3, 3))
	m := base
	for n := range 20 {
		m = recoloured(m, r)
		commit(b, s, s.Head(), told(n), session.Result{Image: m})
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("store-and-tree", func(b *testing.B) {
		for b.Loop() {
			st, err := store.Open(ctx, dir, store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			s, err := session.Open(st, session.Options{}).Load(ctx, "a")
			if err != nil || s.Len() != 1001 {
				b.Fatal(err)
			}
			s.Turn(s.Head())
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			if err := st.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("picture", func(b *testing.B) {
		view, err := all.View(ctx, "a")
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := view.State(ctx, view.Head()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("all-records", func(b *testing.B) {
		for b.Loop() {
			view, err := all.View(ctx, "a")
			if err != nil {
				b.Fatal(err)
			}
			if len(view.Turns()) != 1001 {
				b.Fatal("turns are missing")
			}
		}
	})
}
