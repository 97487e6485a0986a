package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"
)

// key addresses an item by its content: the bytes of every picture it takes, what is asked for, and
// where the result goes. ranked names the estimates of a frozen run; "" is any.
func (it *Item) key(ctx context.Context, ranked string) (string, error) {
	spec := it.Spec
	spec.Inputs, spec.Note = nil, ""
	sums := make(map[string]string)
	paths := map[string]string{"input": it.Input, "mask": spec.Mask}
	for name, path := range spec.With {
		paths["with "+name] = path
	}
	spec.Mask, spec.With = "", nil
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if paths[name] == "" {
			continue
		}
		sum, err := fileSum(ctx, paths[name])
		if err != nil {
			return "", err
		}
		sums[name] = sum
	}
	text, err := json.Marshal(map[string]any{"form": Version, "pictures": sums, "spec": spec, "output": it.Output, "ranked": ranked})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// fileSum is the sha256 of a file's bytes.
func fileSum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	h := sha256.New()
	if _, err := io.Copy(h, reader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reader ends reading with its context.
type reader struct {
	ctx context.Context // lives for one call
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
