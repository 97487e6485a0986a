// Package session keeps what an artist does to a picture: a tree of turns, each
// with its request, its plan and the picture that came of it. Pictures are kept
// as tiles by their content, so that a turn costs what it changed. Undo, redo,
// jumps, branches and names move a pointer and never run a tool.
package session

import (
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
)

// TurnID numbers the turns of a session in the order they were made. The
// original is turn 0; numbers are never used again.
type TurnID int

// Original is the picture that the session began with.
const Original TurnID = 0

// MainBranch is the branch that a session begins on.
const MainBranch = "main"

// Turn is one request and what came of it. Turns are values: changing one changes nothing stored.
type Turn struct {
	ID      TurnID       `json:"id"`
	Parent  TurnID       `json:"parent"` // of the original: itself
	Time    time.Time    `json:"time"`
	Name    string       `json:"name,omitempty"` // given by the person, one of its kind in the session
	Request string       `json:"request,omitempty"`
	Plan    edit.Plan    `json:"plan"`
	Summary edit.Summary `json:"summary"`
	// Recipe is how it was done, for export and for exact repetition; nil where it is not known.
	Recipe *recipe.Turn  `json:"recipe,omitempty"`
	Made   recipe.Source `json:"made,omitempty"` // what the turn makes of the picture
	// Copied says that no tool ran for it: what an earlier turn did was carried over by Replay.
	Copied bool   `json:"copied,omitempty"`
	Review Review `json:"review,omitzero"`
	W      int    `json:"width"` // of the picture after it
	H      int    `json:"height"`
}

// Review is what the person thinks of a turn; it outweighs the judge.
type Review struct {
	Verdict string `json:"verdict"` // Accepted, Rejected or ""
	Reason  string `json:"reason,omitempty"`
}

// The verdicts of a Review.
const (
	Accepted = "accepted"
	Rejected = "rejected"
)

// Result is what a turn made.
type Result struct {
	Image *pixel.Image // after the turn; every sample, the alpha and the profile are kept
	// Mask is what the turn worked on, at the size of the picture before it; nil: none.
	Mask *pixel.Mask
	// Regions are the objects numbered in Image. nil: those of the parent, where the
	// picture has its size still; empty: none.
	Regions []Region
}

// Region is an object of a picture that the person may name by its number.
type Region struct {
	Number int         `json:"number"` // from 1
	Phrase string      `json:"phrase"` // what it is called: "red car"
	Box    edit.Box    `json:"box"`
	Mask   *pixel.Mask `json:"-"` // at the picture's size; nil: the box alone is known
}

// Branch is a line of work: the turns from the original to its tip.
type Branch struct {
	Name string `json:"name"`
	Tip  TurnID `json:"tip"`
	// Current is the branch that the next turn is made on.
	Current bool `json:"current,omitempty"`
}

// Info describes a session without opening it.
type Info struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"`   // when it was last changed
	Source  string    `json:"source"` // the file that the picture came from, as the person named it
	Turns   int       `json:"turns"`  // without the original
	Head    TurnID    `json:"head"`
	Branch  string    `json:"branch"`
}

// Source is where a session's picture came from and what its file said beside the samples.
type Source struct {
	Name string       // the file as the person named it, "-" for standard input
	Meta imageio.Meta // of which format, profile, grey, EXIF and XMP are kept for export
}
