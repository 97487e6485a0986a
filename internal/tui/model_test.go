package tui_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"pentimento/internal/edit"
	"pentimento/internal/session"
	"pentimento/internal/tui"
)

var update = flag.Bool("update", false, "write the golden screens anew")

func TestAskAndWatch(t *testing.T) {
	f := newFake(120, 80)
	f.gate = make(chan struct{})
	d := drive(t, f, 120, 40)
	d.ask("recolor the car to teal")
	d.shows("› recolor the car to teal", "object recoloration: car → teal", "✓ find", "● paint", "0.50 s  0.95")
	d.ask("and now blue") // waits its turn, the first goes on
	d.shows("and now blue (waits)", "1 waiting")
	close(f.gate)
	d.settle()
	d.shows("turn 2", "by search  1.50 s  0.90")
	if len(f.asks) != 2 || f.asks[1].At != 1 {
		t.Fatalf("the second request was to follow the first turn: %+v", f.asks)
	}
}

func TestStopKeepsTheRest(t *testing.T) {
	f := newFake(120, 80)
	f.gate = make(chan struct{})
	d := drive(t, f, 120, 40)
	d.ask("recolor the car")
	d.keys("ctrl+x")
	if !f.skipped {
		t.Fatal("ctrl+x did not give up the step")
	}
	d.keys("ctrl+c")
	d.shows("■ stopped", "the original")
	if d.quit {
		t.Fatal("stopping a request must not leave")
	}
	d.keys("ctrl+c", "ctrl+c")
	if !d.quit {
		t.Fatal("ctrl+c twice with nothing to stop did not leave")
	}
}

func TestLettersAreTextInThePromptAndKeysOutside(t *testing.T) {
	d := drive(t, newFake(120, 80), 120, 40)
	d.text("quiz")
	d.shows("› quiz")
	if d.quit {
		t.Fatal("q in the prompt left the program")
	}
	d.keys("esc", "?")
	d.shows("leave the prompt: letters are keys then", "undo the turn")
	d.keys("esc", "q")
	if !d.quit {
		t.Fatal("q outside the prompt did not leave")
	}
}

func TestRecallsWhatWasAsked(t *testing.T) {
	d := drive(t, newFake(120, 80), 120, 40)
	d.ask("first")
	d.ask("second")
	d.text("dra")
	d.keys("up", "up")
	d.shows(" › first ")
	d.keys("down", "down")
	d.shows(" › dra ")
}

func TestUndoRedoJumpBranch(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 140, 44)
	d.ask("one")
	d.ask("two")
	d.keys("esc", "z")
	if f.history.Head() != 1 {
		t.Fatalf("undo led to turn %d", f.history.Head())
	}
	d.keys("Z")
	if f.history.Head() != 2 {
		t.Fatalf("redo led to turn %d", f.history.Head())
	}
	d.keys("z", "z", "z") // the third has nothing to undo
	d.shows("there is nothing to undo")
	d.keys("tab", "tab", "down", "enter")
	if f.history.Head() != 1 {
		t.Fatalf("the jump led to turn %d", f.history.Head())
	}
	d.keys("B")
	d.ask("warm")
	d.keys("i")
	d.ask("three")
	turn, _ := f.history.Turn(3)
	if turn.Parent != 1 || turn.Request != "three" {
		t.Fatalf("the branch's turn is %+v", turn)
	}
	d.shows("on warm", "├─")
	if n := len(f.asks); n != 3 {
		t.Fatalf("moving in the history ran the tools: %d requests", n)
	}
}

func TestNumberedRegions(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.keys("esc", "n")
	d.shows("1 car", "2 dog", "2 objects")
	d.keys("2")
	regions, _ := f.history.Regions(t.Context(), 0)
	if len(regions) != 2 || regions[1].Mask == nil {
		t.Fatal("choosing a region did not make and keep its mask")
	}
	area := func() int {
		r, _ := f.history.Regions(t.Context(), 0)
		n := 0
		for _, v := range r[1].Mask.Pix {
			if v >= 128 {
				n++
			}
		}
		return n
	}
	was := area()
	d.keys("g")
	grown := area()
	d.keys("G", "G")
	if shrunk := area(); grown <= was || shrunk >= was {
		t.Fatalf("grow and shrink: %d, %d, %d", was, grown, shrunk)
	}
	d.keys("i")
	d.ask("recolor 2 to pink")
	if a := f.asks[0]; len(a.Regions) != 2 || a.Regions[1].Mask == nil {
		t.Fatalf("the request went without its region's mask: %+v", a)
	}
	d.hides("2 dog") // the result is seen without them
	d.keys("esc", "m", "2", "x")
	if r, _ := f.history.Regions(t.Context(), 1); len(r) != 1 {
		t.Fatalf("%d regions are left", len(r))
	}
}

