package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"pentimento/internal/ctxio"
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
		sum, err := ctxio.SumFile(ctx, paths[name])
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
