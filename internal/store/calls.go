package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

var (
	sqlCallRecord = query("calls", "call-record")
	sqlOutputs    = query("calls", "call-outputs")
	sqlTouchCall  = query("calls", "touch-call")
	sqlAddCall    = query("calls", "add-call")
	sqlAddBlob    = query("calls", "add-blob")
	sqlAddOutput  = query("calls", "add-output")
	sqlDeleteCall = query("calls", "delete-call")
	sqlOldestCall = query("calls", "oldest-call")
	sqlCacheSize  = query("calls", "cache-size")
	sqlBlobsOf    = query("calls", "blobs-of")
	sqlDeleteBlob = query("calls", "delete-blob-unless-used")
	sqlCallsWith  = query("calls", "calls-with-blob")
)

// rowBytes is about what a call takes in the database beside its record and blobs.
const rowBytes = 512

// inlineBytes is the largest blob that is held in the database; a file for each would cost more than it holds.
const inlineBytes = 16 << 10

// CallRecord is the stored result of one call.
type CallRecord struct {
	Tool        string          `json:"tool"`
	Seconds     float64         `json:"seconds"` // when it ran, without loading
	LoadSeconds float64         `json:"load_seconds,omitempty"`
	Evidence    Real            `json:"evidence"` // the tool's own word on the result's quality
	Notices     []string        `json:"notices,omitempty"`
	Extra       json.RawMessage `json:"extra,omitempty"` // what the caller keeps beside; not looked into
	Judgement
	Outputs map[string]Output `json:"-"` // by output port
}

// Output is an artifact that a call made.
type Output struct {
	Digest string // the artifact's identity
	Blob   []byte // its encoded form
}

// GetCall returns the result of the call with that key and counts as a use of
// it. A call that is not stored, or whose blobs are missing or damaged, is
// reported as not found; only a failing database is an error.
func (s *Store) GetCall(ctx context.Context, key string) (CallRecord, bool, error) {
	if s.calls != nil {
		return s.calls.GetCall(ctx, key)
	}
	const what = "a cached result cannot be read"
	rec, outputs, err := s.call(ctx, key)
	if err != nil || rec == nil {
		return CallRecord{}, false, s.explain(ctx, what, err)
	}
	rec.Outputs = make(map[string]Output, len(outputs))
	for _, o := range outputs {
		if !o.inline {
			if o.data, err = s.readBlob(o.blob, o.bytes); err != nil {
				return CallRecord{}, false, s.forget(ctx, o)
			}
		}
		rec.Outputs[o.port] = Output{Digest: o.digest, Blob: o.data}
	}
	// The order of use is worth no failure: the result is there.
	_, _ = s.writer.ExecContext(ctx, sqlTouchCall, key)
	return *rec, true, ctx.Err()
}

// PeekCall returns the record of a stored call without its outputs and without
// counting as a use. That GetCall then finds its blobs whole is likely, not certain.
func (s *Store) PeekCall(ctx context.Context, key string) (CallRecord, bool, error) {
	if s.calls != nil {
		return s.calls.GetCall(ctx, key)
	}
	rec, err := callRecord(ctx, s.reader, key)
	if err != nil || rec == nil {
		return CallRecord{}, false, s.explain(ctx, "a cached result cannot be read", err)
	}
	return *rec, true, nil
}

// stored is one output of a call as the database has it.
type stored struct {
	port, digest, blob string
	bytes              int64
	data               []byte
	inline             bool
}

// call reads a call's rows in one snapshot; nil: there is none.
func (s *Store) call(ctx context.Context, key string) (*CallRecord, []stored, error) {
	tx, err := s.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	rec, err := callRecord(ctx, tx, key)
	if err != nil || rec == nil {
		return nil, nil, err
	}
	outputs, err := scanAll(ctx, tx, func(rows *sql.Rows) (stored, error) {
		var o stored
		err := rows.Scan(&o.port, &o.digest, &o.blob, &o.bytes, &o.data)
		o.inline = o.bytes <= inlineBytes
		return o, err
	}, sqlOutputs, key)
	return rec, outputs, err
}

