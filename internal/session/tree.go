package session

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// Session is one picture's tree of turns. It is safe for concurrent use; while
// it is open, no other process can change it.
type Session struct {
	in      *Sessions
	release func() // nil: only to look at
	source  sourceRecord

	mu       sync.RWMutex
	row      store.SessionRow // its pointers are the session's
	turns    map[TurnID]*node
	branches []Branch // by name; Current is not kept here
}

// node is a turn in memory. The record is read when it is asked for.
type node struct {
	id, parent TurnID
	children   []TurnID
	row        store.TurnRow
	turn       *Turn
	layout     layout
	regions    []Region // without masks
	masked     []bool   // which of them have one
}

// turnRecord is a turn as it is stored.
type turnRecord struct {
	Turn
	Layout layout `json:"layout"`
}

func turnRow(t Turn, l layout, regions json.RawMessage) (store.TurnRow, error) {
	review, err := json.Marshal(t.Review)
	if err != nil {
		return store.TurnRow{}, err
	}
	row := store.TurnRow{Number: int(t.ID), Parent: int(t.Parent), Time: t.Time, Name: t.Name, Review: review, Regions: regions}
	t.Name, t.Review = "", Review{} // they have columns of their own
	row.Record, err = json.Marshal(turnRecord{t, l})
	return row, err
}

// grow builds the tree from its rows and checks that it is one.
func (s *Session) grow(turns []store.TurnRow, branches []store.BranchRow) error {
	for _, r := range turns {
		n := &node{id: TurnID(r.Number), parent: TurnID(r.Parent), row: r}
		if up := s.turns[n.parent]; up != nil && n.id > n.parent {
			up.children = append(up.children, n.id)
		} else if n.id != Original || n.parent != Original {
			return s.damaged(fmt.Sprintf("turn %d", r.Number), fmt.Errorf("it follows turn %d, which is not there", r.Parent))
		}
		s.turns[n.id] = n
	}
	for _, b := range branches {
		if s.turns[TurnID(b.Tip)] == nil {
			return s.damaged("the branch "+b.Name, fmt.Errorf("its tip, turn %d, is not there", b.Tip))
		}
		s.branches = append(s.branches, Branch{Name: b.Name, Tip: TurnID(b.Tip)})
	}
	if s.turns[s.Head()] == nil || s.branch(s.row.Branch) < 0 {
		return s.damaged("its place in the tree", fmt.Errorf("turn %d of branch %q is not there", s.row.Head, s.row.Branch))
	}
	return nil
}

// Info describes the session as it is now.
func (s *Session) Info() Info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.row
	r.Turns = len(s.turns) - 1
	return infoOf(r)
}

// Head is the turn that is shown and that the next one follows.
func (s *Session) Head() TurnID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return TurnID(s.row.Head)
}

// Turn is the turn of that number; false: there is none, or its record is damaged.
func (s *Session) Turn(id TurnID) (Turn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.turns[id]
	if n == nil || n.read() != nil {
		return Turn{}, false
	}
	return *n.turn, true
}

// read decodes the node's row, once.
func (n *node) read() error {
	if n.turn != nil {
		return nil
	}
	var rec turnRecord
	if err := json.Unmarshal(n.row.Record, &rec); err != nil {
		return err
	}
	if err := json.Unmarshal(n.row.Review, &rec.Review); err != nil {
		return err
	}
	regions, masked, err := readRegions(n.row.Regions)
	if err != nil {
		return err
	}
	t := rec.Turn
	t.ID, t.Parent, t.Time, t.Name = n.id, n.parent, n.row.Time, n.row.Name
	n.turn, n.layout, n.regions, n.masked = &t, rec.Layout, regions, masked
	n.row.Record, n.row.Regions = nil, nil
	return nil
}

// Turns lists all turns by number, the original first.
func (s *Session) Turns() []Turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Turn, 0, len(s.turns))
	for _, id := range slices.Sorted(maps.Keys(s.turns)) {
		if n := s.turns[id]; n.read() == nil {
			list = append(list, *n.turn)
		}
	}
	return list
}

// Len is the number of turns, the original included.
func (s *Session) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.turns)
}

// Children lists the turns that follow one, by number.
func (s *Session) Children(id TurnID) []TurnID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n := s.turns[id]; n != nil {
		return slices.Clone(n.children)
	}
	return nil
}

// Path lists the turns from the original to id, both included; none where there is no such turn.
func (s *Session) Path(id TurnID) []TurnID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.path(id)
}

func (s *Session) path(id TurnID) (list []TurnID) {
	for n := s.turns[id]; n != nil; n = s.turns[n.parent] {
		list = append(list, n.id)
		if n.id == Original {
			break
		}
	}
	slices.Reverse(list)
	return list
}

// Branches lists the branches by name.
func (s *Session) Branches() []Branch {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := slices.Clone(s.branches)
	for i := range list {
		list[i].Current = strings.EqualFold(list[i].Name, s.row.Branch)
	}
	return list
}

func (s *Session) branch(name string) int {
	return slices.IndexFunc(s.branches, func(b Branch) bool { return strings.EqualFold(b.Name, name) })
}

