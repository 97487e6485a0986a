package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// This file is the pane of settings and the part of the pane of tools that pulls models.

// Setting is one line of the pane of settings.
type Setting struct {
	Key, Value, From, Doc string
	Choices               []string // what it may be; none: any text
	Now                   bool     // a change holds at once, not from the next start
}

type (
	settingsMsg struct {
		list []Setting
		said string
		err  error
	}
	toolsMsg struct {
		tools []Tool
		said  string
		err   error
	}
	pullMsg struct {
		tool     string
		fraction float64
	}
	watchMsg struct {
		tools []Tool
		said  string
		err   error
	}
)

// pull is a model on its way.
type pull struct {
	tool     string
	fraction float64
	cancel   context.CancelFunc
	progress chan pullMsg
}

func (m *Model) showSettings() tea.Cmd {
	return func() tea.Msg {
		list, err := m.desk.Settings(m.ctx)
		return settingsMsg{list: list, err: err}
	}
}

// settingsResult takes what the commands of these panes bring back.
func (m *Model) settingsResult(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	switch msg := msg.(type) {
	case settingsMsg:
		m.finding = false
		if m.failed(msg.err) {
			return nil, true
		}
		if msg.list != nil {
			m.settings = msg.list
			m.wear()
		}
		if m.over != overSettings && !m.typing {
			m.show(overSettings)
		}
		if msg.said != "" {
			m.say(msg.said)
		}
	case toolsMsg:
		m.pulling = nil
		if m.failed(msg.err) {
			return nil, true
		}
		m.tools = msg.tools
		m.say(msg.said)
		m.note(noteGood, msg.said)
	case pullMsg:
		if m.pulling != nil && m.pulling.tool == msg.tool {
			m.pulling.fraction = msg.fraction
			return m.pulling.listen(), true
		}
	case watchMsg:
		if m.ctx.Err() != nil {
			return nil, true
		}
		if msg.err != nil {
			m.note(noteBad, "the tools' docs: "+msg.err.Error())
		} else {
			m.tools = msg.tools
			m.note(noteFaint, msg.said)
		}
		return m.watch(), true
	default:
		return nil, false
	}
	return nil, true
}

// watch waits for a doc to change.
func (m *Model) watch() tea.Cmd {
	if !m.opt.Watch {
		return nil
	}
	return func() tea.Msg {
		tools, said, err := m.desk.Watch(m.ctx)
		return watchMsg{tools, said, err}
	}
}

// wear puts on the theme and the colours that are set.
func (m *Model) wear() {
	for _, s := range m.settings {
		switch {
		case s.Key == "tui.theme" && s.Value != "auto":
			m.dark = s.Value == "dark"
		case s.Key == "tui.palette":
			m.opt.Safe = s.Value == "safe"
		case s.Key == "tui.mouse":
			m.opt.Mouse = s.Value == "true"
		}
	}
	m.theme, m.stale = newTheme(m.dark, m.opt.Safe), true
}

func (m *Model) settingLines(w int) []string {
	t := m.theme
	var out []string
	for _, s := range m.settings {
		value := s.Value
		if value == "" {
			value = "—"
		}
		if s.From != "" {
			value += " (" + s.From + ")"
		}
		out = append(out, fit(fmt.Sprintf("   %s %s %s", t.key.Render(fit(s.Key, 18)), fit(clean(value), 26), t.faint.Render(clean(s.Doc))), w))
	}
	return out
}

// settingKey is a key in the pane of settings.
func (m *Model) settingKey(name string) tea.Cmd {
	if m.cursor >= len(m.settings) {
		return nil
	}
	s := m.settings[m.cursor]
	switch name {
	case "enter", "space", "right":
		if len(s.Choices) > 0 {
			i := slices.Index(s.Choices, s.Value)
			return m.set(s.Key, s.Choices[(i+1)%len(s.Choices)])
		}
		m.setting = s.Key
		cmd := m.promptFor(forSetting)
		m.input.SetValue(s.Value)
		m.input.CursorEnd()
		return cmd
	case "backspace", "delete":
		return m.set(s.Key, "")
	case "T":
		m.finding = true
		m.say("asking the language model")
		return func() tea.Msg {
			said, err := m.desk.TryModel(m.ctx)
			return settingsMsg{said: said, err: err}
		}
	}
	return nil
}

// set writes a setting; "" takes it out.
func (m *Model) set(key, value string) tea.Cmd {
	return func() tea.Msg {
		list, err := m.desk.Set(m.ctx, key, value)
		said := key + " is " + value
		if value == "" {
			said = key + " is as it was made"
		}
		if i := slices.IndexFunc(list, func(s Setting) bool { return s.Key == key }); i >= 0 && !list[i].Now {
			said += "; it holds from the next start"
		}
		return settingsMsg{list: list, said: said, err: err}
	}
}

// listed are the tools in the order of their pane.
func (m *Model) listed() []Tool {
	var out []Tool
	for _, state := range toolStates {
		for _, t := range m.tools {
			if t.State == state {
				out = append(out, t)
			}
		}
	}
	return out
}

// toolKey is a key in the pane of tools: enter pulls what the marked one lacks.
func (m *Model) toolKey(name string) tea.Cmd {
	list := m.listed()
	if name != "enter" || m.cursor >= len(list) {
		return nil
	}
	t := list[m.cursor]
	switch {
	case m.pulling != nil && m.pulling.tool == t.Name:
		m.pulling.cancel()
		m.say("%s is not fetched any further; what is here is kept", t.Name)
		return nil
	case m.pulling != nil:
		m.say("%s is being fetched; one model at a time", m.pulling.tool)
		return nil
	case t.State != "not installed":
		m.say(strings.TrimSpace(t.Name + ": " + t.State + " " + t.Reason))
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	p := &pull{tool: t.Name, cancel: cancel, progress: make(chan pullMsg, 1)}
	m.pulling = p
	m.say("fetching the model of %s; enter again stops", t.Name)
	run := func() tea.Msg {
		defer cancel()
		defer close(p.progress)
		tools, err := m.desk.Pull(ctx, t.Name, func(fraction float64) {
			select {
			case p.progress <- pullMsg{t.Name, fraction}:
			default: // the one before was not shown yet
			}
		})
		return toolsMsg{tools, t.Name + " is installed", err}
	}
	return tea.Batch(run, p.listen())
}

func (p *pull) listen() tea.Cmd {
	return func() tea.Msg {
		msg, ok := <-p.progress
		if !ok {
			return nil
		}
		return msg
	}
}
