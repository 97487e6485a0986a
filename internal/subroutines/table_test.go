package subroutines_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pentimento/internal/store"
	. "pentimento/internal/subroutines"
)

// open opens a table in a folder; its notices are added to the slice.
func open(t *testing.T, dir string, notices *[]string) *Table {
	t.Helper()
	st, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Table{Store: st, Notice: func(n string) { *notices = append(*notices, n) }}
}

func TestTableKeepsSubroutines(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	var notices []string
	table := open(t, dir, &notices)
	a, b := removal("a", "detector-knows"), removal("b", "")
	b.Task, b.State = "text-removal", Candidate
	b.History = []Change{{At: noon, To: Candidate, Reason: "mined"}}
	if err := table.Put(ctx, a, b); err != nil {
		t.Fatal(err)
	}
	other := open(t, dir, &notices) // as another process has it
	got, err := other.List(ctx, Filter{})
	if diff := cmp.Diff([]*Subroutine{a, b}, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for f, want := range map[Filter]int{{Task: "text-removal"}: 1, {State: Active}: 1, {Task: "text-removal", State: Active}: 0} {
		if got, err := other.List(ctx, f); err != nil || len(got) != want {
			t.Errorf("%+v: %d, %v", f, len(got), err)
		}
	}
	if s, err := other.Get(ctx, "b"); err != nil || s.Task != "text-removal" {
		t.Error(s, err)
	}
	for _, id := range []string{"", "c"} {
		if _, err := other.Get(ctx, id); err == nil || !strings.Contains(err.Error(), "there is no subroutine") {
			t.Errorf("%q: %v", id, err)
		}
	}
	bad := removal("c", "")
	bad.Path = nil
	if err := table.Put(ctx, removal("d", ""), bad); err == nil || !strings.Contains(err.Error(), "subroutine c cannot be kept") {
		t.Error(err)
	}
	if _, err := table.Change(ctx, "a", func(s *Subroutine) (*Subroutine, error) { return s.Disabled("off", noon) }); err != nil {
		t.Error(err)
	}
	if _, err := table.Change(ctx, "a", func(s *Subroutine) (*Subroutine, error) { return s.Disabled("off", noon) }); err == nil || err.Error() != "subroutine a is disabled already" {
		t.Error(err)
	}
	if got, err := table.List(ctx, Filter{}); err != nil || len(got) != 2 || got[0].State != Suspended {
		t.Error(got, err)
	}
	if len(notices) > 0 {
		t.Error(notices)
	}
}

// Uses that several processes add at the same time are all counted.
func TestNoUseIsLost(t *testing.T) {
	dir := t.TempDir()
	var notices []string
	tables := []*Table{open(t, dir, &notices), open(t, dir, &notices), open(t, dir, &notices)}
	s := removal("a", "")
	s.SetOwn(Evidence{})
	if err := tables[0].Put(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for _, table := range tables {
		for range 2 {
			wait.Go(func() {
				for range 20 {
					if _, err := table.Observe(t.Context(), "a", use(true), noon); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wait.Wait()
	got, err := tables[0].Get(t.Context(), "a")
	if err != nil || got.Pass != (Rate{120, 0}) || got.Cost.N != 120 || !near(got.Cost.Seconds, 2) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Rows that are damaged, contradict themselves or come from elsewhere are
// passed over with a notice, and the sound ones serve on.
func TestPoisonedRowsStopNothing(t *testing.T) {
	ctx := t.Context()
	var notices []string
	table := open(t, t.TempDir(), &notices)
	if err := table.Put(ctx, removal("good", "")); err != nil {
		t.Fatal(err)
	}
	rows := []store.SubroutineRow{
		{ID: "torn", Task: "object-removal", State: "active", Body: []byte(`{"id":"torn"`)},
		{ID: "typed", Task: "object-removal", State: "active", Body: []byte(`{"id":"typed","version":"one"}`)},
		{ID: "when", Task: "object-removal", State: "active", Body: []byte(`{"id":"when","when":["object-area-share >= 7"]}`)},
		{ID: "two", Task: "object-removal", State: "active", Body: []byte(`{"id":"three","task":"object-removal","state":"active"}`)},
		{ID: "\x00\xff", Task: "object-removal", State: "active", Body: []byte("\x00")},
		{ID: "rich", Task: "object-removal", State: "active", Body: []byte(`{"id":"rich","task":"object-removal","state":"active","version":1,"path":[{"tool":"x"}],"pass":{"passed":-5}}`)},
	}
	if err := table.Store.PutSubroutines(ctx, rows); err != nil {
		t.Fatal(err)
	}
	x, err := table.Index(ctx, map[string]string{"seek": "", "outline": "", "fill": "", "x": ""})
	if err != nil {
		t.Fatal(err)
	}
	c := x.Select(Query{Task: "object-removal", Alpha: 1, Slow: Slow{Seconds: 60, Quality: 0.9}})
	if c.Active != 1 || c.Taken == nil || c.Taken.ID != "good" || len(notices) != len(rows) {
		t.Errorf("%+v\n%s", c, strings.Join(notices, "\n"))
	}
	if _, err := table.Get(ctx, "torn"); err == nil || !strings.Contains(err.Error(), "subroutine torn cannot be read: it is damaged") {
		t.Error(err)
	}
	if _, err := table.Observe(ctx, "rich", use(true), noon); err == nil {
		t.Error("a poisoned row learned")
	}
}

func TestDocking(t *testing.T) {
	ctx := t.Context()
	var notices []string
	table := open(t, t.TempDir(), &notices)
	docs := map[string]string{"seek": "1", "outline": "2", "fill": "3"}
	if err := table.Put(ctx, removal("a", "").Verified(Evidence{}, docs, "it was", noon)); err != nil {
		t.Fatal(err)
	}
	if changed, err := table.Dock(ctx, docs, noon); err != nil || len(changed) != 0 {
		t.Error(changed, err)
	}
	without := map[string]string{"seek": "1", "outline": "2"}
	// Even before the states are brought into line nothing is offered that cannot be run.
	x, err := table.Index(ctx, without)
	if err != nil || x.Select(Query{Task: "object-removal", Alpha: 1, Slow: Slow{Seconds: 60}}).Active != 0 {
		t.Error("a rule of a removed tool is offered", err)
	}
	if changed, err := table.Dock(ctx, without, noon); err != nil || len(changed) != 1 || changed[0].State != Suspended {
		t.Error(changed, err)
	}
	if changed, err := table.Dock(ctx, docs, noon); err != nil || len(changed) != 1 || changed[0].State != Active {
		t.Error(changed, err)
	}
	if s, err := table.Get(ctx, "a"); err != nil || s.State != Active || len(s.History) != 3 {
		t.Error(s, err)
	}
}

// Two people merge their tables: each has the other's rules as candidates, and
// doing it again changes nothing.
func TestTwoPeopleMerge(t *testing.T) {
	ctx := t.Context()
	var notices []string
	ann, ben := open(t, t.TempDir(), &notices), open(t, t.TempDir(), &notices)
	shared := removal("s", "detector-knows")
	if err := ann.Put(ctx, shared, removal("a", "has-region")); err != nil {
		t.Fatal(err)
	}
	if err := ben.Put(ctx, shared, removal("b", "has-except")); err != nil {
		t.Fatal(err)
	}
	random := bytes.NewReader([]byte(strings.Repeat("0123456789abcdef", 100)))
	give := func(from, to *Table, want string) {
		t.Helper()
		f, err := from.Export(ctx, Filter{}, random)
		if err != nil {
			t.Fatal(err)
		}
		text, err := f.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if f, err = ParseFile("theirs.yaml", text); err != nil {
			t.Fatal(err)
		}
		report, err := to.Import(ctx, f, random, noon)
		if got := fmt.Sprint(report); err != nil || got != want {
			t.Errorf("%s, want %s: %v", got, want, err)
		}
	}
	give(ann, ben, "[{a a added} {s s evidence}]")
	give(ben, ann, "[{a a unchanged} {b b added} {s s evidence}]")
	give(ann, ben, "[{a a unchanged} {b b unchanged} {s s unchanged}]")
	give(ann, ann, "[{a a unchanged} {b b unchanged} {s s unchanged}]")
	for name, table := range map[string]*Table{"ann": ann, "ben": ben} {
		s, err := table.Get(ctx, "s")
		if err != nil || s.State != Active || s.Total().Pass != (Rate{19 * 1.25, 1.25}) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if s, err := ann.Get(ctx, "b"); err != nil || s.State != Candidate || s.Total().Pass != (Rate{19. / 4, 1. / 4}) {
		t.Errorf("%+v, %v", s, err)
	}
	if a, err := ann.Source(ctx, random); err != nil || len(a) != 16 {
		t.Error(a, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := ann.List(cancelled, Filter{}); err == nil {
		t.Error("a list after a stop")
	}
}

// What is mined comes in as candidates once; mined again, a candidate takes the
// newer evidence and nothing else changes.
func TestPropose(t *testing.T) {
	ctx := t.Context()
	var notices []string
	table := open(t, t.TempDir(), &notices)
	active := removal("a", "has-region")
	if err := table.Put(ctx, active); err != nil {
		t.Fatal(err)
	}
	mined := func(passed float64) []*Subroutine {
		out := []*Subroutine{removal("", "detector-knows"), removal("", "has-region"), removal("a", "has-except")}
		for _, s := range out {
			s.State, s.Pass, s.Provenance = Candidate, Rate{passed, 0}, Provenance{Proposer: "mined", Traces: []int64{int64(passed)}}
		}
		return out
	}
	docs := map[string]string{"seek": "1", "outline": "2", "fill": "3", "other": "4"}
	added, err := table.Propose(ctx, append(mined(5), mined(5)...), docs, noon)
	if err != nil || len(added) != 2 || added[1].ID == "a" || added[0].Docs["fill"] != "3" || added[0].History[0].Reason != "proposed: mined" {
		t.Fatalf("%+v, %v", added, err)
	}
	again, err := table.Propose(ctx, mined(9), docs, noon)
	if err != nil || len(again) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if s, err := table.Get(ctx, added[0].ID); err != nil || s.Pass != (Rate{9, 0}) || s.Provenance.Traces[0] != 9 || len(s.History) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := table.Get(ctx, "a"); err != nil || s.Pass != active.Pass || s.State != Active {
		t.Errorf("%+v, %v", s, err)
	}
	cover := map[string]Cover{added[0].ID: {By: "a", Reason: "covered by a"}, "nobody": {}}
	if gone, err := table.Cover(ctx, cover, noon); err != nil || len(gone) != 1 || gone[0].State != Retired || gone[0].Coverer != "a" {
		t.Errorf("%+v, %v", gone, err)
	}
	if gone, err := table.Cover(ctx, cover, noon); err != nil || len(gone) != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	if back, err := table.Uncover(ctx, noon); err != nil || len(back) != 0 {
		t.Errorf("brought back beside an active one: %+v, %v", back, err)
	}
	if x, err := table.Index(ctx, docs, "object-removal", "object-removal", "text-removal"); err != nil || x.Select(Query{Task: "object-removal", Slow: Slow{Seconds: 1}}).Active != 1 {
		t.Error(err)
	}
	if _, err := table.Change(ctx, "a", func(s *Subroutine) (*Subroutine, error) { return s.Disabled("off", noon) }); err != nil {
		t.Fatal(err)
	}
	if back, err := table.Uncover(ctx, noon); err != nil || len(back) != 1 || back[0].ID != added[0].ID || back[0].State != Candidate || back[0].Coverer != "" {
		t.Errorf("not brought back when its coverer went: %+v, %v", back, err)
	}
}
