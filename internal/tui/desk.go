// Package tui is the artist's seat in a terminal: a picture, a conversation and
// a history, all drawn from one model. Update does no I/O: what touches files,
// models or tools runs in commands over a Desk, and comes back as a message.
package tui

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui/picture"
)

// Desk is what the seat works with: a session, and the tools. Its methods run
// in commands, off the update loop, and are safe for concurrent use.
type Desk interface {
	// Open loads the picture and its history as they were left.
	Open(ctx context.Context) (Seen, error)
	// Warm loads what the first request needs, so that it does not wait.
	Warm(ctx context.Context) (Ready, error)
	// Edit carries out a request and commits what was finished as a turn; when
	// ctx ends, what was finished till then. A reply without a Seen changed nothing.
	Edit(ctx context.Context, a Ask, emit func(edit.Event)) (Reply, error)
	// Skip gives up the call that runs now, as if it had failed, and reports whether one ran.
	Skip() bool
	// Ways are the ways to do a request that no other beats in both cost and quality, the
	// quickest first, then those that are next-best where what was tried is left out.
	Ways(ctx context.Context, a Ask) ([]Way, error)
	// Goto makes a turn the one that is shown.
	Goto(ctx context.Context, id session.TurnID) (Seen, error)
	// Branch begins a line of work of that name at a turn.
	Branch(ctx context.Context, at session.TurnID, name string) (Tree, error)
	// Review records what the person thinks of a turn.
	Review(ctx context.Context, id session.TurnID, r session.Review) (Tree, error)
	// Objects finds what the installed detectors know in a turn's picture, by box.
	Objects(ctx context.Context, id session.TurnID) ([]session.Region, error)
	// Outline fills in the mask of a region from its box and points. An error
	// with a mask says why the mask is the box itself.
	Outline(ctx context.Context, id session.TurnID, r session.Region, points edit.Points) (session.Region, error)
	// SetRegions keeps the numbered regions of a turn.
	SetRegions(ctx context.Context, id session.TurnID, regions []session.Region) error
	// Export writes the picture of a turn to a file ("": a new one beside the
	// original) and returns its path. A file that exists is not written over.
	Export(ctx context.Context, id session.TurnID, path string) (string, error)
	// Learn looks in the traces of what was done for toolpaths that pay and tries them out,
	// until ctx ends; said is what came of it, "" where there was nothing to do.
	Learn(ctx context.Context) (said string, err error)
	// Settings lists what is set and where from; a key's value is never in it.
	Settings(ctx context.Context) ([]Setting, error)
	// Set writes a setting into the person's file ("" takes it out) and lists all anew.
	Set(ctx context.Context, key, value string) ([]Setting, error)
	// TryModel asks the language model that is set for a word, with its key.
	TryModel(ctx context.Context) (said string, err error)
	// Pull fetches the models of a tool and lists all tools anew; progress is told the share that is here.
	Pull(ctx context.Context, tool string, progress func(fraction float64)) ([]Tool, error)
	// Watch waits until a tool's doc changes, loads all of them and says what changed.
	Watch(ctx context.Context) (tools []Tool, said string, err error)
	// Tools lists every tool with its state.
	Tools() []Tool
}

// Ready says what runs models here.
type Ready struct {
	Device  string
	Notices []string
}

// Ask is one request, with what the person set for it.
type Ask struct {
	Request string
	Alpha   float64             // 0 the best .. 2 a draft
	Regions []session.Region    // numbered now; a request may name them by number
	Pick    map[int][]string    // calls by subtask: the way chosen among Ways
	Tried   map[int][]string    // by subtask: the calls that completed it before, for Ways
	Boxes   map[string]edit.Box // by object phrase: the candidate chosen where several fitted
	At      session.TurnID      // the turn it follows
}

// Reply is what came of an Ask.
type Reply struct {
	Seen    *Seen // nil: no turn was made
	Summary edit.Summary
}

// Way is one way to do a request.
type Way struct {
	Seconds float64 // estimated
	Quality float64 // estimated
	F       float64 // what ways are chosen by: the less the better
	Calls   map[int][]string
}

// Seen is what is to be shown after a move in the history.
type Seen struct {
	Tree    Tree
	After   *picture.Pyramid
	Before  *picture.Pyramid // of the parent; nil for the original
	Regions []session.Region
	Mask    *pixel.Mask // what the last turn worked on, at Before's size; nil: not known
	Notices []string
}

// Tree is the history.
type Tree struct {
	Name     string // of the session
	File     string // that the picture came from
	Turns    []session.Turn
	Branches []session.Branch
	Head     session.TurnID
	Thumbs   map[session.TurnID]*pixel.Image
}

// Turn is the turn of an id.
func (t *Tree) Turn(id session.TurnID) (session.Turn, bool) {
	for _, n := range t.Turns {
		if n.ID == id {
			return n, true
		}
	}
	return session.Turn{}, false
}

// Path lists the turns from the original to id.
func (t *Tree) Path(id session.TurnID) []session.Turn {
	var path []session.Turn
	for {
		n, ok := t.Turn(id)
		if !ok {
			return path
		}
		path = append([]session.Turn{n}, path...)
		if n.ID == n.Parent {
			return path
		}
		id = n.Parent
	}
}

// next is where a redo leads from a turn: towards the tip of the current
// branch, else to the turn made last.
func (t *Tree) next(id session.TurnID) (session.TurnID, bool) {
	for _, b := range t.Branches {
		if !b.Current {
			continue
		}
		path := t.Path(b.Tip)
		for i := range path[:max(0, len(path)-1)] {
			if path[i].ID == id {
				return path[i+1].ID, true
			}
		}
	}
	for i := len(t.Turns) - 1; i >= 0; i-- {
		if n := t.Turns[i]; n.Parent == id && n.ID != id {
			return n.ID, true
		}
	}
	return 0, false
}

// Tool is one line of the pane of tools.
type Tool struct {
	Name, Title, State, Reason string
	Tasks                      []string
}
