package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// rivals is the Python process that runs the others' side.
type rivals struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startRivals(ctx context.Context, script string) (*rivals, error) {
	cmd := exec.CommandContext(ctx, "python3", script)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the rivals need python3: %w", err)
	}
	return &rivals{cmd: cmd, in: in, out: bufio.NewScanner(out)}, nil
}

func (r *rivals) close() {
	_ = r.in.Close()
	_ = r.cmd.Wait()
}

// time runs one operation with one rival: its milliseconds, or why it has none.
func (r *rivals) time(name string, o operation, cpu bool) (ms float64, absent string, err error) {
	ask, err := json.Marshal(map[string]any{"op": o.op, "rival": name, "args": o.args, "cpu": cpu})
	if err != nil {
		return 0, "", err
	}
	if _, err := fmt.Fprintf(r.in, "%s\n", ask); err != nil {
		return 0, "", err
	}
	if !r.out.Scan() {
		return 0, "", fmt.Errorf("the rivals' process ended during %s with %s", o.name, name)
	}
	var answer struct {
		MS     float64 `json:"ms"`
		Absent string  `json:"absent"`
	}
	err = json.Unmarshal(r.out.Bytes(), &answer)
	return answer.MS, answer.Absent, err
}
