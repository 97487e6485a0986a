// Package turn carries out requests on the picture of a history, numbered regions
// and all, and keeps what came of them: what both programs do with a request.
package turn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
)

// History is where turns are kept; *session.Session is one.
type History interface {
	State(ctx context.Context, id session.TurnID) (*pixel.Image, error)
	Meta(ctx context.Context, id session.TurnID, f imageio.Format) (imageio.Meta, error)
	History(id session.TurnID) edit.History
	Commit(ctx context.Context, parent session.TurnID, t session.Turn, r session.Result) (session.TurnID, error)
}

// Ask is a request after a turn.
type Ask struct {
	Job     agent.FileJob    // with Request or Subtasks; Picture where it is at hand
	At      session.TurnID   // the turn it follows
	Regions []session.Region // numbered in that turn's picture: the request may name them by number
}

// Made is what came of an Ask. ID is of the turn that was kept, where one was.
type Made struct {
	agent.Outcome
	ID   session.TurnID
	Kept bool
}

// Make carries out a request and keeps what was finished as a turn; of one that is
// stopped by ctx, what was finished till then.
func Make(ctx context.Context, kit *agent.Kit, h History, a Ask, emit func(edit.Event)) (Made, error) {
	var err error
	if a.Job.Picture == nil {
		if a.Job.Picture, err = h.State(ctx, a.At); err != nil {
			return Made{}, err
		}
	}
	out, left, err := Run(ctx, kit, h, a, emit)
	made := Made{Outcome: out}
	if !out.Edited || a.Job.DryRun {
		return made, err
	}
	keep := context.WithoutCancel(ctx)
	var commitErr error
	if made.ID, commitErr = h.Commit(keep, a.At, Of(out), session.Result{Image: out.Image, Mask: Fitting(out.Mask, a.Job.Picture), Regions: left}); commitErr != nil {
		return made, errors.Join(err, commitErr)
	}
	made.Kept = true
	return made, err
}

// Run carries out a request and keeps nothing. It also returns the regions that the new picture has.
func Run(ctx context.Context, kit *agent.Kit, h History, a Ask, emit func(edit.Event)) (agent.Outcome, []session.Region, error) {
	job := a.Job
	var err error
	if job.Picture == nil {
		if job.Picture, err = h.State(ctx, a.At); err != nil {
			return agent.Outcome{}, nil, err
		}
	}
	if job.Output != "" {
		format, formatErr := imageio.FormatForPath(job.Output)
		if formatErr != nil { // "-"
			format = imageio.PNG
		}
		if job.Meta, err = h.Meta(ctx, a.At, format); err != nil {
			return agent.Outcome{}, nil, err
		}
	}
	b := binding{kit: kit, said: job.Request, regions: slices.Clone(a.Regions), emit: emit}
	bound := session.Bind(job.Request, a.Regions)
	job.Input, job.Request, job.History, b.uses = "", bound.Request, h.History(a.At), bound.Uses
	job.Numbered = b.masks
	out, err := kit.EditFile(ctx, job, emit)
	if !out.Edited {
		return out, nil, err
	}
	return out, b.left(&out, job.Picture), err
}

// Plan splits a request into subtasks as Run does.
func Plan(ctx context.Context, kit *agent.Kit, request string, h edit.History, regions []session.Region) (edit.Plan, error) {
	plan, err := kit.PlanAfter(ctx, session.Bind(request, regions).Request, h)
	plan.Request = request
	return plan, err
}

// Of is what a session keeps of an outcome beside its picture.
func Of(out agent.Outcome) session.Turn {
	return session.Turn{Request: out.Plan.Request, Plan: out.Plan, Summary: out.Summary, Recipe: out.Recipe, Made: out.Source}
}

// Fitting is a mask that has the size of the picture before the turn, else none.
func Fitting(m *pixel.Mask, before *pixel.Image) *pixel.Mask {
	if m != nil && (m.W != before.W || m.H != before.H) {
		return nil
	}
	return m
}

