package tui_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"pentimento/internal/tui"
)

// driver runs a model without a terminal: it feeds it messages, carries out its
// commands one after the other and reads its screen.
type driver struct {
	t    testing.TB
	m    *tui.Model
	desk *fake
	now  time.Time
	msgs chan tea.Msg
	quit bool
	sent []string // raw sequences
	open int      // commands that have not come back
}

func drive(t testing.TB, f *fake, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, desk: f, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), msgs: make(chan tea.Msg, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	d.m = tui.New(ctx, f, tui.Options{Pictures: "blocks", Mouse: true, Alpha: 1, Multiplexed: true, Now: func() time.Time { return d.now }})
	d.run(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.settle()
	return d
}

// send gives the model a message.
func (d *driver) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	d.run(cmd)
}

// run begins a command. Ticks of the clock are dropped: time stands still in tests.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.open++
	go func() {
		defer func() {
			if r := recover(); r != nil {
				d.msgs <- r
			}
		}()
		d.msgs <- cmd()
	}()
}

// settle takes in what commands bring back until all have come back, or, with a
// request held at its gate, until all that can has.
func (d *driver) settle() {
	d.t.Helper()
	for d.open > 0 {
		select {
		case msg := <-d.msgs:
			d.open--
			d.take(msg)
		case <-time.After(200 * time.Millisecond):
			if d.desk.held.Load() {
				return
			}
		}
	}
}

func (d *driver) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	case tea.RawMsg:
		if s, ok := msg.Msg.(string); ok {
			d.sent = append(d.sent, s)
		}
		return
	case error:
		d.t.Fatal(msg)
	}
	name := reflect.TypeOf(msg).String()
	if strings.HasSuffix(name, "tickMsg") {
		return
	}
	if v := reflect.ValueOf(msg); strings.HasSuffix(name, "sequenceMsg") {
		for i := range v.Len() { // the fake's commands take no time, so one at a time is what they get
			c, _ := v.Index(i).Interface().(tea.Cmd)
			d.take(c())
		}
		return
	}
	d.send(msg)
}

// keys presses keys by name, one after the other.
func (d *driver) keys(names ...string) {
	d.t.Helper()
	for _, n := range names {
		d.send(press(n))
		d.settle()
	}
}

// text types a text into the prompt.
func (d *driver) text(s string) {
	d.t.Helper()
	for _, r := range s {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	d.settle()
}

// ask types a request and sends it.
func (d *driver) ask(s string) {
	d.t.Helper()
	d.text(s)
	d.keys("enter")
}

func press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"tab": tea.KeyTab, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace,
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if k, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: k}
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(c[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// screen is what the model shows, without colours.
func (d *driver) screen() string { return ansi.Strip(d.m.View().Content) }

func (d *driver) shows(parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if !strings.Contains(d.screen(), p) {
			d.t.Fatalf("the screen does not show %q:\n%s", p, d.screen())
		}
	}
}

func (d *driver) hides(parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if strings.Contains(d.screen(), p) {
			d.t.Fatalf("the screen still shows %q:\n%s", p, d.screen())
		}
	}
}
