package farm

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/farm/s3test"
	"pentimento/internal/store"
)

// kinds of storage: what all of them must do is tested on each.
type shared struct {
	Storage
	alter func(name string, to []byte)        // as a fault of the disk would
	age   func(name string, by time.Duration) // as if it were put earlier
}

func eachStorage(t *testing.T, test func(*testing.T, shared)) {
	t.Run("folder", func(t *testing.T) { test(t, sharedFolder(t)) })
	t.Run("bucket", func(t *testing.T) {
		s, _ := sharedBucket(t)
		test(t, s)
	})
}

func sharedFolder(t *testing.T) shared {
	t.Helper()
	f, err := OpenFolder(t.Context(), filepath.Join(t.TempDir(), "shared"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	return shared{
		f, func(name string, to []byte) { check(os.WriteFile(f.path(name), to, 0o600)) },
		func(name string, by time.Duration) {
			then := time.Now().Add(-by)
			check(os.Chtimes(f.path(name), then, then))
		},
	}
}

func sharedBucket(t *testing.T) (shared, *s3test.Server) {
	t.Helper()
	server := s3test.New(t)
	s, err := Open(t.Context(), "s3://"+s3test.Bucket+"/a farm/1", env(server.Env()))
	if err != nil {
		t.Fatal(err)
	}
	change := func(of string, to func(body []byte, put time.Time) ([]byte, time.Time)) {
		server.Each(func(name string, body []byte, put time.Time) ([]byte, time.Time) {
			if strings.HasSuffix(name, "/"+of) {
				return to(body, put)
			}
			return body, put
		})
	}
	return shared{
		s,
		func(name string, to []byte) {
			change(name, func(_ []byte, put time.Time) ([]byte, time.Time) { return to, put })
		},
		func(name string, by time.Duration) {
			change(name, func(body []byte, put time.Time) ([]byte, time.Time) { return body, put.Add(-by) })
		},
	}, server
}

func env(set map[string]string) func(string) string {
	return func(name string) string { return set[name] }
}

func TestStorageKeepsFiles(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		ctx := t.Context()
		from, to := filepath.Join(t.TempDir(), "a b.png"), filepath.Join(t.TempDir(), "out.png")
		if err := os.WriteFile(from, []byte("pixels"), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			f, err := putFile(ctx, s, from)
			if err != nil || f.Name != "a b.png" {
				t.Fatal(f, err)
			}
			if err := getFile(ctx, s, f.Hash, to); err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(to); err != nil || string(b) != "pixels" {
				t.Errorf("%q, %v", b, err)
			}
			// One that was altered is not delivered, and can be put again.
			s.alter(under(blobs, f.Hash), []byte("pixelz"))
			if err := getFile(ctx, s, f.Hash, to); !errors.Is(err, errDamaged) {
				t.Errorf("a damaged file was delivered: %v", err)
			}
			if b, err := os.ReadFile(to); err != nil || string(b) != "pixels" {
				t.Errorf("what was there before a damaged file is now %q, %v", b, err)
			}
		}
	})
}

func TestStorageSaysWhatIsMissing(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		ctx := t.Context()
		hash := contentOf([]byte("never put")).Sum
		if _, err := s.Stat(ctx, under(blobs, hash)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat: %v", err)
		}
		if _, err := getBlob(ctx, s, hash); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), hash) {
			t.Errorf("get: %v", err)
		}
		if err := s.Remove(ctx, under(blobs, hash)); err != nil {
			t.Errorf("remove: %v", err)
		}
		if err := s.List(ctx, gathered, func(o Object) error { return errors.New(o.Name) }); err != nil {
			t.Errorf("list: %v", err)
		}
	})
}

func TestStorageListsAndRemoves(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		ctx := t.Context()
		for _, b := range []string{"", "a", "bb"} {
			if _, err := putBlob(ctx, s, []byte(b)); err != nil {
				t.Fatal(err)
			}
		}
		var size int64
		names := func() (names []string) {
			size = 0
			if err := s.List(ctx, blobs, func(o Object) error {
				if time.Since(o.Put).Abs() > time.Minute {
					t.Errorf("%s was put at %v", o.Name, o.Put)
				}
				names, size = append(names, o.Name), size+o.Size
				return nil
			}); err != nil {
				t.Error(err)
			}
			return names
		}
		all := names()
		if len(all) != 3 || size != 3 {
			t.Fatalf("%v of %d bytes", all, size)
		}
		if err := s.Remove(ctx, all[1]); err != nil {
			t.Error(err)
		}
		if left := names(); !slices.Equal(left, []string{all[0], all[2]}) {
			t.Errorf("%v after %s was removed", left, all[1])
		}
	})
}

