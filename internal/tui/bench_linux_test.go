package tui_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tui"
)

// BenchmarkUpdateWhileEditing measures one turn of the update loop (Update and
// View of a 160×50 screen) while a tool works on a picture of 12 megapixels on
// every core: keys, progress events, frames that arrive. It reports the 99th
// percentile in milliseconds: as the clock on the wall says, which tells of what
// else the machine does, and as the thread's own clock says, which does not.
func BenchmarkUpdateWhileEditing(b *testing.B) {
	defer tui.SpareThread()() // as the program does
	f := newFake(4000, 3000)
	f.gate = make(chan struct{})
	d := drive(b, f, 160, 50)
	d.ask("recolor the car to teal")
	d.keys("esc")
	ctx, stop := context.WithCancel(context.Background())
	idle := make(chan struct{})
	img, _ := f.history.State(ctx, 0)
	go func() { // the work of an edit
		defer close(idle)
		for ctx.Err() == nil {
			pixel.BlurImage(img, 8, pixel.Encoded)
		}
	}()
	msgs := []tea.Msg{
		press("+"), tui.Progress(d.m, edit.Event{Type: edit.EventProgress, Subtask: 1, Call: "paint", Fraction: 0.4}), press("right"),
		press("-"),
		tea.MouseMotionMsg{X: 30, Y: 20, Button: tea.MouseLeft},
		press("tab"),
		tea.WindowSizeMsg{Width: 160, Height: 50},
	}
	var took, own []time.Duration
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		began, spent := time.Now(), threadTime(b)
		_, cmd := d.m.Update(msgs[i%len(msgs)])
		d.m.View()
		took, own = append(took, time.Since(began)), append(own, threadTime(b)-spent)
		if i%20 == 0 { // frames come in as fast as they are drawn
			d.run(cmd)
		}
		for len(d.msgs) > 0 {
			d.open--
			d.take(<-d.msgs)
		}
	}
	b.StopTimer()
	stop()
	<-idle
	slices.Sort(took)
	slices.Sort(own)
	b.ReportMetric(float64(own[len(own)*99/100].Microseconds())/1000, "p99-cpu-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
	close(f.gate)
}

// threadTime is how long this thread has been computing.
func threadTime(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
