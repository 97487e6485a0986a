package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pentimento/internal/edit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a loopback server and returns a tool whose model it has.
func serve(t *testing.T, data []byte, h http.HandlerFunc) edit.ToolSpec {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	src := source("m.onnx", data)
	src.URL = srv.URL + "/m.onnx"
	return specOf("tool", src)
}

// quick are options that do not wait long between attempts.
func quick(t *testing.T) Options {
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return Options{Client: client, Backoff: time.Millisecond}
}

func pull(t *testing.T, s *Store, spec edit.ToolSpec, opt Options) (Result, error) {
	t.Helper()
	results, err := s.Pull(context.Background(), []edit.ToolSpec{spec}, opt)
	if len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	return results[0], err
}

func TestPullDownloadsOnceAndVerifies(t *testing.T) {
	data := payload(300_000)
	var requests atomic.Int32
	spec := serve(t, data, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.ServeContent(w, r, "m.onnx", time.Time{}, bytes.NewReader(data))
	})
	s := &Store{Dirs: []string{filepath.Join(t.TempDir(), "models")}}
	opt := quick(t)
	var last Event
	opt.Progress = func(e Event) {
		if e.State == StateProgress {
			last = e
		}
	}
	r, err := pull(t, s, spec, opt)
	if err != nil || r.State != StateInstalled {
		t.Fatalf("%+v, %v", r, err)
	}
	if last.Done != 300_000 || last.Total != 300_000 {
		t.Errorf("last progress %+v", last)
	}
	if got, err := os.ReadFile(r.Path); err != nil || !bytes.Equal(got, data) {
		t.Errorf("installed %d bytes, %v", len(got), err)
	}
	if r, err = pull(t, s, spec, opt); err != nil || r.State != StateAlready || requests.Load() != 1 {
		t.Errorf("again: %+v, %v, %d requests", r, err, requests.Load())
	}
	if left := leftovers(t, s); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPullResumesAfterCutsAndServerErrors(t *testing.T) {
	data := payload(1_000_000)
	var n atomic.Int32
	var ranges []string
	spec := serve(t, data, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		switch n.Add(1) {
		case 1: // the connection breaks in the middle
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write(data[:400_000])
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			http.ServeContent(w, r, "m.onnx", time.Time{}, bytes.NewReader(data))
		}
	})
	s := &Store{Dirs: []string{t.TempDir()}}
	r, err := pull(t, s, spec, quick(t))
	if err != nil || r.State != StateInstalled {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(ranges) != 3 || ranges[0] != "" || !strings.HasPrefix(ranges[2], "bytes=") || ranges[2] == "bytes=0-" {
		t.Errorf("asked for %q", ranges)
	}
}

func TestPullStartsOverWhenTheRemainsAreWrong(t *testing.T) {
	data := payload(200_000)
	spec := serve(t, data, func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "m.onnx", time.Time{}, bytes.NewReader(data))
	})
	dir := t.TempDir()
	left := filepath.Join(dir, fmt.Sprintf("m.onnx.%.8s.part", hashBytes(data)))
	for name, remains := range map[string][]byte{
		"other bytes": make([]byte, 70_000), "too many": make([]byte, 200_001), "all, wrong": make([]byte, 200_000),
	} {
		write(t, left, remains)
		r, err := pull(t, &Store{Dirs: []string{dir}}, spec, quick(t))
		if err != nil || r.State != StateInstalled {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if err := os.Remove(filepath.Join(dir, "m.onnx")); err != nil {
			t.Error(err)
		}
	}
}

func TestPullRefusesWhatIsNotTheModel(t *testing.T) {
	data := payload(100_000)
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 100000\n"
	wrong := payload(100_001)[1:]
	cases := map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"wrong checksum": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wrong) }, "expected " + hashBytes(data)},
		"not found":      {http.NotFound, "404"},
		"too large, said": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50000000000")
			_, _ = w.Write(data)
		}, "offers 50000000000 bytes"},
		"too large, unsaid": {func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				if _, err := w.Write(data); err != nil {
					return
				}
			}
		}, "more than the expected 100000 bytes"},
		"LFS pointer": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(pointer)) }, "Git LFS pointer"},
		"a web page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>please log in</html>"))
		}, "text/html"},
		"endless redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "redirects"},
		"always 500":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r, err := pull(t, &Store{Dirs: []string{dir}}, serve(t, data, c.handler), quick(t))
			if err == nil || r.State != StateFailed || !strings.Contains(err.Error(), c.want) {
				t.Errorf("state %s, error %v, want %q in it", r.State, err, c.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "m.onnx")); err == nil {
				t.Error("the file is in place")
			}
		})
	}
}

