package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"pentimento/internal/session"
)

// key is one key press: to what lies open, else to the table, else to the prompt.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	if name != "ctrl+c" {
		m.leaving = false
	}
	if name == "ctrl+c" || name == "ctrl+z" {
		if b, ok := m.find(name); ok {
			return m.press(b)
		}
	}
	if m.over != overNone && !m.filling() {
		return m.overKey(name, msg)
	}
	if !m.typing && m.pen == penNone && len(name) == 1 && name[0] >= '1' && name[0] <= '9' {
		return m.choose(int(name[0] - '0'))
	}
	if m.typing && name == "ctrl+p" && m.purpose != forRequest {
		return nil
	}
	if b, ok := m.find(name); ok {
		return m.press(b)
	}
	if m.typing {
		return m.toInput(msg)
	}
	if m.pen != penNone {
		return nil
	}
	m.say("%s is no key here; ? lists them, i begins a request", name)
	return nil
}

// filling reports whether a value is typed below the pane of settings.
func (m *Model) filling() bool { return m.typing && m.purpose == forSetting }

func (m *Model) toInput(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(msg)
	return cmd
}

func (m *Model) enterPrompt() tea.Cmd { return m.promptFor(forRequest) }

// promptFor opens the prompt for a purpose.
func (m *Model) promptFor(p purpose) tea.Cmd {
	m.typing, m.purpose, m.askedAt = true, p, len(m.asked)
	m.input.Reset()
	return m.input.Focus()
}

func (m *Model) leavePrompt() tea.Cmd {
	if m.purpose != forRequest {
		m.purpose = forRequest
		m.input.Reset()
		m.pen = penNone
		m.stale = true
	}
	m.typing = false
	m.input.Blur()
	return nil
}

// recallPrompt goes through what was asked before.
func (m *Model) recallPrompt(by int) tea.Cmd {
	at := m.askedAt + by
	if m.purpose != forRequest || at < 0 || at > len(m.asked) {
		return nil
	}
	if m.askedAt == len(m.asked) {
		m.draft = m.input.Value()
	}
	m.askedAt = at
	text := m.draft
	if at < len(m.asked) {
		text = m.asked[at]
	}
	m.input.SetValue(text)
	m.input.CursorEnd()
	return nil
}

// send takes what is in the prompt.
func (m *Model) send() tea.Cmd {
	text := strings.TrimSpace(m.input.Value())
	was := m.purpose
	if text == "" && was != forExport && was != forReject && was != forSetting {
		return m.leavePrompt()
	}
	m.input.Reset()
	m.purpose, m.draft = forRequest, ""
	switch was {
	case forReject:
		m.leavePrompt()
		return m.reject(text)
	case forExport:
		m.leavePrompt()
		return m.export(text, false)
	case forBranch:
		m.leavePrompt()
		at := m.seen.Tree.Head
		return func() tea.Msg {
			tree, err := m.desk.Branch(m.ctx, at, text)
			return treeMsg{tree, err, "branch " + text + " begins here"}
		}
	case forSetting:
		m.leavePrompt()
		return m.set(m.setting, text)
	case forPhrase:
		m.leavePrompt()
		return m.nameRegion(text)
	case forRequest:
	}
	if len(m.asked) == 0 || m.asked[len(m.asked)-1] != text {
		m.asked = append(m.asked, text)
	}
	m.askedAt = len(m.asked)
	return m.ask(Ask{Request: text, Alpha: m.alpha})
}

func (m *Model) nextPane() tea.Cmd {
	m.focus = (m.focus + 1) % panes
	m.marked = m.seen.Tree.Head
	m.stale = true
	return nil
}

// escape leaves, one at a time, what is open.
func (m *Model) escape() tea.Cmd {
	switch {
	case len(m.choices) > 0:
		m.choices, m.choosee = nil, ""
	case m.compare != 0:
		m.compare = 0
	case m.chosen != 0:
		m.chosen = 0
	case m.focus != panePicture:
		m.focus = panePicture
	case m.back > 0:
		m.back = 0
	}
	m.stale = true
	return nil
}

func (m *Model) scroll(by int) tea.Cmd {
	m.back = max(0, m.back+by)
	return nil
}

// interrupt stops the request; with nothing to stop, twice within a moment, it leaves.
func (m *Model) interrupt() tea.Cmd {
	if m.job != nil {
		if m.job.stopping && m.leaving {
			return m.quit()
		}
		m.job.stopping, m.leaving = true, true
		m.job.cancel()
		n := len(m.queue)
		m.queue = nil
		m.say("stopping; what is finished is kept" + map[bool]string{true: ", what waited is dropped", false: ""}[n > 0])
		return nil
	}
	if m.leaving && m.now.Sub(m.saidAt) < 3*time.Second {
		return m.quit()
	}
	m.leaving = true
	m.say("ctrl+c again leaves; everything stays as it is")
	return nil
}

func (m *Model) quit() tea.Cmd {
	m.stop()
	return tea.Quit
}

func (m *Model) undo() tea.Cmd {
	t, _ := m.seen.Tree.Turn(m.seen.Tree.Head)
	return m.goTo(t.Parent, "undid “"+t.Request+"”; Z redoes it")
}

func (m *Model) redo() tea.Cmd {
	id, _ := m.seen.Tree.next(m.seen.Tree.Head)
	t, _ := m.seen.Tree.Turn(id)
	return m.goTo(id, "redid “"+t.Request+"”")
}

func (m *Model) jump() tea.Cmd {
	if m.marked == m.seen.Tree.Head {
		m.say("this turn is the one that shows")
		return nil
	}
	return m.goTo(m.marked, "went to turn "+turnName(m.marked))
}

func turnName(id session.TurnID) string {
	if id == session.Original {
		return "the original"
	}
	return itoa(int(id))
}

func (m *Model) goTo(id session.TurnID, what string) tea.Cmd {
	m.moving = true
	return func() tea.Msg {
		seen, err := m.desk.Goto(m.ctx, id)
		return movedMsg{seen, err, what}
	}
}

func (m *Model) moveInTree(by int) tea.Cmd {
	rows := m.treeRows()
	for i, r := range rows {
		if r.turn.ID == m.marked {
			m.marked = rows[max(0, min(i+by, len(rows)-1))].turn.ID
			return nil
		}
	}
	return nil
}

func (m *Model) accept() tea.Cmd {
	return m.review(session.Review{Verdict: session.Accepted}, "accepted")
}

func (m *Model) askReject() tea.Cmd { return m.promptFor(forReject) }

// reject records the reason and goes back to the turn before.
func (m *Model) reject(reason string) tea.Cmd {
	t, _ := m.seen.Tree.Turn(m.seen.Tree.Head)
	record := m.review(session.Review{Verdict: session.Rejected, Reason: reason}, "rejected")
	return tea.Sequence(record, m.goTo(t.Parent, "rejected and undone; w tries another way"))
}

func (m *Model) review(r session.Review, what string) tea.Cmd {
	id := m.seen.Tree.Head
	return func() tea.Msg {
		tree, err := m.desk.Review(m.ctx, id, r)
		return treeMsg{tree, err, what}
	}
}

func (m *Model) askBranch() tea.Cmd { return m.promptFor(forBranch) }
func (m *Model) askExport() tea.Cmd { return m.promptFor(forExport) }

func (m *Model) export(path string, copied bool) tea.Cmd {
	id := m.seen.Tree.Head
	m.say("saving")
	return func() tea.Msg {
		p, err := m.desk.Export(m.ctx, id, path)
		return savedMsg{p, copied, err}
	}
}

func (m *Model) copyPath() tea.Cmd { return m.export("", true) }
