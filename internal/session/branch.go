package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// This file holds what a person gives to turns and takes away: branches, names, verdicts.

// Branch begins a branch of that name at a turn and makes the turn the head.
func (s *Session) Branch(ctx context.Context, at TurnID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[at] == nil {
		return s.noTurn(at)
	}
	if err := s.free(name); err != nil {
		return err
	}
	return s.move(ctx, store.Pointers{Head: int(at), Branch: name}, store.BranchRow{Name: name, Tip: int(at)})
}

// free checks that a name may be given to a turn or a branch.
func (s *Session) free(name string) error {
	if err := checkName("turn or a branch", name); err != nil {
		return err
	}
	taken := s.branch(name) >= 0
	for _, n := range s.turns {
		taken = taken || strings.EqualFold(n.row.Name, name)
	}
	if taken {
		return &edit.UserError{Msg: fmt.Sprintf("a turn or a branch of the session %q is called %q already", s.row.Name, name), Hint: "choose another name"}
	}
	return nil
}

// changeable is the turn of that number, where the session may be changed. mu is held.
func (s *Session) changeable(id TurnID) (*node, error) {
	switch n := s.turns[id]; {
	case n == nil:
		return nil, s.noTurn(id)
	case s.release == nil:
		return nil, errReadOnly
	default:
		return n, nil
	}
}

// Name names a turn; "" takes its name away.
func (s *Session) Name(ctx context.Context, id TurnID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.changeable(id)
	switch {
	case err != nil:
		return err
	case strings.EqualFold(n.row.Name, name) && name != "":
		return nil
	case name != "":
		if err := s.free(name); err != nil {
			return err
		}
	}
	if err := s.in.store.NameTurn(ctx, s.row.ID, int(id), name); err != nil {
		return err
	}
	n.row.Name = name
	if n.turn != nil {
		n.turn.Name = name
	}
	return nil
}

// Review records what the person thinks of a turn.
func (s *Session) Review(ctx context.Context, id TurnID, r Review) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.changeable(id)
	switch {
	case err != nil:
		return err
	case r.Verdict != "" && r.Verdict != Accepted && r.Verdict != Rejected:
		return edit.Userf("a verdict is %s or %s, not %q", Accepted, Rejected, r.Verdict)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := s.in.store.ReviewTurn(ctx, s.row.ID, int(id), text); err != nil {
		return err
	}
	n.row.Review = text
	if n.turn != nil {
		n.turn.Review = r
	}
	return nil
}

// DeleteBranch removes a branch and the turns that lie on no other one, unless
// one of them is named. Their space is free after GC.
func (s *Session) DeleteBranch(ctx context.Context, name string) (removed int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.branch(name)
	switch {
	case s.release == nil:
		return 0, errReadOnly
	case i < 0:
		return 0, edit.Userf("the session %q has no branch %q", s.row.Name, name)
	case strings.EqualFold(name, s.row.Branch):
		return 0, &edit.UserError{Msg: fmt.Sprintf("%q is the branch that the session is on", name), Hint: "check out another turn first"}
	}
	rest := slices.Delete(slices.Clone(s.branches), i, i+1)
	keep := map[TurnID]bool{Original: true}
	for _, b := range rest {
		s.keepPath(keep, b.Tip)
	}
	var pruned []int
	for id, n := range s.turns {
		switch {
		case keep[id]:
		case n.row.Name != "":
			return 0, &edit.UserError{Msg: fmt.Sprintf("turn %d of that branch is named %q", id, n.row.Name), Hint: "take its name away first, or begin another branch at it"}
		default:
			pruned = append(pruned, int(id))
		}
	}
	if err := s.in.store.Point(ctx, s.row.ID, s.in.now(), s.row.Pointers, nil, []string{s.branches[i].Name}, pruned); err != nil {
		return 0, err
	}
	s.branches = rest
	for _, id := range pruned {
		up := s.turns[s.turns[TurnID(id)].parent]
		if up != nil {
			up.children = slices.DeleteFunc(up.children, func(c TurnID) bool { return int(c) == id })
		}
	}
	for _, id := range pruned {
		delete(s.turns, TurnID(id))
	}
	return len(pruned), nil
}

func (s *Session) keepPath(keep map[TurnID]bool, id TurnID) {
	for _, t := range s.path(id) {
		keep[t] = true
	}
}
