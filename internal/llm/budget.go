package llm

import (
	"context"
	"fmt"
	"sync"
)

// Budget bounds what a Meter lets through. The bounds are soft: an answer under
// way is never cut off for them, the next question is not asked.
type Budget struct {
	Calls  int      // 0: any number
	Tokens int      // 0: any number
	USD    *float64 // nil: any sum
}

// BudgetError says that a question was not asked, since a budget is spent.
type BudgetError struct{ What string }

// Error implements error.
func (e *BudgetError) Error() string { return "the language model is not asked: " + e.What }

// Meter counts what a model costs and stops asking at a budget.
type Meter struct {
	model  Model
	budget Budget

	mu   sync.Mutex
	used Usage
}

// NewMeter measures a model.
func NewMeter(m Model, b Budget) *Meter { return &Meter{model: m, budget: b} }

// Used is what was spent so far.
func (m *Meter) Used() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}

// Chat implements Model.
func (m *Meter) Chat(ctx context.Context, req Request) (Reply, error) {
	if err := m.left(); err != nil {
		return Reply{}, err
	}
	reply, err := m.model.Chat(ctx, req)
	m.mu.Lock()
	defer m.mu.Unlock()
	u := reply.Usage
	u.Calls = max(u.Calls, 1) // a call that failed was one too
	m.used = m.used.Add(u)
	return reply, err
}

func (m *Meter) left() error {
	u := m.Used()
	switch b := m.budget; {
	case b.Calls > 0 && u.Calls >= b.Calls:
		return &BudgetError{fmt.Sprintf("it was asked %d times, the most allowed", u.Calls)}
	case b.Tokens > 0 && u.Tokens() >= b.Tokens:
		return &BudgetError{fmt.Sprintf("%d tokens were used of the %d allowed", u.Tokens(), b.Tokens)}
	case b.USD != nil && u.USD >= *b.USD && (u.USD > 0 || priced(m.model)):
		return &BudgetError{fmt.Sprintf("$%.4g was spent of the $%.4g allowed", u.USD, *b.USD)}
	}
	return nil
}

// priced reports whether a model may cost money: all do, but those that say that they do not.
func priced(m Model) bool {
	p, ok := m.(interface{ Priced() bool })
	return !ok || p.Priced()
}
