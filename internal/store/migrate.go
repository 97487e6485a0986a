package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

//go:embed migrations/*.sql sql/*.sql
var files embed.FS

// application marks a database as this program's, in SQLite's header: "PENT".
const application = 0x50454e54

// The statements of the schema's own state.
var (
	sqlGetApplication = query("schema", "get-application")
	sqlSetApplication = query("schema", "set-application")
	sqlGetVersion     = query("schema", "get-version")
	sqlSetVersion     = query("schema", "set-version")
	sqlCountTables    = query("schema", "count-tables")
	sqlCheck          = query("schema", "check")
)

// query returns the statement that follows "-- name: NAME" in sql/FILE.sql. It
// panics where there is none, when the program starts.
func query(file, name string) string {
	b, err := files.ReadFile("sql/" + file + ".sql")
	if err != nil {
		panic(err)
	}
	_, rest, ok := strings.Cut(string(b), "-- name: "+name+"\n")
	if !ok {
		panic("there is no statement " + name + " in sql/" + file + ".sql")
	}
	text, _, _ := strings.Cut(rest, "-- name: ")
	return strings.TrimSpace(text)
}

// migration is a file that brings the schema to a version.
type migration struct {
	version int
	file    string
}

// migrations lists them by version. Versions rise and may leave some out.
func migrations() ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	list := make([]migration, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		v, err := strconv.Atoi(number)
		if err != nil || len(number) != 4 || i > 0 && v <= list[i-1].version || v < 1 {
			return nil, fmt.Errorf("%s has no number, or another's", name)
		}
		list[i] = migration{v, name}
	}
	return list, nil
}

// migrate applies what the database lacks, each migration in a transaction with its number.
func (s *Store) migrate(ctx context.Context) error {
	list, err := migrations()
	if err != nil {
		return err
	}
	for {
		done, err := s.migrateOne(ctx, list)
		if done || err != nil {
			return err
		}
	}
}

// migrateOne applies the next migration and reports whether there was none left.
func (s *Store) migrateOne(ctx context.Context, list []migration) (bool, error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	version, err := s.version(ctx, tx, list[len(list)-1].version)
	if err != nil {
		return true, err
	}
	i := slices.IndexFunc(list, func(m migration) bool { return m.version > version })
	if i < 0 {
		return true, nil
	}
	next := list[i]
	text, err := files.ReadFile(next.file)
	if err != nil {
		return false, err
	}
	for _, statement := range []string{string(text), sqlSetApplication, fmt.Sprintf(sqlSetVersion, next.version)} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return false, fmt.Errorf("%s: %w", next.file, err)
		}
	}
	return false, tx.Commit()
}

// version is the schema's, and an error where this program cannot use the database.
func (s *Store) version(ctx context.Context, tx *sql.Tx, known int) (int, error) {
	var app, version, tables int
	for _, q := range []struct {
		text string
		into *int
	}{{sqlGetApplication, &app}, {sqlGetVersion, &version}, {sqlCountTables, &tables}} {
		if err := tx.QueryRowContext(ctx, q.text).Scan(q.into); err != nil {
			return 0, err
		}
	}
	switch {
	case app != application && tables > 0:
		return 0, &edit.UserError{
			Msg:  Path(s.dir) + " is the database of another program",
			Hint: "move it away, or set PENTIMENTO_DATA to another folder",
		}
	case version > known:
		return 0, &edit.UserError{
			Msg:  fmt.Sprintf("the database %s was made by a newer version of this program (schema %d; this one knows %d)", Path(s.dir), version, known),
			Hint: "update the program, or set PENTIMENTO_DATA to another folder",
		}
	}
	return version, nil
}
