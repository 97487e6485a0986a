package tui

import (
	"context"
	"fmt"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"pentimento/internal/edit"
	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

type pane int

const (
	panePicture pane = iota
	paneTalk
	paneTree
	panes
)

type overlay int

const (
	overNone overlay = iota
	overHelp
	overPalette
	overTools
	overWays
	overChoose
	overSettings
)

// The comparisons by their short names in this package.
const (
	compareBefore     = picture.Before
	compareSplit      = picture.Split
	compareDifference = picture.Difference
)

// purpose is what the prompt is filled in for.
type purpose int

const (
	forRequest purpose = iota
	forReject
	forExport
	forBranch
	forSetting // the value of a setting
	forPhrase  // what a region that was drawn is called
)

// Options say how the seat is opened.
type Options struct {
	// Pictures is "auto" to ask the terminal, or "kitty", "blocks" or "letters".
	Pictures string
	Mouse    bool
	Alpha    float64
	// Multiplexed says that the terminal is inside tmux or screen, where pictures are always half-blocks.
	Multiplexed bool
	// IdleAfter is how long nothing is asked and no key pressed before the seat learns
	// from what was done; 0: never.
	IdleAfter time.Duration
	Watch     bool             // have the docs of tools loaded anew when one changes
	Dark      *bool            // a dark terminal, or a light one; nil: the terminal is asked
	Safe      bool             // colours that colour-blind eyes tell apart
	Now       func() time.Time // the clock that ticks are told by; nil: time.Now
}

// Model is the whole state of the seat.
type Model struct {
	desk Desk
	opt  Options
	ctx  context.Context //nolint:containedctx // the program's, for its commands
	stop context.CancelFunc

	w, h    int
	theme   theme
	dark    bool
	style   picture.Style
	noColor bool
	cell    picture.Cell

	typing  bool
	input   textinput.Model
	purpose purpose
	asked   []string // requests of this sitting and of the session
	askedAt int
	draft   string // what was typed before asked was looked through

	focus  pane
	over   overlay
	cursor int    // line that is marked in an overlay
	filter string // of the palette

	opening bool
	moving  bool // a move in the history is under way
	ready   *Ready
	tools   []Tool
	seen    Seen
	marked  session.TurnID // in the history

	lens    picture.Lens
	compare picture.Compare
	edge    float64
	frame   picture.Frame
	frameID int
	drawing bool // a frame is being drawn
	stale   bool // it will be out of date

	chosen  int // number of the chosen region; 0: none
	hide    bool
	finding bool // objects are being found, or an outline made
	pen     pen
	cross   edit.Point
	anchor  *edit.Point
	points  edit.Points
	drawnAs session.Region // waits for its name

	talk     []entry
	back     int // lines that the conversation is scrolled back
	job      *job
	queue    []Ask
	last     Ask // that was run
	alpha    float64
	ways     []Way
	waysFor  Ask
	choices  []edit.Box // candidates of an ambiguous phrase
	choosee  string     // that phrase
	said     string     // one line that says what just happened
	saidAt   time.Time
	now      time.Time
	ticking  bool
	settings []Setting
	setting  string             // being typed
	pulling  *pull              // nil: no model is being fetched
	touched  int                // keys and requests so far
	learning context.CancelFunc // nil while nothing is learned
	learned  bool               // all that was done was learned from
	leaving  bool               // ctrl+c was pressed with nothing to stop
	saved    string
	fatal    string
}

// New makes the seat; ctx ends what it runs.
func New(ctx context.Context, desk Desk, opt Options) *Model {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	ctx, stop := context.WithCancel(ctx)
	m := &Model{
		desk: desk, opt: opt, ctx: ctx, stop: stop, dark: true, lens: picture.Whole, edge: 0.5, alpha: opt.Alpha,
		cell: picture.DefaultCell, opening: true, typing: true, now: opt.Now(), frameID: 1,
	}
	if opt.Dark != nil {
		m.dark = *opt.Dark
	}
	m.theme = newTheme(m.dark, opt.Safe)
	m.input = textinput.New()
	m.input.Prompt = ""
	m.input.SetVirtualCursor(false)
	m.input.CharLimit = 2000
	m.input.Focus()
	switch opt.Pictures {
	case "letters":
		m.style = picture.Letters
	case "kitty":
		m.style = picture.Kitty
	}
	return m
}

// queryID is the picture id of the question whether the terminal draws pictures.
const queryID = 31

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.open(), m.warm(), m.watch(), tea.RequestBackgroundColor}
	if !m.opt.Multiplexed {
		cmds = append(cmds, tea.Raw("\x1b[16t")) // the size of a cell
		if m.opt.Pictures == "auto" || m.opt.Pictures == "" {
			cmds = append(cmds, tea.Raw(picture.Query(queryID)))
		}
	}
	return tea.Batch(cmds...)
}

