package store

import (
	"context"
	"database/sql"
)

// TreeTurn is a turn of a session that is stored as a whole.
type TreeTurn struct {
	TurnRow
	State, Masks []ChunkHash
}

// AddChunks stores chunks that are about to be named. They are freed like any
// others as long as no turn names them.
func (s *Store) AddChunks(ctx context.Context, chunks []Chunk) error {
	return s.store(ctx, "", []Pieces{{New: chunks}}, func(*sql.Tx, [][]byte) error { return nil })
}

// AddTree stores a session with all its turns and branches, all or nothing. The
// chunks must be stored; ErrChunkGone says that one is not. row.ID is not read.
func (s *Store) AddTree(ctx context.Context, row SessionRow, source []ChunkHash, turns []TreeTurn, branches []BranchRow) error {
	return s.store(ctx, row.Name, []Pieces{{All: source}}, func(tx *sql.Tx, lists [][]byte) error {
		res, err := tx.ExecContext(ctx, sqlAddSession, row.Name, row.Created.UnixNano(), row.Branch, string(row.Source), lists[0])
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		for _, t := range turns {
			state, err := list(ctx, tx, t.State)
			if err != nil {
				return err
			}
			masks, err := list(ctx, tx, t.Masks)
			if err != nil {
				return err
			}
			if err := addTurn(ctx, tx, id, t.TurnRow, state, masks); err != nil {
				return err
			}
		}
		for _, b := range branches {
			if _, err := tx.ExecContext(ctx, sqlPutBranch, id, b.Name, b.Tip); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, sqlCountTurn, id, row.Next); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, sqlPoint, id, row.Used.UnixNano(), row.Head, row.Branch)
		return err
	})
}

// EachChunk reads the stored chunks of want once, pack by pack, and hands each to
// f, with an error in place of its bytes where they cannot be read.
func (s *Store) EachChunk(ctx context.Context, want map[ChunkHash]bool, f func(Chunk, error) error) error {
	ids, err := s.chunkIDs(ctx, want)
	if err != nil {
		return s.explain(ctx, "sessions cannot be read", err)
	}
	const atOnce = 256 // tiles: some megabytes
	for len(ids) > 0 {
		batch := ids[:min(len(ids), atOnce)]
		ids = ids[len(batch):]
		chunks, err := s.readChunks(ctx, batch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			for _, c := range chunks {
				if err := f(c, nil); err != nil {
					return err
				}
			}
			continue
		}
		if err := s.oneByOne(ctx, batch, f); err != nil {
			return err
		}
	}
	return nil
}

// oneByOne reads chunks of which one cannot be read.
func (s *Store) oneByOne(ctx context.Context, ids []int64, f func(Chunk, error) error) error {
	for _, id := range ids {
		at, err := s.locate(ctx, []int64{id})
		if err != nil {
			return s.explain(ctx, "sessions cannot be read", err)
		}
		c := Chunk{Hash: at[0].hash}
		chunks, readErr := s.readChunks(ctx, []int64{id})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if readErr == nil {
			c = chunks[0]
		}
		if err := f(c, readErr); err != nil {
			return err
		}
	}
	return nil
}

// chunkIDs finds the stored chunks of want in the order in which they lie in their packs.
func (s *Store) chunkIDs(ctx context.Context, want map[ChunkHash]bool) ([]int64, error) {
	all, err := scanAll(ctx, s.reader, func(rows *sql.Rows) (int64, error) {
		var id int64
		var hash []byte
		err := rows.Scan(&id, &hash)
		var h ChunkHash
		if copy(h[:], hash) != len(h) || !want[h] {
			id = 0
		}
		return id, err
	}, sqlAllChunks)
	ids := all[:0]
	for _, id := range all {
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids, err
}
