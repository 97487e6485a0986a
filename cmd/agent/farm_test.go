package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests need a real server: make soak builds it, from a module of its own, and names it here.
const envServer = "PENTIMENTO_TEMPORAL_SERVER"

// farmed is a server with what its workers share.
type farmed struct {
	t            *testing.T
	dir, address string
	server       *exec.Cmd
	port         string
	storage      string
	env          []string // of the commands, beside home and path
}

func newFarm(t *testing.T) *farmed {
	t.Helper()
	if os.Getenv(envServer) == "" {
		t.Skip(envServer + " names no server; make soak builds one")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	f := &farmed{t: t, dir: t.TempDir(), port: port, address: "temporal://127.0.0.1:" + port}
	f.storage = filepath.Join(f.dir, "shared")
	f.startServer()
	return f
}

// startServer starts the server on the farm's file and waits until it answers.
func (f *farmed) startServer() {
	f.t.Helper()
	f.server = exec.Command(os.Getenv(envServer), "-db", filepath.Join(f.dir, "server.db"), "-port", f.port)
	f.server.Stderr = os.Stderr
	out, err := f.server.StdoutPipe()
	if err == nil {
		err = f.server.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	server := f.server
	f.t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	if !bufio.NewScanner(out).Scan() {
		f.t.Fatal("the server did not start")
	}
}

// process is a command of the program with a home of its own.
type process struct {
	cmd   *exec.Cmd
	mu    sync.Mutex
	lines []string
	ended chan struct{}
}

// begin starts the program and collects what it prints.
func (f *farmed) begin(home string, args ...string) *process {
	f.t.Helper()
	p := &process{cmd: exec.Command("agent", append(args, "--json", "--engine", f.address, "--storage", f.storage)...), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"HOME=" + filepath.Join(f.dir, home), "PATH=" + os.Getenv("PATH")}, f.env...)
	pipe, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		in := bufio.NewScanner(pipe)
		in.Buffer(nil, 16<<20)
		for in.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, in.Text())
			p.mu.Unlock()
		}
		_ = p.cmd.Wait() // its code is asked for
	}()
	f.t.Cleanup(func() { _ = p.cmd.Process.Signal(syscall.SIGCONT); _ = p.cmd.Process.Kill(); <-p.ended })
	return p
}

// count is how many of the lines printed hold a text.
func (p *process) count(text string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

// await waits until a line holds a text.
func (f *farmed) await(p *process, text string) {
	f.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); p.count(text) == 0; time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.ended:
			if p.count(text) > 0 {
				return
			}
			f.t.Fatalf("it ended with %d and never said %q:\n%s", p.cmd.ProcessState.ExitCode(), text, strings.Join(p.lines, "\n"))
		default:
		}
		if time.Now().After(deadline) {
			p.mu.Lock()
			defer p.mu.Unlock()
			f.t.Fatalf("it never said %q:\n%s", text, strings.Join(p.lines, "\n"))
		}
	}
}

// done waits for a run's end and compares its exit code.
func (f *farmed) done(p *process, code int) {
	f.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(5 * time.Minute):
		f.t.Fatalf("it did not end:\n%s", strings.Join(p.lines, "\n"))
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		f.t.Errorf("exit code %d, want %d:\n%s", got, code, strings.Join(p.lines, "\n"))
	}
}

// work lays n pictures and a plan for them out, and has the machine itself do it: what the farm's results are held to.
func (f *farmed) work(n, w, h int) (plan string, want map[string][]byte) {
	f.t.Helper()
	dir := filepath.Join(f.dir, "work")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		f.t.Fatal(err)
	}
	plan = streets(f.t, dir, n, w, h, "denoise the picture, then sharpen it, then flip it horizontally")
	cmd := exec.Command("agent", "run", plan, "--frozen", "--jobs", "1")
	cmd.Env = []string{"HOME=" + filepath.Join(f.dir, "alone"), "PATH=" + os.Getenv("PATH")}
	if b, err := cmd.CombinedOutput(); err != nil {
		f.t.Fatalf("%v: %s", err, b)
	}
	want = outputs(f.t, filepath.Join(dir, "out"))
	if len(want) != n {
		f.t.Fatalf("%d results of %d pictures", len(want), n)
	}
	if err := os.RemoveAll(filepath.Join(dir, "out")); err != nil {
		f.t.Fatal(err)
	}
	return plan, want
}

