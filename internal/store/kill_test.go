package store

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// child is what a child process of the test does until it is killed: it writes
// traces and blobs as fast as it can.
func child(dir string) {
	ctx := context.Background()
	s, err := Open(ctx, dir, Options{CacheBytes: 2_000_000})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for i := 0; ; i++ {
		seed := i % 12
		if _, err := s.AddTrace(ctx, exampleTrace()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if err := s.PutCall(ctx, fmt.Sprint(seed), record(seed, 300_000)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// TestKilledAtAnyMoment kills processes that write, two at a time, and looks
// whether the next finds everything whole.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 1))
	traces, unfinished, found := 0, 0, 0
	for round := range 12 {
		killTwo(t, dir, time.Duration(r.IntN(120))*time.Millisecond)
		unfinished += len(blobFiles(t, dir))
		s, err := Open(t.Context(), dir, Options{CacheBytes: 2_000_000, Notice: func(n string) { t.Errorf("round %d: %s", round, n) }})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		var verdict string
		if err := s.writer.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("round %d: integrity_check says %s, %v", round, verdict, err)
		}
		left, err := os.ReadDir(s.tempDir())
		if err != nil || len(left) > 0 {
			t.Errorf("round %d: unfinished files are left: %v, %v", round, left, err)
		}
		all, err := s.Traces(t.Context(), Filter{})
		if err != nil || len(all) < traces {
			t.Errorf("round %d: %d traces after %d, %v", round, len(all), traces, err)
		}
		for _, tr := range all[traces:] {
			if len(tr.Steps) != 2 {
				t.Errorf("trace %d has %d steps", tr.ID, len(tr.Steps))
			}
		}
		traces = len(all)
		found += checkWhole(t, s, dir)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d traces; %d results found whole; %d files before the starts", traces, found, unfinished)
	if traces == 0 || found == 0 {
		t.Error("the children wrote nothing")
	}
}

// checkWhole gets every call and compares it with what was put.
func checkWhole(t *testing.T, s *Store, dir string) (found int) {
	t.Helper()
	for seed := range 12 {
		want := record(seed, 300_000)
		got, ok := get(t, s, fmt.Sprint(seed))
		if !ok {
			continue
		}
		found++
		for port, o := range want.Outputs {
			if !bytes.Equal(got.Outputs[port].Blob, o.Blob) || got.Outputs[port].Digest != o.Digest {
				t.Errorf("call %d: %s is not what was put", seed, port)
			}
		}
	}
	// What is on disk is named by rows: each call has one file.
	if files := blobFiles(t, dir); len(files) != found {
		t.Errorf("%d files for %d results", len(files), found)
	}
	return found
}

// killTwo starts two writers, waits until both write and then a while, and kills them.
func killTwo(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	var children [2]*exec.Cmd
	for i := range children {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "PENTIMENTO_TEST_STORE="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
			t.Errorf("a child says %q, %v", line, err)
		}
		children[i] = cmd
	}
	time.Sleep(after)
	for _, c := range children {
		if err := c.Process.Kill(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range children {
		_ = c.Wait() // it was killed, which is an error here
	}
}
