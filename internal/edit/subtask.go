package edit

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Subtask is one step of a plan.
type Subtask struct {
	ID     int            `json:"id"`               // 1-based, unique in the plan
	Task   string         `json:"task"`             // task type, a word of the tool docs: "object-removal"
	Object string         `json:"object,omitempty"` // object phrase as written: "red car on the left"
	Target string         `json:"target,omitempty"` // what it becomes, as written: "teal"
	Args   map[string]Arg `json:"args,omitempty"`   // typed values by input-port name
	Region string         `json:"region,omitempty"` // a place the edit is limited to, as written
	After  []int          `json:"after,omitempty"`  // ids that must be done first
	Clause string         `json:"clause,omitempty"` // the words of the request it serves
	// Except are object phrases whose place the edit leaves as it was: "the bench
	// but not the dog", "keep the bicycle as it is". With no Object it limits an edit of the whole picture.
	Except []string `json:"except,omitempty"`
	// Like is an object phrase whose dominant colour is the target colour: "the same colour as the door".
	Like string `json:"like,omitempty"`
	// Optional says that finding no such object is no failure: "if there are any".
	Optional bool `json:"optional,omitempty"`
	// Grow widens the outline of what is edited by so many pixels, in [-MaxOutline, MaxOutline];
	// a negative number shrinks it.
	Grow float64 `json:"grow,omitempty"`
	// Feather softens that outline, in [0, MaxOutline]: so many pixels on each side it is neither in nor out.
	Feather float64 `json:"feather,omitempty"`
}

// MaxOutline is the most pixels by which an outline may be grown, shrunk or feathered.
const MaxOutline = 500

// Reshaped says in words what the subtask does to the outline, "" when nothing.
func (s *Subtask) Reshaped() string {
	var how []string
	if s.Grow > 0 {
		how = append(how, fmt.Sprintf("grown by %g pixels", s.Grow))
	}
	if s.Grow < 0 {
		how = append(how, fmt.Sprintf("shrunk by %g pixels", -s.Grow))
	}
	if s.Feather > 0 {
		how = append(how, fmt.Sprintf("feathered by %g pixels", s.Feather))
	}
	return strings.Join(how, " and ")
}

// Arg is a typed argument that a request gives a tool: text, colour or number.
// In JSON a number is a number, a text is a string, and a colour is a string
// that begins with "color:".
type Arg struct{ Value Artifact }

const colorPrefix = "color:"

// MarshalJSON implements json.Marshaler.
func (a Arg) MarshalJSON() ([]byte, error) {
	switch v := a.Value.(type) {
	case Number:
		return json.Marshal(float64(v))
	case Color:
		return json.Marshal(colorPrefix + v.String())
	case Text:
		return json.Marshal(string(v))
	}
	return nil, fmt.Errorf("an argument is a text, a colour or a number, not %T", a.Value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Arg) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case float64:
		a.Value = Number(v)
		return nil
	case string:
		if len(v) > len(colorPrefix) && v[:len(colorPrefix)] == colorPrefix {
			var c Color
			if err := c.UnmarshalText([]byte(v[len(colorPrefix):])); err != nil {
				return err
			}
			a.Value = c
			return nil
		}
		a.Value = Text(v)
		return nil
	}
	return fmt.Errorf("an argument is a string or a number, not %s", b)
}

// Plan is the ordered list of subtasks a request was split into.
type Plan struct {
	Request  string    `json:"request"`
	Planner  string    `json:"planner"` // "grammar", "llm" or "file"
	Subtasks []Subtask `json:"subtasks"`
	Notices  []string  `json:"notices,omitempty"`
	// Alternatives are further ways to do some of it, between which cost and quality decide.
	Alternatives []Alternative `json:"alternatives,omitempty"`
}

// History is what earlier turns did and the objects now numbered in the
// picture: a value, filled from files in tests and by sessions.
type History struct {
	Turns   []Turn           `json:"turns,omitempty"`
	Regions []NumberedRegion `json:"regions,omitempty"`
}

// Turn is one earlier request with the subtasks it led to.
type Turn struct {
	Request  string    `json:"request"`
	Subtasks []Subtask `json:"subtasks"`
}

// NumberedRegion is an object of the picture that a person may name by number.
type NumberedRegion struct {
	Number int    `json:"number"`
	Phrase string `json:"phrase"`
	Box    Box    `json:"box"`
}