func (f *farmed) same(want map[string][]byte) {
	f.t.Helper()
	got := outputs(f.t, filepath.Join(f.dir, "work", "out"))
	for name, b := range want {
		if !bytes.Equal(got[name], b) {
			f.t.Errorf("%s differs from what the machine itself makes: %d bytes, not %d", name, len(got[name]), len(b))
		}
	}
	if len(got) != len(want) {
		f.t.Errorf("%d results, want %d", len(got), len(want))
	}
}

// A worker killed in mid-picture: another takes it over with what was finished, and the results are those of one machine.
func TestFarmWorkerKilledSoak(t *testing.T) {
	f := newFarm(t)
	plan, want := f.work(2, 1600, 1067)
	one := f.begin("one", "worker", "--jobs", "1")
	run := f.begin("home", "run", plan, "--frozen")
	f.await(one, "begun")
	f.await(run, "step-finished")
	_ = one.cmd.Process.Kill()
	f.begin("two", "worker", "--jobs", "1")
	f.done(run, 0)
	if run.count("taken over from") == 0 {
		t.Errorf("no picture was taken over:\n%s", strings.Join(run.lines, "\n"))
	}
	f.same(want)
}

// A server killed in mid-run and started again on its file: the run goes on.
func TestFarmServerKilledSoak(t *testing.T) {
	f := newFarm(t)
	plan, want := f.work(4, 1200, 800)
	f.begin("one", "worker", "--jobs", "1")
	run := f.begin("home", "run", plan, "--frozen")
	f.await(run, `"event":"item"`)
	_ = f.server.Process.Kill()
	_ = f.server.Wait()
	time.Sleep(2 * time.Second)
	f.startServer()
	f.done(run, 0)
	f.same(want)
}

// The same pictures submitted by two commands are edited once, and both have them.
func TestFarmDuplicateSoak(t *testing.T) {
	f := newFarm(t)
	plan, want := f.work(3, 1200, 800)
	worker := f.begin("one", "worker", "--jobs", "1")
	first, second := f.begin("a", "run", plan, "--frozen"), f.begin("b", "run", plan, "--frozen")
	f.done(first, 0)
	f.done(second, 0)
	if n := worker.count("begun"); n != len(want) {
		t.Errorf("%d pictures were begun, want %d", n, len(want))
	}
	f.same(want)
}

// A worker that stood still for longer than it may is taken for lost; what it tells afterwards changes nothing.
func TestFarmSlowWorkerSoak(t *testing.T) {
	f := newFarm(t)
	plan, want := f.work(2, 1600, 1067)
	one := f.begin("one", "worker", "--jobs", "1")
	run := f.begin("home", "run", plan, "--frozen")
	f.await(one, "begun")
	_ = one.cmd.Process.Signal(syscall.SIGSTOP)
	two := f.begin("two", "worker", "--jobs", "1")
	f.await(two, "attempt 2")
	_ = one.cmd.Process.Signal(syscall.SIGCONT)
	f.done(run, 0)
	f.same(want)
}

// ctrl-c once finishes what is under way; twice cancels it at the workers.
func TestFarmStopSoak(t *testing.T) {
	f := newFarm(t)
	plan, want := f.work(4, 1600, 1067)
	worker := f.begin("one", "worker", "--jobs", "1")
	once := f.begin("home", "run", plan, "--frozen", "--jobs", "1")
	f.await(worker, "begun")
	_ = once.cmd.Process.Signal(os.Interrupt)
	f.done(once, 130)
	if worker.count("ended") != 1 || worker.count("cancelled") > 0 {
		t.Errorf("after ctrl-c once:\n%s", strings.Join(worker.lines, "\n"))
	}
	twice := f.begin("home", "run", plan, "--frozen", "--jobs", "1")
	for n := worker.count("begun"); worker.count("begun") == n; {
		time.Sleep(20 * time.Millisecond)
	}
	_ = twice.cmd.Process.Signal(os.Interrupt)
	time.Sleep(50 * time.Millisecond)
	_ = twice.cmd.Process.Signal(os.Interrupt)
	f.done(twice, 130)
	f.await(worker, "cancelled")
	last := f.begin("home", "run", plan, "--frozen", "--jobs", "1")
	f.done(last, 0)
	f.same(want)
	var done struct{ Counts struct{ Kept int } }
	if err := json.Unmarshal([]byte(last.lines[len(last.lines)-1]), &done); err != nil || done.Counts.Kept != 1 {
		t.Errorf("%s, %v", last.lines[len(last.lines)-1], err)
	}
}
