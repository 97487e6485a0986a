package subroutines

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// Table is the subroutines of a store. Several processes may use one at a time.
type Table struct {
	Store *store.Store
	// Notice, when not nil, is told of rows that cannot be used. They are passed over and never stop an edit.
	Notice func(string)
}

// Filter says which are wanted; its zero value, all.
type Filter struct {
	Task  string
	State State
}

// List returns the usable subroutines that the filter lets through, by id.
func (t *Table) List(ctx context.Context, f Filter) ([]*Subroutine, error) {
	rows, err := t.Store.Subroutines(ctx, store.SubroutineFilter{Task: f.Task, State: string(f.State)})
	if err != nil {
		return nil, err
	}
	return t.read(rows), nil
}

// Index is what edits choose from: the active subroutines of some task types
// (none given: of all) whose tools are as they were when they were measured.
// docs are the installed docs' digests by tool.
func (t *Table) Index(ctx context.Context, docs map[string]string, tasks ...string) (*Index, error) {
	if len(tasks) == 0 {
		tasks = []string{""}
	}
	var fresh []*Subroutine
	for _, task := range slices.Compact(slices.Sorted(slices.Values(tasks))) {
		active, err := t.List(ctx, Filter{Task: task, State: Active})
		if err != nil {
			return nil, err
		}
		for _, s := range active {
			if s.Stale(docs) == "" {
				fresh = append(fresh, s)
			}
		}
	}
	x, skipped := NewIndex(fresh)
	for _, text := range skipped {
		t.notice(text)
	}
	return x, nil
}

// Get returns one subroutine; one that is not there, or cannot be read, is an error for the person.
func (t *Table) Get(ctx context.Context, id string) (*Subroutine, error) {
	rows, err := t.Store.Subroutines(ctx, store.SubroutineFilter{ID: id})
	if err != nil {
		return nil, err
	}
	return one(id, rows)
}

func one(id string, rows []store.SubroutineRow) (*Subroutine, error) {
	if id == "" || len(rows) == 0 {
		return nil, &edit.UserError{Msg: fmt.Sprintf("there is no subroutine %q", id), Hint: "agent subroutines list shows them"}
	}
	s, err := decode(rows[0])
	if err != nil {
		return nil, edit.Userf("subroutine %s cannot be read: %v", id, err)
	}
	return s, nil
}

// Put stores new subroutines, or replaces those of the same id. What Check refuses is an error, and nothing is stored.
func (t *Table) Put(ctx context.Context, all ...*Subroutine) error {
	rows, err := encodeAll(all)
	if err != nil {
		return err
	}
	return t.Store.PutSubroutines(ctx, rows)
}

