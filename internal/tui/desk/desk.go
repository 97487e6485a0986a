// Package desk is the seat's work: it opens the picture and its session, runs
// requests on the engine and keeps what came of them.
package desk

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui"
	"pentimento/internal/tui/picture"
)

// History is what the desk needs of a session; *session.Session is one.
type History interface {
	Info() session.Info
	Source(ctx context.Context) (session.Source, error)
	Head() session.TurnID
	Turn(id session.TurnID) (session.Turn, bool)
	Turns() []session.Turn
	Branches() []session.Branch
	Commit(ctx context.Context, parent session.TurnID, t session.Turn, r session.Result) (session.TurnID, error)
	Goto(ctx context.Context, id session.TurnID) error
	Branch(ctx context.Context, at session.TurnID, name string) error
	Review(ctx context.Context, id session.TurnID, r session.Review) error
	State(ctx context.Context, id session.TurnID) (*pixel.Image, error)
	Thumbnail(ctx context.Context, id session.TurnID) (*pixel.Image, error)
	Mask(ctx context.Context, id session.TurnID) (*pixel.Mask, error)
	Regions(ctx context.Context, id session.TurnID) ([]session.Region, error)
	SetRegions(ctx context.Context, id session.TurnID, regions []session.Region) error
	History(id session.TurnID) edit.History
	Meta(ctx context.Context, id session.TurnID, f imageio.Format) (imageio.Meta, error)
	Close() error
}

// Options say what is opened.
type Options struct {
	File    string // the picture; "": the session used last
	Session string // its name; "": the one of the file, or a new one
	Forget  bool   // keep nothing: the history lives as long as the program
	// Sessions bound what sessions may take.
	Sessions session.Options
	// Kit opens the tools; it is called once, off the update loop.
	Kit func() (*agent.Kit, error)
}

// Desk implements tui.Desk.
type Desk struct {
	opt  Options
	skip *skipper
	kit  func() (*agent.Kit, error)

	mu       sync.Mutex
	history  History
	sessions *session.Sessions // nil where nothing is kept
	pyramids map[session.TurnID]*picture.Pyramid
	images   map[session.TurnID]*pixel.Image
	thumbs   map[session.TurnID]*pixel.Image
	order    []session.TurnID // of pyramids and images, the one used last at the end
	working  sync.WaitGroup   // what uses the kit or the history
	use      sync.RWMutex     // read-held by what works with the tools' docs
}

// mostKept is how many pictures of a session are kept in memory: the one that
// shows, the one before it, and those beside them.
const mostKept = 4

// New makes a desk; nothing is opened yet.
func New(o Options) *Desk {
	d := &Desk{
		opt: o, skip: &skipper{}, pyramids: make(map[session.TurnID]*picture.Pyramid),
		images: make(map[session.TurnID]*pixel.Image), thumbs: make(map[session.TurnID]*pixel.Image),
	}
	d.kit = sync.OnceValues(func() (*agent.Kit, error) {
		k, err := o.Kit()
		if err == nil {
			d.skip.wrap(k.Engine)
		}
		return k, err
	})
	return d
}

// Close waits for what still runs and lets others have the session. It opens nothing.
func (d *Desk) Close() {
	d.skip.Skip()
	d.working.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.history != nil {
		_ = d.history.Close()
	}
	if k, err := d.kit(); err == nil {
		k.Close()
	}
}

// Open implements tui.Desk.
func (d *Desk) Open(ctx context.Context) (tui.Seen, error) {
	d.working.Add(1)
	defer d.working.Done()
	h, notices, err := d.open(ctx)
	if err != nil {
		return tui.Seen{}, err
	}
	d.mu.Lock()
	d.history = h
	d.mu.Unlock()
	seen, err := d.see(ctx)
	seen.Notices = append(notices, seen.Notices...)
	return seen, err
}

