// Package store keeps what outlives a run: traces, the results of calls, the
// statistics that estimates come from, and sessions. It holds the program's one SQLite
// handle; large results are files beside the database, named by the sha256 of
// their bytes. Several processes may have one store open. A process that ends
// at any moment leaves a sound database and no file that is half written and
// taken for whole.
package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"

	"pentimento/internal/edit"
)

// What bounds the store where Options do not: the call cache in bytes, and the
// number of traces. A trace takes a few kilobytes.
const (
	DefaultCacheBytes = 2 << 30
	DefaultTraces     = 100_000
)

const (
	fileName = "pentimento.db"
	lockName = "pentimento.lock"
	// markName is a file that says: reading the database failed as it does when pages are damaged; look before the next use.
	markName = "pentimento.db.suspect"
)

// Options may be left empty.
type Options struct {
	// CacheBytes bounds the call cache, files and rows together; 0: DefaultCacheBytes.
	CacheBytes int64
	// Traces is how many traces are kept, the newest; 0: DefaultTraces.
	Traces int64
	// Notice, when not nil, is told what a person should know of Open: a damaged database was moved aside.
	Notice func(string)
	// Calls, where not nil, keeps the results of calls in place of the database and its files, without a bound.
	Calls Calls
}

// Calls keeps results of calls where several machines reach them. A result that is
// missing or damaged there is reported as not found.
type Calls interface {
	GetCall(ctx context.Context, key string) (CallRecord, bool, error)
	PutCall(ctx context.Context, key string, rec CallRecord) error
}

// Store is an open database with its blobs. It is safe for concurrent use.
type Store struct {
	dir   string
	limit int64 // of the cache, in bytes
	keep  int64 // traces
	calls Calls // nil: here
	// SQLite has one writer at a time; one connection for it makes writers of this process wait in line here.
	writer, reader *sql.DB
}

// Path is the database's file in a data folder.
func Path(dir string) string { return filepath.Join(dir, fileName) }

// Open opens the store in a data folder, which it makes where there is none. It
// applies the migrations that the database lacks and removes what a process
// that was killed left half written. A damaged database is moved aside, with a
// notice, and a new one begun. A database of a newer program is an error, and
// so is one that is no database of this program. It waits for another process
// that is opening the same store, until ctx ends.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, limit: o.CacheBytes, keep: o.Traces, calls: o.Calls}
	if s.limit <= 0 {
		s.limit = DefaultCacheBytes
	}
	if s.keep <= 0 {
		s.keep = DefaultTraces
	}
	if err := os.MkdirAll(s.tempDir(), 0o700); err != nil {
		return nil, folderError(dir, err)
	}
	release, err := lock(ctx, filepath.Join(dir, lockName))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, folderError(dir, err)
	}
	defer release()
	err = s.start(ctx)
	if damaged(err) {
		aside, moveErr := s.moveAside()
		if moveErr != nil {
			return nil, &edit.UserError{Msg: "the database " + Path(dir) + " is damaged and could not be moved aside", Hint: "move it away", Err: moveErr}
		}
		if o.Notice != nil {
			o.Notice("the database " + Path(dir) + " is damaged; it was moved to " + aside + ", and sessions, traces and estimates begin anew")
		}
		err = s.start(ctx)
	}
	if err != nil {
		s.Close() //nolint:errcheck,gosec // the error that matters is err
		return nil, s.explain(ctx, "open", err)
	}
	return s, nil
}

func folderError(dir string, err error) error {
	return &edit.UserError{
		Msg:  "the folder " + dir + " cannot hold traces and cached results",
		Hint: "set PENTIMENTO_DATA to a folder that can be written to", Err: err,
	}
}

// Close ends the use of the store.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} { // the writer last: it tidies the log away
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// start connects to the database, brings it up to date and tidies up beside it.
func (s *Store) start(ctx context.Context) error {
	if err := s.connect(); err != nil {
		return err
	}
	if _, err := os.Stat(s.markPath()); err == nil {
		if err := s.check(ctx); err != nil {
			return err
		}
		if err := os.Remove(s.markPath()); err != nil {
			return err
		}
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	return s.sweepPacks(ctx)
}

// connect makes the two handles; SQLite reads nothing yet.
func (s *Store) connect() error {
	path := Path(s.dir)
	// SQLite would make the file readable to others; its log takes the file's permissions.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return folderError(s.dir, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	const common = "_busy_timeout=5000&_foreign_keys=on"
	// Immediate: a transaction that reads and then writes would else fail at once when another wrote between.
	if s.writer, err = sql.Open("sqlite3", address(path, "mode=rw&_journal_mode=WAL&_synchronous=NORMAL&_txlock=immediate&"+common)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite3", address(path, "mode=ro&"+common)); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(4)
	return nil
}

// address names a file to SQLite; characters with a meaning in URIs are escaped.
func address(path, query string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query}).String()
}

// check reads every page of a database that was found damaged in use.
func (s *Store) check(ctx context.Context) error {
	var verdict string
	if err := s.writer.QueryRowContext(ctx, sqlCheck).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return sqlite3.Error{Code: sqlite3.ErrCorrupt}
	}
	return nil
}

func (s *Store) markPath() string { return filepath.Join(s.dir, markName) }

// moveAside takes the damaged database out of the way, with its log, so that
// what can be read of it is not lost.
func (s *Store) moveAside() (string, error) {
	if err := s.Close(); err != nil {
		return "", err
	}
	aside := ""
	for n := 1; ; n++ {
		aside = filepath.Join(s.dir, strings.TrimSuffix(fileName, ".db")+"-damaged-"+itoa(n)+".db")
		if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
	}
	if err := os.Rename(Path(s.dir), aside); err != nil {
		return "", err
	}
	for _, f := range []struct{ from, to string }{{Path(s.dir) + "-wal", aside + "-wal"}, {Path(s.dir) + "-shm", aside + "-shm"}} {
		if err := os.Rename(f.from, f.to); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	// The pictures of sessions stay with the rows that name them.
	if err := os.Rename(s.packDir(), strings.TrimSuffix(aside, ".db")+"-"+packDirName); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := os.Remove(s.markPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return aside, nil
}

// write runs f in a transaction that holds SQLite's one write lock from its start.
func (s *Store) write(ctx context.Context, what string, f func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(ctx, what, err)
	}
	if err := f(tx); err != nil {
		return s.explain(ctx, what, errors.Join(err, ignoreDone(tx.Rollback())))
	}
	if err := tx.Commit(); err != nil {
		return s.explain(ctx, what, err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
