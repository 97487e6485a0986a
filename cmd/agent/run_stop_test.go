package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

// streets saves n example pictures, no two alike, and a plan over them; it returns the plan's file.
func streets(t *testing.T, dir string, n, w, h int, request string) string {
	t.Helper()
	for i := range n {
		img, _ := scene.Render(w, h, int64(i+1))
		if err := imageio.Save(t.Context(), filepath.Join(dir, fmt.Sprintf("s%04d.png", i)), img, imageio.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"version": 1, "jobs": []any{map[string]any{"inputs": []string{"s*.png"}, "request": request, "output": "out/{stem}.png"}}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "plan.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "plan.json")
}

// interrupted runs a plan and sends so many signals once the first picture is done.
func interrupted(t *testing.T, home, plan string, signals int) (r batchRun) {
	t.Helper()
	cmd := start(t, home, nil, "run", plan, "--json", "--jobs", "1")
	for cmd.out.Scan() {
		before := r.done - r.kept
		r.take(cmd.out.Bytes())
		if before == 0 && r.done > r.kept {
			for range signals {
				_ = cmd.Process.Signal(os.Interrupt) // one that ended already is found out below
				time.Sleep(50 * time.Millisecond)    // two at once would count as one
			}
		}
	}
	_ = cmd.Wait() // the code says it
	r.code = cmd.ProcessState.ExitCode()
	return r
}

// TestInterruptedBatch: one ctrl-c finishes the picture under way and reports, two stop it; nothing done is lost either way.
func TestInterruptedBatch(t *testing.T) {
	home := t.TempDir()
	plan := streets(t, home, 12, 160, 107, "increase the contrast")
	once := interrupted(t, home, plan, 1)
	if once.code != int(exitCancelled) || !once.ended || once.counts.Left == 0 || once.counts.Done != once.done || once.counts.Failed > 0 {
		t.Errorf("once: %+v", once)
	}
	twice := interrupted(t, home, plan, 2)
	if twice.code != int(exitCancelled) || twice.kept != once.done {
		t.Errorf("twice: %+v, %d were done before", twice, once.done)
	}
	rest := killedBatch{home: home, plan: plan, jobs: 2}.run(t, -1)
	if rest.code != 0 || rest.counts.Done != 12 || len(outputs(t, filepath.Join(home, "out"))) != 12 {
		t.Errorf("the rest: %+v", rest)
	}
}

// TestManyPicturesSoak edits 2,000 small pictures and holds the memory of the process to what it was early on; make soak runs it.
func TestManyPicturesSoak(t *testing.T) {
	if os.Getenv("PENTIMENTO_SOAK") == "" {
		t.Skip("make soak runs it")
	}
	const pictures = 2000
	home := t.TempDir()
	plan := streets(t, home, pictures, 96, 64, "increase the contrast")
	cmd := start(t, home, nil, "run", plan, "--json")
	status := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "status")
	var r batchRun
	early, most := 0, 0
	for cmd.out.Scan() {
		before := r.done
		if r.take(cmd.out.Bytes()); r.done == before || r.done%50 != 0 {
			continue
		}
		kb := resident(t, status)
		if r.done <= pictures/10 {
			early = max(early, kb)
		}
		most = max(most, kb)
	}
	if err := cmd.Wait(); err != nil || r.counts.Done != pictures {
		t.Fatalf("%v: %+v", err, r.counts)
	}
	t.Logf("%d pictures: %d kB resident in the first tenth, %d kB at most", pictures, early, most)
	if most > early*5/4+16<<10 {
		t.Errorf("the memory grew from %d to %d kB", early, most)
	}
}

// resident is how much memory a process holds, in kB.
func resident(t *testing.T, status string) int {
	t.Helper()
	text, err := os.ReadFile(status)
	if err != nil {
		t.Skip("the system does not tell what a process holds: ", err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		return 0
	}
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb
}
