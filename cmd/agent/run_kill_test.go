package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
	"pentimento/internal/tools/ortlib"
)

// killedBatch is a frozen batch with a home of its own, run to its end or killed on the way.
type killedBatch struct {
	home, plan string
	jobs       int
	models     string
}

// batchRun is what one process said before it ended.
type batchRun struct {
	seconds float64
	steps   int // calls that ran, not taken from what was at hand
	kept    int // items that an earlier run had done
	done    int // items told to be done, those kept included
	counts  struct{ All, Done, Partial, Failed, Left, Kept int }
	ended   bool // by itself
	code    int
}

// run runs the batch and kills it after so many seconds, unless that is negative.
func (k killedBatch) run(t *testing.T, killAfter float64) (r batchRun) {
	t.Helper()
	var env []string
	if k.models != "" { // the home is the batch's own, and what runs the models lies in the person's
		lib, _, err := ortlib.Find(t.Context(), ortlib.Options{})
		if err != nil {
			t.Fatal(err)
		}
		env = []string{"PENTIMENTO_MODELS=" + k.models, "PENTIMENTO_ORT_LIB=" + lib}
	}
	began := time.Now()
	cmd := start(t, k.home, env, "run", k.plan, "--json", "--frozen", "--jobs", strconv.Itoa(k.jobs))
	if killAfter >= 0 {
		timer := time.AfterFunc(time.Duration(killAfter*float64(time.Second)), func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	for cmd.out.Scan() {
		r.take(cmd.out.Bytes())
	}
	err := cmd.Wait()
	r.seconds, r.code = time.Since(began).Seconds(), cmd.ProcessState.ExitCode()
	if killAfter < 0 && !r.ended {
		t.Fatalf("%v: %s", err, cmd.problems.Bytes())
	}
	return r
}

func (r *batchRun) take(line []byte) {
	var e struct {
		Event, State, Error string
		Cached, Kept        bool
		Counts              *struct{ All, Done, Partial, Failed, Left, Kept int }
	}
	if json.Unmarshal(line, &e) != nil {
		return
	}
	switch e.Event {
	case "step-finished":
		if !e.Cached && e.Error == "" {
			r.steps++
		}
	case "item":
		if e.State == "done" {
			r.done++
			if e.Kept {
				r.kept++
			}
		}
	case "done":
		r.ended = true
		if e.Counts != nil {
			r.counts = *e.Counts
		}
	}
}

// outputs are the bytes of all results by their path below dir; no temporary file counts as one.
func outputs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil {
			all[rel], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return all
}

// killing runs a plan whole, and again with kills at random moments, each resumed, and holds the second to the first.
func killing(t *testing.T, dir, models string, inputs []string, requests []string, kills int) {
	t.Helper()
	const jobs = 2
	make1 := func(name string) killedBatch {
		home := filepath.Join(dir, name)
		plan := map[string]any{"version": 1, "jobs": []any{map[string]any{
			"inputs": inputs, "requests": requests, "output": filepath.Join(home, "out", "{stem}-{request}.png"),
		}}}
		text, err := json.Marshal(plan)
		if err == nil {
			err = os.MkdirAll(home, 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(home, "plan.json"), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return killedBatch{home: home, plan: filepath.Join(home, "plan.json"), jobs: jobs, models: models}
	}
	whole, cut := make1("whole"), make1("cut")
	first := whole.run(t, -1)
	want := outputs(t, filepath.Join(whole.home, "out"))
	if first.counts.Left > 0 || len(want) == 0 || first.steps == 0 {
		t.Fatalf("the batch does not work undisturbed: %+v, %d results", first, len(want))
	}
	random := rand.New(rand.NewPCG(8, 8))
	steps, killed, done := 0, 0, 0
	for killed < kills {
		// So that the kills are spread over all of the work: what a process does before one is about its share of it.
		r := cut.run(t, (0.25+1.5*random.Float64())*first.seconds/float64(kills))
		steps += r.steps
		if r.ended {
			break
		}
		killed++
		done = max(done, r.done)
		for name, got := range outputs(t, filepath.Join(cut.home, "out")) {
			if !bytes.Equal(got, want[name]) {
				t.Errorf("kill %d: %s is not whole, or another", killed, name)
			}
		}
	}
	last := cut.run(t, -1)
	steps += last.steps
	if last.kept < done {
		t.Errorf("%d items were told to be done, and %d of them still are after %d kills", done, last.kept, killed)
	}
	got := outputs(t, filepath.Join(cut.home, "out"))
	for name := range want {
		if !bytes.Equal(got[name], want[name]) {
			t.Errorf("after %d kills %s differs from the uninterrupted run's", killed, name)
		}
	}
	if len(got) != len(want) || last.code != first.code || last.counts.Done != first.counts.Done {
		t.Errorf("%d results, want %d; ended with %d, %+v, want %d, %+v", len(got), len(want), last.code, last.counts, first.code, first.counts)
	}
	// Each kill may cost the steps in flight: one that ran and one whose result was on its way to the disk, of each job.
	if most := first.steps + 2*jobs*killed; steps > most {
		t.Errorf("%d calls ran in all, %d uninterrupted: more than %d, with %d kills", steps, first.steps, most, killed)
	}
	t.Logf("%d items, %d results, %d kills; %d calls ran, %d uninterrupted; %.1f s uninterrupted", first.counts.All, len(want), killed, steps, first.steps, first.seconds)
	tampered(t, cut, want)
}

// tampered changes one byte of a result and holds the next run to mending that one and no other.
func tampered(t *testing.T, k killedBatch, want map[string][]byte) {
	t.Helper()
	for name, text := range want {
		text = bytes.Clone(text)
		text[len(text)/2] ^= 1
		if err := os.WriteFile(filepath.Join(k.home, "out", name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		r := k.run(t, -1)
		got := outputs(t, filepath.Join(k.home, "out"))
		if r.counts.Kept != r.counts.All-1 || !bytes.Equal(got[name], want[name]) {
			t.Errorf("a result altered by one byte: %+v, mended %t", r.counts, bytes.Equal(got[name], want[name]))
		}
		return
	}
}

// TestKilledBatch kills a batch at random moments and resumes it.
func TestKilledBatch(t *testing.T) {
	dir := t.TempDir()
	var inputs []string
	for i := range 4 {
		path := filepath.Join(dir, fmt.Sprintf("street%d.png", i))
		img, _ := scene.Render(160+8*i, 107+8*i, int64(i+1))
		if err := imageio.Save(t.Context(), path, img, imageio.Options{}); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, path)
	}
	killing(t, dir, "", inputs, []string{"recolor the red car to teal, then remove the yellow bench", "increase the contrast"}, 4)
}

// TestKilledBatchSoak is TestKilledBatch with all photographs, four requests and twenty kills; make soak runs it.
func TestKilledBatchSoak(t *testing.T) {
	shared := os.Getenv("PENTIMENTO_SHARED")
	if os.Getenv("PENTIMENTO_SOAK") == "" || shared == "" {
		t.Skip("make soak runs it, over the photographs that PENTIMENTO_SHARED names")
	}
	dir := os.Getenv("PENTIMENTO_SOAK_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	inputs, err := filepath.Glob(filepath.Join(shared, "images", "*.*g"))
	if err != nil || len(inputs) == 0 {
		t.Fatal("there are no photographs", err)
	}
	killing(t, dir, cmp.Or(os.Getenv("PENTIMENTO_MODELS"), filepath.Join(shared, "models")), inputs, []string{
		"increase the contrast", "make it black and white", "blur the background", "detect the people and recolor the car to teal",
	}, 20)
}
