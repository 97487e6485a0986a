package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/filelock"
)

// record is a result with one large blob of about n bytes and a small one, all of its own.
func record(seed, n int) CallRecord {
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	big := make([]byte, n+r.IntN(100))
	for i := range big {
		big[i] = byte(r.Uint32())
	}
	return CallRecord{
		Tool: fmt.Sprintf("tool-%d", seed), Seconds: float64(seed) + .5, LoadSeconds: .25, Evidence: Unmeasured(), Notices: []string{"said"},
		Judgement: Judgement{Quality: .75, Verdict: Pass, Scores: map[string]Real{"seam": .5}, Reason: "fine"},
		Outputs: map[string]Output{
			"image": {Digest: fmt.Sprintf("image-%d", seed), Blob: big},
			"boxes": {Digest: fmt.Sprintf("boxes-%d", seed), Blob: fmt.Appendf(nil, "boxes of %d", seed)},
		},
	}
}

func put(t testing.TB, s *Store, key string, rec CallRecord) {
	t.Helper()
	if err := s.PutCall(t.Context(), key, rec); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, s *Store, key string) (CallRecord, bool) {
	t.Helper()
	rec, ok, err := s.GetCall(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return rec, ok
}

func TestCallRoundTripsAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{})
	want := record(1, 100_000)
	put(t, s, "k", record(2, 50_000))
	put(t, s, "k", want) // in place of it
	put(t, s, "empty", CallRecord{Tool: "none", Outputs: map[string]Output{"text": {Digest: "d", Blob: nil}}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, Options{})
	got, ok := get(t, s, "k")
	if !ok {
		t.Fatal("the call is gone")
	}
	if diff := cmp.Diff(want, got, nan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if files := blobFiles(t, dir); len(files) != 1 {
		t.Errorf("the replaced result was not removed: %v", files)
	}
	if _, ok := get(t, s, "other"); ok {
		t.Error("a call that was never stored was found")
	}
	if rec, ok := get(t, s, "empty"); !ok || len(rec.Outputs["text"].Blob) != 0 || rec.Outputs["text"].Digest != "d" {
		t.Errorf("the call with an empty blob: %v, %+v", ok, rec)
	}
	peek, ok, err := s.PeekCall(t.Context(), "k")
	if err != nil || !ok || peek.Tool != want.Tool || peek.Outputs != nil {
		t.Errorf("PeekCall = %+v, %v, %v", peek, ok, err)
	}
}

func TestDamagedBlobIsAMiss(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"missing": os.Remove,
		"short":   func(path string) error { return os.Truncate(path, 100) },
		"a bit": func(path string) error {
			b, err := os.ReadFile(path)
			b[len(b)/2] ^= 1
			return errors.Join(err, os.WriteFile(path, b, 0o600))
		},
		"a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openStore(t, dir, Options{})
			want := record(1, 50_000)
			put(t, s, "k", want)
			put(t, s, "twin", want)
			if err := spoil(blobFiles(t, dir)[0]); err != nil {
				t.Fatal(err)
			}
			if _, ok := get(t, s, "k"); ok {
				t.Fatal("a damaged result was taken for whole")
			}
			if size, calls, err := s.CacheSize(t.Context()); size != 0 || calls != 0 || err != nil {
				t.Errorf("%d bytes of %d calls are still counted, %v", size, calls, err)
			}
			put(t, s, "k", want)
			if got, ok := get(t, s, "k"); !ok || !bytes.Equal(got.Outputs["image"].Blob, want.Outputs["image"].Blob) {
				t.Error("the result was not mended by storing it again")
			}
		})
	}
}

func TestLeastRecentlyUsedGoFirst(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{CacheBytes: 500_000})
	for i := range 4 {
		put(t, s, fmt.Sprint(i), record(i, 100_000))
	}
	get(t, s, "0")
	put(t, s, "4", record(4, 100_000))
	put(t, s, "5", record(5, 100_000))
	for key, want := range map[string]bool{"0": true, "1": false, "2": false, "3": true, "4": true, "5": true} {
		if _, ok := get(t, s, key); ok != want {
			t.Errorf("call %s is there: %v, want %v", key, ok, want)
		}
	}
	if n := len(blobFiles(t, dir)); n != 4 {
		t.Errorf("%d files for 4 calls", n)
	}
	put(t, s, "huge", record(9, 600_000))
	if _, ok := get(t, s, "huge"); ok {
		t.Error("a result larger than the bound was kept")
	}
	if size, calls, err := s.CacheSize(t.Context()); err != nil || size > 500_000 || calls != 4 {
		t.Errorf("%d bytes of %d calls, %v", size, calls, err)
	}
}

