package tui

import (
	"fmt"
	"math"
	"slices"

	tea "charm.land/bubbletea/v2"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

// pen is what the pointer draws.
type pen int

const (
	penNone pen = iota
	penBox
	penPoints
)

type objectsMsg struct {
	at      session.TurnID
	regions []session.Region
	err     error
}

type outlinedMsg struct {
	at     session.TurnID
	region session.Region
	fresh  bool // drawn by hand, so that it wants a name
	err    error
}

type keptMsg struct{ err error }

// region is the chosen one.
func (m *Model) region() (*session.Region, bool) {
	for i := range m.seen.Regions {
		if m.chosen != 0 && m.seen.Regions[i].Number == m.chosen {
			return &m.seen.Regions[i], true
		}
	}
	return nil, false
}

func (m *Model) numberObjects() tea.Cmd {
	if m.finding {
		return nil
	}
	m.finding, m.hide = true, false
	m.say("looking for objects")
	at := m.seen.Tree.Head
	return func() tea.Msg {
		found, err := m.desk.Objects(m.ctx, at)
		return objectsMsg{at, found, err}
	}
}

// setRegions shows regions and has the session keep them.
func (m *Model) setRegions(regions []session.Region) tea.Cmd {
	m.seen.Regions, m.hide, m.stale = regions, false, true
	at, kept := m.seen.Tree.Head, slices.Clone(regions)
	return func() tea.Msg { return keptMsg{m.desk.SetRegions(m.ctx, at, kept)} }
}

// choose takes the region or the candidate of a number and has its mask made.
func (m *Model) choose(n int) tea.Cmd {
	if len(m.choices) > 0 {
		return m.settle(n)
	}
	if m.chosen == n {
		m.chosen, m.stale = 0, true
		return nil
	}
	was := m.chosen
	m.chosen = n
	r, ok := m.region()
	if !ok {
		m.chosen = was
		if len(m.seen.Regions) == 0 {
			m.say("nothing is numbered yet: n finds and numbers the objects")
		} else {
			m.say("there is no region %d", n)
		}
		return nil
	}
	m.hide, m.stale = false, true
	if r.Mask != nil {
		m.say("%d is the %s", n, r.Phrase)
		return nil
	}
	return m.outline(*r, nil, false)
}

func (m *Model) outline(r session.Region, points edit.Points, fresh bool) tea.Cmd {
	m.finding = true
	m.say("outlining the %s", firstReason(r.Phrase, "object"))
	at := m.seen.Tree.Head
	return func() tea.Msg {
		out, err := m.desk.Outline(m.ctx, at, r, points)
		return outlinedMsg{at, out, fresh, err}
	}
}

// regionResult takes what the commands about regions bring back; what came too late is dropped.
func (m *Model) regionResult(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case objectsMsg:
		m.finding = false
		if m.failed(msg.err) || msg.at != m.seen.Tree.Head {
			return nil, true
		}
		m.chosen = 0
		if len(msg.regions) == 0 {
			m.say("the installed detectors see no object they know; b draws a box around one")
			return nil, true
		}
		m.say("%d objects: say their numbers in a request, press one to see its mask", len(msg.regions))
		return m.setRegions(msg.regions), true
	case outlinedMsg:
		m.finding = false
		if msg.err != nil && msg.region.Mask != nil {
			m.note(noteWarn, "the box itself is taken: "+msg.err.Error())
		} else if m.failed(msg.err) {
			return nil, true
		}
		if msg.at != m.seen.Tree.Head {
			return nil, true
		}
		if msg.fresh {
			m.drawnAs = msg.region
			m.say("what is it? its name, then enter")
			return m.promptFor(forPhrase), true
		}
		return m.replaceRegion(msg.region), true
	case keptMsg:
		m.failed(msg.err)
		return nil, true
	}
	return nil, false
}

func (m *Model) replaceRegion(r session.Region) tea.Cmd {
	regions := slices.Clone(m.seen.Regions)
	for i := range regions {
		if regions[i].Number == r.Number {
			regions[i] = r
		}
	}
	m.say("%d is the %s", r.Number, r.Phrase)
	return m.setRegions(regions)
}

// nameRegion adds what was drawn under the name that was typed.
func (m *Model) nameRegion(phrase string) tea.Cmd {
	r := m.drawnAs
	r.Phrase, r.Number = phrase, 1
	for _, other := range m.seen.Regions {
		r.Number = max(r.Number, other.Number+1)
	}
	m.chosen = r.Number
	m.say("the %s is number %d", phrase, r.Number)
	return m.setRegions(append(slices.Clone(m.seen.Regions), r))
}

func (m *Model) dropRegion() tea.Cmd {
	n := m.chosen
	m.chosen = 0
	m.say("took number %d away", n)
	return m.setRegions(slices.DeleteFunc(slices.Clone(m.seen.Regions), func(r session.Region) bool { return r.Number == n }))
}

func (m *Model) toggleMasks() tea.Cmd {
	m.hide, m.stale = !m.hide, true
	return nil
}

type reshaping int

const (
	reshapeGrow reshaping = iota
	reshapeShrink
	reshapeFeather
	reshapeInvert
)

