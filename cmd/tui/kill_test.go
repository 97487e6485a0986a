package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/store"
)

// TestKilled kills the program at random moments of a session and opens it again; TestKilledSoak does so fifty times.
func TestKilled(t *testing.T) { killing(t, 6) }

// TestKilledSoak is run by make soak.
func TestKilledSoak(t *testing.T) {
	if os.Getenv("PENTIMENTO_SOAK") == "" {
		t.Skip("make soak runs it: fifty kills take minutes")
	}
	killing(t, 50)
}

// longest is how long a program may live before it is killed: to open, to ask for a few edits and to see them done.
const longest = 3 * time.Second

var turnShown = regexp.MustCompile(`turn (\d+)`)

// killing has one session edited by programs that are killed one after the other. Every
// turn mirrors the picture, so that what each of them is to look like is known.
func killing(t *testing.T, kills int) {
	file := street(t)
	x := openTerminal(t, 100, 30)
	x.tmux("set-option", "-g", "remain-on-exit", "on")
	base, _, err := imageio.Load(t.Context(), file, imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 9))
	told, opened := 0, 0 // the last turn that any program showed, and how many lived to show the picture
	for n := range kills {
		x.tmux("respawn-pane", "-k", fmt.Sprintf("%s '%s'", os.Args[0], file))
		shown := x.work(time.Duration(random.Int64N(int64(longest))))
		pid, err := strconv.Atoi(strings.TrimSpace(x.tmux("display-message", "-p", "#{pane_pid}")))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatalf("kill %d: %v\n%s", n, err, x.screen())
		}
		x.died()
		if shown >= 0 {
			opened++
		}
		if told = max(told, shown); opened > 0 {
			x.nothingLost(n, told, base)
		}
	}
	x.tmux("respawn-pane", "-k", os.Args[0])
	x.shows(fmt.Sprintf("turn %d", told))
	t.Logf("%d kills, of which %d after the picture was open; %d turns", kills, opened, told)
	if told == 0 || opened == 0 {
		t.Error("no program lived long enough to edit")
	}
}

// work asks for one edit after the other until the time is over, and returns the last
// turn that the screen told of; 0 for the original, -1 where no picture came to show.
func (x *terminal) work(lives time.Duration) (shown int) {
	end := time.Now().Add(lives)
	shown = -1
	asked := -1
	for time.Now().Before(end) {
		screen := x.screen()
		if m := turnShown.FindStringSubmatch(strings.SplitN(screen, "\n", 2)[0]); m != nil {
			shown, _ = strconv.Atoi(m[1]) // digits
		} else if strings.Contains(screen, "the original") {
			shown = 0
		}
		if shown > asked || shown == 0 && asked < 0 {
			asked = shown
			x.text("flip the picture horizontally")
			x.keys("Enter")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return shown
}

// died waits until the program in the terminal is gone.
func (x *terminal) died() {
	x.t.Helper()
	for range 600 {
		if strings.TrimSpace(x.tmux("display-message", "-p", "#{pane_dead}")) == "1" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.t.Fatal("the program outlived its kill")
}

// nothingLost opens the session as the next program would, and looks at every turn that was told of.
func (x *terminal) nothingLost(kill, told int, base *pixel.Image) {
	t := x.t
	t.Helper()
	data := filepath.Join(filepath.Dir(x.socket), "data")
	st, err := store.Open(t.Context(), data, store.Options{})
	if err != nil {
		t.Fatalf("kill %d: %v", kill, err)
	}
	defer st.Close() //nolint:errcheck // nothing was written
	all := session.Open(st, session.Options{})
	list, err := all.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("kill %d: %d sessions, %v", kill, len(list), err)
	}
	s, err := all.Load(t.Context(), list[0].Name)
	if err != nil {
		t.Fatalf("kill %d: %v", kill, err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	if s.Len()-1 < told {
		t.Fatalf("kill %d: turn %d was shown as done, and %d are left", kill, told, s.Len()-1)
	}
	flipped := mirrored(base)
	for n := max(0, s.Len()-4); n < s.Len(); n++ {
		img, err := s.State(t.Context(), session.TurnID(n))
		if err != nil {
			t.Fatalf("kill %d, turn %d: %v", kill, n, err)
		}
		if want := [2]*pixel.Image{base, flipped}[n%2]; !bytes.Equal(img.Pix, want.Pix) {
			t.Errorf("kill %d: turn %d shows another picture", kill, n)
		}
	}
	if report, err := all.Verify(t.Context(), ""); err != nil || len(report.Problems) > 0 {
		t.Errorf("kill %d: %v, %v", kill, report.Problems, err)
	}
}

func mirrored(img *pixel.Image) *pixel.Image {
	out := pixel.NewImage(img.W, img.H)
	for y := range img.H {
		for x := range img.W {
			copy(out.Pix[4*(y*img.W+x):][:4], img.Pix[4*(y*img.W+img.W-1-x):])
		}
	}
	return out
}
