package store

import (
	"context"
	"errors"
	"os"
	"strconv"

	"github.com/mattn/go-sqlite3"

	"pentimento/internal/edit"
)

func itoa(n int) string { return strconv.Itoa(n) }

// codeIs reports whether SQLite failed with one of the codes.
func codeIs(err error, codes ...sqlite3.ErrNo) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// damaged reports whether the database's bytes make no sense.
func damaged(err error) bool { return codeIs(err, sqlite3.ErrCorrupt, sqlite3.ErrNotADB) }

// explain words an error of the database for a person. What shows damage is
// marked on disk, so that the next Open looks at every page.
func (s *Store) explain(ctx context.Context, what string, err error) error {
	var user *edit.UserError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &user):
		return err
	}
	e := &edit.UserError{Msg: "the database " + Path(s.dir) + ": " + what, Err: err}
	switch {
	case damaged(err):
		if f, createErr := os.Create(s.markPath()); createErr == nil { //nolint:gosec // the data folder is where the person wants it
			f.Close() //nolint:errcheck,gosec // the file's being there is all that counts
		}
		e.Msg, e.Hint = "the database "+Path(s.dir)+" is damaged", "run again: it is then moved aside and a new one begun"
	case codeIs(err, sqlite3.ErrBusy, sqlite3.ErrLocked):
		e.Msg, e.Hint = "another process keeps the database "+Path(s.dir)+" locked", "end it, or try again"
	case codeIs(err, sqlite3.ErrFull):
		e.Hint = "free some space on its disk"
	case codeIs(err, sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen):
		e.Hint = "make it writable, or set PENTIMENTO_DATA to another folder"
	}
	return e
}
