package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"pentimento/internal/edit"
)

// The pictures of sessions are kept as chunks, which lie in packs: files that
// hold what one turn added. A pack is on disk, whole and synced, before any row
// names it. Beside the call cache they have a folder of their own: no bound of
// the cache lets them go, and a damaged database that is moved aside takes them with it.

var (
	sqlFindChunk    = query("sessions", "find-chunk")
	sqlAddChunk     = query("sessions", "add-chunk")
	sqlChunk        = query("sessions", "chunk")
	sqlAddPack      = query("sessions", "add-pack")
	sqlPacksSize    = query("sessions", "packs-size")
	sqlPacks        = query("sessions", "packs")
	sqlIsPack       = query("sessions", "is-pack")
	sqlDeletePack   = query("sessions", "delete-pack")
	sqlChunksOfPack = query("sessions", "chunks-of-pack")
	sqlMoveChunk    = query("sessions", "move-chunk")
	sqlDeleteChunk  = query("sessions", "delete-chunk")
	sqlAllLists     = query("sessions", "all-chunk-lists")
	sqlAllChunks    = query("sessions", "all-chunks")
)

const packDirName = "sessions"

func (s *Store) packDir() string             { return filepath.Join(s.dir, packDirName) }
func (s *Store) packPath(hash string) string { return filepath.Join(s.packDir(), hash[:2], hash) }

// ChunkHash is the sha256 of a chunk's bytes before they were compressed.
type ChunkHash [sha256.Size]byte

// Chunk is a stored piece of a picture.
type Chunk struct {
	Hash ChunkHash
	Data []byte // compressed
}

// ErrChunkGone says that a chunk that was there is not any more: it was freed
// between the asking and the writing. Store everything anew.
var ErrChunkGone = errors.New("a stored piece of a picture was freed in between")

// KnownChunks tells which of the chunks are stored.
func (s *Store) KnownChunks(ctx context.Context, hashes []ChunkHash) (map[ChunkHash]bool, error) {
	known := make(map[ChunkHash]bool)
	find, err := s.reader.PrepareContext(ctx, sqlFindChunk)
	if err != nil {
		return nil, s.explain(ctx, "sessions cannot be read", err)
	}
	defer find.Close() //nolint:errcheck // it only read
	for _, h := range hashes {
		var id int64
		switch err := find.QueryRowContext(ctx, h[:]).Scan(&id); {
		case err == nil:
			known[h] = true
		case !errors.Is(err, sql.ErrNoRows):
			return nil, s.explain(ctx, "sessions cannot be read", err)
		}
	}
	return known, nil
}

// PacksSize is how much all packs take, in bytes.
func (s *Store) PacksSize(ctx context.Context) (int64, error) {
	var n int64
	err := s.reader.QueryRowContext(ctx, sqlPacksSize).Scan(&n)
	return n, s.explain(ctx, "sessions cannot be read", err)
}

// pack is a file of chunks on its way to the disk.
type pack struct {
	hash   string
	data   []byte
	chunks []Chunk
}

func newPack(chunks []Chunk) pack {
	p := pack{chunks: chunks}
	for _, c := range chunks {
		p.data = append(p.data, c.Data...)
	}
	sum := sha256.Sum256(p.data)
	p.hash = hex.EncodeToString(sum[:])
	return p
}

// writePack makes sure that the pack is on disk.
func (s *Store) writePack(ctx context.Context, p pack) error {
	if len(p.data) == 0 {
		return nil
	}
	return s.writeBlobAt(ctx, s.packPath(p.hash), p.data, true)
}

// addPack names a pack and its chunks in the database.
func (s *Store) addPack(ctx context.Context, tx *sql.Tx, p pack) error {
	if len(p.data) == 0 {
		return nil
	}
	// Between the writing and this transaction another process may have let the file go.
	if err := s.writePack(ctx, p); err != nil {
		return err
	}
	var id int64
	if err := tx.QueryRowContext(ctx, sqlAddPack, p.hash, len(p.data)).Scan(&id); err != nil {
		return err
	}
	place := 0
	for _, c := range p.chunks {
		old, err := findChunk(ctx, tx, c.Hash)
		if err == nil && old == 0 { // another process may have stored the same
			_, err = tx.ExecContext(ctx, sqlAddChunk, c.Hash[:], id, place, len(c.Data))
		}
		if err != nil {
			return err
		}
		place += len(c.Data)
	}
	return nil
}