// Whatever moment a reader comes at, an object is whole or not there; writers of one object do not disturb each other.
func TestStorageShowsNoPartOfAnObject(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		ctx := t.Context()
		b := make([]byte, 3<<20)
		_, _ = rand.Read(b) // never fails
		name, sum := under(blobs, contentOf(b).Sum), contentOf(b).Sum
		if err := s.Put(ctx, name, Content{&broken{bytes.NewReader(b)}, int64(len(b)), sum}); err == nil {
			t.Error("content that broke off was put")
		}
		if err := s.Put(ctx, name, Content{bytes.NewReader(b[1:]), int64(len(b)) - 1, sum}); !errors.Is(err, errChanged) {
			t.Errorf("other content than the hash says: %v", err)
		}
		if _, err := s.Stat(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after two puts that failed: %v", err)
		}
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				if err := s.Put(ctx, name, contentOf(b)); err != nil {
					t.Error(err)
				}
			})
		}
		for range 20 {
			if _, err := getBlob(ctx, s, sum); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
		}
		writers.Wait()
		if got, err := getBlob(ctx, s, sum); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes of %d, %v", len(got), len(b), err)
		}
	})
}

// broken is content whose second half cannot be read.
type broken struct{ *bytes.Reader }

// Read implements io.Reader.
func (b *broken) Read(p []byte) (int, error) {
	if int64(b.Len()) < b.Size()/2 {
		return 0, errors.New("the disk broke")
	}
	return b.Reader.Read(p)
}

// Seek implements io.Seeker.
func (b *broken) Seek(at int64, from int) (int64, error) { return b.Reader.Seek(at, from) }

func TestStorageEndsWithItsContext(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		if _, err := putBlob(t.Context(), s, []byte("b")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := getBlob(ctx, s, contentOf([]byte("b")).Sum); !errors.Is(err, context.Canceled) {
			t.Errorf("get: %v", err)
		}
		if err := s.Put(ctx, under(blobs, "x"), contentOf([]byte("c"))); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
		if err := s.List(ctx, blobs, func(Object) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("list: %v", err)
		}
	})
}

func TestCallsAreShared(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) {
		ctx := t.Context()
		open := func() *store.Store {
			st, err := store.Open(ctx, t.TempDir(), store.Options{Calls: Calls{s}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = st.Close() })
			return st
		}
		one, two := open(), open()
		rec := store.CallRecord{Tool: "x", Seconds: 2, Evidence: store.Unmeasured(), Judgement: store.Judgement{Quality: 0.5}, Outputs: map[string]store.Output{"image": {Digest: "d", Blob: []byte("bytes")}}}
		if err := one.PutCall(ctx, "picture/1", rec); err != nil {
			t.Fatal(err)
		}
		got, ok, err := two.GetCall(ctx, "picture/1")
		if err != nil || !ok || got.Tool != "x" || got.Seconds != 2 || got.Evidence.Measured() || got.Quality != 0.5 || string(got.Outputs["image"].Blob) != "bytes" {
			t.Errorf("%+v, %v, %v", got, ok, err)
		}
		if _, ok, err := two.GetCall(ctx, "none"); ok || err != nil {
			t.Errorf("a call that nobody made: %v, %v", ok, err)
		}
		s.alter(under(blobs, contentOf([]byte("bytes")).Sum), []byte("other"))
		if _, ok, err := two.GetCall(ctx, "picture/1"); ok || err != nil {
			t.Errorf("a damaged result was taken: %v, %v", ok, err)
		}
	})
}

