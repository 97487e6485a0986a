package tui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

// layout says where the areas are, in cells of the screen.
type layout struct {
	w, h     int
	head     int // lines of the header
	foot     int // lines below the panes: the line that says, the prompt, the keys
	picW     int
	picH     int
	sideX    int // first column of the side; w where there is none
	sideW    int
	talkH    int // lines of the conversation, without its title
	treeH    int
	treeY    int // first line of the history, its title
	single   bool
	tooSmall bool
}

// Least sizes: below the first there is only a sentence, below the second one pane at a time.
const (
	leastW, leastH = 12, 3
	wideW, wideH   = 64, 14
)

// layout divides the screen: a picture beside a conversation over a history;
// on a small screen the pane in focus alone.
func (m *Model) layout() layout {
	l := layout{w: m.w, h: m.h, head: 1, foot: 3}
	if m.w < leastW || m.h < leastH {
		l.tooSmall = true
		return l
	}
	if m.h < 10 {
		l.head, l.foot = 0, 2
	}
	body := m.h - l.head - l.foot
	if m.w < wideW || m.h < wideH {
		l.single = true
		l.picW, l.picH, l.sideX, l.sideW = m.w, body, m.w, m.w
		l.talkH, l.treeH = body, body
		return l
	}
	l.sideW = min(max(m.w*2/5, 30), 68)
	l.sideX = m.w - l.sideW
	l.picW, l.picH = l.sideX-1, body
	l.treeH = min(max(body/3, 4), 16)
	l.treeY = l.head + body - l.treeH
	l.talkH = body - l.treeH - 1 // its title stands above
	l.treeH--
	return l
}

// at is the pane under a cell, and the cell's place in it; panes for none.
func (l layout) at(x, y int) (p pane, col, row int) {
	row = y - l.head
	switch {
	case l.tooSmall || row < 0 || y >= l.h-l.foot:
		return panes, 0, 0
	case x < l.picW:
		return panePicture, x, row
	case x < l.sideX:
		return panes, 0, 0
	case y >= l.treeY:
		return paneTree, x - l.sideX, y - l.treeY
	}
	return paneTalk, x - l.sideX, row
}

// View implements tea.Model.
func (m *Model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = "pentimento"
	if m.seen.Tree.File != "" {
		v.WindowTitle = "pentimento " + clean(filepath.Base(m.seen.Tree.File))
	}
	if m.opt.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	l := m.layout()
	if m.w == 0 || m.h == 0 {
		return v
	}
	if l.tooSmall {
		v.Content = strings.Join(block([]string{"a larger window, please"}, m.w, m.h), "\n")
		return v
	}
	var lines []string
	if l.head > 0 {
		lines = append(lines, m.header())
	}
	lines = append(lines, m.body(l)...)
	if l.foot > 2 {
		lines = append(lines, m.status(l))
	}
	prompt, cursor := m.prompt(l)
	lines = append(lines, prompt, m.footer(l))
	v.Content = strings.Join(lines, "\n")
	if m.typing && (m.over == overNone || m.filling()) {
		v.Cursor = tea.NewCursor(min(cursor, m.w-1), m.h-2)
		v.Cursor.Shape = tea.CursorBar
	}
	return v
}

func (m *Model) header() string {
	t := m.theme
	left := t.badge.Render(" pentimento ")
	if m.seen.After != nil {
		tree := m.seen.Tree
		left += " " + t.you.Render(clean(filepath.Base(tree.File))) + t.faint.Render(fmt.Sprintf(" %d×%d", m.seen.After.W, m.seen.After.H))
		where := "the original"
		if tree.Head != session.Original {
			where = fmt.Sprintf("turn %d", tree.Head)
		}
		for _, b := range tree.Branches {
			if b.Current && len(tree.Branches) > 1 {
				where += " on " + clean(b.Name)
			}
		}
		left += t.faint.Render(" · ") + where
	}
	switch m.compare {
	case compareBefore:
		left += t.faint.Render(" · ") + t.warn.Render("before")
	case compareSplit:
		left += t.faint.Render(" · ") + t.warn.Render("before │ after")
	case compareDifference:
		left += t.faint.Render(" · ") + t.warn.Render("differences")
	case picture.After:
	}
	if m.lens.Zoom > 1 {
		left += t.faint.Render(fmt.Sprintf(" · %.1f×", m.lens.Zoom))
	}
	right := ""
	if m.w >= 80 {
		right = t.faint.Render("best ") + t.key.Render(dial(m.alpha)) + t.faint.Render(" draft")
	}
	if m.ready != nil && m.ready.Device != "" && m.w >= 100 {
		right += t.faint.Render(" · " + m.ready.Device)
	}
	gap := m.w - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 1 {
		return fit(left, m.w)
	}
	return left + strings.Repeat(" ", gap) + right
}