func findChunk(ctx context.Context, tx *sql.Tx, h ChunkHash) (id int64, err error) {
	err = tx.QueryRowContext(ctx, sqlFindChunk, h[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// list turns hashes into the ids of their chunks, packed.
func list(ctx context.Context, tx *sql.Tx, hashes []ChunkHash) ([]byte, error) {
	out := make([]byte, 0, 3*len(hashes))
	last := int64(0)
	for _, h := range hashes {
		id, err := findChunk(ctx, tx, h)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			return nil, ErrChunkGone
		}
		out = binary.AppendVarint(out, id-last) // neighbours mostly follow each other
		last = id
	}
	return out, nil
}

// unlist is the inverse of list.
func unlist(b []byte) ([]int64, error) {
	var ids []int64
	last := int64(0)
	for len(b) > 0 {
		d, n := binary.Varint(b)
		if n <= 0 {
			return nil, errBlob
		}
		last += d
		ids, b = append(ids, last), b[n:]
	}
	return ids, nil
}

// found is where a chunk lies.
type found struct {
	id           int64
	hash         ChunkHash
	pack         string
	place, bytes int64
}

// readChunks reads chunks by id, in that order.
func (s *Store) readChunks(ctx context.Context, ids []int64) ([]Chunk, error) {
	at, err := s.locate(ctx, ids)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(at[a].pack, at[b].pack), cmp.Compare(at[a].place, at[b].place))
	})
	out := make([]Chunk, len(at))
	var f *os.File
	defer func() { closeRead(f) }()
	for n, i := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := at[i]
		if n == 0 || at[order[n-1]].pack != c.pack {
			closeRead(f)
			if f, err = os.Open(s.packPath(c.pack)); err != nil {
				return nil, s.lost(c, err)
			}
		}
		out[i] = Chunk{Hash: c.hash, Data: make([]byte, c.bytes)}
		if _, err := f.ReadAt(out[i].Data, c.place); err != nil {
			return nil, s.lost(c, err)
		}
	}
	return out, nil
}

func closeRead(f *os.File) {
	if f != nil {
		_ = f.Close() // it was only read
	}
}

func (s *Store) lost(c found, err error) error {
	return &edit.UserError{Msg: "a part of a session cannot be read from " + s.packPath(c.pack), Hint: "agent sessions verify says which turns it was of", Err: err}
}

func (s *Store) locate(ctx context.Context, ids []int64) ([]found, error) {
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	one, err := tx.PrepareContext(ctx, sqlChunk)
	if err != nil {
		return nil, err
	}
	defer one.Close() //nolint:errcheck // ends with the transaction
	out := make([]found, len(ids))
	for i, id := range ids {
		c := found{id: id}
		var hash []byte
		if err := one.QueryRowContext(ctx, id).Scan(&hash, &c.pack, &c.place, &c.bytes); err != nil {
			return nil, fmt.Errorf("chunk %d: %w", id, err)
		}
		if len(hash) != len(c.hash) || len(c.pack) != hex.EncodedLen(sha256.Size) || c.bytes < 0 || c.bytes > maxChunk {
			return nil, errBlob
		}
		copy(c.hash[:], hash)
		out[i] = c
	}
	return out, nil
}

// maxChunk bounds a chunk that is read, in bytes.
const maxChunk = 1 << 30

// sweepPacks removes the packs that processes that were killed wrote and never
// named. It holds the write lock, as sweep does.
func (s *Store) sweepPacks(ctx context.Context) error {
	paths, err := filepath.Glob(filepath.Join(s.packDir(), "??", "*"))
	if err != nil || len(paths) == 0 {
		return err
	}
	return s.write(ctx, "sessions cannot be tidied", func(tx *sql.Tx) error {
		known, err := tx.PrepareContext(ctx, sqlIsPack)
		if err != nil {
			return err
		}
		defer known.Close() //nolint:errcheck // ends with the transaction
		for _, path := range paths {
			if err := sweepOne(ctx, known, path); err != nil {
				return err
			}
		}
		return nil
	})
}

// removePack removes a pack's file.
func (s *Store) removePack(hash string) error {
	if err := os.Remove(s.packPath(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
