package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
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
const DefaultMaxBytes = 20_000_000_000

// Sessions are those of one store. It is safe for concurrent use.
type Sessions struct {
	store *store.Store
	max   int64
	now   func() time.Time
}

// Open makes the sessions of a store usable. It reads nothing.
func Open(st *store.Store, o Options) *Sessions {
	s := &Sessions{store: st, max: o.MaxBytes, now: o.Now}
	if s.max <= 0 {
		s.max = DefaultMaxBytes
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// NotFoundError says that there is no session of that name.
type NotFoundError struct{ Name string }

// Error implements error.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no session %q; agent sessions list names them", e.Name)
}

// BusyError says that another process has the session open.
type BusyError struct {
	Name string
	PID  int // of the other process; 0: not known
}

// Error implements error.
func (e *BusyError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("another process (%d)", e.PID)
	}
	return fmt.Sprintf("the session %q is open in %s; close it there, or work in another session", e.Name, who)
}

// FullError says that a turn was refused because the sessions take all they may. Need is what it would add; 0: nothing was made yet.
type FullError struct{ Used, Need, Limit int64 }

// Error implements error.
func (e *FullError) Error() string {
	more := ""
	if e.Need > 0 {
		more = fmt.Sprintf(", and this needs %s more; nothing was stored", size(e.Need))
	}
	return fmt.Sprintf("sessions take %s of the %s they may%s\n"+
		"  free space with: agent sessions delete NAME, then agent sessions gc\n"+
		"  or allow more with: agent config set sessions.max_size 50GB", size(e.Used), size(e.Limit), more)
}

func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

// ErrNothing says that there is nothing to undo or to redo.
var ErrNothing = errors.New("there is nothing more")

// errReadOnly answers what would change a session that is only looked at.
var errReadOnly = errors.New("the session was opened to be looked at only")

// checkName refuses what would be no good name of a session, a turn or a branch.
func checkName(kind, name string) error {
	ok := name != "" && len([]rune(name)) <= 64 && name == strings.TrimSpace(name) && name[0] != '-' && name[0] != '.' && name[0] != '#'
	digits := true
	for _, r := range name {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_. ", r))
		digits = digits && unicode.IsDigit(r)
	}
	if kind != "session" {
		ok = ok && !digits && !strings.EqualFold(name, wordHead) && !strings.EqualFold(name, wordOriginal)
	}
	if ok {
		return nil
	}
	e := &edit.UserError{
		Msg:  fmt.Sprintf("%q is no name for a %s", name, kind),
		Hint: "use 1 to 64 letters, digits, spaces, - _ and . , beginning with a letter or digit",
	}
	if kind != "session" {
		e.Hint += fmt.Sprintf("; not a number, %q or %q", wordHead, wordOriginal)
	}
	return e
}

// nameTaken words the name of a session that is in use.
func nameTaken(err error) error {
	var taken *store.NameTakenError
	if errors.As(err, &taken) {
		return &edit.UserError{Msg: fmt.Sprintf("there is a session %q already", taken.Name), Hint: "choose another name"}
	}
	return err
}

// New begins a session with a picture and opens it.
func (s *Sessions) New(ctx context.Context, name string, img *pixel.Image, src Source) (*Session, error) {
	if err := checkName("session", name); err != nil {
		return nil, err
	}
	source, sourcePieces, err := packSource(src)
	if err != nil {
		return nil, err
	}
	now := s.now()
	turn := Turn{Time: now, W: img.W, H: img.H}
	err = s.put(ctx, Result{Image: img, Regions: []Region{}}, func(rec layout, state, masks store.Pieces, regions json.RawMessage) error {
		row, err := turnRow(turn, rec, regions)
		if err != nil {
			return err
		}
		_, err = s.store.AddSession(ctx, store.SessionRow{Name: name, Created: now, Pointers: store.Pointers{Branch: MainBranch}, Source: source}, sourcePieces, row, state, masks)
		return err
	})
	if err != nil {
		return nil, nameTaken(err)
	}
	return s.Load(ctx, name)
}

// Load opens a session; a *BusyError says that another process has it open, a
// *NotFoundError that there is none.
func (s *Sessions) Load(ctx context.Context, name string) (*Session, error) {
	row, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	release, ok, by, err := s.store.LockSession(row.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &BusyError{row.Name, by}
	}
	// It may have been changed until the lock was taken.
	sess, err := s.read(ctx, name)
	if err != nil {
		release()
		return nil, err
	}
	if sess.row.ID != row.ID {
		release()
		return nil, &BusyError{Name: name}
	}
	sess.release = release
	return sess, nil
}

// View opens a session to look at, whoever has it open; what would change it is an error.
func (s *Sessions) View(ctx context.Context, name string) (*Session, error) { return s.read(ctx, name) }

func (s *Sessions) find(ctx context.Context, name string) (store.SessionRow, error) {
	row, ok, err := s.store.Session(ctx, name)
	if err == nil && !ok {
		err = &NotFoundError{name}
	}
	return row, err
}

