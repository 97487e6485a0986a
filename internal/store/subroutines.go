package store

import (
	"context"
	"database/sql"
)

var (
	sqlSubroutines   = query("subroutines", "subroutines")
	sqlPutSubroutine = query("subroutines", "put-subroutine")
)

// SubroutineRow is a stored subroutine. What its body says is not looked into here.
type SubroutineRow struct {
	ID    string
	Task  string // task type
	State string
	Body  []byte // JSON
}

// SubroutineFilter says which are wanted; its zero value, all.
type SubroutineFilter struct{ ID, Task, State string }

const noSubroutines = "its subroutines cannot be read"

// Subroutines returns the rows that the filter lets through, by id.
func (s *Store) Subroutines(ctx context.Context, f SubroutineFilter) ([]SubroutineRow, error) {
	rows, err := subroutineRows(ctx, s.reader, f)
	return rows, s.explain(ctx, noSubroutines, err)
}

func subroutineRows(ctx context.Context, db queryer, f SubroutineFilter) ([]SubroutineRow, error) {
	return scanAll(ctx, db, func(rows *sql.Rows) (SubroutineRow, error) {
		var r SubroutineRow
		return r, rows.Scan(&r.ID, &r.Task, &r.State, &r.Body)
	}, sqlSubroutines, f.ID, f.Task, f.State)
}

// PutSubroutines stores rows, all or none; those of the same id are replaced.
func (s *Store) PutSubroutines(ctx context.Context, rows []SubroutineRow) error {
	return s.write(ctx, notChanged, func(tx *sql.Tx) error { return putSubroutines(ctx, tx, rows) })
}

const notChanged = "its subroutines were not changed"

func putSubroutines(ctx context.Context, tx *sql.Tx, rows []SubroutineRow) error {
	for _, r := range rows {
		if _, err := tx.ExecContext(ctx, sqlPutSubroutine, r.ID, r.Task, r.State, string(r.Body)); err != nil {
			return err
		}
	}
	return nil
}

// ChangeSubroutines stores the rows that change makes of those that the filter
// lets through, new ones too, in one transaction: no other process's change is
// lost between. change is called once and must not use the store; where it fails
// nothing changes, and its error is returned as it is.
func (s *Store) ChangeSubroutines(ctx context.Context, f SubroutineFilter, change func(old []SubroutineRow) ([]SubroutineRow, error)) error {
	var refused error
	err := s.write(ctx, notChanged, func(tx *sql.Tx) error {
		old, err := subroutineRows(ctx, tx, f)
		if err != nil {
			return err
		}
		put, err := change(old)
		if err != nil {
			refused = err
			return err
		}
		return putSubroutines(ctx, tx, put)
	})
	if refused != nil {
		return refused
	}
	return err
}
