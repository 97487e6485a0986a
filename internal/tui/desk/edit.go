package desk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui"
)

func itoa(n int) string { return strconv.Itoa(n) }

// part is a run of subtasks that the same evidence is for.
type part struct {
	subtasks []edit.Subtask
	region   *session.Region // nil: the tools find the object
}

// prepare plans a request and divides the plan by the regions it speaks of.
func (d *Desk) prepare(ctx context.Context, kit *agent.Kit, a tui.Ask) (edit.Plan, []part, error) {
	bound := tui.Bind(a.Request, a.Regions)
	h := d.history.History(a.At)
	plan, err := kit.PlanAfter(ctx, bound.Request, h)
	if err != nil {
		return plan, nil, err
	}
	plan.Request = a.Request
	parts, err := divide(plan, bound.Uses)
	if len(parts) > 1 {
		plan.Alternatives = nil // they may join what the regions divide
	}
	return plan, parts, err
}

// divide gives each region that a request speaks of to the subtask that it is
// about: the k-th mention of a phrase is the k-th subtask with that object.
func divide(plan edit.Plan, uses []session.Region) ([]part, error) {
	left := slices.Clone(uses)
	var parts []part
	for _, st := range plan.Subtasks {
		var region *session.Region
		i := slices.IndexFunc(left, func(r session.Region) bool { return sameObject(r.Phrase, st.Object) })
		if i >= 0 {
			r := left[i]
			region, left = &r, slices.Delete(left, i, i+1)
		}
		n := len(parts)
		if n > 0 && sameRegion(parts[n-1].region, region) {
			parts[n-1].subtasks = append(parts[n-1].subtasks, st)
		} else {
			parts = append(parts, part{[]edit.Subtask{st}, region})
		}
	}
	for _, r := range left {
		if !slices.ContainsFunc(uses, func(u session.Region) bool { return u.Number == r.Number && used(parts, r.Number) }) {
			return nil, &edit.UserError{
				Msg:  fmt.Sprintf("the request speaks of number %d in a way that no subtask takes up", r.Number),
				Hint: fmt.Sprintf("ask for one thing at a time: \"remove %d\"", r.Number),
			}
		}
	}
	return parts, nil
}

func used(parts []part, number int) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.region != nil && p.region.Number == number })
}

func sameRegion(a, b *session.Region) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Number == b.Number
}

func sameObject(a, b string) bool {
	p, q := edit.ParsePhrase(a), edit.ParsePhrase(b)
	return p.Text == q.Text || p.Head != "" && p.Head == q.Head
}

// job is one part as the engine takes it.
func (d *Desk) job(ctx context.Context, kit *agent.Kit, a tui.Ask, plan edit.Plan, p part, img *pixel.Image, emit func(edit.Event)) (agent.Job, error) {
	job := agent.Job{Image: img, Alpha: a.Alpha, Threshold: batch.DefaultThreshold, Picked: a.Pick, Plan: plan}
	job.Plan.Subtasks = slices.Clone(p.subtasks)
	ids := make(map[int]bool)
	for _, st := range p.subtasks {
		ids[st.ID] = true
	}
	for i := range job.Plan.Subtasks { // earlier parts are done
		st := &job.Plan.Subtasks[i]
		st.After = slices.DeleteFunc(slices.Clone(st.After), func(id int) bool { return !ids[id] })
	}
	for phrase, b := range a.Boxes {
		if slices.ContainsFunc(p.subtasks, func(st edit.Subtask) bool { return st.Object == phrase }) {
			job.Evidence.Boxes = map[string][]edit.Box{phrase: {b}}
		}
	}
	if p.region == nil {
		return job, nil
	}
	mask := p.region.Mask
	if mask == nil {
		emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("outlining number %d, the %s", p.region.Number, p.region.Phrase)})
		var err error
		if mask, err = kit.Engine.Outline(ctx, img, p.region.Phrase, []edit.Box{p.region.Box}, nil, func(edit.Event) {}); err != nil {
			return job, fmt.Errorf("number %d, the %s, cannot be outlined: %w", p.region.Number, p.region.Phrase, err)
		}
		p.region.Mask = mask
	}
	if mask.W == img.W && mask.H == img.H {
		job.Evidence.Mask = mask
		return job, nil
	}
	return job, &edit.UserError{Msg: fmt.Sprintf("number %d was drawn on a picture of another size", p.region.Number), Hint: "number the objects anew"}
}