// binding is a request's numbers on their way to masks.
type binding struct {
	kit     *agent.Kit
	said    string // the request as the person put it
	regions []session.Region
	uses    []session.Region
	by      map[int]session.Share // by subtask id
	emit    func(edit.Event)
}

// masks outlines the regions that the request speaks of, those that have no outline yet.
func (b *binding) masks(ctx context.Context, plan *edit.Plan, img *pixel.Image) (agent.Numbered, error) {
	plan.Request = b.said
	var out agent.Numbered
	if len(b.uses) == 0 {
		return out, nil
	}
	plan.Alternatives = nil // they may join what the numbers tell apart
	var err error
	if b.by, err = session.Divide(*plan, b.uses); err != nil {
		return out, err
	}
	out.Objects, out.Beside = make(map[int]*pixel.Mask), make(map[int]map[string]*pixel.Mask)
	for id, share := range b.by {
		if share.Object != nil {
			if out.Objects[id], err = b.outline(ctx, share.Object.Number, img); err != nil {
				return out, err
			}
		}
		out.Beside[id] = make(map[string]*pixel.Mask)
		for phrase, regions := range share.Beside {
			if out.Beside[id][phrase], err = b.union(ctx, regions, img); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// union is the outline of several regions together.
func (b *binding) union(ctx context.Context, regions []session.Region, img *pixel.Image) (*pixel.Mask, error) {
	var all *pixel.Mask
	for _, r := range regions {
		m, err := b.outline(ctx, r.Number, img)
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = m
		default:
			all = pixel.Union(all, m)
		}
	}
	return all, nil
}

func (b *binding) outline(ctx context.Context, number int, img *pixel.Image) (*pixel.Mask, error) {
	r := &b.regions[slices.IndexFunc(b.regions, func(r session.Region) bool { return r.Number == number })]
	if r.Mask == nil {
		if b.emit != nil {
			b.emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("outlining number %d, the %s", r.Number, r.Phrase)})
		}
		m, err := b.kit.Engine.Outline(ctx, img, r.Phrase, []edit.Box{r.Box}, nil, func(edit.Event) {})
		if err != nil {
			return nil, fmt.Errorf("number %d, the %s, cannot be outlined: %w", r.Number, r.Phrase, err)
		}
		r.Mask = m
	}
	if r.Mask.W != img.W || r.Mask.H != img.H {
		return nil, &edit.UserError{Msg: fmt.Sprintf("number %d was drawn on a picture of another size", r.Number), Hint: "number the objects anew"}
	}
	return r.Mask, nil
}

// left are the regions that the new picture still has: those painted over are
// gone, and none outlives a change of the picture's size.
func (b *binding) left(out *agent.Outcome, before *pixel.Image) []session.Region {
	left := make([]session.Region, 0, len(b.regions))
	if out.Image.W != before.W || out.Image.H != before.H {
		return left
	}
	for _, r := range b.regions {
		gone := slices.ContainsFunc(out.Summary.Subtasks, func(st edit.SubtaskReport) bool {
			o := b.by[st.ID].Object
			return o != nil && o.Number == r.Number && b.paintedOver(&st)
		})
		if !gone {
			left = append(left, r)
		}
	}
	return left
}

// paintedOver reports whether the tool that completed a subtask fills a hole: nothing of the object is left.
func (b *binding) paintedOver(st *edit.SubtaskReport) bool {
	if st.Status != edit.StatusDone || len(st.Toolpath) == 0 {
		return false
	}
	name, _, _ := strings.Cut(st.Toolpath[len(st.Toolpath)-1], "#")
	specs := b.kit.Engine.Specs
	i := slices.IndexFunc(specs, func(t edit.ToolSpec) bool { return t.Name == name })
	if i < 0 {
		return false
	}
	_, fills := specs[i].Input("hole")
	return fills
}
