package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Runner plans and runs requests: what Replay needs of the engine.
type Runner interface {
	// Plan splits a request into subtasks; h and the numbered regions are what it may speak of.
	Plan(ctx context.Context, request string, h edit.History, regions []Region) (edit.Plan, error)
	// Run carries out a plan on img, in which regions are numbered. like is the turn that
	// it stands for, whose dials, seed and evidence hold. A result without a picture is
	// a turn that could not be done; its summary says why.
	Run(ctx context.Context, img *pixel.Image, regions []Region, plan edit.Plan, like Turn) (Turn, Result, error)
}

// ReplayStep tells how a replay goes: turn Old has become turn New.
type ReplayStep struct {
	Old    TurnID `json:"old"`
	New    TurnID `json:"new"`
	Copied bool   `json:"copied"` // it did not depend on the change, so nothing ran
	Reason string `json:"reason"` // why it was run, or carried over
}

// Replay gives a turn another request ("" keeps it) and takes the turns after it
// on the way to the head along, on a new branch whose tip becomes the head; the old turns stay.
// A turn after it is planned and run again only where it depends on the change:
// its request now has another plan, or the place it changed touches what has
// become different. Any other is carried over as it was, and no tool runs.
// Where a turn cannot be done the replay ends, and the turns before it stay.
func (s *Session) Replay(ctx context.Context, from TurnID, request string, run Runner, tell func(ReplayStep)) error {
	way := s.Path(s.Head())
	i := slices.Index(way, from)
	if i < 1 {
		return edit.Userf("turn %d is none that leads to turn %d, where the session is", from, s.Head())
	}
	parent, _ := s.Turn(way[i-1])
	at := parent.ID
	for n, id := range way[i:] {
		old, ok := s.Turn(id)
		if !ok {
			return s.damaged(fmt.Sprintf("turn %d", id), errChunk)
		}
		if n == 0 && request != "" {
			old.Request = request
		}
		next, step, err := s.again(ctx, at, old, n == 0, run)
		if err != nil {
			return fmt.Errorf("turn %d, %q: %w", id, Sanitized(old.Request), err)
		}
		step.Old, step.New = id, next
		tell(step)
		at = next
	}
	return nil
}

// again makes what turn old did anew after the turn at.
func (s *Session) again(ctx context.Context, at TurnID, old Turn, changed bool, run Runner) (TurnID, ReplayStep, error) {
	regions, err := s.Regions(ctx, at)
	if err != nil {
		return 0, ReplayStep{}, err
	}
	plan, err := run.Plan(ctx, old.Request, s.History(at), regions)
	if err != nil {
		return 0, ReplayStep{}, err
	}
	before, err := s.State(ctx, at)
	if err != nil {
		return 0, ReplayStep{}, err
	}
	why := "its request was changed"
	if !changed {
		var carried *pixel.Image
		if carried, why, err = s.carry(ctx, old, plan, before); err != nil {
			return 0, ReplayStep{}, err
		}
		if carried != nil {
			return s.carryOver(ctx, at, old, carried)
		}
	}
	t, r, err := run.Run(ctx, before, regions, plan, old)
	if err == nil && r.Image == nil {
		err = errors.New("it could not be done")
		for _, st := range t.Summary.Subtasks {
			if st.Reason != "" {
				err = fmt.Errorf("subtask %d: %s", st.ID, st.Reason)
				break
			}
		}
	}
	if err != nil {
		return 0, ReplayStep{}, err
	}
	id, err := s.Commit(ctx, at, t, r)
	return id, ReplayStep{Reason: why}, err
}

func (s *Session) carryOver(ctx context.Context, at TurnID, old Turn, img *pixel.Image) (TurnID, ReplayStep, error) {
	mask, err := s.Mask(ctx, old.ID)
	if err != nil {
		return 0, ReplayStep{}, err
	}
	t := old
	t.Copied = true
	id, err := s.Commit(ctx, at, t, Result{Image: img, Mask: mask})
	return id, ReplayStep{Copied: true, Reason: "it does not depend on the change"}, err
}

// carry works out what old made as it is after before, without running it: nil,
// and why, where it depends on what is different.
func (s *Session) carry(ctx context.Context, old Turn, plan edit.Plan, before *pixel.Image) (img *pixel.Image, why string, err error) {
	if !reflect.DeepEqual(plan.Subtasks, old.Plan.Subtasks) {
		return nil, "its request means something else now", nil
	}
	was, err := s.State(ctx, old.Parent)
	if err != nil {
		return nil, "", err
	}
	made, err := s.State(ctx, old.ID)
	if err != nil {
		return nil, "", err
	}
	if !alike(was, before) || !alike(was, made) {
		return nil, "the picture has another size", nil
	}
	own, other := difference(was, made), difference(was, before)
	if own.touch(other) {
		return nil, "it touches what was changed", nil
	}
	return own.graft(before, made), "", nil
}

// alike reports whether two pictures have one size and kind of samples.
func alike(a, b *pixel.Image) bool {
	return a.W == b.W && a.H == b.H && a.HasAlpha == b.HasAlpha && (a.Deep == nil) == (b.Deep == nil)
}

// cellSide is the side of the cells in which differences are told, in pixels. It is
// also how far around a change pictures count as different at least: what blends
// a soft border or fills a hole looks that far around.
const cellSide = 32

// cells says where two pictures of one size differ.
type cells struct {
	w, h, cols, rows int
	differs          []bool // row by row
}

func difference(a, b *pixel.Image) cells {
	c := cells{w: a.W, h: a.H, cols: (a.W + cellSide - 1) / cellSide, rows: (a.H + cellSide - 1) / cellSide}
	c.differs = make([]bool, c.cols*c.rows)
	for i := range c.differs {
		c.each(i, func(from, to int) {
			same := bytes.Equal(a.Pix[from:to], b.Pix[from:to]) && (a.Deep == nil || slices.Equal(a.Deep.Pix[from:to], b.Deep.Pix[from:to]))
			c.differs[i] = c.differs[i] || !same
		})
	}
	return c
}

// each hands the sample ranges of cell i's rows to f.
func (c cells) each(i int, f func(from, to int)) {
	x, y := i%c.cols*cellSide, i/c.cols*cellSide
	for ; y < min((i/c.cols+1)*cellSide, c.h); y++ {
		f(4*(y*c.w+x), 4*(y*c.w+min(x+cellSide, c.w)))
	}
}

// touch reports whether a cell of c, or one beside it, is a cell of o.
func (c cells) touch(o cells) bool {
	for i, differs := range c.differs {
		if !differs {
			continue
		}
		for y := max(0, i/c.cols-1); y <= min(c.rows-1, i/c.cols+1); y++ {
			for x := max(0, i%c.cols-1); x <= min(c.cols-1, i%c.cols+1); x++ {
				if o.differs[y*c.cols+x] {
					return true
				}
			}
		}
	}
	return false
}

// graft is m with the samples of from in the cells.
func (c cells) graft(m, from *pixel.Image) *pixel.Image {
	out := m.Clone()
	if m.Deep != nil {
		out.Deep = &pixel.Deep{Pix: slices.Clone(m.Deep.Pix), Bits: m.Deep.Bits, Space: m.Deep.Space}
	}
	for i, differs := range c.differs {
		if !differs {
			continue
		}
		c.each(i, func(a, b int) {
			copy(out.Pix[a:b], from.Pix[a:b])
			if m.Deep != nil {
				copy(out.Deep.Pix[a:b], from.Deep.Pix[a:b])
			}
		})
	}
	return out
}