// body is what lies between header and prompt.
func (m *Model) body(l layout) []string {
	h := l.h - l.head - l.foot
	if m.over != overNone {
		return block(m.overlayLines(l.w, h), l.w, h)
	}
	if l.single {
		switch m.focus {
		case paneTalk:
			return block(m.talkLines(l.w, l.talkH), l.w, h)
		case paneTree:
			return block(m.treeLines(l.w, l.treeH), l.w, h)
		case panePicture, panes:
		}
		return m.pictureLines(l)
	}
	pic := m.pictureLines(l)
	side := []string{m.title("conversation", l.sideW, m.focus == paneTalk)}
	side = append(side, block(m.talkLines(l.sideW, l.talkH-1), l.sideW, l.talkH)...)
	side = append(side, m.title("history", l.sideW, m.focus == paneTree))
	side = append(side, block(m.treeLines(l.sideW, l.treeH), l.sideW, l.treeH)...)
	bar := m.theme.rule.Render("│")
	out := make([]string, h)
	for i := range out {
		out[i] = pic[i] + bar + side[i]
	}
	return out
}

func (m *Model) title(name string, w int, focused bool) string {
	style := m.theme.title
	if focused && !m.typing {
		style, name = m.theme.accent, "▸ "+name
	}
	head := " " + style.Render(name) + " "
	return head + m.theme.rule.Render(strings.Repeat("─", max(0, w-ansi.StringWidth(head))))
}

// pictureLines are the drawn picture, or what is said while there is none that fits.
func (m *Model) pictureLines(l layout) []string {
	if m.fatal != "" {
		return middle(append(wrap(m.theme.bad.Render("✗ ")+m.fatal, max(4, l.picW-4), "  "), "", m.theme.faint.Render("q leaves")), l.picW, l.picH)
	}
	if m.opening {
		return middle([]string{m.theme.faint.Render("opening the picture " + m.spin())}, l.picW, l.picH)
	}
	f := m.frame
	if f.Place.PaneCols != l.picW || f.Place.PaneRows != l.picH || len(f.Lines) != l.picH {
		return block(nil, l.picW, l.picH) // the frame of this size is being drawn
	}
	return f.Lines
}

// middle puts lines into the middle of a pane.
func middle(lines []string, w, h int) []string {
	var out []string
	for range max(0, (h-len(lines))/2) {
		out = append(out, "")
	}
	for _, s := range lines {
		out = append(out, strings.Repeat(" ", max(0, (w-ansi.StringWidth(s))/2))+s)
	}
	return block(out, w, h)
}

var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

func (m *Model) spin() string {
	return spinner[int(m.now.UnixMilli()/frames.Milliseconds())%len(spinner)]
}

// status is the line above the prompt: what just happened, else how the request goes.
func (m *Model) status(l layout) string {
	t := m.theme
	left := ""
	switch {
	case m.job != nil:
		left = m.progress(l.w)
		if m.said != "" {
			left += t.faint.Render(" · ") + m.said
		}
	case m.finding:
		left = " " + t.accent.Render(m.spin()) + " " + m.said
	case m.said != "":
		left = " " + m.said
	case m.ready == nil && !m.opening && m.fatal == "":
		left = " " + t.faint.Render("models load "+m.spin())
	}
	return fit(left, l.w)
}

