package session

import (
	"context"
	"io"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// Options may be left empty.
type Options struct {
	// MaxBytes is the most that all sessions together may take on disk; 0: DefaultMaxBytes.
	MaxBytes int64
	// Now reads the clock; nil: time.Now.
	Now func() time.Time
}

// DefaultMaxBytes bounds the pictures of all sessions where Options do not.
const DefaultMaxBytes = 20 << 30

// Sessions are those of one store. It is safe for concurrent use.
type Sessions struct {
	store *store.Store
	max   int64
	now   func() time.Time
}

// Session is one picture's tree of turns. It is safe for concurrent use; another
// process cannot change it while it is open.
type Session struct{ in *Sessions }

// API is what the methods below promise; it exists so that views can be tested without a store.
type API interface {
	// Info describes the session as it is now.
	Info() Info
	// Source is what the original's file said.
	Source() Source
	// Head is the turn that is shown and that the next one follows.
	Head() TurnID
	// Turn is the turn of that number; false: there is none.
	Turn(id TurnID) (Turn, bool)
	// Turns lists all turns by number, the original first.
	Turns() []Turn
	// Children lists the turns that follow one, by number.
	Children(id TurnID) []TurnID
	// Path lists the turns from the original to id, both included.
	Path(id TurnID) []TurnID
	// Branches lists the branches by name.
	Branches() []Branch

	// Commit stores a finished turn after parent and makes it the head. When it
	// returns, the turn outlives the process. A *FullError says that the sessions take all they may.
	Commit(ctx context.Context, parent TurnID, t Turn, r Result) (TurnID, error)
	// Goto makes a turn the head.
	Goto(ctx context.Context, id TurnID) error
	// Undo makes the head's parent the head and returns the turn undone; ErrNothing at the original.
	Undo(ctx context.Context) (Turn, error)
	// Redo goes one turn towards the tip of the current branch and returns that turn; ErrNothing at the tip.
	Redo(ctx context.Context) (Turn, error)
	// Branch begins a branch of that name at a turn and makes the turn the head.
	Branch(ctx context.Context, at TurnID, name string) error
	// Name names a turn, "" takes its name away.
	Name(ctx context.Context, id TurnID, name string) error
	// Review records what the person thinks of a turn.
	Review(ctx context.Context, id TurnID, r Review) error
	// Find resolves what a person writes for a turn: a number, a name, a branch, "head" or "original".
	Find(text string) (TurnID, error)

	// State is the picture after a turn, exactly as it was committed.
	State(ctx context.Context, id TurnID) (*pixel.Image, error)
	// Thumbnail is a small 8-bit picture of a turn, its longer side ThumbSide pixels at most.
	Thumbnail(ctx context.Context, id TurnID) (*pixel.Image, error)
	// Mask is what a turn worked on; nil: nothing in particular.
	Mask(ctx context.Context, id TurnID) (*pixel.Mask, error)
	// Regions are the objects numbered in a turn's picture, with their masks.
	Regions(ctx context.Context, id TurnID) ([]Region, error)
	// SetRegions numbers the objects of a turn's picture anew.
	SetRegions(ctx context.Context, id TurnID, regions []Region) error
	// History is what a planner is told of the turns up to id.
	History(id TurnID) edit.History
	// Replay gives a turn another request ("" keeps it) and carries what follows it
	// on the way to the head over to a new branch, whose tip becomes the head.
	// Only what depends on the change is planned and run again.
	Replay(ctx context.Context, from TurnID, request string, run Runner, tell func(ReplayStep)) error
	// Close ends the use of the session and lets other processes have it.
	Close() error
}

// Runner plans and runs a request on a picture: what Replay needs of the engine.
type Runner interface {
	Plan(ctx context.Context, request string, h edit.History) (edit.Plan, error)
	// Run carries out a turn on img. like is the turn that it stands for: its dials,
	// seed and evidence hold. An error, or a result without an Image, ends the replay.
	Run(ctx context.Context, img *pixel.Image, regions []Region, plan edit.Plan, like Turn) (Turn, Result, error)
}

// ReplayStep tells how a replay goes: turn Old has become turn New.
type ReplayStep struct {
	Old    TurnID `json:"old"`
	New    TurnID `json:"new"`
	Copied bool   `json:"copied"` // it did not depend on the change, so nothing ran
	Reason string `json:"reason,omitempty"`
}

// Manager is what Sessions promises.
type Manager interface {
	// New begins a session with a picture and opens it; name is one to 64 letters, digits, - _ . and spaces.
	New(ctx context.Context, name string, img *pixel.Image, src Source) (*Session, error)
	// Load opens a session; a *BusyError says that another process has it open.
	Load(ctx context.Context, name string) (*Session, error)
	// View opens a session to look at; what would change it is an error.
	View(ctx context.Context, name string) (*Session, error)
	// List describes all sessions, the one used last first.
	List(ctx context.Context) ([]Info, error)
	// Delete removes a session. Its space is free after GC.
	Delete(ctx context.Context, name string) error
	// Rename gives a session another name.
	Rename(ctx context.Context, name, to string) error
	// Usage says how much the sessions take and may take, in bytes.
	Usage(ctx context.Context) (used, limit int64, err error)
	// Verify reads everything that a session (all of them: "") keeps and compares it with its digests.
	Verify(ctx context.Context, name string) (Report, error)
	// GC frees what no turn needs. It never touches what one does.
	GC(ctx context.Context) (freed int64, err error)
	// Export writes a session as one file that Import reads elsewhere.
	Export(ctx context.Context, name string, w io.Writer) error
	// Import reads a session from a file under a name ("": the one it had).
	Import(ctx context.Context, r io.ReaderAt, size int64, name string) (Info, error)
}

// Report is what Verify found.
type Report struct {
	Sessions int      `json:"sessions"`
	Turns    int      `json:"turns"`
	Chunks   int      `json:"chunks"`
	Bytes    int64    `json:"bytes"`
	Problems []string `json:"problems"`
}
