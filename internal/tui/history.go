package tui

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

// treeRow is a turn in the history with the lines that lead to it.
type treeRow struct {
	turn session.Turn
	lead string // "│ ├ "
	on   bool   // it leads to the turn that shows
	leaf bool   // no turn follows it
}

// treeRows lay the tree out: a turn's first child below it in the same column,
// further children as branches indented beside it.
func (m *Model) treeRows() []treeRow {
	tree := &m.seen.Tree
	children := make(map[session.TurnID][]session.Turn)
	for _, t := range tree.Turns {
		if t.ID != t.Parent {
			children[t.Parent] = append(children[t.Parent], t)
		}
	}
	on := make(map[session.TurnID]bool)
	for _, t := range tree.Path(tree.Head) {
		on[t.ID] = true
	}
	var rows []treeRow
	var walk func(t session.Turn, indent, own string)
	walk = func(t session.Turn, indent, own string) {
		for {
			kids := children[t.ID]
			rows = append(rows, treeRow{t, own, on[t.ID], len(kids) == 0})
			if len(kids) == 0 {
				return
			}
			for _, k := range kids[1:] {
				walk(k, indent+"│ ", indent+"├─")
			}
			t, own = kids[0], indent
		}
	}
	if root, ok := tree.Turn(session.Original); ok {
		walk(root, "", "")
	}
	return rows
}

// Size of a thumbnail in the history, in cells.
const (
	thumbW = 8
	thumbH = 2
)

// treeLines are the turns around the one that is marked, each with its thumbnail where there is room.
func (m *Model) treeLines(w, h int) []string {
	rows := m.treeRows()
	if len(rows) == 0 || h < 1 {
		return nil
	}
	per := 1
	if h >= 3*thumbH && w >= 40 && m.style != picture.Letters {
		per = thumbH
	}
	marked := m.marked
	if m.focus != paneTree || m.typing {
		marked = m.seen.Tree.Head
	}
	at := max(0, slices.IndexFunc(rows, func(r treeRow) bool { return r.turn.ID == marked }))
	fits := max(1, h/per)
	first := max(0, min(at-fits/2, len(rows)-fits))
	var out []string
	for _, r := range rows[first:min(len(rows), first+fits)] {
		out = append(out, m.turnLines(r, w, per, m.focus == paneTree && !m.typing && r.turn.ID == m.marked)...)
	}
	return out
}

func (m *Model) turnLines(r treeRow, w, per int, marked bool) []string {
	t := m.theme
	sign, style := "○", t.faint
	switch {
	case r.turn.ID == m.seen.Tree.Head:
		sign, style = "◉", t.accent
	case r.on:
		sign, style = "●", t.text
	}
	text, detail := "original", ""
	if r.turn.ID != session.Original {
		text = clean(r.turn.Request)
		detail = fmt.Sprintf("%d · quality %.2f", r.turn.ID, r.turn.Summary.Quality)
	}
	if r.turn.Name != "" {
		text = clean(r.turn.Name) + ": " + text
	}
	for _, b := range m.seen.Tree.Branches {
		if b.Tip == r.turn.ID && len(m.seen.Tree.Branches) > 1 {
			detail += " · " + clean(b.Name)
		}
	}
	switch r.turn.Review.Verdict {
	case session.Accepted:
		detail += t.good.Render(" · accepted")
	case session.Rejected:
		detail += t.bad.Render(" · rejected")
		if r.turn.Review.Reason != "" {
			detail += t.faint.Render(": " + clean(r.turn.Review.Reason))
		}
	}
	head := " " + t.rule.Render(r.lead) + style.Render(sign) + " "
	if per == 1 {
		line := fit(head+text+t.faint.Render("  "+detail), w)
		if marked {
			line = t.selected.Render(line)
		}
		return []string{line}
	}
	thumb := thumbLines(m.seen.Tree.Thumbs[r.turn.ID], m.cell)
	if marked {
		head = " " + t.rule.Render(r.lead) + t.accent.Render("▸ ")
		text = t.selected.Render(text)
	}
	below := " " + t.rule.Render(r.lead+"│") + " "
	if r.leaf {
		below = " " + t.rule.Render(strings.ReplaceAll(r.lead, "├─", "│ ")) + "  "
	} else if !r.on && len(r.lead) > 0 {
		below = " " + t.rule.Render(strings.TrimRight(strings.ReplaceAll(r.lead, "├─", "│ "), " ")) + strings.Repeat(" ", 3)
	}
	below = fit(below, width(head))
	return []string{head + thumb[0] + " " + text, below + thumb[1] + " " + t.faint.Render(detail)}
}

// thumbLines draw a thumbnail into its cells.
func thumbLines(img *pixel.Image, cell picture.Cell) []string {
	blank := strings.Repeat(" ", thumbW)
	if img == nil {
		return []string{blank, blank}
	}
	p := picture.NewPyramid(img)
	f := picture.Draw(picture.Scene{After: p}, picture.Fit(img.W, img.H, thumbW, thumbH, cell, picture.Whole), picture.Blocks, cell, 0)
	return f.Lines
}