// TestSharedBlobsStay: two calls with one result keep one file, until both are gone.
func TestSharedBlobsStay(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{CacheBytes: 350_000})
	put(t, s, "a", record(1, 100_000))
	put(t, s, "b", record(1, 100_000))
	if n := len(blobFiles(t, dir)); n != 1 {
		t.Errorf("%d files for one blob", n)
	}
	get(t, s, "b")
	put(t, s, "c", record(2, 100_000))
	put(t, s, "d", record(3, 100_000)) // the rows of a go
	if _, ok := get(t, s, "b"); !ok {
		t.Error("b lost the blob that it shared")
	}
}

func TestPutStopsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutCall(ctx, "k", record(1, 50_000)); !errors.Is(err, context.Canceled) {
		t.Errorf("PutCall = %v", err)
	}
	if files := blobFiles(t, dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	if _, ok := get(t, s, "k"); ok {
		t.Error("it was stored all the same")
	}
}

// TestManyUsersOfATightCache lets several handles put, get and evict the same few calls.
func TestManyUsersOfATightCache(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	hits := make([]int, 4)
	for u := range hits {
		s := openStore(t, dir, Options{CacheBytes: 300_000})
		wait.Go(func() { hits[u] = use(t, s, u, 60) })
	}
	wait.Wait()
	total := 0
	for _, n := range hits {
		total += n
	}
	if total == 0 {
		t.Error("nothing was ever found")
	}
	s := openStore(t, dir, Options{CacheBytes: 300_000})
	if size, _, err := s.CacheSize(t.Context()); err != nil || size > 300_000 {
		t.Errorf("the cache takes %d bytes, %v", size, err)
	}
}

// use puts or gets calls at random and checks what it gets; it returns the hits.
func use(t testing.TB, s *Store, seed, rounds int) (hits int) {
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	for range rounds {
		i := r.IntN(6)
		want := record(i, 60_000)
		got, ok, err := s.GetCall(t.Context(), fmt.Sprint(i))
		switch {
		case err != nil:
			t.Error(err)
		case !ok:
			if err := s.PutCall(t.Context(), fmt.Sprint(i), want); err != nil {
				t.Error(err)
			}
		case !bytes.Equal(got.Outputs["image"].Blob, want.Outputs["image"].Blob):
			t.Errorf("call %d came back with other bytes", i)
		default:
			hits++
		}
	}
	return hits
}

func TestOpenRemovesWhatNobodyNames(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{})
	put(t, s, "k", record(1, 50_000))
	keep := blobFiles(t, dir)
	write(t, filepath.Join(s.tempDir(), "LEFT"), []byte("half"))
	if err := s.writeBlob(t.Context(), "ab0123", make([]byte, 40_000)); err != nil {
		t.Fatal(err)
	}
	// A file whose writer lives is not touched.
	f, err := os.Create(filepath.Join(s.tempDir(), "LIVING"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if ok, err := filelock.Try(f); !ok || err != nil {
		t.Fatal(ok, err)
	}
	openStore(t, dir, Options{})
	want := slices.Concat(keep, []string{f.Name()})
	if diff := cmp.Diff(want, blobFiles(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func BenchmarkCall(b *testing.B) {
	s := openStore(b, b.TempDir(), Options{})
	for _, n := range []int{1000, 16_000_000} {
		rec := record(1, n)
		b.Run(fmt.Sprintf("put/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				rec.Outputs["image"].Blob[0]++
				put(b, s, fmt.Sprint(i%8), rec)
			}
		})
		b.Run(fmt.Sprintf("get/%d", n), func(b *testing.B) {
			put(b, s, "k", rec)
			for b.Loop() {
				if _, ok := get(b, s, "k"); !ok {
					b.Fatal("gone")
				}
			}
		})
	}
}
