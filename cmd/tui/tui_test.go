package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pentimento/internal/imageio"
	"pentimento/internal/recipe"
	"pentimento/internal/scene"
)

// terminal is a tmux server of the test's own with the real program in it.
type terminal struct {
	t      *testing.T
	socket string
	env    []string
}

// TestMain lets the test binary be the program: no other needs to be built.
func TestMain(m *testing.M) {
	if os.Getenv("PENTIMENTO_TEST_TUI") != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func openTerminal(t *testing.T, cols, rows int, env ...string) *terminal {
	t.Helper()
	if testing.Short() {
		t.Skip("drives the real program for seconds")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("NOT TESTED END TO END: tmux is not installed")
	}
	dir := t.TempDir()
	x := &terminal{t: t, socket: filepath.Join(dir, "tmux")}
	x.env = append(os.Environ(), "TMUX=", "PENTIMENTO_TEST_TUI=1", "PENTIMENTO_DATA="+filepath.Join(dir, "data"), "PENTIMENTO_CONFIG="+filepath.Join(dir, "config"), "COLORTERM=truecolor")
	x.env = append(x.env, env...)
	x.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows), "sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	return x
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	cmd := exec.CommandContext(x.t.Context(), "tmux", append([]string{"-S", x.socket}, args...)...)
	cmd.Env = x.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (x *terminal) text(s string)    { x.tmux("send-keys", "-l", s) }
func (x *terminal) keys(k ...string) { x.tmux(append([]string{"send-keys"}, k...)...) }
func (x *terminal) screen() string   { return x.tmux("capture-pane", "-p") }

// esc leaves the prompt; a moment after it the next key is one of its own, not Alt with it.
func (x *terminal) esc() {
	x.keys("Escape")
	x.shows("i types a request")
}

// shows waits until the screen shows a text.
func (x *terminal) shows(text string) {
	x.t.Helper()
	for range 600 {
		if strings.Contains(x.screen(), text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	x.t.Fatalf("the screen does not come to show %q:\n%s", text, x.screen())
}

func street(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "street.png")
	img, _ := scene.Render(480, 320, 1)
	if err := imageio.Save(t.Context(), path, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAnEvening goes the way of a person: open, ask, undo, redo, branch, draw a
// region and edit it, compare, reject, export, leave; and the next day all of it is still there.
func TestAnEvening(t *testing.T) {
	file := street(t)
	x := openTerminal(t, 140, 42)
	x.text("PS1='ready> '")
	x.keys("Enter")
	program := fmt.Sprintf("%s '%s'", os.Args[0], file)
	x.text(program)
	x.keys("Enter")
	x.shows("the original")
	x.text("make the picture brighter")
	x.keys("Enter")
	x.shows("turn 1")
	x.esc()
	x.keys("z")
	x.shows("the original")
	x.keys("Z")
	x.shows("turn 1")
	x.keys("B")
	x.shows("branch ›")
	x.text("evening")
	x.keys("Enter")
	x.shows("branch evening begins here")
	x.keys("i")
	x.text("convert it to black and white")
	x.keys("Enter")
	x.shows("turn 2 on evening")
	x.esc()
	x.keys("b", "Space", "L", "L", "J", "J", "Space") // a box around something, by keyboard
	x.shows("what is it")
	x.text("thing")
	x.keys("Enter")
	x.shows("1 thing")
	x.keys("i")
	x.text("recolor 1 to teal")
	x.keys("Enter")
	x.shows("object recoloration: thing → teal")
	x.shows("turn 3 on evening")
	x.esc()
	x.keys("s")
	x.shows("before │ after")
	x.keys("d")
	x.shows("differences")
	x.keys("d")
	x.keys("r")
	x.shows("why rejected")
	x.text("too grey")
	x.keys("Enter")
	x.shows("rejected: too")
	x.shows("turn 2 on evening")
	x.keys("e")
	x.shows("save as")
	out := filepath.Join(filepath.Dir(file), "out.png")
	x.text(out)
	x.keys("Enter")
	x.shows("saved")
	if _, _, err := imageio.Load(t.Context(), out, imageio.Limits{}); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(filepath.Dir(file), "evening.pentimento")
	x.keys("e")
	x.shows("save as")
	x.text(whole)
	x.keys("Enter")
	x.shows("saved " + filepath.Dir(file)[:20])
	x.shows("i types a request")
	x.tmux("resize-window", "-x", "20", "-y", "5")
	x.tmux("resize-window", "-x", "80", "-y", "24")
	x.shows("conversation")
	x.keys("q")
	x.shows("ready>")

	x.text("clear; " + os.Args[0]) // tomorrow, without naming anything
	x.keys("Enter")
	x.shows("turn 2 on evening")
	x.shows("make the picture brighter")
	x.keys("C-z") // to sleep and awake
	x.shows("ready>")
	x.text("fg")
	x.keys("Enter")
	x.shows("turn 2 on evening")
	x.keys("C-c")
	x.shows("ctrl+c again leaves")
	x.keys("C-c")
	x.shows("ready>")

	// Elsewhere, from the one file.
	x.text(fmt.Sprintf("clear; PENTIMENTO_DATA='%s' %s '%s'", filepath.Join(t.TempDir(), "elsewhere"), os.Args[0], whole))
	x.keys("Enter")
	x.shows("turn 2 on evening")
	x.shows("make the picture brighter")
	x.esc()
	x.keys("z")
	x.shows("turn 1")
}

// TestNoTerminal: what is no terminal to draw in is refused in words, and quickly.
func TestNoTerminal(t *testing.T) {
	for _, c := range []struct{ env, want string }{{"TERM=dumb", "TERM=dumb"}, {"TERM=xterm", "needs a terminal"}} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], street(t))
		cmd.Env = append(os.Environ(), "PENTIMENTO_TEST_TUI=1", c.env)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\n%s", c.env, err, out)
		}
	}
}