func TestPullFollowsARedirect(t *testing.T) {
	data := payload(50_000)
	spec := serve(t, data, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/m.onnx" {
			http.Redirect(w, r, "/store/object", http.StatusFound)
			return
		}
		_, _ = w.Write(data)
	})
	if r, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, spec, quick(t)); err != nil || r.State != StateInstalled {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestPullDoesNotLeaveHTTPS(t *testing.T) {
	data := payload(1000)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	defer secure.Close()
	src := source("m.onnx", data)
	src.URL = secure.URL
	opt := quick(t)
	opt.Client = secure.Client()
	_, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, specOf("tool", src), opt)
	if err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("error %v", err)
	}
}

// drip sends a byte now and then until the client goes.
func drip(every time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(make([]byte, 1000))
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{1})
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(every):
			case <-r.Context().Done():
			}
		}
	}
}

func TestPullStopsWhenCancelledAndLeavesAPart(t *testing.T) {
	spec := serve(t, payload(1_000_000), drip(5*time.Millisecond))
	s := &Store{Dirs: []string{t.TempDir()}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opt := quick(t)
	opt.Progress = func(e Event) {
		if e.State == StateProgress && e.Done > 1005 {
			cancel()
		}
	}
	_, err := s.Pull(ctx, []edit.ToolSpec{spec}, opt)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	left := leftovers(t, s)
	if len(left) != 1 || sizeOf(left[0]) < 1005 {
		t.Errorf("left %v", left)
	}
}

func TestPullGivesUpOnASilentServer(t *testing.T) {
	spec := serve(t, payload(1_000_000), drip(time.Hour))
	opt := quick(t)
	opt.Idle, opt.Attempts = 20*time.Millisecond, 2
	_, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, spec, opt)
	if err == nil || !strings.Contains(err.Error(), "sent nothing") {
		t.Errorf("error %v", err)
	}
}

func TestPullTriesTheNextOrigin(t *testing.T) {
	data := payload(1000)
	bad := serve(t, data, http.NotFound).Runtime.ONNX.Models[0].Accept[0]
	good := serve(t, data, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }).Runtime.ONNX.Models[0].Accept[0]
	good.File = "n.onnx"
	if r, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, specOf("tool", bad, good), quick(t)); err != nil || r.File != "n.onnx" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestPullWithoutOriginNamesTheCommand(t *testing.T) {
	_, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, specOf("depth-tool", source("d.onnx", payload(10))), quick(t))
	var user *edit.UserError
	if !errors.As(err, &user) || !strings.Contains(user.Hint, "agent models pull depth-tool --from DIR") {
		t.Errorf("error %v", err)
	}
}

func TestPullFromAMirror(t *testing.T) {
	a, b, c := payload(1000), payload(1001), payload(1002)
	mirror := t.TempDir()
	write(t, filepath.Join(mirror, "a.onnx"), a)
	write(t, filepath.Join(mirror, "sub", "under another name.bin"), b)
	write(t, filepath.Join(mirror, "c.onnx"), append(payload(1001), 9))
	specs := []edit.ToolSpec{
		specOf("a", source("a.onnx", a)), specOf("b", source("b.onnx", b)),
		specOf("c", source("c.onnx", c)), specOf("d", source("d.onnx", payload(77))),
		specOf("e", source("e.onnx", payload(78)), source("a.onnx", a)),
	}
	results, err := (&Store{Dirs: []string{t.TempDir()}}).Pull(context.Background(), specs, Options{From: mirror})
	want := []State{StateInstalled, StateInstalled, StateFailed, StateNotInFrom, StateAlready}
	if len(results) != len(want) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, r := range results {
		if r.State != want[i] {
			t.Errorf("%s: %s (%v), want %s", r.Tool, r.State, r.Err, want[i])
		}
	}
	if err == nil || !strings.Contains(err.Error(), "c.onnx has sha256") {
		t.Errorf("error %v", err)
	}
	if _, err := (&Store{Dirs: []string{t.TempDir()}}).Pull(context.Background(), specs[:1], Options{From: filepath.Join(mirror, "none")}); err == nil {
		t.Error("a mirror that is not there was taken")
	}
}

