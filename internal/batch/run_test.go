package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/llm"
)

// fake edits a file by writing its name and the toolpath into the output.
type fake struct {
	mu    sync.Mutex
	tries map[string]int // by base name
	jobs  []agent.FileJob
	// do, where not nil, decides what becomes of a picture.
	do func(ctx context.Context, name string, try int) error
}

func (f *fake) EditFile(ctx context.Context, job agent.FileJob, emit func(edit.Event)) (agent.Outcome, error) {
	name := filepath.Base(job.Input)
	f.mu.Lock()
	if f.tries == nil {
		f.tries = make(map[string]int)
	}
	f.tries[name]++
	try := f.tries[name]
	f.jobs = append(f.jobs, job)
	f.mu.Unlock()
	emit(edit.Event{Type: edit.EventNotice, Message: "of " + name})
	st := edit.SubtaskReport{ID: 1, Task: "t", Status: edit.StatusDone, Toolpath: []string{"tool-" + job.Request}}
	out := agent.Outcome{Summary: edit.Summary{Quality: 0.9, USD: 0.5}}
	if f.do != nil {
		if err := f.do(ctx, name, try); err != nil {
			var nf *edit.NotFoundError
			if !errors.As(err, &nf) {
				return agent.Outcome{}, err
			}
			st.Status, st.Reason = edit.StatusNotFound, err.Error()
		}
	}
	if st.Status == edit.StatusDone && job.Output != "" && !job.DryRun {
		if err := os.WriteFile(job.Output, []byte(name+job.Request), 0o600); err != nil {
			return out, err
		}
		out.Summary.Output = job.Output
	}
	out.Summary.Subtasks = []edit.SubtaskReport{st}
	return out, nil
}

// clock is a time that only moves when somebody waits for it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	ch := make(chan time.Time, 1)
	ch <- c.now
	return ch
}

// bench is a folder of pictures with a plan over all of them.
type bench struct {
	t     *testing.T
	dir   string
	items []Item
	fake  *fake
	clock *clock
	r     *Runner
}

func newBench(t *testing.T, names ...string) *bench {
	t.Helper()
	b := &bench{t: t, dir: files(t, names...), fake: &fake{}, clock: &clock{now: time.Unix(1e9, 0)}}
	var err error
	b.items, err = plan(Job{Inputs: []string{"*.png"}, Request: "x", Output: "out/{stem}.png"}).Items(b.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.r = &Runner{Editor: func(string) (Editor, error) { return b.fake, nil }, Now: b.clock.Now, After: b.clock.After}
	return b
}

func (b *bench) run() *Report {
	b.t.Helper()
	b.r.Journal = opened(b.t, filepath.Join(b.dir, "job"))
	defer closed(b.t, b.r.Journal)
	report, err := b.r.Run(b.t.Context(), b.items)
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

// ran are the pictures that were edited since it was asked last.
func (b *bench) ran() (names []string) {
	for _, j := range b.fake.jobs {
		names = append(names, filepath.Base(j.Input))
	}
	b.fake.jobs = nil
	slices.Sort(names)
	return names
}

func (b *bench) expect(r *Report, want Counts, ran ...string) {
	b.t.Helper()
	if r.Counts != want {
		b.t.Errorf("counts %+v, want %+v; stopped %q", r.Counts, want, r.Stopped)
	}
	if got := b.ran(); !slices.Equal(got, ran) {
		b.t.Errorf("edited %v, want %v", got, ran)
	}
}

// TestOnlyWhatIsMissing: a second run does nothing; what was changed since, input, output, request or tool, is done again, and nothing else.
func TestOnlyWhatIsMissing(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png")
	versions := map[string]string{}
	b.r.Versions = func(_ context.Context, _ string, tools ...string) string {
		v := fmt.Sprint(len(tools))
		for _, tool := range tools {
			v += versions[tool]
		}
		return v
	}
	all := Counts{All: 3, Done: 3}
	b.expect(b.run(), all, "a.png", "b.png", "c.png")
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 3})

	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(b.dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("out/b.png", "b.pngy") // one byte is another
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 2}, "b.png")
	if got, _ := os.ReadFile(filepath.Join(b.dir, "out/b.png")); string(got) != "b.pngx" {
		t.Errorf("the altered output is %q", got)
	}
	if err := os.Remove(filepath.Join(b.dir, "out/c.png")); err != nil {
		t.Fatal(err)
	}
	write("a.png", "another picture")
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 1}, "a.png", "c.png")
	b.items[1].Spec.Request = "y"
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 2}, "b.png")
	versions["tool-y"] = "2"
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 2}, "b.png")
	b.r.Frozen = &agent.Snapshot{Version: 1}
	b.expect(b.run(), all, "a.png", "b.png", "c.png")
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 3})
}

