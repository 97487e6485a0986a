package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

type entryKind int

const (
	entryYou entryKind = iota
	entryNote
	entryTurn
)

type noteKind int

const (
	noteFaint noteKind = iota
	noteWarn
	noteBad
	noteGood
)

// entry is one piece of the conversation.
type entry struct {
	kind    entryKind
	note    noteKind
	text    string
	subs    []*subtask
	seconds float64
	stopped bool
	past    bool // of an earlier sitting
}

// mostNotes bounds the conversation that is kept in memory.
const mostTalk = 400

// note adds a line to the conversation; the same line twice in a row says nothing more.
func (m *Model) note(kind noteKind, text string) {
	text = clean(text)
	if n := len(m.talk); n > 0 && m.talk[n-1].kind == entryNote && m.talk[n-1].text == text {
		return
	}
	m.talk = append(m.talk, entry{kind: entryNote, note: kind, text: text})
	if len(m.talk) > mostTalk {
		m.talk = m.talk[len(m.talk)-mostTalk:]
	}
}

// talkLines are the last lines of the conversation that fit, less those scrolled back.
func (m *Model) talkLines(w, h int) []string {
	var lines []string
	want := h + m.back
	add := func(more []string) { lines = append(slices.Clone(more), lines...) }
	for _, a := range slices.Backward(m.queue) {
		add(paragraph(m.theme.faint.Render(" ◷ "), m.theme.faint, clean(a.Request)+" (waits)", w))
	}
	if m.job != nil {
		add(m.jobLines(w))
	}
	for i := len(m.talk) - 1; i >= 0 && len(lines) < want; i-- {
		add(m.entryLines(&m.talk[i], w))
	}
	if len(lines) == 0 && m.seen.After != nil {
		return m.welcome(w)
	}
	m.back = min(m.back, max(0, len(lines)-h))
	end := len(lines) - m.back
	return lines[max(0, end-h):end]
}

// welcome says what can be done where nothing was said yet.
func (m *Model) welcome(w int) []string {
	t := m.theme
	var out []string
	for _, s := range []string{
		"", " Say what to change, in plain words:",
		t.accent.Render("   make the car teal and remove the bench"), t.accent.Render("   blur the background"), "",
		" " + t.key.Render("esc") + " leaves the prompt, then:", "   " + t.key.Render("n") + " numbers the objects; “recolor 3 to pink”",
		"   " + t.key.Render("space") + " before and after   " + t.key.Render("z") + " undo", "   " + t.key.Render("?") + " lists every key",
	} {
		out = append(out, fit(s, w))
	}
	return out
}

func (m *Model) entryLines(e *entry, w int) []string {
	t := m.theme
	switch e.kind {
	case entryYou:
		return append([]string{""}, paragraph(" "+t.accent.Render("›")+" ", t.you, clean(e.text), w)...)
	case entryNote:
		style, sign := t.faint, "·"
		switch e.note {
		case noteWarn:
			style, sign = t.warn, "!"
		case noteBad:
			style, sign = t.bad, "✗"
		case noteGood:
			style, sign = t.good, "✓"
		case noteFaint:
		}
		lines := paragraph(" "+style.Render(sign)+" ", style.UnsetBold(), e.text, w-1)
		if len(lines) > 5 {
			lines = append(lines[:4], fit("   …", w))
		}
		return lines
	case entryTurn:
	}
	var out []string
	for _, s := range e.subs {
		out = append(out, m.subtaskLines(s, w, e.past)...)
	}
	if e.stopped {
		out = append(out, " "+t.warn.Render("■ stopped"))
	}
	return out
}

// jobLines are the plan with its live steps.
func (m *Model) jobLines(w int) []string {
	if len(m.job.subs) == 0 {
		return []string{" " + m.theme.accent.Render(m.spin()) + m.theme.faint.Render(" planning")}
	}
	var out []string
	for _, s := range m.job.subs {
		out = append(out, m.subtaskLines(s, w, false)...)
	}
	return out
}

