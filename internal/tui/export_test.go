package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"pentimento/internal/edit"
)

// Progress is the message that brings an event of the running request.
func Progress(m *Model, e edit.Event) tea.Msg {
	return eventsMsg{of: m.job.stream, events: []edit.Event{e}}
}

// Idle has the seat learn after so long a rest.
func (m *Model) Idle(after time.Duration) { m.opt.IdleAfter = after }
