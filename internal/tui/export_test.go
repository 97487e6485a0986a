package tui

import (
	tea "charm.land/bubbletea/v2"

	"pentimento/internal/edit"
)

// Progress is the message that brings an event of the running request.
func Progress(m *Model, e edit.Event) tea.Msg {
	return eventsMsg{of: m.job.stream, events: []edit.Event{e}, closed: true}
}