// Change replaces one subroutine by what f makes of it, which no other process
// can come between, and returns it. f must not use the store; its error is returned and nothing changes.
func (t *Table) Change(ctx context.Context, id string, f func(*Subroutine) (*Subroutine, error)) (changed *Subroutine, err error) {
	err = t.Store.ChangeSubroutines(ctx, store.SubroutineFilter{ID: id}, func(old []store.SubroutineRow) ([]store.SubroutineRow, error) {
		s, err := one(id, old)
		if err != nil {
			return nil, err
		}
		if changed, err = f(s); err != nil {
			return nil, err
		}
		return encodeAll([]*Subroutine{changed})
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// Observe adds a use of one subroutine to its evidence and returns it, suspended
// where it turned bad.
func (t *Table) Observe(ctx context.Context, id string, u Use, at time.Time) (*Subroutine, error) {
	return t.Change(ctx, id, func(s *Subroutine) (*Subroutine, error) { return s.Observed(u, at), nil })
}

// Dock brings all states into line with the installed docs, digest by tool, and returns those that changed.
func (t *Table) Dock(ctx context.Context, docs map[string]string, at time.Time) ([]*Subroutine, error) {
	docked := func(all []*Subroutine) (changed []*Subroutine, err error) {
		for _, s := range all {
			if d := s.Docked(docs, at); d != s {
				changed = append(changed, d)
			}
		}
		return changed, nil
	}
	all, err := t.List(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	if changed, err := docked(all); err != nil || len(changed) == 0 {
		return nil, err // the usual case takes no lock
	}
	return t.changeAll(ctx, docked)
}

// Propose adds what mining or a person proposes, as candidates with the digests
// of the docs that they were measured with, and returns those that are new. What is
// here already (by Key) stays as it is, but that a candidate takes the newer evidence, which is of the same
// traces and more, and the folds that it was found without once more.
func (t *Table) Propose(ctx context.Context, proposed []*Subroutine, docs map[string]string, at time.Time) (added []*Subroutine, err error) {
	_, err = t.changeAll(ctx, func(all []*Subroutine) (changed []*Subroutine, err error) {
		changed, added = propose(all, proposed, docs, at)
		return changed, nil
	})
	return added, err
}

func propose(all, proposed []*Subroutine, docs map[string]string, at time.Time) (changed, added []*Subroutine) {
	byKey, ids := make(map[string]*Subroutine, len(all)), make(map[string]bool, len(all))
	for _, s := range all {
		byKey[s.Key()], ids[s.ID] = s, true
	}
	for _, p := range proposed {
		here := byKey[p.Key()]
		switch {
		case here == nil:
			s := p.clone()
			s.freeID(ids)
			s.Docs, s.State, s.History = s.docsOf(docs), "", nil
			s.move(Candidate, "", "proposed: "+cmp.Or(p.Provenance.Proposer, "by nobody in particular"), at)
			ids[s.ID], byKey[s.Key()] = true, s
			changed, added = append(changed, s), append(added, s)
		case here.State == Candidate && !slices.Contains(added, here):
			folds := slices.Compact(slices.Sorted(slices.Values(slices.Concat(here.Provenance.Folds, p.Provenance.Folds))))
			more := len(here.Provenance.Folds) > 0 && len(folds) > len(here.Provenance.Folds)
			newer := here.Own() != p.Own() && p.Own().runs() > 0
			if !more && !newer {
				continue
			}
			s := here.clone()
			if more {
				s.Provenance.Folds = folds
			}
			if newer {
				s.SetOwn(p.Own())
				s.Docs, s.Provenance.Traces = s.docsOf(docs), p.Provenance.Traces
			}
			byKey[s.Key()] = s
			changed = append(changed, s)
		}
	}
	return changed, added
}

// Cover gives up the subroutines, by id, that others make superfluous, and
// returns them; retired ones stay as they are.
func (t *Table) Cover(ctx context.Context, covers map[string]Cover, at time.Time) ([]*Subroutine, error) {
	if len(covers) == 0 {
		return nil, nil
	}
	return t.changeAll(ctx, func(all []*Subroutine) (changed []*Subroutine, err error) {
		for _, s := range all {
			if c, ok := covers[s.ID]; ok && s.State != Retired {
				changed = append(changed, s.Covered(c, at))
			}
		}
		return changed, nil
	})
}

// Uncover brings back those that were given up beside a subroutine that is not
// active any more, and returns them.
func (t *Table) Uncover(ctx context.Context, at time.Time) ([]*Subroutine, error) {
	return t.changeAll(ctx, func(all []*Subroutine) (changed []*Subroutine, err error) {
		active := make(map[string]bool)
		for _, s := range all {
			active[s.ID] = s.State == Active
		}
		for _, s := range all {
			if s.State == Retired && s.Coverer != "" && !active[s.Coverer] {
				changed = append(changed, s.Uncovered(at))
			}
		}
		return changed, nil
	})
}

// changeAll stores what f makes of all usable subroutines, in one transaction.
func (t *Table) changeAll(ctx context.Context, f func([]*Subroutine) ([]*Subroutine, error)) (changed []*Subroutine, err error) {
	err = t.Store.ChangeSubroutines(ctx, store.SubroutineFilter{}, func(old []store.SubroutineRow) ([]store.SubroutineRow, error) {
		if changed, err = f(t.read(old)); err != nil {
			return nil, err
		}
		return encodeAll(changed)
	})
	return changed, err
}

// sourceKey is the statistic that holds the table's own name among sources.
const sourceKey = "subroutines/source"

// Source names this table among those whose evidence is merged. It is drawn
// from random when it is first asked for and says nothing of the person or the machine.
func (t *Table) Source(ctx context.Context, random io.Reader) (string, error) {
	var name string
	var drawn [8]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return "", fmt.Errorf("naming the table of subroutines: %w", err)
	}
	err := t.Store.Update(ctx, sourceKey, func(old []byte) []byte {
		if json.Unmarshal(old, &name) == nil && name != "" {
			return nil
		}
		name = hex.EncodeToString(drawn[:])
		return []byte(`"` + name + `"`)
	})
	return name, err
}

func (t *Table) notice(text string) {
	if t.Notice != nil {
		t.Notice(text)
	}
}

// read decodes rows; one that cannot be used is passed over with a notice.
func (t *Table) read(rows []store.SubroutineRow) []*Subroutine {
	all := make([]*Subroutine, 0, len(rows))
	for _, r := range rows {
		s, err := decode(r)
		if err != nil {
			t.notice(fmt.Sprintf("subroutine %.60q is passed over: %v", r.ID, err))
			continue
		}
		all = append(all, s)
	}
	return all
}

// decode reads a row and refuses one that contradicts itself.
func decode(r store.SubroutineRow) (*Subroutine, error) {
	s := &Subroutine{}
	d := json.NewDecoder(bytes.NewReader(r.Body))
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if s.ID != r.ID || s.Task != r.Task || string(s.State) != r.State {
		return nil, fmt.Errorf("its row says %s, %s, %s and its body %s, %s, %s", r.ID, r.Task, r.State, s.ID, s.Task, s.State)
	}
	return s, s.Check()
}

func encodeAll(all []*Subroutine) ([]store.SubroutineRow, error) {
	rows := make([]store.SubroutineRow, len(all))
	for i, s := range all {
		if err := s.Check(); err != nil {
			return nil, edit.Userf("subroutine %s cannot be kept: %v", s.ID, err)
		}
		body, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("subroutine %s: %w", s.ID, err)
		}
		rows[i] = store.SubroutineRow{ID: s.ID, Task: s.Task, State: string(s.State), Body: body}
	}
	return rows, nil
}
