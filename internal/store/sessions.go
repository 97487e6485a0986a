package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"

	"pentimento/internal/edit"
	"pentimento/internal/filelock"
)

var (
	sqlAddSession    = query("sessions", "add-session")
	sqlSessions      = query("sessions", "sessions")
	sqlSession       = query("sessions", "session")
	sqlNextTurn      = query("sessions", "next-turn")
	sqlPoint         = query("sessions", "point")
	sqlCountTurn     = query("sessions", "count-turn")
	sqlRenameSession = query("sessions", "rename-session")
	sqlDeleteSession = query("sessions", "delete-session")
	sqlAddTurn       = query("sessions", "add-turn")
	sqlTurnsOf       = query("sessions", "turns-of")
	sqlTurnChunks    = query("sessions", "chunks-of-turn")
	sqlNameTurn      = query("sessions", "name-turn")
	sqlReviewTurn    = query("sessions", "review-turn")
	sqlNumberRegions = query("sessions", "number-regions")
	sqlDeleteTurn    = query("sessions", "delete-turn")
	sqlBranchesOf    = query("sessions", "branches-of")
	sqlPutBranch     = query("sessions", "put-branch")
	sqlDeleteBranch  = query("sessions", "delete-branch")
)

// SessionRow is a session as the database has it.
type SessionRow struct {
	ID            int64
	Name          string
	Created, Used time.Time
	Pointers
	Next   int             // the number of the next turn
	Turns  int             // without the original
	Source json.RawMessage // not looked into
	chunks []byte
}

// Pointers say where in its tree a session is.
type Pointers struct {
	Head   int
	Branch string
}

// TurnRow is a turn as the database has it.
type TurnRow struct {
	Number, Parent int
	Time           time.Time
	Name           string
	Review         json.RawMessage
	Record         json.RawMessage // not looked into
	Regions        json.RawMessage // not looked into
}

// BranchRow names the tip of a line of work.
type BranchRow struct {
	Name string
	Tip  int
}

// Pieces are the chunks that a row needs: all of them by hash, in the order the
// row names them, and those with their bytes that are not stored yet.
type Pieces struct {
	All []ChunkHash
	New []Chunk
}

// NameTakenError says that another session, turn or branch has the name.
type NameTakenError struct{ Name string }

// Error implements error.
func (e *NameTakenError) Error() string { return fmt.Sprintf("the name %q is taken", e.Name) }

const notStored = "the session was not stored"

func (s *Store) explainSession(ctx context.Context, name string, err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique {
		return &NameTakenError{name}
	}
	if errors.Is(err, ErrChunkGone) {
		return ErrChunkGone
	}
	return s.explain(ctx, notStored, err)
}

// store runs f in a transaction after it put the new chunks of pieces on disk and named them.
func (s *Store) store(ctx context.Context, name string, pieces []Pieces, f func(*sql.Tx, [][]byte) error) error {
	var fresh []Chunk
	for _, p := range pieces {
		fresh = append(fresh, p.New...)
	}
	p := newPack(fresh)
	if err := s.writePack(ctx, p); err != nil {
		return s.explain(ctx, notStored, err)
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(ctx, notStored, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	if err := s.addPack(ctx, tx, p); err != nil {
		return s.explainSession(ctx, name, err)
	}
	lists := make([][]byte, len(pieces))
	for i, p := range pieces {
		if lists[i], err = list(ctx, tx, p.All); err != nil {
			return s.explainSession(ctx, name, err)
		}
	}
	if err := f(tx, lists); err != nil {
		return s.explainSession(ctx, name, err)
	}
	return s.explainSession(ctx, name, tx.Commit())
}

// AddSession stores a session with its original, turn 0, all or nothing. ID,
// Turns, Next and the pointers of row are not read but for Branch.
func (s *Store) AddSession(ctx context.Context, row SessionRow, source Pieces, original TurnRow, state, masks Pieces) (id int64, err error) {
	err = s.store(ctx, row.Name, []Pieces{source, state, masks}, func(tx *sql.Tx, lists [][]byte) error {
		res, err := tx.ExecContext(ctx, sqlAddSession, row.Name, row.Created.UnixNano(), row.Branch, string(row.Source), lists[0])
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		if err := addTurn(ctx, tx, id, original, lists[1], lists[2]); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, sqlPutBranch, id, row.Branch, original.Number)
		return err
	})
	return id, err
}

// AddTurn stores a turn and moves the pointers and the branch's tip to it, all
// or nothing. The turn is numbered here, unless it has a number already.
func (s *Store) AddTurn(ctx context.Context, session int64, t TurnRow, state, masks Pieces, branch string) (number int, err error) {
	err = s.store(ctx, t.Name, []Pieces{state, masks}, func(tx *sql.Tx, lists [][]byte) error {
		if t.Number == 0 {
			if err := tx.QueryRowContext(ctx, sqlNextTurn, session).Scan(&t.Number); err != nil {
				return err
			}
		}
		number = t.Number
		if err := addTurn(ctx, tx, session, t, lists[0], lists[1]); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlCountTurn, session, number+1); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlPutBranch, session, branch, number); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlPoint, session, t.Time.UnixNano(), number, branch)
		return err
	})
	return number, err
}