// reshape changes the chosen mask; one step is 1/200 of the picture's longer side.
func (m *Model) reshape(how reshaping) tea.Cmd {
	if m.finding {
		return nil
	}
	r, _ := m.region()
	old, mask := *r, r.Mask
	step := math.Max(1, math.Round(float64(max(mask.W, mask.H))/200))
	m.finding = true
	at := m.seen.Tree.Head
	return func() tea.Msg {
		switch how {
		case reshapeGrow:
			old.Mask = pixel.Grow(mask, step)
		case reshapeShrink:
			old.Mask = pixel.Shrink(mask, step)
		case reshapeFeather:
			old.Mask = pixel.Feather(mask, step)
		case reshapeInvert:
			old.Mask = pixel.Invert(mask)
		}
		old.Box = boundsOf(old.Mask, old.Box)
		return outlinedMsg{at: at, region: old}
	}
}

// boundsOf is the box around a mask; was where it is empty.
func boundsOf(m *pixel.Mask, was edit.Box) edit.Box {
	b := edit.Box{X0: float64(m.W), Y0: float64(m.H), Label: was.Label, Score: was.Score}
	for y := range m.H {
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			if v >= pixel.Half {
				b.X0, b.X1 = min(b.X0, float64(x)), max(b.X1, float64(x+1))
				b.Y0, b.Y1 = min(b.Y0, float64(y)), max(b.Y1, float64(y+1))
			}
		}
	}
	if b.Area() == 0 {
		return was
	}
	return b
}

func (m *Model) startPointing(p pen) tea.Cmd {
	place := m.frame.Place
	m.pen, m.anchor, m.points, m.stale = p, nil, nil, true
	m.cross = edit.Point{X: (place.X0 + place.X1) / 2, Y: (place.Y0 + place.Y1) / 2}
	m.focus = panePicture
	if p == penBox {
		m.say("move to a corner of the box and press space, then to the other")
	} else {
		m.say("move onto the object and press space; ! says: not here; enter outlines it")
	}
	return nil
}

func (m *Model) stopPointing() tea.Cmd {
	m.pen, m.anchor, m.points, m.stale = penNone, nil, nil, true
	return nil
}

// moveCross moves the pointer by cells.
func (m *Model) moveCross(dx, dy float64) tea.Cmd {
	p := m.frame.Place
	if p.Cols < 1 {
		return nil
	}
	m.cross.X = min(max(m.cross.X+dx*(p.X1-p.X0)/float64(p.Cols), p.X0), p.X1-0.01)
	m.cross.Y = min(max(m.cross.Y+dy*(p.Y1-p.Y0)/float64(p.Rows), p.Y0), p.Y1-0.01)
	m.stale = true
	return nil
}

// mark sets a corner or a point where the pointer is.
func (m *Model) mark(exclude bool) tea.Cmd {
	m.stale = true
	at := edit.Point{X: m.cross.X, Y: m.cross.Y, Exclude: exclude}
	if m.pen == penPoints {
		m.points = append(m.points, at)
		return nil
	}
	if m.anchor == nil {
		m.anchor = &at
		return nil
	}
	return m.finishPointing()
}

func (m *Model) penBoxed() edit.Box {
	b := edit.Box{X0: m.anchor.X, Y0: m.anchor.Y, X1: m.cross.X, Y1: m.cross.Y}
	return b.Clip(m.seen.After.W, m.seen.After.H)
}

// finishPointing has what was pointed at outlined: the chosen region anew, or a new one.
func (m *Model) finishPointing() tea.Cmd {
	var r session.Region
	chosen, correcting := m.region()
	switch {
	case m.finding:
		return nil
	case m.pen == penBox && m.anchor != nil:
		if r.Box = m.penBoxed(); r.Box.W() < 2 || r.Box.H() < 2 {
			m.say("the box is too small; set its other corner farther away")
			return nil
		}
		correcting = false
	case m.pen == penPoints && slices.ContainsFunc(m.points, func(p edit.Point) bool { return !p.Exclude }):
		if correcting {
			r = *chosen
			r.Mask = nil
		}
	default:
		m.say("nothing was pointed at yet: space sets a corner or a point")
		return nil
	}
	points := m.points
	m.stopPointing()
	return m.outline(r, points, !correcting)
}

var penColor = picture.RGB{R: 255, G: 255, B: 255}

func (m *Model) penOverlays() []picture.Overlay {
	if m.pen != penBox || m.anchor == nil {
		return nil
	}
	return []picture.Overlay{{Box: m.penBoxed(), Color: penColor}}
}

func (m *Model) penMarks() []picture.Mark {
	var marks []picture.Mark
	for _, p := range m.points {
		mark := picture.Mark{Text: "+", Color: picture.Palette[2], Bold: true, Box: edit.Box{X0: p.X, Y0: p.Y, X1: p.X + 1, Y1: p.Y + 1}}
		if p.Exclude {
			mark.Text, mark.Color = "-", picture.Palette[5]
		}
		marks = append(marks, mark)
	}
	return marks
}

// settle asks the request again with the candidate that was meant.
func (m *Model) settle(n int) tea.Cmd {
	if n < 1 || n > len(m.choices) {
		m.say("there is no candidate %d", n)
		return nil
	}
	box, phrase := m.choices[n-1], m.choosee
	m.choices, m.choosee, m.stale = nil, "", true
	a := Ask{Request: m.lastRequest(), Alpha: m.alpha, Boxes: map[string]edit.Box{phrase: box}}
	m.note(noteFaint, fmt.Sprintf("the %s meant is candidate %d", phrase, n))
	return m.ask(a)
}