func callRecord(ctx context.Context, db queryer, key string) (*CallRecord, error) {
	found, err := scanAll(ctx, db, func(rows *sql.Rows) (*CallRecord, error) {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		rec := &CallRecord{}
		return rec, json.Unmarshal(text, rec)
	}, sqlCallRecord, key)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// PutCall stores the result of a call, in place of what the key had, and lets
// the calls go that were used longest ago where the cache is over its bound. A
// result larger than the bound is not stored. The blobs are on disk before any row names them.
func (s *Store) PutCall(ctx context.Context, key string, rec CallRecord) error {
	if s.calls != nil {
		return s.calls.PutCall(ctx, key, rec)
	}
	text, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("the record of a call of %s: %w", rec.Tool, err)
	}
	hashes := make(map[string]string, len(rec.Outputs)) // by port
	blobs := make(map[string][]byte, len(rec.Outputs))
	size := int64(len(text)) + rowBytes
	for port, o := range rec.Outputs {
		sum := sha256.Sum256(o.Blob)
		hash := hex.EncodeToString(sum[:])
		if _, twice := blobs[hash]; !twice {
			size += int64(len(o.Blob))
		}
		hashes[port], blobs[hash] = hash, o.Blob
	}
	if size > s.limit {
		return nil
	}
	const what = "a result was not kept for later"
	for hash, b := range blobs {
		if err := s.writeBlob(ctx, hash, b); err != nil {
			return s.explain(ctx, what, err)
		}
	}
	return s.write(ctx, what, func(tx *sql.Tx) error {
		if err := s.deleteCall(ctx, tx, key, blobs); err != nil {
			return err
		}
		for hash, b := range blobs {
			// Between the writing and this transaction another process may have let the file go.
			if err := s.writeBlob(ctx, hash, b); err != nil {
				return err
			}
			data := b
			if len(b) > inlineBytes {
				data = nil
			} else if data == nil {
				data = []byte{}
			}
			if _, err := tx.ExecContext(ctx, sqlAddBlob, hash, len(b), data); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, sqlAddCall, key, string(text), len(text)+rowBytes); err != nil {
			return err
		}
		for port, o := range rec.Outputs {
			if _, err := tx.ExecContext(ctx, sqlAddOutput, key, port, o.Digest, hashes[port]); err != nil {
				return err
			}
		}
		return s.evict(ctx, tx, key)
	})
}

// evict lets calls go, those used longest ago first, until the cache fits; never the call keep.
func (s *Store) evict(ctx context.Context, tx *sql.Tx, keep string) error {
	for {
		var size, calls int64
		if err := tx.QueryRowContext(ctx, sqlCacheSize).Scan(&size, &calls); err != nil || size <= s.limit {
			return err
		}
		var key string
		err := tx.QueryRowContext(ctx, sqlOldestCall).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) || key == keep {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.deleteCall(ctx, tx, key, nil); err != nil {
			return err
		}
	}
}

// deleteCall removes a call and its blobs, but not those that another call has or that are in spare. Files go before the
// transaction ends: if it fails, rows without files are left, which are misses.
func (s *Store) deleteCall(ctx context.Context, tx *sql.Tx, key string, spare map[string][]byte) error {
	blobs, err := scanAll(ctx, tx, scanString, sqlBlobsOf, key)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlDeleteCall, key); err != nil {
		return err
	}
	for _, hash := range blobs {
		if _, keep := spare[hash]; keep {
			continue
		}
		res, err := tx.ExecContext(ctx, sqlDeleteBlob, hash)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.removeBlob(hash); err != nil {
			return err
		}
	}
	return nil
}

func scanString(rows *sql.Rows) (v string, err error) {
	err = rows.Scan(&v)
	return v, err
}

// forget removes a blob that was found missing or damaged, and every call that needs
// it, unless another process has mended it since.
func (s *Store) forget(ctx context.Context, o stored) error {
	return s.write(ctx, "a damaged cached result cannot be removed", func(tx *sql.Tx) error {
		if _, err := s.readBlob(o.blob, o.bytes); err == nil {
			return nil
		}
		keys, err := scanAll(ctx, tx, scanString, sqlCallsWith, o.blob)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := s.deleteCall(ctx, tx, key, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// CacheSize returns the bytes that the call cache takes and the number of its calls.
func (s *Store) CacheSize(ctx context.Context) (bytes, calls int64, err error) {
	err = s.reader.QueryRowContext(ctx, sqlCacheSize).Scan(&bytes, &calls)
	return bytes, calls, s.explain(ctx, "the size of its cache cannot be read", err)
}