// Edit implements tui.Desk.
func (d *Desk) Edit(ctx context.Context, a tui.Ask, emit func(edit.Event)) (tui.Reply, error) {
	d.working.Add(1)
	defer d.working.Done()
	kit, err := d.kit()
	if err != nil {
		return tui.Reply{}, err
	}
	if !d.opt.Forget {
		kit.Remember(ctx, emit)
	}
	plan, parts, err := d.prepare(ctx, kit, a)
	if err != nil {
		return tui.Reply{}, err
	}
	img, err := d.image(ctx, a.At)
	if err != nil {
		return tui.Reply{}, err
	}
	all, err := d.run(ctx, kit, a, plan, parts, img, emit)
	reply := tui.Reply{Summary: all.Summary}
	if !all.Edited {
		return reply, err
	}
	// What is finished is kept, even when the person stopped the rest.
	keep := context.WithoutCancel(ctx)
	turn := session.Turn{Request: a.Request, Plan: all.Plan, Summary: all.Summary}
	id, commitErr := d.history.Commit(keep, a.At, turn, session.Result{Image: all.Image, Mask: all.Mask, Regions: d.regionsAfter(kit, a, parts, all, img)})
	if commitErr != nil {
		return reply, errors.Join(err, commitErr)
	}
	d.keep(id, all.Image)
	seen, seeErr := d.see(keep)
	if seeErr == nil {
		reply.Seen = &seen
	}
	return reply, errors.Join(err, seeErr)
}

