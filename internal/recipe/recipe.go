// Package recipe is what an edit leaves in the file it writes: what was asked,
// the plan, the toolpath that was run with the digests of its tools and models,
// and how the picture came to be. It is told in the file's XMP packet and holds
// nothing that varies between runs: no times, no seconds, no paths.
package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"pentimento/internal/edit"
	"pentimento/internal/xmp"
)

// Version is the form of the recipe that this program writes and reads.
const Version = 1

// MaxTurns bounds the history that a file carries.
const MaxTurns = 100

// maxJSON bounds a recipe that is read.
const maxJSON = 1 << 20

// Recipe is the history of a picture's edits, oldest first.
type Recipe struct {
	Version int    `json:"version"`
	Turns   []Turn `json:"turns"`
	// Earlier is the number of turns before these that were left out for want of room.
	Earlier int `json:"earlier,omitempty"`
}

// Turn is one edit: one run of the program from one file to the next.
type Turn struct {
	Program   string    `json:"program"` // name and version
	Request   string    `json:"request,omitempty"`
	Planner   string    `json:"planner"`
	Alpha     float64   `json:"alpha"`
	Threshold float64   `json:"threshold"`
	Seed      int64     `json:"seed"`
	Device    string    `json:"device"` // kind of device: cpu, cuda …
	Input     Picture   `json:"input"`
	Evidence  *Evidence `json:"evidence,omitempty"`
	Steps     []Step    `json:"steps"`
	Output    Output    `json:"output"`
}

// Picture tells pictures apart by their samples.
type Picture struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	SHA256 string `json:"sha256"` // of the decoded samples, upright, hex
}

// Evidence is what the person showed beside the words. Pictures are not kept, only told apart.
type Evidence struct {
	Boxes  map[string][]edit.Box  `json:"boxes,omitempty"`
	Points map[string]edit.Points `json:"points,omitempty"`
	Mask   *Picture               `json:"mask,omitempty"`
	Masks  map[int]Picture        `json:"masks,omitempty"` // by subtask id: of the object that was numbered
	// Beside are those of the numbered objects beside it, by subtask id and phrase.
	Beside map[int]map[string]Picture `json:"beside,omitempty"`
	With   map[string]Picture         `json:"with,omitempty"`
}

// Step is one subtask of the plan with what was run for it.
type Step struct {
	Subtask edit.Subtask `json:"subtask"`
	Status  edit.Status  `json:"status"`
	// Toolpaths are the executions of the subtask in order; none where it failed
	// or there was nothing to do.
	Toolpaths []Toolpath `json:"toolpaths,omitempty"`
}

// Toolpath is one execution: the calls that succeeded, in order.
type Toolpath struct {
	Calls []Call `json:"calls"`
	Asked []Call `json:"asked,omitempty"` // detectors asked for a second opinion
}

// Call is a tool as it was when it ran.
type Call struct {
	Tool    string         `json:"tool"`
	Variant int            `json:"variant,omitempty"`
	Params  map[string]any `json:"params,omitempty"` // the variant's
	Digest  string         `json:"digest"`           // of the tool doc, see edit.ToolSpec
	Models  []string       `json:"models,omitempty"` // sha256 of the model files, hex
}

// ID is the call's id: tool, or tool#variant.
func (c Call) ID() string { return edit.Call{Tool: c.Tool, Variant: c.Variant}.ID() }

// Output is how the turn's picture was written.
type Output struct {
	Format  string `json:"format"`
	Quality int    `json:"quality,omitempty"` // as asked for; 0: the format's own
}

// Namespace and names of the properties.
const (
	Namespace = "urn:pentimento:recipe/1.0/"
	prefix    = "pentimento"
	property  = "Recipe"
)

// Read finds the recipe in an XMP packet; nil when there is none. A recipe that is
// damaged or of a newer form is an edit.UserError.
func Read(packet []byte) (*Recipe, error) {
	if len(packet) == 0 {
		return nil, nil
	}
	d, err := xmp.Parse(packet)
	if err != nil {
		return nil, &edit.UserError{Msg: "its XMP data are damaged", Err: err}
	}
	text, ok := d.Get(Namespace, property)
	if !ok {
		return nil, nil
	}
	return decode(text)
}

func decode(text string) (*Recipe, error) {
	broken := func(err error) error { return &edit.UserError{Msg: "its recipe is damaged", Err: err} }
	if len(text) > maxJSON {
		return nil, broken(errors.New("it is too large"))
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal([]byte(text), &head); err != nil {
		return nil, broken(err)
	}
	if head.Version != Version {
		return nil, &edit.UserError{
			Msg:  fmt.Sprintf("its recipe is of version %d; this program reads version %d", head.Version, Version),
			Hint: "use the program that wrote it",
		}
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	var r Recipe
	if err := dec.Decode(&r); err != nil {
		return nil, broken(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, broken(errors.New("something follows it"))
	}
	if len(r.Turns) == 0 || len(r.Turns) > MaxTurns || r.Earlier < 0 {
		return nil, broken(fmt.Errorf("it has %d turns", len(r.Turns)))
	}
	if _, err := r.text(); err != nil { // an argument of no type
		return nil, broken(err)
	}
	return &r, nil
}

// text is the recipe as JSON, always the same for the same recipe: maps are
// written in the order of their keys.
func (r Recipe) text() (string, error) {
	b, err := json.Marshal(r)
	return string(b), err
}

// Add returns the history with one more turn; r may be nil.
func (r *Recipe) Add(t Turn) Recipe {
	out := Recipe{Version: Version}
	if r != nil {
		out.Earlier = r.Earlier
		out.Turns = append(out.Turns, r.Turns...)
	}
	out.Turns = append(out.Turns, t)
	if n := len(out.Turns) - MaxTurns; n > 0 {
		out.drop(n)
	}
	return out
}

// drop leaves out the n oldest turns.
func (r *Recipe) drop(n int) {
	r.Turns = r.Turns[n:]
	r.Earlier += n
}
