package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
)

// packState is a pack with what of it is still needed.
type packState struct {
	id          int64
	hash        string
	bytes, live int64
	dead        []int64 // chunks that nothing names
	needed      []found // the others
}

// freeBatch is how many packs are freed under one hold of the write lock.
const freeBatch = 64

// FreeChunks frees what no session and no turn names: packs of which nothing is
// needed go, those of which less than half is are written anew. It returns how
// many bytes the packs are smaller by. It may be stopped and killed at any moment.
// A pack that cannot be read stays, and is part of the error.
func (s *Store) FreeChunks(ctx context.Context) (freed int64, err error) {
	packs, err := s.packs(ctx)
	if err != nil {
		return 0, s.explain(ctx, "sessions cannot be read", err)
	}
	var errs []error
	for batch := range slices.Chunk(packs, freeBatch) {
		n, err := s.freePacks(ctx, batch)
		freed += n
		if ctx.Err() != nil {
			return freed, ctx.Err()
		}
		errs = append(errs, err)
	}
	return freed, s.explain(ctx, "some space was not freed", errors.Join(errs...))
}

func (s *Store) packs(ctx context.Context) ([]packState, error) {
	return scanAll(ctx, s.reader, func(rows *sql.Rows) (packState, error) {
		var p packState
		return p, rows.Scan(&p.id, &p.hash, &p.bytes)
	}, sqlPacks)
}

// freePacks frees the packs' dead chunks. What is needed is settled under the
// write lock; files go when no row names them any more.
func (s *Store) freePacks(ctx context.Context, packs []packState) (freed int64, err error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	live, err := reachable(ctx, tx)
	if err != nil {
		return 0, err
	}
	var errs []error
	var gone []string
	for _, p := range packs {
		if err := p.inspect(ctx, tx, live); err != nil {
			return 0, err
		}
		removed, err := s.freePack(ctx, tx, p)
		if err != nil {
			if !errors.Is(err, errUnreadable) {
				return 0, err
			}
			errs = append(errs, err)
		}
		if removed {
			freed += p.bytes - p.live
			gone = append(gone, p.hash)
		}
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	for _, hash := range gone {
		errs = append(errs, s.removePack(hash))
	}
	return freed, errors.Join(errs...)
}

// freePack forgets one pack's dead chunks, and the pack where little of it is needed.
func (s *Store) freePack(ctx context.Context, tx *sql.Tx, p packState) (removed bool, err error) {
	if 2*p.live < p.bytes && p.live > 0 {
		if err := s.repack(ctx, tx, p); err != nil {
			return false, err
		}
	}
	for _, id := range p.dead {
		if _, err := tx.ExecContext(ctx, sqlDeleteChunk, id); err != nil {
			return false, err
		}
	}
	if 2*p.live >= p.bytes && p.live > 0 {
		return false, nil
	}
	_, err = tx.ExecContext(ctx, sqlDeletePack, p.id)
	return true, err
}

// errUnreadable marks the error of a pack that cannot be written anew.
var errUnreadable = errors.New("a pack cannot be read")

// inspect finds which chunks of the pack are needed.
func (p *packState) inspect(ctx context.Context, tx *sql.Tx, live map[int64]bool) error {
	chunks, err := scanAll(ctx, tx, func(rows *sql.Rows) (found, error) {
		c := found{pack: p.hash}
		return c, rows.Scan(&c.id, &c.place, &c.bytes)
	}, sqlChunksOfPack, p.id)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if live[c.id] {
			p.needed = append(p.needed, c)
			p.live += c.bytes
		} else {
			p.dead = append(p.dead, c.id)
		}
	}
	return nil
}

// reachable are the ids of all chunks that a session or a turn names. A list that
// cannot be read stops everything: what it names is not known.
func reachable(ctx context.Context, tx *sql.Tx) (map[int64]bool, error) {
	lists, err := scanAll(ctx, tx, func(rows *sql.Rows) ([]byte, error) {
		var b []byte
		return b, rows.Scan(&b)
	}, sqlAllLists)
	if err != nil {
		return nil, err
	}
	live := make(map[int64]bool)
	for _, b := range lists {
		ids, err := unlist(b)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			live[id] = true
		}
	}
	return live, nil
}

// repack writes the needed chunks of a pack into one of their own.
func (s *Store) repack(ctx context.Context, tx *sql.Tx, p packState) error {
	ids := make([]int64, len(p.needed))
	for i, c := range p.needed {
		ids[i] = c.id
	}
	chunks, err := s.readChunks(ctx, ids)
	if err != nil {
		return errors.Join(errUnreadable, err)
	}
	fresh := newPack(chunks)
	if err := s.writePack(ctx, fresh); err != nil {
		return err
	}
	var id int64
	if err := tx.QueryRowContext(ctx, sqlAddPack, fresh.hash, len(fresh.data)).Scan(&id); err != nil {
		return err
	}
	place := int64(0)
	for i, c := range p.needed {
		if _, err := tx.ExecContext(ctx, sqlMoveChunk, c.id, id, place); err != nil {
			return err
		}
		place += int64(len(chunks[i].Data))
	}
	return nil
}
