package session_test

import (
	"context"
	"errors"
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
)

// painter is a Runner that paints the block of an object in the colour that the request names.
type painter struct {
	places map[string]image.Rectangle // by object
	runs   []string                   // requests
}

// Plan reads "OBJECT COLOUR"; "it" is the object of the turn before, as that left it.
func (p *painter) Plan(_ context.Context, request string, h edit.History, _ []session.Region) (edit.Plan, error) {
	object, colour, _ := strings.Cut(request, " ")
	st := edit.Subtask{ID: 1, Task: "paint", Object: object, Target: colour}
	if object == "it" && len(h.Turns) > 0 {
		last := h.Turns[len(h.Turns)-1].Subtasks[0]
		st.Object, st.Except = last.Object, []string{last.Target}
	}
	return edit.Plan{Request: request, Subtasks: []edit.Subtask{st}}, nil
}

func (p *painter) Run(_ context.Context, img *pixel.Image, _ []session.Region, plan edit.Plan, _ session.Turn) (session.Turn, session.Result, error) {
	p.runs = append(p.runs, plan.Request)
	st := plan.Subtasks[0]
	r, ok := p.places[st.Object]
	if !ok {
		return session.Turn{Summary: edit.Summary{Subtasks: []edit.SubtaskReport{{ID: 1, Reason: "not found"}}}}, session.Result{}, nil
	}
	out := img.Clone()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			out.Set(x, y, byte(len(st.Target)*40), 10, 10, 255)
		}
	}
	return session.Turn{Request: plan.Request, Plan: plan}, session.Result{Image: out}, nil
}

// do makes a turn as a person would.
func (p *painter) do(t *testing.T, s *session.Session, request string) session.TurnID {
	t.Helper()
	ctx := context.Background()
	plan, err := p.Plan(ctx, request, s.History(s.Head()), nil)
	if err != nil {
		t.Fatal(err)
	}
	turn, r, err := p.Run(ctx, state(t, s, s.Head()), nil, plan, session.Turn{})
	if err != nil {
		t.Fatal(err)
	}
	return commit(t, s, s.Head(), turn, r)
}

// TestReplay changes an early turn: what does not depend on it is carried over,
// and the result is what all turns made anew give.
func TestReplay(t *testing.T) {
	places := map[string]image.Rectangle{
		"car": image.Rect(10, 10, 60, 60), "bench": image.Rect(200, 150, 260, 190), "door": image.Rect(70, 20, 90, 50), "tree": image.Rect(250, 10, 290, 60),
	}
	for name, tc := range map[string]struct {
		turns  []string
		change string
		ran    []string // after the change
	}{
		"elsewhere":     {[]string{"car red", "bench blue", "tree pink"}, "car green", []string{"car green"}},
		"beside":        {[]string{"car red", "door blue", "tree pink"}, "car green", []string{"car green", "door blue"}},
		"spoken of":     {[]string{"car red", "it pink", "tree pink"}, "car green", []string{"car green", "it pink"}},
		"another thing": {[]string{"car red", "tree pink"}, "bench green", []string{"bench green"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			all := session.Open(openStore(t, t.TempDir()), session.Options{})
			for _, img := range []*pixel.Image{photo(300, 200, 1), deep(photo(300, 200, 2))} {
				s := begin(t, all, map[bool]string{false: "plain", true: "deep"}[img.Deep != nil], img)
				p := &painter{places: places}
				for _, r := range tc.turns {
					p.do(t, s, r)
				}
				old := s.Head()
				p.runs = nil
				var steps []session.ReplayStep
				if err := s.Replay(ctx, 1, tc.change, p, func(r session.ReplayStep) { steps = append(steps, r) }); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.ran, p.runs); diff != "" {
					t.Errorf("what ran (-want +got):\n%s", diff)
				}
				got := state(t, s, s.Head())
				fresh := begin(t, all, "fresh"+s.Info().Name, img)
				p.do(t, fresh, tc.change)
				for _, r := range tc.turns[1:] {
					p.do(t, fresh, r)
				}
				if !same(got, state(t, fresh, fresh.Head())) {
					t.Error("the picture is not what all turns made anew give")
				}
				if len(steps) != len(tc.turns) || s.Head() == old || len(s.Branches()) != 2 {
					t.Errorf("%d steps, the head is %d on %v", len(steps), s.Head(), s.Branches())
				}
			}
		})
	}
}

// TestReplayThatFails stops where a turn cannot be done and says why.
func TestReplayThatFails(t *testing.T) {
	ctx := context.Background()
	all := session.Open(openStore(t, t.TempDir()), session.Options{})
	s := begin(t, all, "a", photo(300, 200, 1))
	p := &painter{places: map[string]image.Rectangle{"car": image.Rect(10, 10, 60, 60)}}
	p.do(t, s, "car red")
	before := s.Info()
	err := s.Replay(ctx, 1, "boat red", p, func(session.ReplayStep) { t.Error("a turn that failed was told as done") })
	if err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("the replay says %v", err)
	}
	if after := s.Info(); after.Head != before.Head || after.Turns != before.Turns {
		t.Errorf("the session is at %+v", after)
	}
	if err := s.Replay(ctx, 7, "", p, nil); err == nil {
		t.Error("a turn that is not there was run again")
	}
	if _, err := s.Commit(ctx, 9, session.Turn{}, session.Result{}); err == nil || errors.Is(err, session.ErrNothing) {
		t.Errorf("a turn follows none: %v", err)
	}
}
