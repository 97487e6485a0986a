package farm

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"pentimento/internal/store"
)

// filled is a storage with four objects of 4 bytes, put 1, 3, 5 and 7 days ago, and a call's result of today.
func filled(t *testing.T, s shared) (hashes []string) {
	t.Helper()
	for i := range 4 {
		hash, err := putBlob(t.Context(), s, fmt.Appendf(nil, "b%03d", i))
		if err != nil {
			t.Fatal(err)
		}
		s.age(under(blobs, hash), time.Duration(1+2*i)*24*time.Hour)
		hashes = append(hashes, hash)
	}
	if err := (Calls{s}).PutCall(t.Context(), "k", store.CallRecord{Tool: "x"}); err != nil {
		t.Fatal(err)
	}
	return hashes
}

// there is which of the hashes lie in a storage.
func there(t *testing.T, s Storage, hashes []string) (found string) {
	t.Helper()
	for i, hash := range hashes {
		switch _, err := s.Stat(t.Context(), under(blobs, hash)); {
		case err == nil:
			found += fmt.Sprint(i)
		case !errors.Is(err, fs.ErrNotExist):
			t.Error(err)
		}
	}
	return found
}

func TestSweepKeepsToItsBounds(t *testing.T) {
	for name, c := range map[string]struct {
		bounds Bounds
		dry    bool
		left   string
		number int
	}{
		"no bound":                {Bounds{}, false, "0123", 0},
		"age":                     {Bounds{Age: 4 * 24 * time.Hour}, false, "01", 2},
		"age, dry":                {Bounds{Age: 4 * 24 * time.Hour}, true, "0123", 2},
		"bytes":                   {Bounds{Bytes: 250}, false, "0123", 0},
		"bytes spare what is new": {Bounds{Bytes: 1}, false, "0", 3},
		"both":                    {Bounds{Age: 6 * 24 * time.Hour, Bytes: 1}, false, "0", 3},
	} {
		t.Run(name, func(t *testing.T) {
			eachStorage(t, func(t *testing.T, s shared) {
				hashes := filled(t, s)
				swept, err := Sweep(t.Context(), s, c.bounds, time.Now(), c.dry)
				if err != nil || swept.Removed != c.number || swept.Freed != int64(4*c.number) || swept.Kept != 5-c.number {
					t.Errorf("%+v, %v", swept, err)
				}
				if left := there(t, s, hashes); left != c.left {
					t.Errorf("left are %s, want %s", left, c.left)
				}
				if _, ok, err := (Calls{s}).GetCall(t.Context(), "k"); !ok || err != nil {
					t.Errorf("today's call: %v, %v", ok, err)
				}
				if _, err := s.Stat(t.Context(), "README"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What a run uses is put again once it is a day old, so that no sweep takes it from under the run.
func TestWhatIsUsedStaysYoung(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		hashes := filled(t, s)
		if _, err := putBlob(t.Context(), s, []byte("b003")); err != nil {
			t.Fatal(err)
		}
		if _, err := Sweep(t.Context(), s, Bounds{Age: MinAge}, time.Now(), false); err != nil {
			t.Fatal(err)
		}
		if left := there(t, s, hashes); left != "03" {
			t.Errorf("left are %s, want 03", left)
		}
	})
}

// Of the workers of a storage one sweeps a day.
func TestWorkersSweepOnceADay(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		w := &Worker{Name: "one", Storage: s, Bounds: Bounds{Age: 4 * 24 * time.Hour}}
		now := time.Now()
		for _, want := range []struct {
			after   time.Duration
			removed int
		}{{0, 0}, {time.Hour, 0}, {23 * time.Hour, 0}, {25 * time.Hour, 3}} {
			swept, err := w.sweepOnce(t.Context(), now.Add(want.after))
			if err != nil || swept.Removed != want.removed {
				t.Errorf("after %v: %+v, %v", want.after, swept, err)
			}
			if want.after == 0 {
				filled(t, s)
			}
		}
	})
}