func (d *Desk) open(ctx context.Context) (History, []string, error) {
	if d.opt.Forget {
		if d.opt.File == "" {
			return nil, nil, &edit.UserError{Msg: "no picture was named", Hint: "tui PICTURE"}
		}
		img, meta, err := imageio.Load(ctx, d.opt.File, imageio.Limits{})
		if err != nil {
			return nil, nil, err
		}
		return NewMemory(d.opt.File, img, meta), meta.Notices, nil
	}
	kit, err := d.kit()
	if err != nil {
		return nil, nil, err
	}
	var notices []string
	kit.Remember(ctx, func(e edit.Event) { notices = append(notices, e.Message) })
	st := kit.Engine.Store
	if st == nil {
		return nil, nil, &edit.UserError{Msg: "sessions cannot be kept: " + strings.Join(notices, "; "), Hint: "tui --forget works without"}
	}
	sessions := session.Open(st, d.opt.Sessions)
	d.sessions = sessions
	if strings.EqualFold(filepath.Ext(d.opt.File), session.ArchiveExt) {
		if err := d.bring(ctx, sessions); err != nil {
			return nil, nil, err
		}
	}
	name, err := d.choose(ctx, sessions)
	if err != nil {
		return nil, nil, err
	}
	h, err := sessions.Load(ctx, name)
	if err == nil {
		return h, notices, nil
	}
	if missing := (*session.NotFoundError)(nil); !errors.As(err, &missing) || d.opt.File == "" {
		return nil, nil, err
	}
	img, meta, err := imageio.Load(ctx, d.opt.File, imageio.Limits{})
	if err != nil {
		return nil, nil, err
	}
	h, err = sessions.New(ctx, name, img, session.Source{Name: d.opt.File, Meta: meta})
	return h, append(notices, meta.Notices...), err
}

// bring reads a whole session from the file that was named.
func (d *Desk) bring(ctx context.Context, sessions *session.Sessions) error {
	f, size, err := session.OpenArchive(d.opt.File)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := sessions.Import(ctx, f, size, d.opt.Session)
	if err != nil {
		return &edit.UserError{Msg: d.opt.File, Err: err, Hint: "tui --session NAME FILE reads it under another name"}
	}
	d.opt.File, d.opt.Session = "", info.Name
	return nil
}

// choose names the session to open: the one asked for, that of the file, the
// one used last, or a new one named like the file.
func (d *Desk) choose(ctx context.Context, sessions *session.Sessions) (string, error) {
	if d.opt.Session != "" {
		return d.opt.Session, nil
	}
	list, err := sessions.List(ctx)
	if err != nil {
		return "", err
	}
	if d.opt.File == "" {
		if len(list) == 0 {
			return "", &edit.UserError{Msg: "there is no session to go on with", Hint: "tui PICTURE begins one"}
		}
		return list[0].Name, nil
	}
	taken := make(map[string]bool)
	for _, in := range list {
		if in.Source == d.opt.File {
			return in.Name, nil
		}
		taken[in.Name] = true
	}
	return freeName(d.opt.File, taken), nil
}

// freeName is a name for the session of a file that no other has.
func freeName(file string, taken map[string]bool) string {
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	stem = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_. ", r) {
			return r
		}
		return '-'
	}, stem)
	if runes := []rune(strings.Trim(stem, " -._")); len(runes) > 0 {
		stem = strings.TrimSpace(string(runes[:min(len(runes), 56)]))
	} else {
		stem = "picture"
	}
	name := stem
	for n := 2; taken[name]; n++ {
		name = stem + " " + itoa(n)
	}
	return name
}

// begin takes the kit for a piece of work: until end, the docs stay as they are and the
// desk does not close. end is to be called after an error too.
func (d *Desk) begin() (kit *agent.Kit, end func(), err error) {
	d.working.Add(1)
	d.use.RLock()
	kit, err = d.kit()
	return kit, func() {
		d.use.RUnlock()
		d.working.Done()
	}, err
}

// Warm implements tui.Desk: it loads the library that runs models.
func (d *Desk) Warm(ctx context.Context) (tui.Ready, error) {
	kit, end, err := d.begin()
	defer end()
	if err != nil {
		return tui.Ready{}, err
	}
	r := tui.Ready{Notices: kit.Notices()}
	device, notice, err := kit.Probe(ctx)
	r.Device = device
	if notice != "" {
		r.Notices = append(r.Notices, notice)
	}
	return r, err
}

// Tools implements tui.Desk.
func (d *Desk) Tools() []tui.Tool {
	kit, err := d.kit()
	d.use.RLock()
	defer d.use.RUnlock()
	if err != nil {
		return []tui.Tool{{Name: "all", State: "broken", Reason: err.Error()}}
	}
	tools := make([]tui.Tool, 0, len(kit.Engine.Specs))
	for i := range kit.Engine.Specs {
		spec := &kit.Engine.Specs[i]
		t := tui.Tool{Name: spec.Name, Title: spec.Title}
		t.State, t.Reason = kit.State(spec)
		for _, c := range spec.Tasks {
			t.Tasks = append(t.Tasks, c.Task)
		}
		tools = append(tools, t)
	}
	for _, p := range kit.Problems {
		tools = append(tools, tui.Tool{Name: "a doc", State: "broken", Reason: p.Error()})
	}
	return tools
}