// through is the branch that a turn lies on: the current one where it does, else the first by name.
func (s *Session) through(id TurnID) string {
	first := ""
	for _, b := range s.branches {
		if !slices.Contains(s.path(b.Tip), id) {
			continue
		}
		if strings.EqualFold(b.Name, s.row.Branch) {
			return b.Name
		}
		if first == "" || b.Name == MainBranch {
			first = b.Name
		}
	}
	return first
}

// Words that stand for a turn.
const (
	wordHead     = "head"
	wordOriginal = "original"
)

// Find resolves what a person writes for a turn: a number, a turn's name, a branch, "head" or "original".
func (s *Session) Find(text string) (TurnID, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case wordHead:
		return TurnID(s.row.Head), nil
	case wordOriginal:
		return Original, nil
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(text, "#")); err == nil {
		if s.turns[TurnID(n)] != nil {
			return TurnID(n), nil
		}
	}
	for _, n := range s.turns {
		if n.row.Name != "" && strings.EqualFold(n.row.Name, text) {
			return n.id, nil
		}
	}
	if i := s.branch(text); i >= 0 {
		return s.branches[i].Tip, nil
	}
	return 0, &edit.UserError{
		Msg:  fmt.Sprintf("the session %q has no turn %q", s.row.Name, text),
		Hint: "name it by its number, its name, its branch, head or original: agent sessions show lists them",
	}
}

// move stores where the session is and then says so in memory.
func (s *Session) move(ctx context.Context, p store.Pointers, branches ...store.BranchRow) error {
	if s.release == nil {
		return errReadOnly
	}
	now := s.in.now()
	if err := s.in.store.Point(ctx, s.row.ID, now, p, branches, nil, nil); err != nil {
		return err
	}
	s.row.Pointers, s.row.Used = p, now
	for _, b := range branches {
		s.putBranch(b.Name, TurnID(b.Tip))
	}
	return nil
}

func (s *Session) putBranch(name string, tip TurnID) {
	if i := s.branch(name); i >= 0 {
		s.branches[i].Tip = tip
		return
	}
	s.branches = append(s.branches, Branch{Name: name, Tip: tip})
	slices.SortFunc(s.branches, func(a, b Branch) int { return cmp.Compare(a.Name, b.Name) })
}

// Goto makes a turn the head.
func (s *Session) Goto(ctx context.Context, id TurnID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[id] == nil {
		return s.noTurn(id)
	}
	return s.move(ctx, store.Pointers{Head: int(id), Branch: s.through(id)})
}

// Checkout goes to what a person names: for a branch to its tip, staying on it.
func (s *Session) Checkout(ctx context.Context, text string) error {
	id, err := s.Find(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	branch := s.through(id)
	if i := s.branch(strings.TrimSpace(text)); i >= 0 && s.branches[i].Tip == id {
		branch = s.branches[i].Name
	}
	return s.move(ctx, store.Pointers{Head: int(id), Branch: branch})
}

func (s *Session) noTurn(id TurnID) error {
	return edit.Userf("the session %q has no turn %d", s.row.Name, id)
}

// Undo makes the head's parent the head and returns the turn undone; ErrNothing at the original.
func (s *Session) Undo(ctx context.Context) (Turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.turns[TurnID(s.row.Head)]
	if n.id == Original {
		return Turn{}, ErrNothing
	}
	if err := n.read(); err != nil {
		return Turn{}, s.damaged(fmt.Sprintf("turn %d", n.id), err)
	}
	return *n.turn, s.move(ctx, store.Pointers{Head: int(n.parent), Branch: s.row.Branch})
}

// Redo goes one turn towards the tip of the current branch and returns that turn; ErrNothing at the tip.
func (s *Session) Redo(ctx context.Context) (Turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	way := s.path(s.branches[s.branch(s.row.Branch)].Tip)
	i := slices.Index(way, TurnID(s.row.Head))
	if i < 0 || i == len(way)-1 {
		return Turn{}, ErrNothing
	}
	n := s.turns[way[i+1]]
	if err := n.read(); err != nil {
		return Turn{}, s.damaged(fmt.Sprintf("turn %d", n.id), err)
	}
	return *n.turn, s.move(ctx, store.Pointers{Head: int(n.id), Branch: s.row.Branch})
}

// Close ends the use of the session and lets other processes have it.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.release != nil {
		s.release()
		s.release = nil
	}
	return nil
}

// History is what a planner is told of the turns up to id.
func (s *Session) History(id TurnID) edit.History {
	s.mu.Lock()
	defer s.mu.Unlock()
	var h edit.History
	for _, t := range s.path(id) {
		n := s.turns[t]
		if n.read() != nil {
			continue // a turn that cannot be read is none that words refer to
		}
		if t != Original {
			h.Turns = append(h.Turns, edit.Turn{Request: n.turn.Request, Subtasks: n.turn.Plan.Subtasks})
		}
	}
	if n := s.turns[id]; n != nil {
		for _, r := range n.regions {
			h.Regions = append(h.Regions, edit.NumberedRegion{Number: r.Number, Phrase: r.Phrase, Box: r.Box})
		}
	}
	return h
}