// TestRegionThree goes the way of a person who points: three boxes by keyboard, the
// third recoloured by its number and nothing else, a storm of resizes while it works,
// and a terminal that goes away in the middle; the next one finds all that was finished.
func TestRegionThree(t *testing.T) {
	file := street(t)
	x := openTerminal(t, 160, 50)
	x.text(fmt.Sprintf("clear; NO_COLOR=1 %s '%s'", os.Args[0], file))
	x.keys("Enter")
	x.shows("the original")
	x.keys("Escape")
	x.shows("i types a request")
	for n, way := range [][]string{{"H", "H", "H", "K", "K"}, {"H", "J"}, {"L", "K"}} {
		x.keys("b")
		x.keys(way...)
		x.keys("Space", "L", "J", "Space")
		x.shows("what is it")
		x.text([]string{"box", "crate", "thing"}[n])
		x.keys("Enter")
		x.shows(fmt.Sprintf("the %s is number %d", []string{"box", "crate", "thing"}[n], n+1))
	}
	x.keys("i")
	x.text("recolor 3 to pink")
	x.keys("Enter")
	for i := range 30 {
		x.tmux("resize-window", "-x", fmt.Sprint(20+i*7%150), "-y", fmt.Sprint(5+i*11%45))
	}
	x.tmux("resize-window", "-x", "160", "-y", "50")
	x.shows("object recoloration: thing → pink")
	x.shows("turn 1")
	x.esc()
	x.keys("e")
	x.shows("save as")
	out := filepath.Join(filepath.Dir(file), "out.png")
	x.text(out)
	x.keys("Enter")
	x.shows("saved")
	onlyOnePlaceChanged(t, file, out)
	x.keys("i")
	x.text("make the picture brighter")
	x.keys("Enter")
	x.shows("turn 2")
	x.tmux("kill-server") // the terminal is gone, with the program in it

	y := openTerminal(t, 80, 24, x.env...)
	y.text(os.Args[0])
	y.keys("Enter")
	y.shows("turn 2")
	y.shows("recolor 3 to pink")
}

// onlyOnePlaceChanged compares two pictures: what differs is less than a tenth of them, and there is something.
func onlyOnePlaceChanged(t *testing.T, before, after string) {
	t.Helper()
	a, _, err := imageio.Load(t.Context(), before, imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b, meta, err := imageio.Load(t.Context(), after, imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for i := 0; i < len(a.Pix); i += 4 {
		if [4]uint8(a.Pix[i:]) != [4]uint8(b.Pix[i:]) {
			changed++
		}
	}
	if n := len(a.Pix) / 4; changed == 0 || changed > n/10 {
		t.Errorf("%d of %d pixels changed", changed, n)
	}
	if r, err := recipe.Read(meta.XMP); err != nil || r == nil || !strings.Contains(fmt.Sprintf("%+v", r), "recolor 3 to pink") {
		t.Errorf("the export carries no recipe of the turn: %v, %v", r, err)
	}
}