// Skip implements tui.Desk.
func (d *Desk) Skip() bool { return d.skip.Skip() }

// image is the picture of a turn, kept for a while.
func (d *Desk) image(ctx context.Context, id session.TurnID) (*pixel.Image, error) {
	d.mu.Lock()
	img := d.images[id]
	d.mu.Unlock()
	if img != nil {
		return img, nil
	}
	img, err := d.history.State(ctx, id)
	if err != nil {
		return nil, err
	}
	d.keep(id, img)
	return img, nil
}

// keep remembers the picture of a turn and forgets the one used longest ago.
func (d *Desk) keep(id session.TurnID, img *pixel.Image) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.images[id] == nil {
		d.order = append(d.order, id)
	}
	d.images[id] = img
	for len(d.order) > mostKept {
		delete(d.images, d.order[0])
		delete(d.pyramids, d.order[0])
		d.order = d.order[1:]
	}
}

func (d *Desk) pyramid(ctx context.Context, id session.TurnID) (*picture.Pyramid, error) {
	d.mu.Lock()
	p := d.pyramids[id]
	d.mu.Unlock()
	if p != nil {
		return p, nil
	}
	img, err := d.image(ctx, id)
	if err != nil {
		return nil, err
	}
	p = picture.NewPyramid(img)
	d.mu.Lock()
	d.pyramids[id] = p
	d.mu.Unlock()
	return p, nil
}

// see collects what shows the head of the history.
func (d *Desk) see(ctx context.Context) (tui.Seen, error) {
	head := d.history.Head()
	s := tui.Seen{Tree: d.tree(ctx)}
	var err error
	if s.After, err = d.pyramid(ctx, head); err != nil {
		return s, err
	}
	if t, ok := d.history.Turn(head); ok && t.Parent != head {
		if s.Before, err = d.pyramid(ctx, t.Parent); err != nil {
			return s, err
		}
		if s.Mask, err = d.history.Mask(ctx, head); err != nil {
			return s, err
		}
	}
	s.Regions, err = d.history.Regions(ctx, head)
	return s, err
}

// mostThumbs bounds the thumbnails that are read at once: those of the turns made last.
const mostThumbs = 200

func (d *Desk) tree(ctx context.Context) tui.Tree {
	info := d.history.Info()
	t := tui.Tree{Name: info.Name, File: info.Source, Turns: d.history.Turns(), Branches: d.history.Branches(), Head: d.history.Head()}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.Thumbs = make(map[session.TurnID]*pixel.Image, len(t.Turns))
	for _, turn := range t.Turns[max(0, len(t.Turns)-mostThumbs):] {
		if d.thumbs[turn.ID] == nil {
			if img, err := d.history.Thumbnail(ctx, turn.ID); err == nil && img != nil {
				d.thumbs[turn.ID] = picture.NewPyramid(img).Thumb(2*8, 4*4)
			}
		}
		t.Thumbs[turn.ID] = d.thumbs[turn.ID]
	}
	return t
}

// Goto implements tui.Desk.
func (d *Desk) Goto(ctx context.Context, id session.TurnID) (tui.Seen, error) {
	d.working.Add(1)
	defer d.working.Done()
	if err := d.history.Goto(ctx, id); err != nil {
		return tui.Seen{}, err
	}
	return d.see(ctx)
}

// Branch implements tui.Desk.
func (d *Desk) Branch(ctx context.Context, at session.TurnID, name string) (tui.Tree, error) {
	d.working.Add(1)
	defer d.working.Done()
	if err := d.history.Branch(ctx, at, name); err != nil {
		return tui.Tree{}, err
	}
	return d.tree(ctx), nil
}

// Review implements tui.Desk.
func (d *Desk) Review(ctx context.Context, id session.TurnID, r session.Review) (tui.Tree, error) {
	d.working.Add(1)
	defer d.working.Done()
	was, _ := d.history.Turn(id)
	if err := d.history.Review(ctx, id, r); err != nil {
		return tui.Tree{}, err
	}
	if kit, err := d.kit(); err == nil && !d.opt.Forget && was.Review.Verdict != r.Verdict && r.Verdict != "" {
		if err := kit.Engine.Review(ctx, was.Summary.Subtasks, r.Verdict == session.Accepted, r.Reason); err != nil {
			return tui.Tree{}, err
		}
	}
	return d.tree(ctx), nil
}

// SetRegions implements tui.Desk.
func (d *Desk) SetRegions(ctx context.Context, id session.TurnID, regions []session.Region) error {
	d.working.Add(1)
	defer d.working.Done()
	return d.history.SetRegions(ctx, id, regions)
}