func addTurn(ctx context.Context, tx *sql.Tx, session int64, t TurnRow, state, masks []byte) error {
	_, err := tx.ExecContext(ctx, sqlAddTurn, session, t.Number, t.Parent, t.Time.UnixNano(), t.Name, string(t.Review), string(t.Record), state, string(t.Regions), masks)
	return err
}

// SetRegions stores the regions of a turn in place of those it had.
func (s *Store) SetRegions(ctx context.Context, session int64, number int, regions json.RawMessage, masks Pieces) error {
	return s.store(ctx, "", []Pieces{masks}, func(tx *sql.Tx, lists [][]byte) error {
		_, err := tx.ExecContext(ctx, sqlNumberRegions, session, number, string(regions), lists[0])
		return err
	})
}

// Point moves a session's pointers and the tips of branches, all or nothing.
// Branches given are made or moved, those in gone are removed, and so are the turns in pruned.
func (s *Store) Point(ctx context.Context, session int64, at time.Time, p Pointers, branches []BranchRow, gone []string, pruned []int) error {
	return s.store(ctx, p.Branch, nil, func(tx *sql.Tx, _ [][]byte) error {
		for _, b := range branches {
			if _, err := tx.ExecContext(ctx, sqlPutBranch, session, b.Name, b.Tip); err != nil {
				return err
			}
		}
		for _, name := range gone {
			if _, err := tx.ExecContext(ctx, sqlDeleteBranch, session, name); err != nil {
				return err
			}
		}
		for _, n := range pruned {
			if _, err := tx.ExecContext(ctx, sqlDeleteTurn, session, n); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, sqlPoint, session, at.UnixNano(), p.Head, p.Branch)
		return err
	})
}

// NameTurn names a turn; "" takes its name away.
func (s *Store) NameTurn(ctx context.Context, session int64, number int, name string) error {
	_, err := s.writer.ExecContext(ctx, sqlNameTurn, session, number, name)
	return s.explainSession(ctx, name, err)
}

// ReviewTurn stores what the person thinks of a turn.
func (s *Store) ReviewTurn(ctx context.Context, session int64, number int, review json.RawMessage) error {
	_, err := s.writer.ExecContext(ctx, sqlReviewTurn, session, number, string(review))
	return s.explainSession(ctx, "", err)
}

// RenameSession gives a session another name.
func (s *Store) RenameSession(ctx context.Context, session int64, name string) error {
	_, err := s.writer.ExecContext(ctx, sqlRenameSession, session, name)
	return s.explainSession(ctx, name, err)
}

// DeleteSession removes a session with its turns. What they were made of is freed by FreeChunks.
func (s *Store) DeleteSession(ctx context.Context, session int64) error {
	_, err := s.writer.ExecContext(ctx, sqlDeleteSession, session)
	return s.explainSession(ctx, "", err)
}

// Sessions lists all sessions, the one used last first.
func (s *Store) Sessions(ctx context.Context) ([]SessionRow, error) {
	rows, err := scanAll(ctx, s.reader, scanSession, sqlSessions)
	return rows, s.explain(ctx, "sessions cannot be read", err)
}

// Session finds a session by name; false: there is none.
func (s *Store) Session(ctx context.Context, name string) (SessionRow, bool, error) {
	rows, err := scanAll(ctx, s.reader, scanSession, sqlSession, name)
	if err != nil || len(rows) == 0 {
		return SessionRow{}, false, s.explain(ctx, "sessions cannot be read", err)
	}
	return rows[0], true, nil
}

func scanSession(rows *sql.Rows) (SessionRow, error) {
	var r SessionRow
	var created, used int64
	var source []byte
	err := rows.Scan(&r.ID, &r.Name, &created, &used, &r.Head, &r.Branch, &r.Next, &source, &r.chunks, &r.Turns)
	r.Created, r.Used, r.Source = time.Unix(0, created), time.Unix(0, used), source
	return r, err
}