// A server that fails now and then is asked again; one that fails on is a failure that may pass.
func TestBucketAsksAgain(t *testing.T) {
	s, server := sharedBucket(t)
	ctx := t.Context()
	n := 0
	server.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
		n++
		if n%2 == 0 {
			return false
		}
		if n%4 == 1 {
			s3test.Refuse(w, http.StatusInternalServerError, "InternalError")
		} else {
			s3test.Refuse(w, http.StatusServiceUnavailable, "SlowDown")
		}
		return true
	})
	hash, err := putBlob(ctx, s, []byte("pixels"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := getBlob(ctx, s, hash); err != nil || string(b) != "pixels" {
		t.Errorf("%q, %v", b, err)
	}
	if n != 6 { // two for each of: is it there, put, get
		t.Errorf("%d requests", n)
	}
	server.Fault(func(w http.ResponseWriter, r *http.Request) bool { // it breaks off in the middle of an answer
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", "6")
		_, _ = io.WriteString(w, "pix")
		return true
	})
	var told *batch.Failure
	if _, err = getBlob(ctx, s, hash); !errors.As(err, &told) || told.Class != batch.Retryable {
		t.Errorf("an answer that broke off: %v", err)
	}
}

// A request that a server does not answer ends with its context.
func TestBucketIsLeftAtOnce(t *testing.T) {
	s, server := sharedBucket(t)
	arrived := make(chan struct{}, 9)
	server.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
		arrived <- struct{}{}
		<-r.Context().Done()
		return true
	})
	for name, ask := range map[string]func(context.Context) error{
		"get":  func(ctx context.Context) error { _, err := getBlob(ctx, s, "ab"); return err },
		"put":  func(ctx context.Context) error { return s.Put(ctx, "x", contentOf(nil)) },
		"list": func(ctx context.Context) error { return s.List(ctx, blobs, func(Object) error { return nil }) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ask(ctx) }()
		<-arrived
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(10 * time.Second): // a second, and room for a machine under load
			t.Fatalf("%s went on", name)
		}
	}
}

// What a person must mend is said with a hint, and without a key.
func TestBucketThatCannotBeOpened(t *testing.T) {
	server := s3test.New(t)
	with := func(more ...string) map[string]string {
		set := server.Env()
		for i := 0; i < len(more); i += 2 {
			set[more[i]] = more[i+1]
		}
		return set
	}
	there := "s3://" + s3test.Bucket
	for name, c := range map[string]struct {
		address, msg string
		env          map[string]string
		keys         bool
	}{
		"no keys":         {there, "there are no keys", map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none")}, true},
		"another secret":  {there, "refused the keys", with("AWS_SECRET_ACCESS_KEY", "another+secret"), true},
		"another key":     {there, "refused the keys", with("AWS_ACCESS_KEY_ID", "ANOTHERKEY"), true},
		"no kind":         {"gs://" + s3test.Bucket, "no storage is known by gs://", with(), false},
		"no bucket":       {"s3://elsewhere", "no bucket elsewhere", with(), false},
		"keys in address": {"s3://" + s3test.KeyID + ":" + s3test.Secret + "@b", "none of a bucket", with(), false},
		"no server":       {there, "cannot be used", with("AWS_ENDPOINT_URL", "https://127.0.0.1:1"), false},
		"keys in server":  {there, "no address of a server", with("AWS_ENDPOINT_URL", "http://"+s3test.KeyID+":"+"x@127.0.0.1"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(context.Background(), c.address, env(c.env))
			var told *edit.UserError
			var keys *KeysError
			if !errors.As(err, &told) || told.Hint == "" || !strings.Contains(err.Error(), c.msg) || errors.As(err, &keys) != c.keys {
				t.Fatalf("%v", err)
			}
			for _, key := range []string{s3test.KeyID, s3test.Secret, c.env["AWS_ACCESS_KEY_ID"], c.env["AWS_SECRET_ACCESS_KEY"]} {
				if key != "" && strings.Contains(err.Error(), key) {
					t.Errorf("it holds the key %s: %v", key, err)
				}
			}
		})
	}
}

// Keys come from the files of AWS's tools, too; a session's token goes along.
func TestBucketTakesKeysOfAFile(t *testing.T) {
	server := s3test.New(t)
	file := filepath.Join(t.TempDir(), "credentials")
	text := "[farm]\naws_access_key_id = " + s3test.KeyID + "\naws_secret_access_key = " + s3test.Secret + "\naws_session_token = token\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var token string
	server.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
		token = r.Header.Get("X-Amz-Security-Token")
		return false
	})
	s, err := Open(t.Context(), "s3://"+s3test.Bucket, env(map[string]string{"AWS_ENDPOINT_URL_S3": server.URL, "AWS_SHARED_CREDENTIALS_FILE": file, "AWS_PROFILE": "farm"}))
	if err != nil || s.String() != "s3://"+s3test.Bucket || token != "token" {
		t.Errorf("%v, %v, token %q", s, err, token)
	}
}
