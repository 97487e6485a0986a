package session_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/store"
)

// photo is a picture with soft gradients and the noise of a sensor.
func photo(w, h int, seed uint64) *pixel.Image {
	r := rand.New(rand.NewPCG(seed, 1))
	m := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			n := int(r.Uint32N(9)) - 4
			m.Set(x, y, byte(40+x*150/w+n), byte(60+y*120/h+n), byte(90+(x+y)*80/(w+h)+int(r.Uint32N(5))), 255)
		}
	}
	return m
}

// patched is m with a w×h block at x, y changed by its seed.
func patched(m *pixel.Image, x, y, w, h int, seed uint64) *pixel.Image {
	r := rand.New(rand.NewPCG(seed, 2))
	out := m.Clone()
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			a, b, c, _ := m.At(i, j)
			out.Set(i, j, 255-a, b/2+byte(r.Uint32N(8)), c, 255)
		}
	}
	return out
}

func deep(m *pixel.Image) *pixel.Image {
	d := &pixel.Deep{Pix: make([]uint16, len(m.Pix)), Bits: 16}
	for i, v := range m.Pix {
		d.Pix[i] = uint16(v)*257 + uint16(i*7919%200)
	}
	out := *m
	out.Deep = d
	return &out
}

func same(a, b *pixel.Image) bool {
	if a.W != b.W || a.H != b.H || a.HasAlpha != b.HasAlpha || !bytes.Equal(a.Pix, b.Pix) || (a.Deep == nil) != (b.Deep == nil) {
		return false
	}
	return a.Deep == nil || a.Deep.Bits == b.Deep.Bits && slices.Equal(a.Deep.Pix, b.Deep.Pix)
}

func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), dir, store.Options{Notice: func(n string) { t.Error(n) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// clock counts seconds, so that what is stored is the same in every run.
func clock() func() time.Time {
	n := int64(0)
	return func() time.Time { n++; return time.Unix(1_700_000_000+n, 0) }
}

func begin(t testing.TB, all *session.Sessions, name string, img *pixel.Image) *session.Session {
	t.Helper()
	s, err := all.New(context.Background(), name, img, session.Source{Name: name + ".png"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// recolour is a turn that a planner could have made.
func recolour(object, target string) session.Turn {
	request := "recolor the " + object + " to " + target
	return session.Turn{Request: request, Plan: edit.Plan{Request: request, Planner: "grammar", Subtasks: []edit.Subtask{{ID: 1, Task: "object-recoloration", Object: object, Target: target}}}}
}

func commit(t testing.TB, s *session.Session, parent session.TurnID, turn session.Turn, r session.Result) session.TurnID {
	t.Helper()
	id, err := s.Commit(context.Background(), parent, turn, r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func state(t testing.TB, s *session.Session, id session.TurnID) *pixel.Image {
	t.Helper()
	m, err := s.State(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
