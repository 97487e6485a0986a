package desk

import (
	"context"
	"slices"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

// Memory is a History that lives as long as the program.
type Memory struct {
	mu       sync.Mutex
	source   session.Source
	turns    []session.Turn
	results  []session.Result
	head     session.TurnID
	branches []session.Branch
}

// NewMemory begins a history with a picture.
func NewMemory(file string, img *pixel.Image, meta imageio.Meta) *Memory {
	return &Memory{
		source: session.Source{Name: file, Meta: meta}, turns: []session.Turn{{W: img.W, H: img.H}}, results: []session.Result{{Image: img}},
		branches: []session.Branch{{Name: session.MainBranch, Current: true}},
	}
}

func (m *Memory) valid(id session.TurnID) bool { return id >= 0 && int(id) < len(m.turns) }

func noTurn(id session.TurnID) error { return edit.Userf("there is no turn %d", id) }

// Info implements History.
func (m *Memory) Info() session.Info {
	return session.Info{Name: "not kept", Source: m.source.Name, Turns: len(m.Turns()) - 1, Head: m.Head()}
}

// Source implements History.
func (m *Memory) Source(context.Context) (session.Source, error) { return m.source, nil }

// Head implements History.
func (m *Memory) Head() session.TurnID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head
}

// Turn implements History.
func (m *Memory) Turn(id session.TurnID) (session.Turn, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(id) {
		return session.Turn{}, false
	}
	return m.turns[id], true
}

// Turns implements History.
func (m *Memory) Turns() []session.Turn {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.turns)
}

// Branches implements History.
func (m *Memory) Branches() []session.Branch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.branches)
}

// Commit implements History.
func (m *Memory) Commit(_ context.Context, parent session.TurnID, t session.Turn, r session.Result) (session.TurnID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(parent) {
		return 0, noTurn(parent)
	}
	t.ID, t.Parent, t.W, t.H = session.TurnID(len(m.turns)), parent, r.Image.W, r.Image.H
	if r.Regions == nil && t.W == m.turns[parent].W && t.H == m.turns[parent].H {
		r.Regions = m.results[parent].Regions
	}
	m.turns, m.results, m.head = append(m.turns, t), append(m.results, r), t.ID
	for i := range m.branches {
		if m.branches[i].Current {
			m.branches[i].Tip = t.ID
		}
	}
	return t.ID, nil
}

// Goto implements History.
func (m *Memory) Goto(_ context.Context, id session.TurnID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(id) {
		return noTurn(id)
	}
	m.head = id
	return nil
}

// Branch implements History.
func (m *Memory) Branch(_ context.Context, at session.TurnID, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.branches, func(b session.Branch) bool { return b.Name == name }) {
		return &edit.UserError{Msg: "there is a branch \"" + name + "\" already", Hint: "choose another name"}
	}
	if !m.valid(at) {
		return noTurn(at)
	}
	for i := range m.branches {
		m.branches[i].Current = false
	}
	m.branches, m.head = append(m.branches, session.Branch{Name: name, Tip: at, Current: true}), at
	return nil
}

// Review implements History.
func (m *Memory) Review(_ context.Context, id session.TurnID, r session.Review) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(id) {
		return noTurn(id)
	}
	m.turns[id].Review = r
	return nil
}

func (m *Memory) result(id session.TurnID) (session.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(id) {
		return session.Result{}, noTurn(id)
	}
	return m.results[id], nil
}

// State implements History.
func (m *Memory) State(_ context.Context, id session.TurnID) (*pixel.Image, error) {
	r, err := m.result(id)
	return r.Image, err
}

// Thumbnail implements History.
func (m *Memory) Thumbnail(_ context.Context, id session.TurnID) (*pixel.Image, error) {
	r, err := m.result(id)
	if err != nil {
		return nil, err
	}
	return picture.NewPyramid(r.Image).Thumb(64, 64), nil
}

// Mask implements History.
func (m *Memory) Mask(_ context.Context, id session.TurnID) (*pixel.Mask, error) {
	r, err := m.result(id)
	return r.Mask, err
}

// Regions implements History.
func (m *Memory) Regions(_ context.Context, id session.TurnID) ([]session.Region, error) {
	r, err := m.result(id)
	return slices.Clone(r.Regions), err
}

// SetRegions implements History.
func (m *Memory) SetRegions(_ context.Context, id session.TurnID, regions []session.Region) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.valid(id) {
		return noTurn(id)
	}
	m.results[id].Regions = slices.Clone(regions)
	return nil
}

// History implements History.
func (m *Memory) History(id session.TurnID) edit.History {
	var h edit.History
	for {
		t, ok := m.Turn(id)
		if !ok || t.ID == t.Parent {
			slices.Reverse(h.Turns)
			return h
		}
		h.Turns = append(h.Turns, edit.Turn{Request: t.Request, Subtasks: t.Plan.Subtasks})
		id = t.Parent
	}
}

// Meta implements History.
func (m *Memory) Meta(_ context.Context, id session.TurnID, f imageio.Format) (imageio.Meta, error) {
	var way []session.Turn
	for {
		t, ok := m.Turn(id)
		if !ok {
			return imageio.Meta{}, noTurn(id)
		}
		way = append(way, t)
		if t.ID == t.Parent {
			slices.Reverse(way)
			return session.Describe(m.source, way, f)
		}
		id = t.Parent
	}
}

// Close implements History.
func (m *Memory) Close() error { return nil }