// TestOneBadFile: it stops nothing, is not tried again while nothing changed, and is again when its file did.
func TestOneBadFile(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png", "d.png")
	broken := true
	b.fake.do = func(_ context.Context, name string, _ int) error {
		switch {
		case name == "b.png" && broken:
			return errors.New("is no picture")
		case name == "c.png":
			return &edit.NotFoundError{Phrase: "cup"}
		case name == "d.png":
			panic("a defect")
		}
		return nil
	}
	r := b.run()
	b.expect(r, Counts{All: 4, Done: 1, Failed: 3}, "a.png", "b.png", "c.png", "d.png")
	for n, want := range map[int]string{1: "is no picture", 2: "cup not found", 3: "a defect"} {
		if it := r.Items[n]; !strings.Contains(it.Error, want) || it.Class != Permanent || it.Attempts != 1 {
			t.Errorf("item %d: %q, %s, %d attempts", n+1, it.Error, it.Class, it.Attempts)
		}
	}
	b.expect(b.run(), Counts{All: 4, Done: 1, Failed: 3, Kept: 3}, "d.png")
	broken = false
	if err := os.WriteFile(filepath.Join(b.dir, "b.png"), []byte("mended"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.expect(b.run(), Counts{All: 4, Done: 2, Failed: 2, Kept: 2}, "b.png", "d.png")
	for _, name := range []string{"a.png", "c.png", "d.png"} { // sources are never touched
		if got, err := os.ReadFile(filepath.Join(b.dir, name)); err != nil || string(got) != name {
			t.Errorf("%s is now %q, %v", name, got, err)
		}
	}
}

// TestFailedIsAPlan: the failed part of a report, and the report itself, run what failed again from any folder.
func TestFailedIsAPlan(t *testing.T) {
	b := newBench(t, "a.png", "b{}*.png", "c.png")
	b.fake.do = func(_ context.Context, name string, _ int) error {
		if name != "a.png" {
			return errors.New("no")
		}
		return nil
	}
	r := b.run()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := r.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	text, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close() //nolint:errcheck // read only
	again, err := Read(path, text)
	if err != nil {
		t.Fatal(err)
	}
	items, err := again.Items(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 2 || items[0].Input != b.items[1].Input || items[0].Output != b.items[1].Output || items[1].Output != b.items[2].Output {
		t.Errorf("items of the failed plan: %+v", items)
	}
	b.fake.do = nil
	var nothing *NothingError
	b.items = b.items[:1]
	if err := b.run().Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	clean, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, strings.NewReader(string(clean))); !errors.As(err, &nothing) {
		t.Errorf("a report without failures: %v", err)
	}
}

// TestRetries: what may pass is tried again after growing pauses, up to a bound, while others go on; time is a value.
func TestRetries(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png")
	b.fake.do = func(_ context.Context, name string, try int) error {
		switch {
		case name == "a.png" && try <= 2:
			return &llm.StatusError{Code: 503}
		case name == "b.png":
			return fmt.Errorf("reading: %w", syscall.EIO)
		}
		return nil
	}
	r := b.run()
	b.expect(r, Counts{All: 3, Done: 2, Failed: 1}, "a.png", "a.png", "a.png", "b.png", "b.png", "b.png", "b.png", "c.png")
	if a, bad := r.Items[0], r.Items[1]; a.Attempts != 3 || bad.Attempts != attempts || bad.Class != Retryable {
		t.Errorf("attempts %d, %d; class %s", a.Attempts, bad.Attempts, bad.Class)
	}
	var total time.Duration
	for _, d := range b.clock.slept {
		total += d
	}
	if total < 7*time.Second || total > 12*time.Second { // 1 + 2 + 4 s for the one that never passed
		t.Errorf("waited %v in all: %v", total, b.clock.slept)
	}
	b.expect(b.run(), Counts{All: 3, Done: 2, Failed: 1, Kept: 2}, "b.png", "b.png", "b.png", "b.png")
}

// TestFullDisk: no further picture is begun, and the same command does what is missing when there is room again.
func TestFullDisk(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png")
	full := true
	b.fake.do = func(_ context.Context, name string, _ int) error {
		if name == "b.png" && full {
			return &edit.UserError{Msg: "b.png", Err: &os.PathError{Op: "write", Path: "b.png", Err: syscall.ENOSPC}}
		}
		return nil
	}
	r := b.run()
	b.expect(r, Counts{All: 3, Done: 1, Failed: 1, Left: 1}, "a.png", "b.png")
	if !strings.HasPrefix(r.Stopped, StoppedByDisk) {
		t.Errorf("stopped %q", r.Stopped)
	}
	full = false
	b.expect(b.run(), Counts{All: 3, Done: 3, Kept: 1}, "b.png", "c.png")
}

// TestStops: once finishes what is under way, twice leaves it; nothing that was not done counts as done.
func TestStops(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png")
	stop := make(chan struct{})
	b.r.Stop = stop
	b.fake.do = func(_ context.Context, name string, _ int) error {
		if name == "b.png" {
			close(stop)
		}
		return nil
	}
	r := b.run()
	// The stop and the end of b race for the loop; either way c is not begun after both are known.
	if r.Counts.Done < 2 || r.Counts.Done+r.Counts.Left != 3 {
		t.Errorf("counts %+v", r.Counts)
	}
	b.r.Stop, b.fake.do = nil, nil
	b.ran()
	if r := b.run(); r.Counts.Done != 3 || r.Counts.Kept < 2 {
		t.Errorf("resumed: %+v", r.Counts)
	}

	b = newBench(t, "a.png", "b.png", "c.png")
	ctx, cancel := context.WithCancel(t.Context())
	b.fake.do = func(ctx context.Context, name string, _ int) error {
		if name == "b.png" {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	r, err := b.r.Run(ctx, b.items)
	if !errors.Is(err, context.Canceled) || r.Counts != (Counts{All: 3, Done: 1, Left: 2}) {
		t.Errorf("cancelled: %v, %+v", err, r.Counts)
	}
}

func TestLimits(t *testing.T) {
	one := 1.0
	for name, tc := range map[string]struct {
		limits Limits
		want   Counts
	}{
		"money":    {Limits{USD: &one}, Counts{All: 4, Done: 1, Failed: 1, Left: 2}},
		"failures": {Limits{Failures: 1}, Counts{All: 4, Done: 1, Failed: 1, Left: 2}},
		"time":     {Limits{Seconds: 15}, Counts{All: 4, Done: 1, Failed: 1, Left: 2}},
		"none":     {Limits{Seconds: 1e6, Failures: 3}, Counts{All: 4, Done: 3, Failed: 1}},
	} {
		b := newBench(t, "a.png", "b.png", "c.png", "d.png")
		b.r.Limits = tc.limits
		b.fake.do = func(_ context.Context, name string, _ int) error {
			b.clock.After(10 * time.Second)
			if name == "b.png" {
				return &edit.NotFoundError{Phrase: "cup"}
			}
			return nil
		}
		r := b.run()
		if r.Counts != tc.want || (r.Stopped == "") != (tc.want.Left == 0) {
			t.Errorf("%s: %+v, stopped %q", name, r.Counts, r.Stopped)
		}
	}
}

// TestLearnsBetween: after every few pictures, with none under way, and not at the end.
func TestLearnsBetween(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png", "d.png", "e.png", "f.png")
	var under, most int
	var mu sync.Mutex
	b.fake.do = func(context.Context, string, int) error {
		mu.Lock()
		under++
		most = max(most, under)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		under--
		mu.Unlock()
		return nil
	}
	b.r.AtOnce, b.r.LearnAfter = 2, 3
	b.r.Learn = func(context.Context) (Learned, error) {
		if under != 0 {
			t.Error("learning beside a picture under way")
		}
		return Learned{Mined: 1}, errors.New("the store is busy")
	}
	r := b.run()
	if len(r.Learned) != 1 || r.Learned[0].After < 3 || r.Learned[0].Problem == "" || r.Counts.Done != 6 {
		t.Errorf("learned %+v, counts %+v", r.Learned, r.Counts)
	}
	if most > 2 {
		t.Errorf("%d pictures at once", most)
	}
}

// TestEachOutputOnce runs many items side by side and holds every count and output to what was asked.
func TestEachOutputOnce(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("%03d.png", i))
	}
	b := newBench(t, names...)
	b.r.AtOnce = 8
	var seen []int
	b.r.Ended = func(it ItemReport, p Progress) {
		seen = append(seen, it.Number)
		if p.Ended != len(seen) || p.All != 60 {
			t.Errorf("progress %+v after %d", p, len(seen))
		}
	}
	r := b.run()
	b.expect(r, Counts{All: 60, Done: 60}, names...)
	for i, it := range r.Items {
		if it.Number != i+1 || it.Input != b.items[i].Input || it.Summary.Output != b.items[i].Output || !slices.Equal(it.Notices, []string{"of " + names[i]}) {
			t.Errorf("item %d: %+v", i+1, it)
		}
	}
}

func TestFileJob(t *testing.T) {
	half := 0.5
	b := newBench(t, "a.png")
	b.items[0].Spec.Alpha, b.items[0].Spec.Boxes = &half, map[string][4]float64{"cup": {1, 2, 3, 4}}
	b.run()
	if j := b.fake.jobs[0]; j.Alpha != 0.5 || j.Threshold != DefaultThreshold || j.Boxes["cup"][0].String() != "1,2,3,4" {
		t.Errorf("job = %+v", j)
	}
}

func TestTable(t *testing.T) {
	r := &Report{Items: []ItemReport{
		{Number: 1, Input: "/p/good.png", State: Done, Summary: edit.Summary{Quality: 0.9}},
		{Number: 2, Input: "/p/poor.png", State: Done, Summary: edit.Summary{Quality: 0.5}},
		{Number: 3, Input: "/p/bad.png", State: Failed, Error: "/p/bad.png: is broken\nmore", Class: Permanent},
	}}
	var w strings.Builder
	if err := r.Table(&w, 2); err != nil {
		t.Fatal(err)
	}
	got := w.String()
	if bad, poor := strings.Index(got, "bad.png"), strings.Index(got, "poor.png"); bad < 0 || poor < bad || !strings.Contains(got, "is broken (permanent)") || !strings.Contains(got, "and 1 more") {
		t.Errorf("table:\n%s", got)
	}
}

func TestSaving(t *testing.T) {
	sub := func(via string, seconds float64) ItemReport {
		return ItemReport{State: Done, Summary: edit.Summary{Subtasks: []edit.SubtaskReport{{Task: "t", Status: edit.StatusDone, Via: via, Seconds: seconds}}}}
	}
	r := Report{Items: []ItemReport{sub("search", 3), sub("search", 5), sub("subroutine", 1), sub("subroutine", 2)}, Learned: []Learned{{Seconds: 2}}}
	r.close(make([]Item, 4))
	if s := r.Saving; s == nil || s.Fast != 2 || s.Slow != 2 || s.Seconds != 5 || s.FirstHalf != 0 || s.SecondHalf != 1 || s.Learning != 2 {
		t.Errorf("saving %+v", r.Saving)
	}
}
