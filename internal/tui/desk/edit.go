package desk

import (
	"context"
	"errors"
	"image"
	"io"
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
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui"
	"pentimento/internal/turn"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ask is a request as the engine takes it.
func (d *Desk) ask(ctx context.Context, a tui.Ask) (turn.Ask, error) {
	img, err := d.image(ctx, a.At)
	job := agent.FileJob{Request: a.Request, Picture: img, Alpha: a.Alpha, Threshold: batch.DefaultThreshold, Picked: a.Pick}
	for phrase, b := range a.Boxes {
		job.Boxes = map[string][]edit.Box{phrase: {b}}
	}
	return turn.Ask{Job: job, At: a.At, Regions: a.Regions}, err
}

// Edit implements tui.Desk.
func (d *Desk) Edit(ctx context.Context, a tui.Ask, emit func(edit.Event)) (tui.Reply, error) {
	kit, end, err := d.begin()
	defer end()
	if err != nil {
		return tui.Reply{}, err
	}
	ask, err := d.ask(ctx, a)
	if err != nil {
		return tui.Reply{}, err
	}
	made, err := turn.Make(ctx, kit, d.history, ask, emit)
	reply := tui.Reply{Summary: made.Summary}
	if !made.Kept {
		return reply, err
	}
	d.keep(made.ID, made.Image)
	seen, seeErr := d.see(context.WithoutCancel(ctx)) // what is finished shows, even when the person stopped the rest
	if seeErr == nil {
		reply.Seen = &seen
	}
	return reply, errors.Join(err, seeErr)
}

// Ways implements tui.Desk.
func (d *Desk) Ways(ctx context.Context, a tui.Ask) ([]tui.Way, error) {
	kit, end, err := d.begin()
	defer end()
	if err != nil {
		return nil, err
	}
	ask, err := d.ask(ctx, a)
	if err != nil {
		return nil, err
	}
	ask.Job.Pareto = true
	ways, err := d.frontier(ctx, kit, ask)
	if err != nil || len(a.Tried) == 0 {
		return ways, err
	}
	ask.Job.Without = a.Tried
	others, err := d.frontier(ctx, kit, ask)
	if err != nil {
		return ways, ctx.Err() // where nothing else can do it there is no next-best
	}
	for _, w := range others {
		if !slices.ContainsFunc(ways, func(v tui.Way) bool { return maps.EqualFunc(v.Calls, w.Calls, slices.Equal[[]string]) }) {
			ways = append(ways, w)
		}
	}
	return ways, nil
}

func (d *Desk) frontier(ctx context.Context, kit *agent.Kit, ask turn.Ask) ([]tui.Way, error) {
	out, _, err := turn.Run(ctx, kit, d.history, ask, func(edit.Event) {})
	if err != nil {
		return nil, err
	}
	for _, r := range out.Summary.Subtasks {
		if r.Status != edit.StatusPlanned {
			return nil, &edit.UserError{Msg: r.Reason}
		}
	}
	var ways []tui.Way
	for _, p := range out.Frontier {
		ways = append(ways, tui.Way{Seconds: p.Seconds, Quality: p.Quality, F: p.F, Calls: p.Toolpaths})
	}
	return ways, nil
}

// Objects implements tui.Desk.
func (d *Desk) Objects(ctx context.Context, id session.TurnID) ([]session.Region, error) {
	kit, end, err := d.begin()
	defer end()
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
	kit, end, err := d.begin()
	defer end()
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
	if strings.EqualFold(filepath.Ext(path), session.ArchiveExt) {
		return path, d.exportAll(ctx, path)
	}
	format, err := imageio.FormatForPath(path)
	if err != nil {
		return "", err
	}
	img, err := d.image(ctx, id)
	if err != nil {
		return "", err
	}
	meta, err := d.history.Meta(ctx, id, format)
	if err != nil {
		return "", err
	}
	return path, session.Picture{Path: path}.Write(ctx, img, meta, func(string) {})
}

// exportAll writes the whole session to a file.
func (d *Desk) exportAll(ctx context.Context, path string) error {
	if d.sessions == nil {
		return &edit.UserError{Msg: "this sitting is not kept, so there is no session to export", Hint: "save the picture as .png"}
	}
	return imageio.WriteFile(ctx, path, func(w io.Writer) error { return d.sessions.Export(ctx, d.history.Info().Name, w) })
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