// Turns lists the turns of a session by number, and its branches by name, as they were at one moment.
func (s *Store) Turns(ctx context.Context, session int64) ([]TurnRow, []BranchRow, error) {
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, s.explain(ctx, "sessions cannot be read", err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	turns, err := scanAll(ctx, tx, func(rows *sql.Rows) (TurnRow, error) {
		var t TurnRow
		var at int64
		var review, record, regions []byte
		err := rows.Scan(&t.Number, &t.Parent, &at, &t.Name, &review, &record, &regions)
		t.Time, t.Review, t.Record, t.Regions = time.Unix(0, at), review, record, regions
		return t, err
	}, sqlTurnsOf, session)
	if err != nil {
		return nil, nil, s.explain(ctx, "sessions cannot be read", err)
	}
	branches, err := scanAll(ctx, tx, func(rows *sql.Rows) (BranchRow, error) {
		var b BranchRow
		return b, rows.Scan(&b.Name, &b.Tip)
	}, sqlBranchesOf, session)
	return turns, branches, s.explain(ctx, "sessions cannot be read", err)
}

// SourceChunks reads the chunks that a session's source names, in its order.
func (s *Store) SourceChunks(ctx context.Context, row SessionRow) ([]Chunk, error) {
	return s.chunksOf(ctx, row.chunks, 0, -1)
}

// StateChunks reads n of the chunks that a turn's record names, from the
// from-th on; n < 0: all that follow. MaskChunks reads those of its regions.
func (s *Store) StateChunks(ctx context.Context, session int64, number, from, n int) ([]Chunk, error) {
	state, _, err := s.turnLists(ctx, session, number)
	if err != nil {
		return nil, err
	}
	return s.chunksOf(ctx, state, from, n)
}

// MaskChunks reads all chunks that a turn's regions name, in their order.
func (s *Store) MaskChunks(ctx context.Context, session int64, number int) ([]Chunk, error) {
	_, masks, err := s.turnLists(ctx, session, number)
	if err != nil {
		return nil, err
	}
	return s.chunksOf(ctx, masks, 0, -1)
}

// TurnHashes lists the hashes of the chunks that a turn's record and its regions name, in their order.
func (s *Store) TurnHashes(ctx context.Context, session int64, number int) (state, masks []ChunkHash, err error) {
	stateList, maskList, err := s.turnLists(ctx, session, number)
	if err != nil {
		return nil, nil, err
	}
	if state, err = s.hashes(ctx, stateList); err == nil {
		masks, err = s.hashes(ctx, maskList)
	}
	return state, masks, s.explain(ctx, "a turn cannot be read", err)
}

// SourceHashes lists the hashes of the chunks that a session's source names, in its order.
func (s *Store) SourceHashes(ctx context.Context, row SessionRow) ([]ChunkHash, error) {
	hashes, err := s.hashes(ctx, row.chunks)
	return hashes, s.explain(ctx, "a session cannot be read", err)
}

func (s *Store) hashes(ctx context.Context, packed []byte) ([]ChunkHash, error) {
	ids, err := unlist(packed)
	if err != nil {
		return nil, err
	}
	at, err := s.locate(ctx, ids)
	hashes := make([]ChunkHash, len(at))
	for i, c := range at {
		hashes[i] = c.hash
	}
	return hashes, err
}

func (s *Store) turnLists(ctx context.Context, session int64, number int) (state, masks []byte, err error) {
	err = s.reader.QueryRowContext(ctx, sqlTurnChunks, session, number).Scan(&state, &masks)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, edit.Userf("the session has no turn %d any more", number)
	}
	return state, masks, s.explain(ctx, "a turn cannot be read", err)
}

func (s *Store) chunksOf(ctx context.Context, packed []byte, from, n int) ([]Chunk, error) {
	ids, err := unlist(packed)
	if err == nil && (from > len(ids) || n > len(ids)-from) {
		err = errBlob
	}
	if err != nil {
		return nil, s.explain(ctx, "a turn cannot be read", err)
	}
	ids = ids[from:]
	if n >= 0 {
		ids = ids[:n]
	}
	chunks, err := s.readChunks(ctx, ids)
	if errors.Is(err, os.ErrNotExist) { // freeing moved them in between
		chunks, err = s.readChunks(ctx, ids)
	}
	return chunks, s.explain(ctx, "a turn cannot be read", err)
}

// LockSession takes a session for this process; false: another has it, and by
// is its process id where that is known. The lock ends with the process, however that ends.
func (s *Store) LockSession(session int64) (release func(), ok bool, by int, err error) {
	if err := os.MkdirAll(s.packDir(), 0o700); err != nil {
		return nil, false, 0, folderError(s.dir, err)
	}
	f, err := os.OpenFile(filepath.Join(s.packDir(), fmt.Sprintf("%d.lock", session)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, 0, folderError(s.dir, err)
	}
	ok, err = filelock.Try(f)
	if err != nil || !ok {
		_, _ = fmt.Fscan(f, &by) // unknown stays 0
		_ = f.Close()            // only read
		return nil, false, by, err
	}
	// The number is a courtesy to the other process; the lock is what counts.
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(itoa(os.Getpid())), 0)
	}
	return func() { _ = f.Close() }, true, 0, nil // closing releases the lock
}