func (s *Sessions) read(ctx context.Context, name string) (*Session, error) {
	row, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	turns, branches, err := s.store.Turns(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	sess := &Session{in: s, row: row, turns: make(map[TurnID]*node, len(turns))}
	if err := sess.grow(turns, branches); err != nil {
		return nil, err
	}
	return sess, json.Unmarshal(row.Source, &sess.source)
}

// List describes all sessions, the one used last first.
func (s *Sessions) List(ctx context.Context) ([]Info, error) {
	rows, err := s.store.Sessions(ctx)
	list := make([]Info, len(rows))
	for i, r := range rows {
		list[i] = infoOf(r)
	}
	return list, err
}

func infoOf(r store.SessionRow) Info {
	var src sourceRecord
	// The name alone is shown; a source that cannot be read is found when the session is opened.
	_ = json.Unmarshal(r.Source, &src)
	return Info{Name: r.Name, Created: r.Created, Used: r.Used, Source: src.Name, Turns: r.Turns, Head: TurnID(r.Head), Branch: r.Branch}
}

// Delete removes a session that no process has open. Its space is free after GC.
func (s *Sessions) Delete(ctx context.Context, name string) error {
	return s.locked(ctx, name, func(row store.SessionRow) error { return s.store.DeleteSession(ctx, row.ID) })
}

// Rename gives a session that no process has open another name.
func (s *Sessions) Rename(ctx context.Context, name, to string) error {
	if err := checkName("session", to); err != nil {
		return err
	}
	return s.locked(ctx, name, func(row store.SessionRow) error {
		return nameTaken(s.store.RenameSession(ctx, row.ID, to))
	})
}

func (s *Sessions) locked(ctx context.Context, name string, f func(store.SessionRow) error) error {
	row, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	release, ok, by, err := s.store.LockSession(row.ID)
	if err != nil {
		return err
	}
	if !ok {
		return &BusyError{row.Name, by}
	}
	defer release()
	return f(row)
}

// Usage says how much the sessions take and may take, in bytes.
func (s *Sessions) Usage(ctx context.Context) (used, limit int64, err error) {
	used, err = s.store.PacksSize(ctx)
	return used, s.max, err
}

// Room is a *FullError where the sessions take all they may already, so that no
// tool runs for a turn that would be refused.
func (s *Sessions) Room(ctx context.Context) error {
	used, limit, err := s.Usage(ctx)
	if err == nil && used >= limit {
		err = &FullError{Used: used, Limit: limit}
	}
	return err
}

// GC frees what no turn needs. It never touches what one does.
func (s *Sessions) GC(ctx context.Context) (freed int64, err error) { return s.store.FreeChunks(ctx) }

// sourceRecord is a Source as it is stored; its bytes are chunks, in this order.
type sourceRecord struct {
	Name   string         `json:"name"`
	Format imageio.Format `json:"format"`
	Gray   bool           `json:"gray,omitempty"`
	Lost   []string       `json:"lost,omitempty"`
	ICC    bool           `json:"icc,omitempty"`
	EXIF   bool           `json:"exif,omitempty"`
	XMP    bool           `json:"xmp,omitempty"`
}

func packSource(src Source) (json.RawMessage, store.Pieces, error) {
	m := src.Meta
	rec := sourceRecord{Name: src.Name, Format: m.Format, Gray: m.Gray, Lost: m.Lost, ICC: m.ICC != nil, EXIF: m.EXIF != nil, XMP: m.XMP != nil}
	var p store.Pieces
	for _, b := range [][]byte{m.ICC, m.EXIF, m.XMP} {
		if b != nil {
			raw := rawBytes(b)
			h := hashOf(raw)
			p.All = append(p.All, h)
			p.New = append(p.New, store.Chunk{Hash: h, Data: compress(raw)})
		}
	}
	text, err := json.Marshal(rec)
	return text, p, err
}

// chunks is how many chunks the record names.
func (r sourceRecord) chunks() int {
	n := 0
	for _, has := range []bool{r.ICC, r.EXIF, r.XMP} {
		if has {
			n++
		}
	}
	return n
}

// Source is where the session's picture came from and what its file said.
func (s *Session) Source(ctx context.Context) (Source, error) {
	s.mu.RLock()
	rec, row := s.source, s.row
	s.mu.RUnlock()
	chunks, err := s.in.store.SourceChunks(ctx, row)
	if err != nil {
		return Source{}, err
	}
	if len(chunks) != rec.chunks() {
		return Source{}, s.damaged("what the original's file said", errChunk)
	}
	src := Source{Name: rec.Name, Meta: imageio.Meta{Format: rec.Format, Gray: rec.Gray, Lost: rec.Lost}}
	for _, f := range []struct {
		has  bool
		into *[]byte
	}{{rec.ICC, &src.Meta.ICC}, {rec.EXIF, &src.Meta.EXIF}, {rec.XMP, &src.Meta.XMP}} {
		if !f.has {
			continue
		}
		b, err := openBytes(chunks[0])
		if err != nil {
			return Source{}, s.damaged("what the original's file said", err)
		}
		*f.into, chunks = b, chunks[1:]
	}
	return src, nil
}

// damaged words what cannot be read back.
func (s *Session) damaged(what string, err error) error {
	return &edit.UserError{
		Msg:  fmt.Sprintf("the session %q: %s is damaged on disk", s.row.Name, what),
		Hint: "agent sessions verify says what else is; other turns can be used", Err: err,
	}
}
