package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pentimento/internal/farm/s3test"
)

// A bucket as the storage, whose server fails at every fifth request: the results are those of one machine. A storage
// that was emptied costs time and nothing else. The keys are nowhere but in the environment.
func TestFarmBucketSoak(t *testing.T) {
	f := newFarm(t)
	server := s3test.New(t)
	var n atomic.Int64
	server.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
		if n.Add(1)%5 != 0 {
			return false
		}
		s3test.Refuse(w, http.StatusInternalServerError, "InternalError")
		return true
	})
	f.storage = "s3://" + s3test.Bucket + "/farm"
	for name, value := range server.Env() {
		f.env = append(f.env, name+"="+value)
	}
	plan, want := f.work(3, 800, 533)
	worker := f.begin("one", "worker", "--jobs", "2")
	run := f.begin("home", "run", plan, "--frozen")
	f.done(run, 0)
	f.same(want)

	gc := exec.Command("agent", "worker", "gc", "--all", "--storage", f.storage)
	gc.Env = append([]string{"HOME=" + f.dir, "PATH=" + os.Getenv("PATH")}, f.env...)
	told, err := gc.CombinedOutput()
	if left := server.Each(nil); err != nil || len(left) > 2 { // the README, and when a worker swept
		t.Errorf("%v: %s, left are %v", err, told, left)
	}
	if err := os.RemoveAll(filepath.Join(f.dir, "work", "out")); err != nil {
		t.Fatal(err)
	}
	again := f.begin("home", "run", plan, "--frozen")
	f.done(again, 0)
	f.same(want)
	if n := worker.count("begun"); n != 2*len(want) {
		t.Errorf("%d pictures were begun, want %d", n, 2*len(want))
	}

	keyless(t, "what gc prints", told)
	for _, p := range []*process{worker, run, again} {
		p.mu.Lock()
		keyless(t, "what a command prints", []byte(strings.Join(p.lines, "\n")))
		p.mu.Unlock()
	}
	server.Each(func(name string, body []byte, put time.Time) ([]byte, time.Time) {
		keyless(t, name, append([]byte(name), body...))
		return body, put
	})
	if err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path) // the server's file too: what workflows are begun with
		keyless(t, path, b)
		return err
	}); err != nil {
		t.Error(err)
	}
}

// keyless reports a key in what somebody may read.
func keyless(t *testing.T, where string, b []byte) {
	t.Helper()
	for _, key := range []string{s3test.KeyID, s3test.Secret} {
		if bytes.Contains(b, []byte(key)) {
			t.Errorf("%s holds a key", where)
		}
	}
}