// subtaskLines are a subtask's state and title, and below it its steps.
func (m *Model) subtaskLines(s *subtask, w int, past bool) []string {
	t := m.theme
	sign := t.faint.Render("○")
	running := slices.ContainsFunc(s.steps, func(st *step) bool { return st.running })
	switch {
	case s.status == edit.StatusDone:
		sign = t.good.Render("✓")
	case s.status == edit.StatusSkipped:
		sign = t.warn.Render("–")
	case s.status == edit.StatusAmbiguous:
		sign = t.warn.Render("?")
	case s.status != "":
		sign = t.bad.Render("✗")
	case running || len(s.path) > 0:
		sign = t.accent.Render(m.spin())
	}
	head := " " + sign + " " + subtaskTitle(&s.st)
	tail := ""
	if s.status == edit.StatusDone {
		tail = fmt.Sprintf("%.2f", s.quality)
		if s.seconds > 0 {
			tail = secondsText(s.seconds) + "  " + tail
		}
		if s.via != "" {
			tail = s.by() + "  " + tail
		}
	} else if s.status == "" && s.via != "" {
		tail = s.by()
	}
	out := columns(head, t.faint.Render(tail), w)
	switch {
	case len(s.steps) > 0:
		for _, st := range s.steps {
			out = append(out, m.stepLines(st, w)...)
		}
		if left := s.ahead(); s.status == "" && len(left) > 0 {
			out = append(out, paragraph(t.faint.Render("   ○ "), t.faint, strings.Join(left, " → "), w)...)
		}
	case len(s.path) > 0 && (past || s.status == ""):
		out = append(out, paragraph("   ", t.faint, strings.Join(s.path, " → "), w)...)
	}
	if s.reason != "" && s.status != edit.StatusDone && s.status != edit.StatusAmbiguous {
		first, _, _ := strings.Cut(s.reason, "\n")
		out = append(out, paragraph("   ", t.warn, clean(first), w)...)
	}
	for _, line := range answers(s.result) {
		out = append(out, fit("   "+clean(line), w))
	}
	return out
}

// by says how the path was found.
func (s *subtask) by() string {
	if s.via == "subroutine" && s.rule != "" {
		return "by subroutine " + clean(s.rule)
	}
	return "by " + s.via
}

// ahead are the calls of the path that have not begun.
func (s *subtask) ahead() []string {
	var out []string
	for _, c := range s.path {
		if s.last(c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// stepLines are one call: state, tool, progress or seconds, quality.
func (m *Model) stepLines(st *step, w int) []string {
	t := m.theme
	switch {
	case st.running:
		tail := secondsText(max(0, m.now.Sub(st.began).Seconds()))
		if st.fraction > 0 {
			tail = t.accent.Render(bar(st.fraction, 8)) + " " + tail
		}
		return columns("   "+t.accent.Render("●")+" "+st.call, tail, w)
	case st.failed != "":
		out := columns("   "+t.bad.Render("✗")+" "+st.call, t.faint.Render(secondsText(st.seconds)), w)
		first, _, _ := strings.Cut(st.failed, "\n")
		return append(out, paragraph("     ", t.faint, clean(first), w)...)
	}
	tail := secondsText(st.seconds)
	if st.cached {
		tail = "at hand"
	}
	if st.quality > 0 {
		tail += fmt.Sprintf("  %.2f", st.quality)
	}
	return columns("   "+t.good.Render("✓")+" "+st.call, t.faint.Render(tail), w)
}

// columns puts a text left and another right; where they do not fit, on lines of their own.
func columns(left, right string, w int) []string {
	gap := w - 1 - width(left) - width(right)
	if gap >= 1 {
		return []string{left + strings.Repeat(" ", gap) + right + " "}
	}
	lines := wrap(left, w, "   ")
	if width(right) == 0 {
		return lines
	}
	last := len(lines) - 1
	if gap = w - 1 - width(lines[last]) - width(right); gap >= 1 {
		lines[last] += strings.Repeat(" ", gap) + right + " "
		return lines
	}
	return append(lines, strings.Repeat(" ", max(0, w-1-width(right)))+right)
}

// subtaskTitle is a subtask in words: recoloration of the dog's ball → blue.
func subtaskTitle(st *edit.Subtask) string {
	s := strings.ReplaceAll(st.Task, "-", " ")
	if st.Object != "" {
		s += ": " + clean(st.Object)
	}
	if st.Target != "" {
		s += " → " + clean(st.Target)
	}
	if st.Like != "" {
		s += " like the " + clean(st.Like)
	}
	if len(st.Except) > 0 {
		s += ", not the " + clean(strings.Join(st.Except, ", the "))
	}
	if how := st.Reshaped(); how != "" {
		s += ", " + how
	}
	return s
}

// answers are what a read-only subtask found, a line each, at most eight.
func answers(result any) []string {
	r, ok := result.(map[string]any)
	if !ok {
		return nil
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(r)) {
		switch a := r[key].(type) {
		case []edit.Box:
			for i, b := range a {
				out = append(out, fmt.Sprintf("%d %s at %s, %.2f", i+1, b.Label, b, b.Score))
			}
		case edit.Spans:
			for _, s := range a {
				out = append(out, fmt.Sprintf("“%s” at %s", s.Text, s.Bounds()))
			}
		case map[string]float64:
			for _, k := range slices.Sorted(maps.Keys(a)) {
				out = append(out, fmt.Sprintf("%s %.3g", k, a[k]))
			}
		case map[string]any:
		default:
			out = append(out, fmt.Sprintf("%s: %v", key, a))
		}
	}
	if len(out) > 8 {
		out = append(out[:7], fmt.Sprintf("and %d more", len(out)-7))
	}
	return out
}
