//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

// TestNobodyReads: where standard output is a pipe that nobody reads any more, the program ends as others
// do, by the signal SIGPIPE (141 in a shell), says nothing, and leaves no half of a picture.
func TestNobodyReads(t *testing.T) {
	home := t.TempDir()
	street := filepath.Join(home, "street.png")
	img, _ := scene.Render(160, 107, 1)
	if err := imageio.Save(t.Context(), street, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	results := filepath.Join(home, "results")
	if err := os.Mkdir(results, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"tools list", "tools list --json", "tools --help", "sessions list --json", "sessions list", "config list",
		"edit street.png flip --json -o results/flipped.png", "edit street.png flip -o -",
	} {
		args := strings.Fields(line)
		if args[0] == "edit" {
			args[2] = "flip horizontally"
		}
		near, far, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		var problems strings.Builder
		cmd := exec.Command("agent", args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = home, far, &problems
		cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
		if err := errors.Join(near.Close(), cmd.Start(), far.Close()); err != nil {
			t.Fatal(err)
		}
		err = cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGPIPE {
			t.Errorf("%s: %v", line, err)
		}
		if said := problems.String(); args[0] != "edit" && said != "" || strings.Contains(said, "pipe") || strings.Contains(said, "goroutine") {
			t.Errorf("%s: it says %q", line, said)
		}
	}
	if left, err := os.ReadDir(results); err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
}

// TestOneLineIsRead: as agent tools list --json | head -1.
func TestOneLineIsRead(t *testing.T) {
	for _, args := range [][]string{{"tools", "list"}, {"tools", "list", "--json"}} {
		near, far, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		var problems, line strings.Builder
		head := exec.Command("head", "-1")
		head.Stdin, head.Stdout = near, &line
		cmd := exec.Command("agent", args...)
		cmd.Stdout, cmd.Stderr = far, &problems
		cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		if err := errors.Join(head.Start(), cmd.Start(), near.Close(), far.Close(), head.Wait()); err != nil {
			t.Fatal(err)
		}
		err = cmd.Wait()
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if ok = ok && status.Signaled() && status.Signal() == syscall.SIGPIPE; err != nil && !ok {
			t.Errorf("%v: %v", args, err)
		}
		if strings.Count(line.String(), "\n") != 1 || problems.Len() > 0 {
			t.Errorf("%v: head read %q; it says %q", args, line.String(), problems.String())
		}
	}
}
