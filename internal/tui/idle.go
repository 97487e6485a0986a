package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
)

// This file has the seat learn while nobody asks for anything. A request ends it at once.

// idleMsg says that nothing happened since touched was so.
type idleMsg struct{ touched int }

type learnedMsg struct {
	said string
	err  error
}

// rest notes that the person is there, and waits for a quiet moment.
func (m *Model) rest() tea.Cmd {
	m.touched++
	if m.opt.IdleAfter <= 0 || m.learned {
		return nil
	}
	at := m.touched
	return tea.Tick(m.opt.IdleAfter, func(time.Time) tea.Msg { return idleMsg{at} })
}

// learn begins to learn where it is still quiet.
func (m *Model) learn(msg idleMsg) tea.Cmd {
	if msg.touched != m.touched || m.job != nil || m.finding || m.learning != nil || m.learned || m.seen.After == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.learning = cancel
	return func() tea.Msg {
		defer cancel()
		said, err := m.desk.Learn(ctx)
		return learnedMsg{said, err}
	}
}

// stopLearning gives way to a request.
func (m *Model) stopLearning() {
	m.learned = false
	if m.learning != nil {
		m.learning()
	}
}

// taught takes the end of learning. One that was cut short is gone on with later.
func (m *Model) taught(msg learnedMsg) {
	m.learning = nil
	switch {
	case m.job != nil, errors.Is(msg.err, context.Canceled):
	case msg.err != nil:
		m.learned = true
		m.note(noteFaint, "nothing was learned: "+msg.err.Error())
	default:
		m.learned = true
		if msg.said != "" {
			m.note(noteFaint, msg.said)
		}
	}
}
