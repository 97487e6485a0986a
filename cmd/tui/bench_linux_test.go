package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

// pty opens a pseudo-terminal: the near end, and the far one that a program gets.
func pty(tb testing.TB, cols, rows uint16) (near, far *os.File) {
	tb.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		tb.Skipf("no pseudo-terminal: %v", err)
	}
	tb.Cleanup(func() { _ = near.Close() })
	n, err := unix.IoctlGetInt(int(near.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(near.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(near.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows})
	}
	if err == nil {
		far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		tb.Skipf("no pseudo-terminal: %v", err)
	}
	return near, far
}

// BenchmarkFirstFrame is from the start of the process to the first frame on the terminal.
func BenchmarkFirstFrame(b *testing.B) {
	file := filepath.Join(b.TempDir(), "street.png")
	img, _ := scene.Render(1200, 800, 1)
	if err := imageio.Save(b.Context(), file, img, imageio.Options{}); err != nil {
		b.Fatal(err)
	}
	var worst time.Duration
	for b.Loop() {
		took := firstFrame(b, file)
		worst = max(worst, took)
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "max-ms")
}

func firstFrame(b *testing.B, file string) time.Duration {
	b.Helper()
	near, far := pty(b, 160, 50)
	dir := b.TempDir()
	cmd := exec.CommandContext(b.Context(), os.Args[0], file)
	cmd.Env = append(os.Environ(), "PENTIMENTO_TEST_TUI=1", "TERM=xterm-256color", "COLORTERM=truecolor", "TMUX=", "PENTIMENTO_DATA="+dir, "PENTIMENTO_CONFIG="+dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = far, far, far
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	_ = far.Close()
	var seen []byte
	buf := make([]byte, 1<<16)
	for !bytes.Contains(seen, []byte("conversation")) {
		n, err := near.Read(buf)
		if err != nil {
			b.Fatalf("the program ended before its first frame: %v\n%q", err, seen)
		}
		seen = append(seen, buf[:n]...)
	}
	took := time.Since(start)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	return took
}
