package farm

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// Bounds say what of a storage is removed: what was last put longer ago than Age, and the oldest beyond Bytes.
// Zero is no bound.
type Bounds struct {
	Age   time.Duration
	Bytes int64
}

// MinAge is the least Age, and what Bytes spares: what a run uses was put, or put again, at most renewAfter before,
// and one picture takes at most as long again.
const MinAge = renewAfter + longest

// Swept is what became of a storage's objects.
type Swept struct {
	Removed int   `json:"removed"`
	Freed   int64 `json:"freed"` // bytes of those removed
	Kept    int   `json:"kept"`
	Bytes   int64 `json:"bytes"` // of those kept
}

// Sweep removes what is beyond the bounds, seen from now; dry only counts it. A picture that needs what was removed brings
// it anew, so that a sweep costs time at most. A mark that a result was learned from is put after the result and so
// goes after it: no result is learned from twice.
func Sweep(ctx context.Context, s Storage, b Bounds, now time.Time, dry bool) (Swept, error) {
	var all []Object
	var swept Swept
	for _, folder := range []string{blobs, calls, gathered} {
		if err := s.List(ctx, folder, func(o Object) error {
			all = append(all, o)
			swept.Kept++
			swept.Bytes += o.Size
			return nil
		}); err != nil {
			return Swept{}, err
		}
	}
	slices.SortStableFunc(all, func(a, b Object) int { return cmp.Or(a.Put.Compare(b.Put), cmp.Compare(a.Name, b.Name)) })
	for _, o := range all {
		age := now.Sub(o.Put)
		old, much := b.Age > 0 && age > b.Age, b.Bytes > 0 && swept.Bytes > b.Bytes && age > MinAge
		if !old && !much {
			continue
		}
		if !dry {
			if err := s.Remove(ctx, o.Name); err != nil {
				return swept, err
			}
		}
		swept.Removed++
		swept.Freed += o.Size
		swept.Kept--
		swept.Bytes -= o.Size
	}
	return swept, nil
}

// sweptName is put when a worker sweeps, so that of several one does.
const sweptName = "swept"

// sweep keeps the storage within the worker's bounds until ctx ends. It looks each hour, and sweeps once a day.
func (w *Worker) sweep(ctx context.Context) {
	if w.Bounds == (Bounds{}) {
		return
	}
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if swept, err := w.sweepOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			w.Tell("the storage could not be swept: %v", err)
		} else if swept.Removed > 0 {
			w.Tell("%d objects of %.1f MB that were no longer used were removed from the storage", swept.Removed, float64(swept.Freed)/1e6)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweepOnce sweeps where no worker has within a day.
func (w *Worker) sweepOnce(ctx context.Context, now time.Time) (Swept, error) {
	last, err := w.Storage.Stat(ctx, sweptName)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Swept{}, err
	case err == nil && now.Sub(last.Put) < 24*time.Hour:
		return Swept{}, nil
	}
	if err := w.Storage.Put(ctx, sweptName, contentOf([]byte(w.Name+"\n"))); err != nil {
		return Swept{}, err
	}
	return Sweep(ctx, w.Storage, w.Bounds, now, false)
}