// Messages that commands send back.
type (
	openedMsg struct {
		seen Seen
		err  error
	}
	warmMsg struct {
		ready Ready
		tools []Tool
		err   error
	}
	movedMsg struct {
		seen Seen
		err  error
		what string
	}
	treeMsg struct {
		tree Tree
		err  error
		what string
	}
	drawnMsg struct{ frame picture.Frame }
	tickMsg  time.Time
	savedMsg struct {
		path string
		copy bool
		err  error
	}
)

func (m *Model) open() tea.Cmd {
	return func() tea.Msg {
		seen, err := m.desk.Open(m.ctx)
		return openedMsg{seen, err}
	}
}

func (m *Model) warm() tea.Cmd {
	return func() tea.Msg {
		ready, err := m.desk.Warm(m.ctx)
		return warmMsg{ready, m.desk.Tools(), err}
	}
}

// Update implements tea.Model. It does no I/O and waits for nothing.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	return m, tea.Batch(cmd, m.redraw(), m.tick())
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.stale = true
	case tea.BackgroundColorMsg:
		if m.opt.Dark == nil {
			m.dark = msg.IsDark()
			m.theme, m.stale = newTheme(m.dark, m.opt.Safe), true
		}
	case tea.ColorProfileMsg:
		if msg.Profile <= colorprofile.ASCII {
			m.noColor, m.style, m.stale = true, picture.Letters, true
		}
	case uv.CellSizeEvent:
		if msg.Width > 0 && msg.Height > 0 {
			m.cell, m.stale = picture.Cell{W: msg.Width, H: msg.Height}, true
		}
	case uv.KittyGraphicsEvent:
		if msg.Options.ID == queryID && string(msg.Payload) == "OK" && !m.noColor && !m.opt.Multiplexed {
			m.style, m.stale = picture.Kitty, true
		}
	case tea.KeyPressMsg:
		return tea.Batch(m.key(msg), m.rest())
	case tea.PasteMsg:
		if m.typing {
			return m.toInput(tea.PasteMsg{Content: clean(msg.Content)})
		}
	case tea.MouseMsg:
		return m.mouse(msg)
	case tickMsg:
		m.ticking, m.now = false, time.Time(msg)
	case drawnMsg:
		m.drawing, m.frame = false, msg.frame
		if msg.frame.Send != "" {
			return tea.Raw(msg.frame.Send)
		}
	default:
		return m.result(msg)
	}
	return nil
}

// result takes what a command brings back.
func (m *Model) result(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		m.opening = false
		if msg.err != nil {
			m.fatal = clean(msg.err.Error())
			return nil
		}
		m.see(msg.seen)
		m.recount()
		return m.nextInQueue()
	case warmMsg:
		m.tools = msg.tools
		if msg.err != nil {
			m.note(noteBad, "models do not run: "+msg.err.Error())
			return nil
		}
		m.ready = &msg.ready
		for _, n := range msg.ready.Notices {
			m.note(noteWarn, n)
		}
	case movedMsg:
		m.moving = false
		if m.failed(msg.err) {
			return nil
		}
		m.see(msg.seen)
		m.say(msg.what)
		return m.nextInQueue()
	case treeMsg:
		if m.failed(msg.err) {
			return nil
		}
		thumbs := m.seen.Tree.Thumbs
		m.seen.Tree = msg.tree
		if m.seen.Tree.Thumbs == nil {
			m.seen.Tree.Thumbs = thumbs
		}
		m.say(msg.what)
	case savedMsg:
		if m.failed(msg.err) {
			return nil
		}
		m.saved = msg.path
		if msg.copy {
			m.say("copied " + msg.path)
			return tea.SetClipboard(msg.path)
		}
		m.note(noteGood, "saved "+msg.path)
		m.say("saved " + msg.path)
	default:
		return m.workResult(msg)
	}
	return nil
}

