package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// outcome is what one process took for all photographs.
type outcome struct {
	wall, cpu float64 // seconds, of the whole process
	peak      float64 // MB resident
	decode    float64 // share of the loop's time; 0: not told
	versions  string
}

// contender is one way to do the work.
type contender struct {
	name string
	run  func(ctx context.Context, out string) (outcome, error)
}

const threads = 2

// contenders are those to compare; the first is what the others are held against.
func contenders(s *settings, w work, set inputs) []contender {
	ours := func(name string, prefix ...string) contender {
		return contender{name, func(ctx context.Context, out string) (outcome, error) { return s.runAgent(ctx, w, set, out, prefix) }}
	}
	if s.cores {
		return []contender{ours("two cores"), ours("one core", "taskset", "-c", "0")}
	}
	return []contender{
		ours("agent run"),
		{"Python", func(ctx context.Context, out string) (outcome, error) {
			return s.runLoop(ctx, w, set, out, s.python, "loop.py")
		}},
		{"Node", func(ctx context.Context, out string) (outcome, error) {
			return s.runLoop(ctx, w, set, out, s.node, "loop.mjs")
		}},
	}
}

// someFailed is the exit code of agent run where the judge let some pictures fail (docs/exit-codes.md): they took their time as
// well, and the table counts the results.
const someFailed = 3

// runAgent runs the plan in a home of its own, so that nothing is at hand from the run before.
func (s *settings) runAgent(ctx context.Context, w work, set inputs, out string, prefix []string) (outcome, error) {
	home, err := os.MkdirTemp(s.dir, "home")
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(home) //nolint:errcheck // goes with the folder above
	plan, err := json.Marshal(map[string]any{"version": 1, "jobs": []any{map[string]any{
		"inputs": []string{filepath.Join(set.dir, "*.jpg")}, "request": w.request, "pins": map[string][]string{w.task: {w.tool}},
		"output": filepath.Join(out, "{stem}.jpg"), "quality": quality,
	}}})
	if err != nil {
		return outcome{}, err
	}
	file := filepath.Join(home, "plan.json")
	if err := os.WriteFile(file, plan, 0o600); err != nil {
		return outcome{}, err
	}
	args := append(append([]string{}, prefix...), s.agent, "run", file)
	o, text, err := timed(ctx, append(args, s.extra...), nil, "PENTIMENTO_DATA="+filepath.Join(home, "data"), "PENTIMENTO_MODELS="+s.models)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != someFailed) {
		return o, fmt.Errorf("%w\n%s", err, text)
	}
	return o, nil
}

// runLoop runs a loop of scripts/loops.
func (s *settings) runLoop(ctx context.Context, w work, set inputs, out, program, script string) (outcome, error) {
	files := make([][2]string, len(set.names))
	for i, name := range set.names {
		files[i] = [2]string{filepath.Join(set.dir, name), filepath.Join(out, name)}
	}
	job, err := json.Marshal(map[string]any{"model": filepath.Join(s.models, w.model), "divide": w.divide, "threads": threads, "quality": quality, "files": files})
	if err != nil {
		return outcome{}, err
	}
	o, text, err := timed(ctx, []string{program, filepath.Join(s.scripts, script)}, job)
	if err != nil {
		return o, fmt.Errorf("%w\n%s", err, text)
	}
	var told struct {
		Versions string
		Seconds  float64
		Parts    struct{ Decode float64 }
	}
	if err := json.Unmarshal(text, &told); err != nil {
		return o, fmt.Errorf("%s: %w", script, err)
	}
	o.versions, o.decode = told.Versions, told.Parts.Decode/max(told.Seconds, 1e-9)
	return o, nil
}

// timed runs a process to its end and returns what it printed, or what it complained of.
func timed(ctx context.Context, args []string, input []byte, env ...string) (o outcome, printed []byte, err error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // what is compared is the caller's choice
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = bytes.NewReader(input)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	begun := time.Now()
	err = cmd.Run()
	if p := cmd.ProcessState; p != nil { // it was started
		o.wall, o.cpu, o.peak = time.Since(begun).Seconds(), (p.UserTime() + p.SystemTime()).Seconds(), peak(p)
	}
	if err != nil {
		return o, append(out.Bytes(), problems.Bytes()...), err
	}
	return o, out.Bytes(), nil
}

// absent reports whether a contender is not installed here, rather than broken.
func absent(err error) bool {
	return errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) ||
		strings.Contains(err.Error(), "ModuleNotFoundError") || strings.Contains(err.Error(), "MODULE_NOT_FOUND")
}

// load is how busy the machine was over the last minute, "" where that is not told.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	if _, err := strconv.ParseFloat(first, 64); err != nil {
		return ""
	}
	return first
}
