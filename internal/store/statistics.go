package store

import (
	"context"
	"database/sql"
	"errors"
)

var (
	sqlStatistic  = query("statistics", "get-statistic")
	sqlStatistics = query("statistics", "statistics-under")
	sqlSet        = query("statistics", "set-statistic")
	sqlDrop       = query("statistics", "drop-statistic")
)

// Statistic returns the JSON value of a key, nil where there is none.
func (s *Store) Statistic(ctx context.Context, key string) ([]byte, error) {
	v, err := statistic(ctx, s.reader, key)
	return v, s.explain(ctx, "its statistics cannot be read", err)
}

func statistic(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, key string,
) ([]byte, error) {
	var v []byte
	err := db.QueryRowContext(ctx, sqlStatistic, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return v, err
}

// Statistics returns the values of all keys that begin with prefix.
func (s *Store) Statistics(ctx context.Context, prefix string) (map[string][]byte, error) {
	all := make(map[string][]byte)
	_, err := scanAll(ctx, s.reader, func(rows *sql.Rows) (string, error) {
		var key string
		var v []byte
		err := rows.Scan(&key, &v)
		all[key] = v
		return key, err
	}, sqlStatistics, prefix)
	if err != nil {
		return nil, s.explain(ctx, "its statistics cannot be read", err)
	}
	return all, nil
}

// Update replaces the JSON value of a key by what f makes of it, in one
// transaction, so that no other process's update is lost. old is nil where there is
// none yet. f is called once; where it returns nil the value stays. It must not use the store.
func (s *Store) Update(ctx context.Context, key string, f func(old []byte) []byte) error {
	return s.write(ctx, "its statistics were not updated", func(tx *sql.Tx) error {
		old, err := statistic(ctx, tx, key)
		if err != nil {
			return err
		}
		v := f(old)
		if v == nil {
			return nil
		}
		_, err = tx.ExecContext(ctx, sqlSet, key, string(v))
		return err
	})
}

// Drop removes keys, all of them or none; those that are not there are passed over.
func (s *Store) Drop(ctx context.Context, keys ...string) error {
	return s.write(ctx, "its statistics were not dropped", func(tx *sql.Tx) error {
		for _, key := range keys {
			if _, err := tx.ExecContext(ctx, sqlDrop, key); err != nil {
				return err
			}
		}
		return nil
	})
}
