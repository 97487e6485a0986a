package farm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"

	"pentimento/internal/ctxio"
	"pentimento/internal/store"
)

// Calls keeps results of calls in the storage, so that what one worker ran no other runs again. It
// implements store.Calls.
type Calls struct{ Storage Storage }

// call is a result as it lies there: the record, and its outputs by hash.
type call struct {
	Record  store.CallRecord  `json:"record"`
	Outputs map[string]output `json:"outputs"`
}

type output struct {
	Digest string `json:"digest"`
	Blob   string `json:"blob"`
}

// callName is where a call's result lies; keys may hold what names of files may not.
func callName(key string) string {
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:])
	return under(calls, name)
}

// GetCall implements store.Calls.
func (c Calls) GetCall(ctx context.Context, key string) (store.CallRecord, bool, error) {
	rec, err := c.get(ctx, key)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errDamaged), errors.As(err, &syntax):
		return store.CallRecord{}, false, nil
	case err != nil:
		return store.CallRecord{}, false, err
	}
	return rec, true, nil
}

func (c Calls) get(ctx context.Context, key string) (store.CallRecord, error) {
	r, err := c.Storage.Get(ctx, callName(key))
	if err != nil {
		return store.CallRecord{}, err
	}
	defer func() { _ = r.Close() }()
	var text bytes.Buffer
	if _, err := io.Copy(&text, ctxio.Reader(ctx, r)); err != nil {
		return store.CallRecord{}, err
	}
	var kept call
	if err := json.Unmarshal(text.Bytes(), &kept); err != nil {
		return store.CallRecord{}, err
	}
	rec := kept.Record
	rec.Outputs = make(map[string]store.Output, len(kept.Outputs))
	for port, o := range kept.Outputs {
		b, err := getBlob(ctx, c.Storage, o.Blob)
		if err != nil {
			return store.CallRecord{}, err
		}
		rec.Outputs[port] = store.Output{Digest: o.Digest, Blob: b}
	}
	return rec, nil
}

// PutCall implements store.Calls: the outputs are there before the record that names them.
func (c Calls) PutCall(ctx context.Context, key string, rec store.CallRecord) error {
	kept := call{Record: rec, Outputs: make(map[string]output, len(rec.Outputs))}
	for port, o := range rec.Outputs {
		hash, err := putBlob(ctx, c.Storage, o.Blob)
		if err != nil {
			return err
		}
		kept.Outputs[port] = output{o.Digest, hash}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return c.Storage.Put(ctx, callName(key), contentOf(text))
}