func TestDrawABoxAndPoints(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.keys("esc", "b", "space", "L", "J", "space")
	d.shows("what is it")
	d.ask("red ball")
	r, _ := f.history.Regions(t.Context(), 0)
	if len(r) != 1 || r[0].Phrase != "red ball" || r[0].Mask == nil || r[0].Box.W() < 4 {
		t.Fatalf("the drawn region is %+v", r)
	}
	d.keys("p", "enter")
	d.shows("nothing was pointed at yet")
	d.keys("space", "enter")
	if r, _ := f.history.Regions(t.Context(), 0); len(r) != 1 || r[0].Box.W() != 10 {
		t.Fatalf("points did not correct the chosen region: %+v", r)
	}
}

func TestAmbiguityIsAskedByNumber(t *testing.T) {
	f := newFake(120, 80)
	f.boxes = []edit.Box{{X0: 5, Y0: 5, X1: 30, Y1: 30, Label: "car"}, {X0: 60, Y0: 5, X1: 90, Y1: 30, Label: "car"}}
	d := drive(t, f, 120, 40)
	d.ask("recolor the car")
	d.shows("which car? press its number")
	d.keys("2")
	if len(f.asks) != 2 || f.asks[1].Boxes["car"].X0 != 60 {
		t.Fatalf("the choice did not reach the request: %+v", f.asks)
	}
	d.shows("turn 1")
}

func TestRejectAndTryAnotherWay(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.ask("recolor the car")
	d.keys("esc", "r")
	d.ask("too green")
	turn, _ := f.history.Turn(1)
	if turn.Review != (session.Review{Verdict: session.Rejected, Reason: "too green"}) || f.history.Head() != 0 {
		t.Fatalf("rejecting left %+v at turn %d", turn.Review, f.history.Head())
	}
	d.keys("w")
	d.shows("ways to do “recolor the car”", "quality 0.70", "guess → paint")
	d.keys("2")
	if a := f.asks[len(f.asks)-1]; a.Pick[1] == nil || a.Pick[1][0] != "find" || a.At != 0 {
		t.Fatalf("the way was not taken: %+v", a)
	}
}

func TestCompareZoomDial(t *testing.T) {
	d := drive(t, newFake(120, 80), 120, 40)
	d.keys("esc", "space")
	d.shows("there is nothing before it")
	d.keys("i")
	d.ask("recolor the car")
	after := d.m.View().Content
	d.keys("esc", "space")
	before := d.m.View().Content
	d.shows("before")
	d.keys("space", "s")
	d.shows("before │ after")
	split := d.m.View().Content
	d.keys("left", "left")
	if before == after || split == after || split == d.m.View().Content {
		t.Fatal("the comparisons show the same picture")
	}
	d.keys("d", "+", "+", ">", ">")
	d.shows("differences", "2.2×", "rather quicker than better")
}

func TestExportAndCopy(t *testing.T) {
	d := drive(t, newFake(120, 80), 120, 40)
	d.keys("esc", "e")
	d.ask("/tmp/x.png")
	d.shows("saved /tmp/x.png")
	d.keys("y")
	d.shows("copied /pictures/street.edited.png")
}

func TestErrorsAreShownNotHidden(t *testing.T) {
	f := newFake(120, 80)
	f.fail = errors.New("no tool\x1b[2Jknows the word")
	d := drive(t, f, 120, 40)
	d.ask("transmogrify it")
	d.shows("✗ no toolknows the word")
	d.keys("esc", "t")
	d.shows("ready (1)", "not installed (1)", "agent models pull find", "broken (1)", "tooldocs/x.md:3")
	d.keys("esc", "ctrl+p")
	d.text("xyzzy")
	d.shows("no command is called that")
}

func TestPalette(t *testing.T) {
	d := drive(t, newFake(120, 80), 120, 40)
	d.keys("esc", "ctrl+p")
	d.text("quick draft")
	d.shows("turn the dial towards a quick draft")
	d.hides("undo the turn")
	d.keys("enter")
	d.shows("dial")
}

func TestMouse(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.keys("esc", "n")
	at := strings.Split(d.screen(), "\n")
	for y, line := range at {
		if i := strings.Index(line, "1 car"); i >= 0 {
			d.send(tea.MouseClickMsg{X: ansi.StringWidth(line[:i]), Y: y, Button: tea.MouseLeft})
			d.settle()
			d.shows("1 is the car")
			return
		}
	}
	t.Fatalf("no region is marked:\n%s", d.screen())
}

