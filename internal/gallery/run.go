package gallery

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Result is what one edit came to.
type Result struct {
	Edit
	Command  string    // the line a person types
	Output   string    // file of the result; empty when none was saved
	Mask     string    // file of the mask; empty when none was made
	Exit     int       // exit code of the command
	Seconds  float64   // of the whole process
	Subtasks []Subtask // as the command reported them
	Notices  []string  // what the command wanted known
}

// Subtask is the part of the command's report that the page shows.
type Subtask struct {
	Task     string   `json:"task"`
	Object   string   `json:"object"`
	Target   string   `json:"target"`
	Status   string   `json:"status"`
	Reason   string   `json:"reason"`
	Toolpath []string `json:"toolpath"`
}

// event is a line of `agent --json`.
type event struct {
	Event    string    `json:"event"`
	Message  string    `json:"message"`
	Subtasks []Subtask `json:"subtasks"`
}

// Run carries out the suite's edits one after another with the program agent,
// saving into dir, and calls each with every result as it comes. An edit that
// fails is a result too; the error is for what stops the gallery.
func Run(ctx context.Context, agent, dir string, s Suite, each func(Result)) ([]Result, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	var results []Result
	for i, e := range s.Edits {
		r, err := runOne(ctx, agent, dir, i, e)
		if err != nil {
			return results, err
		}
		each(r)
		results = append(results, r)
	}
	return results, nil
}

func runOne(ctx context.Context, agent, dir string, i int, e Edit) (Result, error) {
	stem := strings.TrimSuffix(filepath.Base(e.Image), filepath.Ext(e.Image))
	base := filepath.Join(dir, fmt.Sprintf("%02d-%s", i+1, stem))
	r := Result{Edit: e, Output: base + ".after.png", Mask: base + ".mask.png"}
	for _, old := range []string{r.Output, r.Mask} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return r, err
		}
	}
	args := e.args(r.Output, r.Mask)
	r.Command = shellLine("agent", args)
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, agent, append(args, "--json")...) //nolint:gosec // the program the person names
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	r.Seconds = time.Since(start).Seconds()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case errors.As(err, &exit):
		r.Exit = exit.ExitCode()
	case err != nil:
		return r, err
	}
	r.read(&out)
	if text := strings.TrimSpace(errs.String()); text != "" {
		r.Notices = append(r.Notices, text)
	}
	r.Output, r.Mask = existing(r.Output), existing(r.Mask)
	return r, nil
}

// read takes the report and the notices from the command's JSON lines.
func (r *Result) read(out *bytes.Buffer) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch e.Event {
		case "notice", "error":
			r.Notices = append(r.Notices, e.Message)
		case "done":
			r.Subtasks = e.Subtasks
		}
	}
}

func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
