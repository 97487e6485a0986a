package edit

import (
	"strconv"
	"strings"
)

// Call is a tool with its parameters: what the search orders, runs, retries and rules out.
type Call struct {
	Tool    string         `json:"tool"`
	Variant int            `json:"variant,omitempty"` // 0: the doc's own parameters; n: its n-th variant
	Params  map[string]any `json:"params,omitempty"`  // the variant's parameters
}

// ID is unique among the calls of a subtask and stable between runs: "yolox-nano", "yolox-nano#1".
func (c Call) ID() string {
	if c.Variant == 0 {
		return c.Tool
	}
	return c.Tool + "#" + strconv.Itoa(c.Variant)
}

// Toolpath is the sequence of calls that completes one subtask.
type Toolpath []Call

// String joins the calls with arrows.
func (t Toolpath) String() string { return strings.Join(t.IDs(), " → ") }

// IDs lists the calls' ids in order.
func (t Toolpath) IDs() []string {
	ids := make([]string, len(t))
	for i, c := range t {
		ids[i] = c.ID()
	}
	return ids
}