// TestKittyIsAskedForNotGuessed: the answer of the terminal alone turns Kitty's pictures on, and never inside a multiplexer.
func TestKittyIsAskedForNotGuessed(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 100, 30)
	answer := uv.KittyGraphicsEvent{Payload: []byte("OK")}
	answer.Options.ID = 31
	d.send(answer)
	d.settle()
	if len(d.sent) != 0 {
		t.Fatal("pictures were sent to a multiplexer")
	}
	d.m = tui.New(t.Context(), f, tui.Options{Alpha: 1})
	d.sent = nil
	d.run(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	d.settle()
	if !strings.Contains(strings.Join(d.sent, ""), "a=q") || strings.Contains(strings.Join(d.sent, ""), "a=T") {
		t.Fatalf("the terminal was not asked first: %q", d.sent)
	}
	d.send(answer)
	d.settle()
	if last := d.sent[len(d.sent)-1]; !strings.Contains(last, "a=T,q=2,f=24,o=z,U=1") {
		t.Fatalf("no picture was sent: %.80q", last)
	}
	if !strings.ContainsRune(d.screen(), '\U0010EEEE') {
		t.Fatal("the screen holds no placeholders")
	}
}

func TestWithoutColour(t *testing.T) {
	d := drive(t, newFake(120, 80), 100, 30)
	d.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	d.settle()
	d.hides("▀")
	if !strings.ContainsAny(d.screen(), "%#*+") {
		t.Fatalf("no picture of letters:\n%s", d.screen())
	}
}

// TestEverySizeFits: whatever the size, the screen is exactly that large and nothing panics.
func TestEverySizeFits(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 80, 24)
	d.ask("recolor the car to teal")
	d.keys("esc", "n", "1")
	check := func(w, h int) {
		t.Helper()
		lines := strings.Split(d.m.View().Content, "\n")
		if len(lines) != h {
			t.Fatalf("%d×%d: %d lines", w, h, len(lines))
		}
		for i, l := range lines {
			if got := ansi.StringWidth(l); got > w {
				t.Fatalf("%d×%d: line %d has %d cells: %q", w, h, i, got, ansi.Strip(l))
			}
		}
	}
	rng := rand.New(rand.NewPCG(7, 7))
	sizes := [][2]int{{20, 5}, {1, 1}, {12, 3}, {80, 24}, {160, 50}, {63, 14}, {64, 13}, {64, 14}, {300, 12}, {30, 100}}
	for range 200 { // a storm
		sizes = append(sizes, [2]int{1 + rng.IntN(200), 1 + rng.IntN(70)})
	}
	overlays := []string{"?", "esc", "t", "esc", "tab", "s", "d", "d"}
	for i, s := range sizes {
		d.send(tea.WindowSizeMsg{Width: s[0], Height: s[1]})
		d.send(press(overlays[i%len(overlays)]))
		check(s[0], s[1])
		if i < 10 {
			d.settle()
			check(s[0], s[1])
		}
	}
}

func TestGoldenScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		do   func(*driver)
	}{
		{"first-80x24", 80, 24, func(*driver) {}},
		{"first-160x50", 160, 50, func(*driver) {}},
		{"turns-80x24", 80, 24, turns},
		{"turns-160x50", 160, 50, turns},
		{"turns-20x5", 20, 5, turns},
		{"help-80x24", 80, 24, func(d *driver) { d.keys("esc", "?") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := drive(t, newFake(120, 80), c.w, c.h)
			c.do(d)
			path := filepath.Join("testdata", c.name+".golden")
			got := strings.ReplaceAll(d.m.View().Content, "\x1b", "␛") + "\n"
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the screen differs from %s (-update writes it anew):\n%s", path, d.screen())
			}
		})
	}
}

func turns(d *driver) {
	d.ask("recolor the car to teal")
	d.ask("make the sky darker, and the shadows under the old trees at the back a little lighter")
	d.keys("esc", "z")
	d.keys("i")
	d.ask("blur the background")
	d.keys("esc", "n", "1")
}

// TestQuietMomentsTeach: what was done is learned from when nobody asks for
// anything, and a request ends it at once.
func TestQuietMomentsTeach(t *testing.T) {
	f := newFake(120, 80)
	f.lesson = make(chan struct{})
	d := drive(t, f, 120, 40)
	d.m.Idle(time.Millisecond)
	d.send(press("x"))
	d.settle()
	if n := f.lessons.Load(); n != 1 {
		t.Fatalf("a quiet moment taught %d times", n)
	}
	d.m.Idle(0)
	d.ask("one") // learning waits for a channel that nobody feeds: only the request ends it
	d.shows("✓ object recoloration: car → teal", "turn 1")
	d.hides("nothing was learned")
	close(f.lesson)
	d.m.Idle(time.Millisecond)
	d.keys("esc")
	d.shows("2 toolpaths found that may pay")
}

// TestSaysWhichWay: a live step says whether a subroutine or the search leads it.
func TestSaysWhichWay(t *testing.T) {
	f := newFake(120, 80)
	f.rule = "r3f2a"
	f.gate = make(chan struct{})
	d := drive(t, f, 120, 40)
	d.ask("recolor the car to teal")
	d.shows("by subroutine r3f2a")
	close(f.gate)
	d.settle()
	d.shows("by subroutine r3f2a  1.50 s  0.90")
}
