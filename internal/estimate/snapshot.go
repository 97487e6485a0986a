package estimate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Snapshot is everything that estimates were made from, for a run that must
// give the same bytes again.
type Snapshot struct {
	Version   int       `json:"version"`
	Costs     Costs     `json:"costs"`
	Qualities Qualities `json:"qualities"`
	// Rules are the digests of the rules in force, sorted.
	Rules []string `json:"rules,omitempty"`
}

// SnapshotVersion changes when the meaning of a snapshot does.
const SnapshotVersion = 1

// NewSnapshot copies the states, with timings in order of size: states that
// give the same estimates are the same snapshot, in whatever order they were observed.
func NewSnapshot(c Costs, q Qualities, rules []string) Snapshot {
	out := Snapshot{
		Version:   SnapshotVersion,
		Costs:     Costs{Entries: slices.Clone(c.Entries)},
		Qualities: Qualities{Entries: slices.Clone(q.Entries)},
		Rules:     slices.Sorted(slices.Values(rules)),
	}
	for i, e := range out.Costs.Entries {
		e.Latest = slices.SortedFunc(slices.Values(e.Latest), Timing.compare)
		e.Loads = slices.Sorted(slices.Values(e.Loads))
		out.Costs.Entries[i] = e
	}
	slices.SortFunc(out.Costs.Entries, CostEntry.compare)
	slices.SortFunc(out.Qualities.Entries, QualityEntry.compare)
	if len(out.Costs.Entries) == 0 {
		out.Costs.Entries = nil // read back from JSON or never filled: the same
	}
	if len(out.Qualities.Entries) == 0 {
		out.Qualities.Entries = nil
	}
	return out
}

// Hash is the sha256 of the snapshot's canonical JSON, in hex: fixed field
// order, rows sorted, shortest numbers. It fails for values that JSON cannot
// hold, which Observe never lets in.
func (s Snapshot) Hash() (string, error) {
	s = NewSnapshot(s.Costs, s.Qualities, s.Rules)
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("the snapshot of the estimates cannot be written: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