// run carries out the parts in order and joins what they made.
func (d *Desk) run(ctx context.Context, kit *agent.Kit, a tui.Ask, plan edit.Plan, parts []part, img *pixel.Image, emit func(edit.Event)) (agent.Outcome, error) {
	all := agent.Outcome{Plan: plan, Image: img, Summary: edit.Summary{Event: "done"}}
	tell := emit
	if len(parts) > 1 {
		whole := plan
		emit(edit.Event{Type: edit.EventPlanned, Plan: &whole})
		tell = func(e edit.Event) {
			if e.Type != edit.EventPlanned { // the whole plan was told
				emit(e)
			}
		}
	}
	ended := make(map[int]edit.Status)
	for _, p := range parts {
		if skipped, ok := blocked(p, ended); ok {
			all.Summary.Subtasks = append(all.Summary.Subtasks, skipped...)
			continue
		}
		job, err := d.job(ctx, kit, a, plan, p, all.Image, emit)
		if err != nil {
			return all, err
		}
		out, err := kit.Engine.Run(ctx, job, tell)
		for _, r := range out.Summary.Subtasks {
			ended[r.ID] = r.Status
		}
		all = join(all, out)
		if len(parts) == 1 {
			all.Plan = out.Plan
			all.Plan.Request = a.Request
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// blocked are the reports of a part whose subtasks come after one that did not end well.
func blocked(p part, ended map[int]edit.Status) ([]edit.SubtaskReport, bool) {
	for _, st := range p.subtasks {
		for _, id := range st.After {
			if s, ok := ended[id]; ok && s != edit.StatusDone {
				var out []edit.SubtaskReport
				for _, st := range p.subtasks {
					out = append(out, edit.SubtaskReport{
						ID: st.ID, Task: st.Task, Object: st.Object, Target: st.Target, Status: edit.StatusSkipped, Toolpath: []string{},
						Reason: fmt.Sprintf("it comes after subtask %d, which did not succeed", id),
					})
				}
				return out, true
			}
		}
	}
	return nil, false
}

func join(all, out agent.Outcome) agent.Outcome {
	a, s := &all.Summary, &out.Summary
	a.ToolSeconds += s.ToolSeconds
	a.WastedSeconds += s.WastedSeconds
	a.JudgeSeconds += s.JudgeSeconds
	a.LoadSeconds += s.LoadSeconds
	a.IOSeconds += s.IOSeconds
	a.ToolRuns += s.ToolRuns
	a.CacheHits += s.CacheHits
	a.USD += s.USD
	a.Subtasks = append(a.Subtasks, s.Subtasks...)
	if s.Device != "" {
		a.Device = s.Device
	}
	a.Quality = 0
	for _, t := range a.Subtasks {
		a.Quality += t.Quality / float64(len(a.Subtasks))
	}
	switch {
	case out.Mask == nil:
	case all.Mask == nil || all.Mask.W != out.Mask.W || all.Mask.H != out.Mask.H:
		all.Mask = out.Mask
	default:
		all.Mask = pixel.Union(all.Mask, out.Mask)
	}
	if out.Edited {
		all.Image, all.Edited = out.Image, true
	}
	return all
}

// regionsAfter are the regions that the new picture still has: those painted
// over are gone, and none outlives a change of the picture's size. nil: all of them.
func (d *Desk) regionsAfter(kit *agent.Kit, a tui.Ask, parts []part, out agent.Outcome, before *pixel.Image) []session.Region {
	if out.Image.W != before.W || out.Image.H != before.H {
		return []session.Region{}
	}
	left := make([]session.Region, 0, len(a.Regions))
	for _, r := range a.Regions {
		gone := false
		for _, p := range parts {
			if p.region == nil || p.region.Number != r.Number {
				continue
			}
			r.Mask = p.region.Mask
			gone = gone || slices.ContainsFunc(p.subtasks, func(st edit.Subtask) bool { return paintedOver(kit, out.Summary, st.ID) })
		}
		if !gone {
			left = append(left, r)
		}
	}
	return left
}

// paintedOver reports whether the tool that completed a subtask fills a hole: nothing of the object is left.
func paintedOver(kit *agent.Kit, s edit.Summary, id int) bool {
	for _, r := range s.Subtasks {
		if r.ID != id || r.Status != edit.StatusDone || len(r.Toolpath) == 0 {
			continue
		}
		name, _, _ := strings.Cut(r.Toolpath[len(r.Toolpath)-1], "{")
		i := slices.IndexFunc(kit.Engine.Specs, func(t edit.ToolSpec) bool { return t.Name == strings.TrimSpace(name) })
		if i < 0 {
			return false
		}
		_, fills := kit.Engine.Specs[i].Input("hole")
		return fills
	}
	return false
}

// Ways implements tui.Desk.
func (d *Desk) Ways(ctx context.Context, a tui.Ask) ([]tui.Way, error) {
	d.working.Add(1)
	defer d.working.Done()
	kit, err := d.kit()
	if err != nil {
		return nil, err
	}
	plan, parts, err := d.prepare(ctx, kit, a)
	if err != nil {
		return nil, err
	}
	img, err := d.image(ctx, a.At)
	if err != nil {
		return nil, err
	}
	fronts := make(map[int][]agent.Point)
	for _, p := range parts {
		job, err := d.job(ctx, kit, a, plan, p, img, func(edit.Event) {})
		if err != nil {
			return nil, err
		}
		job.DryRun, job.Frontier = true, true
		out, err := kit.Engine.Run(ctx, job, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range out.Summary.Subtasks {
			if r.Status != edit.StatusPlanned {
				return nil, &edit.UserError{Msg: r.Reason}
			}
		}
		maps.Copy(fronts, out.Fronts)
	}
	var ways []tui.Way
	for _, p := range agent.Frontier(fronts, a.Alpha) {
		ways = append(ways, tui.Way{Seconds: p.Seconds, Quality: p.Quality, Calls: p.Toolpaths})
	}
	return ways, nil
}

// Objects implements tui.Desk.
func (d *Desk) Objects(ctx context.Context, id session.TurnID) ([]session.Region, error) {
	d.working.Add(1)
	defer d.working.Done()
	kit, err := d.kit()
	if err != nil {
		return nil, err
	}
	img, err := d.image(ctx, id)
	if err != nil {
		return nil, err
	}
	boxes, err := kit.Engine.Objects(ctx, img, func(edit.Event) {})
	if err != nil {
		return nil, err
	}
	regions := make([]session.Region, len(boxes))
	for i, b := range boxes {
		regions[i] = session.Region{Number: i + 1, Phrase: b.Label, Box: b}
	}
	return regions, nil
}

// Outline implements tui.Desk.
func (d *Desk) Outline(ctx context.Context, id session.TurnID, r session.Region, points edit.Points) (session.Region, error) {
	d.working.Add(1)
	defer d.working.Done()
	kit, err := d.kit()
	if err != nil {
		return r, err
	}
	img, err := d.image(ctx, id)
	if err != nil {
		return r, err
	}
	var boxes []edit.Box
	if r.Box.Area() > 0 && len(points) == 0 {
		boxes = []edit.Box{r.Box}
	}
	if r.Mask, err = kit.Engine.Outline(ctx, img, r.Phrase, boxes, points, func(edit.Event) {}); err != nil {
		if ctx.Err() == nil && len(boxes) > 0 { // a person who draws a box means at least the box
			b := r.Box.Clip(img.W, img.H)
			r.Mask = pixel.RectMask(img.W, img.H, image.Rect(int(b.X0), int(b.Y0), int(math.Ceil(b.X1)), int(math.Ceil(b.Y1))))
		}
		return r, err
	}
	if len(points) > 0 {
		r.Box = bounds(r.Mask)
	}
	return r, nil
}

// bounds is the box around a mask.
func bounds(m *pixel.Mask) edit.Box {
	b := edit.Box{X0: float64(m.W), Y0: float64(m.H)}
	for i, v := range m.Pix {
		if v >= pixel.Half {
			x, y := float64(i%m.W), float64(i/m.W)
			b.X0, b.X1, b.Y0, b.Y1 = min(b.X0, x), max(b.X1, x+1), min(b.Y0, y), max(b.Y1, y+1)
		}
	}
	return b
}

// Export implements tui.Desk.
func (d *Desk) Export(ctx context.Context, id session.TurnID, path string) (string, error) {
	d.working.Add(1)
	defer d.working.Done()
	src, err := d.history.Source(ctx)
	if err != nil {
		return "", err
	}
	if path == "" {
		if path, err = beside(src.Name); err != nil {
			return "", err
		}
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return "", &edit.UserError{Msg: path + " exists and is not written over", Hint: "choose another name"}
	}
	img, err := d.image(ctx, id)
	if err != nil {
		return "", err
	}
	return path, agent.Save(ctx, path, img, src.Meta, func(string) {})
}

// beside is a file next to the original that does not exist: street.edited.png, street.edited-2.png.
func beside(source string) (string, error) {
	ext := filepath.Ext(source)
	stem := strings.TrimSuffix(source, ext)
	for n := 1; n < 10_000; n++ {
		path := stem + ".edited.png"
		if n > 1 {
			path = stem + ".edited-" + itoa(n) + ".png"
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", edit.Userf("there are ten thousand edits beside %s already", source)
}
