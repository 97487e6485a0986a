package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"pentimento/internal/tui/picture"
)

func (m *Model) zoom(by float64) tea.Cmd {
	if by == 0 {
		m.lens = picture.Whole
	} else {
		m.lens.Zoom *= by
		m.lens = m.lens.Clamped()
	}
	m.stale = true
	return nil
}

// pan moves the lens by a tenth of what shows, or the edge of the split.
func (m *Model) pan(dx, dy float64) tea.Cmd {
	if m.compare == compareSplit && dx != 0 {
		m.edge = min(max(m.edge+dx/20, 0), 1)
	} else {
		m.lens.X += dx * 0.2 / m.lens.Zoom
		m.lens.Y += dy * 0.2 / m.lens.Zoom
		m.lens = m.lens.Clamped()
	}
	m.stale = true
	return nil
}

func (m *Model) setCompare(c picture.Compare) tea.Cmd {
	if m.compare == c {
		c = picture.After
	}
	m.compare, m.stale = c, true
	return nil
}

func (m *Model) turnDial(by float64) tea.Cmd {
	m.alpha = min(max(m.alpha+by, 0), 2)
	m.say("dial %s: %s", dial(m.alpha), dialWords(m.alpha))
	return nil
}

func dial(alpha float64) string {
	n := int(alpha/0.25 + 0.5)
	return strings.Repeat("─", n) + "●" + strings.Repeat("─", 8-n)
}

func dialWords(alpha float64) string {
	switch {
	case alpha <= 0.25:
		return "the best, whatever it takes"
	case alpha < 0.75:
		return "rather better than quicker"
	case alpha <= 1.25:
		return "balanced"
	case alpha < 1.75:
		return "rather quicker than better"
	}
	return "a quick draft"
}

// mouse: a click in a pane gives it the focus; in the picture it points, drags
// the edge of the split, or chooses a region; the wheel zooms and scrolls.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	lay := m.layout()
	p, col, row := lay.at(at.X, at.Y)
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		return m.wheel(p, msg.Button == tea.MouseWheelUp)
	case tea.MouseClickMsg:
		if m.over != overNone {
			m.over = overNone
			return nil
		}
		if p == panePicture {
			return m.click(col, row)
		}
		if p != panes {
			m.focus = p
		}
	case tea.MouseMotionMsg:
		if p == panePicture && at.Button == tea.MouseLeft {
			return m.drag(col, row)
		}
	case tea.MouseReleaseMsg:
		if x, y, ok := m.frame.Place.Pixel(col, row); p == panePicture && ok && m.pen == penBox && m.anchor != nil && (x != m.anchor.X || y != m.anchor.Y) {
			m.cross.X, m.cross.Y = x, y
			return m.finishPointing()
		}
	}
	return nil
}

func (m *Model) wheel(p pane, up bool) tea.Cmd {
	by := -1
	if up {
		by = 1
	}
	switch p {
	case panePicture:
		if up {
			return m.zoom(1.25)
		}
		return m.zoom(1 / 1.25)
	case paneTalk:
		return m.scroll(2 * by)
	case paneTree:
		return m.moveInTree(-by)
	case panes:
	}
	return nil
}

func (m *Model) click(col, row int) tea.Cmd {
	x, y, ok := m.frame.Place.Pixel(col, row)
	if !ok {
		return nil
	}
	m.focus, m.stale = panePicture, true
	switch {
	case m.pen != penNone:
		m.cross.X, m.cross.Y = x, y
		return m.mark(false)
	case m.compare == compareSplit:
		return m.drag(col, row)
	}
	for i, b := range m.choices {
		if x >= b.X0 && x < b.X1 && y >= b.Y0 && y < b.Y1 {
			return m.choose(i + 1)
		}
	}
	best, area := 0, 0.0
	for _, r := range m.seen.Regions {
		if x >= r.Box.X0 && x < r.Box.X1 && y >= r.Box.Y0 && y < r.Box.Y1 && (best == 0 || r.Box.Area() < area) {
			best, area = r.Number, r.Box.Area()
		}
	}
	if best > 0 {
		return m.choose(best)
	}
	return nil
}

func (m *Model) drag(col, row int) tea.Cmd {
	p := m.frame.Place
	switch {
	case m.compare == compareSplit && p.Cols > 0:
		m.edge = min(max((float64(col-p.Left)+0.5)/float64(p.Cols), 0), 1)
		m.stale = true
	case m.pen == penBox:
		if x, y, ok := p.Pixel(col, row); ok {
			m.cross.X, m.cross.Y, m.stale = x, y, true
		}
	}
	return nil
}
