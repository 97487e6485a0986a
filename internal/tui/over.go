package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

func (m *Model) show(o overlay) tea.Cmd {
	m.over, m.cursor, m.filter = o, 0, ""
	return nil
}

func (m *Model) showHelp() tea.Cmd    { return m.show(overHelp) }
func (m *Model) showPalette() tea.Cmd { return m.show(overPalette) }

func (m *Model) showTools() tea.Cmd {
	if m.tools == nil {
		m.say("the tools are not looked through yet")
		return nil
	}
	return m.show(overTools)
}

// overKey is a key while a list lies over the panes.
func (m *Model) overKey(name string, msg tea.KeyPressMsg) tea.Cmd {
	last := max(0, m.overCount()-1)
	switch name {
	case "esc", "ctrl+p":
		m.over = overNone
		return nil
	case "up":
		m.cursor = max(0, m.cursor-1)
		return nil
	case "down":
		m.cursor = min(last, m.cursor+1)
		return nil
	case "pgup":
		m.cursor = max(0, m.cursor-10)
		return nil
	case "pgdown":
		m.cursor = min(last, m.cursor+10)
		return nil
	}
	switch m.over {
	case overPalette:
		return m.paletteKey(name, msg)
	case overWays:
		n := 0
		if len(name) == 1 && name[0] >= '1' && name[0] <= '9' {
			n = int(name[0] - '0')
		} else if name == "enter" {
			n = m.cursor + 1
		}
		if n > 0 && n <= len(m.ways) {
			return m.takeWay(n - 1)
		}
	case overSettings:
		return m.settingKey(name)
	case overTools:
		if name == "enter" {
			return m.toolKey(name)
		}
	case overNone, overHelp, overChoose:
	}
	if name == "q" || name == "?" || name == "t" {
		m.over = overNone
	}
	return nil
}

func (m *Model) paletteKey(name string, msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case name == "enter":
		found := m.matches()
		m.over = overNone
		if m.cursor < len(found) {
			if m.purpose == forRequest && found[m.cursor].in != prompting {
				m.leavePrompt()
			}
			return m.press(found[m.cursor])
		}
	case name == "backspace":
		if r := []rune(m.filter); len(r) > 0 {
			m.filter = string(r[:len(r)-1])
		}
		m.cursor = 0
	case msg.Text != "":
		m.filter += clean(msg.Text)
		m.cursor = 0
	}
	return nil
}

// matches are the commands whose help holds all words typed, those that work now first.
func (m *Model) matches() []*binding {
	words := strings.Fields(strings.ToLower(m.filter))
	var works, off []*binding
	for i := range table {
		b := &table[i]
		if b.in == prompting || b.in == pointing || b.in == treeing || b.in == talking || b.keys[0] == "1" || b.keys[0] == "esc" || b.keys[0] == "ctrl+p" {
			continue
		}
		text := strings.ToLower(b.help + " " + b.label + " " + b.group)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			if b.reason(m) == "" {
				works = append(works, b)
			} else {
				off = append(off, b)
			}
		}
	}
	return append(works, off...)
}

// overCount is how many lines the list has that may be marked.
func (m *Model) overCount() int {
	switch m.over {
	case overPalette:
		return len(m.matches())
	case overWays:
		return len(m.ways)
	case overHelp:
		return len(m.helpLines(m.w))
	case overTools:
		return len(m.tools)
	case overSettings:
		return len(m.settings)
	case overNone, overChoose:
	}
	return 0
}

// overlayLines are the list that lies over the panes, scrolled to what is marked.
func (m *Model) overlayLines(w, h int) []string {
	t := m.theme
	title, foot := "", "esc closes"
	var lines []string
	mark := -1
	switch m.over {
	case overHelp:
		title, lines = "keys", m.helpLines(w)
	case overTools:
		title, foot = "tools", "enter fetches the model of the marked one, or stops that · esc closes"
		lines, mark = m.toolLines(w)
	case overSettings:
		title, foot, mark = "settings", "enter changes · backspace as it was made · T tries the language model · esc closes", m.cursor
		lines = m.settingLines(w)
	case overPalette:
		title, foot, mark = "commands: "+m.filter+"▏", "type to find · enter does it · esc closes", m.cursor
		lines = m.paletteLines(w)
	case overWays:
		title, foot, mark = "ways to do “"+clean(m.waysFor.Request)+"”", "enter or its number takes it · esc closes", m.cursor
		lines = m.wayLines(w)
	case overNone, overChoose:
	}
	out := []string{m.title(title, w, true)}
	room := max(1, h-2)
	first := m.cursor
	if mark >= 0 {
		first = max(0, min(mark-room/2, len(lines)-room))
		if mark < len(lines) {
			lines[mark] = t.selected.Render(fit(lines[mark], w))
		}
	}
	first = max(0, min(first, len(lines)-room))
	out = append(out, block(lines[first:min(len(lines), first+room)], w, room)...)
	return append(out, " "+t.faint.Render(foot))
}

