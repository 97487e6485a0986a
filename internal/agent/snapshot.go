package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"pentimento/internal/estimate"
	"pentimento/internal/subroutines"
)

// Snapshot is what ranks toolpaths, at one moment: the estimates and the rules in
// force. Jobs that share one rank alike, whatever is learned meanwhile. Its JSON
// form outlives the process.
type Snapshot struct {
	Version   int                       `json:"version"`
	Costs     estimate.Costs            `json:"costs"`
	Qualities estimate.Qualities        `json:"qualities"`
	Rules     []*subroutines.Subroutine `json:"rules,omitempty"`

	once  sync.Once
	index *subroutines.Index
}

// Snapshot takes one of the engine's store; without a store it is empty, and the docs' priors rank.
func (e *Engine) Snapshot(ctx context.Context) (*Snapshot, error) {
	known, err := recall(ctx, e.Store, e.today())
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Version: estimate.SnapshotVersion, Costs: known.costs, Qualities: known.qualities}
	if e.Subroutines == nil {
		return s, nil
	}
	active, err := e.Subroutines.List(ctx, subroutines.Filter{State: subroutines.Active})
	if err != nil {
		return nil, err
	}
	docs := e.Digests()
	for _, rule := range active {
		if rule.Stale(docs) == "" {
			s.Rules = append(s.Rules, rule)
		}
	}
	return s, nil
}

// ReadSnapshot reads the JSON form.
func ReadSnapshot(text []byte) (*Snapshot, error) {
	var s Snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("the snapshot of the estimates is damaged: %w", err)
	}
	if s.Version != estimate.SnapshotVersion {
		return nil, fmt.Errorf("the snapshot of the estimates has version %d; this program reads %d", s.Version, estimate.SnapshotVersion)
	}
	return &s, nil
}

// Hash names the snapshot as the summaries of the edits that use it do.
func (s *Snapshot) Hash() string {
	known := s.knowledge()
	return known.snapshot(s.Index().Names())
}

// Index is what the rules are chosen from.
func (s *Snapshot) Index() *subroutines.Index {
	s.once.Do(func() { s.index, _ = subroutines.NewIndex(s.Rules) })
	return s.index
}

func (s *Snapshot) knowledge() knowledge {
	return knowledge{costs: s.Costs, qualities: s.Qualities}
}

// JSON is the form that ReadSnapshot reads.
func (s *Snapshot) JSON() ([]byte, error) { return json.Marshal(s) }