// see shows a turn.
func (m *Model) see(s Seen) {
	sameSize := m.seen.After != nil && s.After != nil && m.seen.After.W == s.After.W && m.seen.After.H == s.After.H
	m.seen, m.stale = s, true
	m.marked = s.Tree.Head
	if !sameSize {
		m.lens = picture.Whole
	}
	if s.Before == nil || m.compare == picture.Before {
		m.compare = picture.After
	}
	if _, ok := m.region(); !ok {
		m.chosen = 0
	}
	for _, n := range s.Notices {
		m.note(noteWarn, n)
	}
}

// failed tells of an error and reports whether there was one.
func (m *Model) failed(err error) bool {
	if err == nil {
		return false
	}
	m.note(noteBad, err.Error())
	m.say(err.Error())
	return true
}

// say shows a line above the prompt for a while.
func (m *Model) say(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	m.said, m.saidAt = clean(format), m.now
}

// How long a line stays that was said, and how often the clock ticks while something moves.
const (
	saidFor = 6 * time.Second
	frames  = 120 * time.Millisecond
)

// tick keeps the clock going while something on the screen depends on it.
func (m *Model) tick() tea.Cmd {
	if m.said != "" && m.now.Sub(m.saidAt) > saidFor {
		m.said, m.leaving = "", false
	}
	if m.ticking || m.job == nil && !m.opening && !m.finding && m.pulling == nil && m.said == "" {
		return nil
	}
	m.ticking = true
	now := m.opt.Now
	return tea.Tick(frames, func(time.Time) tea.Msg { return tickMsg(now()) })
}

// redraw draws the picture anew where it is out of date: one frame at a time,
// so that a storm of changes costs no more than the last of them.
func (m *Model) redraw() tea.Cmd {
	if !m.stale || m.drawing || m.seen.After == nil {
		return nil
	}
	lay := m.layout()
	if lay.picW < 1 || lay.picH < 1 {
		return nil
	}
	m.stale, m.drawing = false, true
	s, cell, style := m.scene(), m.cell, m.style
	place := picture.Fit(s.After.W, s.After.H, lay.picW, lay.picH, cell, m.lens)
	// Two ids in turn: the terminal frees a picture when its id is given another.
	m.frameID = 3 - m.frameID
	id := 0x50454e + m.frameID
	return func() tea.Msg { return drawnMsg{picture.Draw(s, place, style, cell, id)} }
}

// scene is what is to be drawn.
func (m *Model) scene() picture.Scene {
	s := picture.Scene{After: m.seen.After, Before: m.seen.Before, Compare: m.compare, Edge: m.edge, Ground: m.theme.ground}
	if m.pen != penNone {
		c := m.cross
		s.Cross = &c
		s.Overlays = append(s.Overlays, m.penOverlays()...)
		s.Marks = append(s.Marks, m.penMarks()...)
	}
	if len(m.choices) > 0 {
		for i, b := range m.choices {
			c := picture.RegionColor(i + 1)
			s.Overlays = append(s.Overlays, picture.Overlay{Box: b, Color: c})
			s.Marks = append(s.Marks, picture.Mark{Text: fmt.Sprint(i + 1), Box: b, Color: c, Bold: true})
		}
		return s
	}
	if m.hide || m.compare != picture.After { // a comparison is of the pictures alone
		return s
	}
	for _, r := range m.seen.Regions {
		c := picture.RegionColor(r.Number)
		o := picture.Overlay{Box: r.Box, Color: c, Corners: true}
		if r.Number == m.chosen {
			o.Mask, o.Tint, o.Corners = r.Mask, 0.45, false
			if r.Mask == nil {
				o.Tint = 0.2
			}
		}
		s.Overlays = append(s.Overlays, o)
		s.Marks = append(s.Marks, picture.Mark{Text: markText(r, len(m.seen.Regions)), Box: r.Box, Color: c, Bold: r.Number == m.chosen})
	}
	return s
}

// markText is a region's number, with its name where there are few enough for all to be read.
func markText(r session.Region, of int) string {
	if name := clean(r.Phrase); of <= 9 && len([]rune(name)) <= 16 {
		return fmt.Sprintf("%d %s", r.Number, name)
	}
	return itoa(r.Number)
}