// helpLines list the groups of keys, side by side where there is room for two.
func (m *Model) helpLines(w int) []string {
	if w < 110 {
		return m.helpColumn(groups, w)
	}
	half := w / 2
	left, right := m.helpColumn(groups[:3], half), m.helpColumn(groups[3:], w-half)
	n := max(len(left), len(right))
	left, right = block(left, half, n), block(right, w-half, n)
	for i := range left {
		left[i] += right[i]
	}
	return left
}

func (m *Model) helpColumn(of []string, w int) []string {
	t := m.theme
	var out []string
	for _, g := range of {
		out = append(out, "", " "+t.accent.Render(g))
		seen := make(map[string]bool)
		for i := range table {
			b := &table[i]
			if b.group != g || seen[b.help] {
				continue
			}
			seen[b.help] = true
			line := "   " + t.key.Render(fit(m.keysFor(b), 14)) + " " + b.help
			if b.reason(m) != "" { // pressed, it says why
				line = "   " + t.faint.Render(fit(m.keysFor(b), 14)+" "+b.help)
			}
			out = append(out, wrap(line, w-1, strings.Repeat(" ", 18))...)
		}
	}
	return out[1:]
}

// keysFor are all keys with the same help.
func (m *Model) keysFor(of *binding) string {
	var all []string
	for i := range table {
		if b := &table[i]; b.group == of.group && b.help == of.help && b.in == of.in {
			if b.keys[0] == "1" {
				all = append(all, "1–9")
				continue
			}
			all = append(all, b.shown())
		}
	}
	return strings.Join(all, " ")
}

func (m *Model) paletteLines(w int) []string {
	t := m.theme
	var out []string
	for _, b := range m.matches() {
		why := b.reason(m)
		line := "   " + t.key.Render(fit(b.shown(), 12)) + " " + b.help
		if why != "" {
			line = "   " + t.faint.Render(fit(b.shown(), 12)+" "+b.help+" ("+why+")")
		}
		out = append(out, fit(line, w))
	}
	if len(out) == 0 {
		out = []string{"   " + t.faint.Render("no command is called that")}
	}
	return out
}

func (m *Model) wayLines(w int) []string {
	t := m.theme
	var out []string
	for i, way := range m.ways {
		var calls []string
		for _, id := range slices.Sorted(maps.Keys(way.Calls)) {
			calls = append(calls, strings.Join(way.Calls[id], " → "))
		}
		line := fmt.Sprintf(" %s  about %s  quality %.2f  %s", t.accent.Render(fmt.Sprintf("%2d", i+1)), fit(secondsText(way.Seconds), 8), way.Quality,
			t.faint.Render(strings.Join(calls, "; ")))
		out = append(out, fit(line, w))
	}
	return out
}

// toolStates are the states of tools in the order in which they are listed.
var toolStates = []string{"ready", "not installed", "unusable", "broken"}

// toolLines list the tools by state; marked is the line of the one that the cursor is on.
func (m *Model) toolLines(w int) (out []string, marked int) {
	t := m.theme
	n := 0
	for _, state := range toolStates {
		head := len(out) + 1
		for _, tool := range m.listed() {
			if tool.State != state {
				continue
			}
			if head == len(out)+1 {
				out = append(out, "", "")
			}
			sign := map[string]string{"ready": t.good.Render("✓"), "not installed": t.warn.Render("↓")}[state]
			if sign == "" {
				sign = t.bad.Render("✗")
			}
			detail := clean(tool.Title)
			if tool.Reason != "" {
				detail = clean(tool.Reason)
			}
			if p := m.pulling; p != nil && p.tool == tool.Name {
				detail = bar(p.fraction, 20) + fmt.Sprintf(" %.0f %%", 100*p.fraction)
			}
			if n == m.cursor {
				marked = len(out)
			}
			n++
			out = append(out, fit("   "+sign+" "+fit(clean(tool.Name), 26)+" "+t.faint.Render(detail), w))
		}
		if head < len(out) {
			out[head] = fmt.Sprintf(" %s (%d)", t.accent.Render(state), len(out)-head-1)
		}
	}
	if len(out) == 0 {
		return []string{" no tool docs were found"}, 0
	}
	return out[1:], marked - 1
}