func TestPullClearsWhatKilledProcessesLeft(t *testing.T) {
	data := payload(1000)
	spec := serve(t, data, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	s := &Store{Dirs: []string{filepath.Join(t.TempDir(), "[odd* name")}}
	write(t, filepath.Join(s.Dirs[0], ".other.onnx-123.part"), payload(10))
	write(t, filepath.Join(s.Dirs[0], "m.onnx.01234567.part"), payload(10)) // of an older version of the file
	write(t, filepath.Join(s.Dirs[0], "n.onnx.01234567.part"), payload(10)) // another model's download, still wanted
	if r, err := pull(t, s, spec, quick(t)); err != nil || r.State != StateInstalled {
		t.Fatalf("%+v, %v", r, err)
	}
	if left := leftovers(t, s); len(left) != 1 || filepath.Base(left[0]) != "n.onnx.01234567.part" {
		t.Errorf("left %v", left)
	}
}

func TestPullSizeLimit(t *testing.T) {
	data := payload(1000)
	mirror := t.TempDir()
	write(t, filepath.Join(mirror, "a.onnx"), data)
	_, err := pull(t, &Store{Dirs: []string{t.TempDir()}}, specOf("a", source("a.onnx", data)), Options{From: mirror, MaxBytes: 999})
	if err == nil || !strings.Contains(err.Error(), "limit of 999") {
		t.Errorf("error %v", err)
	}
}

func TestPullWaitsForTheLock(t *testing.T) {
	data := payload(1000)
	mirror, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(mirror, "a.onnx"), data)
	release, err := lock(context.Background(), dir, func() { t.Error("waited for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{From: mirror, Progress: func(e Event) {
		if e.State == StateWaiting {
			release()
		}
	}}
	if r, err := pull(t, &Store{Dirs: []string{dir}}, specOf("a", source("a.onnx", data)), opt); err != nil || r.State != StateInstalled {
		t.Errorf("%+v, %v", r, err)
	}
	release, err = lock(context.Background(), dir, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithCancel(context.Background())
	opt.Progress = func(Event) { cancel() }
	if _, err := (&Store{Dirs: []string{dir}}).Pull(ctx, nil, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
}

// A model of several files is pulled part by part: the network, its outside
// tensors, a vocabulary. What one part lacks does not keep the others.
func TestPullSeveralParts(t *testing.T) {
	files := map[string][]byte{"/net.onnx": payload(90_000), "/net.onnx.data": payload(400_000), "/words.txt": payload(5_000)}
	var cut atomic.Bool
	cut.Store(true)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.URL.Path == "/net.onnx.data" && cut.Swap(false): // the large one breaks off once
			w.Header().Set("Content-Length", "400000")
			_, _ = w.Write(data[:200_000])
			panic(http.ErrAbortHandler)
		default:
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		}
	}))
	t.Cleanup(srv.Close)
	part := func(name, role, path string) edit.ModelFile {
		src := source(strings.TrimPrefix(path, "/"), files[path])
		src.URL, src.License, src.Origin = srv.URL+path, "MIT", "somewhere @ 0123"
		return edit.ModelFile{Part: name, Role: role, Accept: []edit.ModelSource{src}}
	}
	spec := edit.ToolSpec{Name: "chain"}
	spec.Runtime.ONNX = &edit.ONNXRuntime{Models: []edit.ModelFile{
		part("net", edit.RoleGraph, "/net.onnx"), part("weights", edit.RoleData, "/net.onnx.data"), part("words", edit.RoleVocab, "/words.txt"),
	}}
	gone := part("more", edit.RoleGraph, "/net.onnx")
	gone.Accept[0].File, gone.Accept[0].URL = "gone.onnx", srv.URL+"/gone.onnx"
	spec.Runtime.ONNX.Models = append(spec.Runtime.ONNX.Models, gone)

	s := &Store{Dirs: []string{t.TempDir()}}
	results, err := s.Pull(context.Background(), []edit.ToolSpec{spec}, quick(t))
	if len(results) != 4 || err == nil || !strings.Contains(err.Error(), "gone.onnx") {
		t.Fatalf("%d results, error %v", len(results), err)
	}
	for i, r := range results[:3] {
		if r.State != StateInstalled || r.Part != spec.Runtime.ONNX.Models[i].Part {
			t.Errorf("part %s: %+v", spec.Runtime.ONNX.Models[i].Part, r)
		}
	}
	entries := s.Catalogue([]edit.ToolSpec{spec})
	if len(entries) != 4 || entries[3].Installed {
		t.Fatalf("catalogue %+v", entries)
	}
	for i, e := range entries[:3] {
		if !e.Installed || e.Role != spec.Runtime.ONNX.Models[i].Role || e.License != "MIT" || e.Origin == "" || e.Bytes == 0 {
			t.Errorf("entry %+v", e)
		}
	}
	// Outside tensors that were tampered with are found out like a network.
	if err := os.WriteFile(filepath.Join(s.Dirs[0], "net.onnx.data"), make([]byte, 400_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if entries, err = s.Verify(context.Background(), []edit.ToolSpec{spec}); err != nil || entries[1].Problem == "" || entries[0].Problem != "" {
		t.Errorf("verify: %+v, %v", entries, err)
	}
}