// progress is how far the request is, and about how long it still takes.
func (m *Model) progress(w int) string {
	j, t := m.job, m.theme
	fraction, left := j.left(m.now)
	out := " " + t.accent.Render(m.spin()) + " "
	if w >= 60 {
		out += t.accent.Render(bar(fraction, 16)) + " "
	}
	if j.stopping {
		out += t.warn.Render("stopping")
	} else {
		out += secondsText(m.now.Sub(j.began).Seconds())
		if left >= 0 {
			out += t.faint.Render(fmt.Sprintf(", about %s left", secondsText(max(left, 0.1))))
		}
	}
	if n := len(m.queue); n > 0 {
		out += t.faint.Render(fmt.Sprintf(" · %d waiting", n))
	}
	return out
}

// prompt is the line to type in, and the column of its cursor.
func (m *Model) prompt(l layout) (line string, cursor int) {
	t := m.theme
	lead, hint := "› ", "ask for an edit, e.g. “make the dog's ball blue”"
	switch m.purpose {
	case forReject:
		lead, hint = "why rejected › ", "what is wrong with it? (may be empty)"
	case forExport:
		lead, hint = "save as › ", "a path ending in .png, .jpg, .webp or .tiff; empty: beside the original"
	case forBranch:
		lead, hint = "branch › ", "its name"
	case forPhrase:
		lead, hint = "what is it › ", "red ball"
	case forSetting:
		lead, hint = m.setting+" › ", "empty: as it was made"
	case forRequest:
		if len(m.seen.Regions) > 0 {
			hint = "ask for an edit; numbers mean regions, e.g. “recolor 1 to teal”"
		}
	}
	if !m.typing {
		text := t.faint.Render("i types a request")
		if v := m.input.Value(); v != "" {
			text = t.faint.Render(clean(v))
		}
		return fit(" "+t.faint.Render("› ")+text, l.w), 0
	}
	lead = " " + lead
	n := ansi.StringWidth(lead)
	if m.input.Value() == "" {
		return fit(t.accent.Render(lead)+t.faint.Render(hint), l.w), n
	}
	m.input.SetWidth(max(1, l.w-n-1))
	at := n
	if c := m.input.Cursor(); c != nil {
		at += c.X
	}
	return fit(t.accent.Render(lead)+m.input.View(), l.w), at
}

// footer lists keys that do something now, in the order of their rank, as many as there is room for.
func (m *Model) footer(l layout) string {
	t := m.theme
	var keys []*binding
	for i := range table {
		if b := &table[i]; b.foot > 0 && b.holds(m) && b.reason(m) == "" && m.wanted(b) {
			keys = append(keys, b)
		}
	}
	slices.SortStableFunc(keys, func(a, b *binding) int { return a.foot - b.foot })
	// The way to all other keys is always there, at the end.
	last := ""
	if b, ok := m.find("?"); ok && b.in == looking && m.pen == penNone {
		last = t.key.Render("?") + t.faint.Render(" all keys ")
	}
	out := " "
	room := l.w - ansi.StringWidth(last)
	for _, b := range keys {
		if b.keys[0] == "?" {
			continue
		}
		item := t.key.Render(shortKey(b)) + t.faint.Render(" "+b.label+"  ")
		if ansi.StringWidth(out)+ansi.StringWidth(item) > room {
			continue
		}
		out += item
	}
	return fit(fit(out, room)+last, l.w)
}

// wanted leaves out of the footer what would only be in the way there.
func (m *Model) wanted(b *binding) bool {
	if m.pen != penNone {
		return b.in == pointing
	}
	if b.in == anywhere && b.group == groupWork {
		return m.job != nil
	}
	if b.keys[0] == "space" || b.keys[0] == "w" || b.keys[0] == "a" {
		return m.job == nil
	}
	return true
}

func shortKey(b *binding) string {
	switch b.keys[0] {
	case "left":
		return "←→↑↓"
	case "up":
		return "↑↓"
	case "+":
		return "+ -"
	}
	return b.keys[0]
}
