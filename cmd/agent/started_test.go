package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// started is the program as it runs.
type started struct {
	*exec.Cmd
	out      *bufio.Scanner // the lines of its standard output
	problems bytes.Buffer   // its standard error
}

// start runs the program with a home of its own and nothing else of the environment but env.
func start(t *testing.T, home string, env []string, args ...string) *started {
	t.Helper()
	s := &started{Cmd: exec.Command("agent", args...)}
	s.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, env...)
	s.Stderr = &s.problems
	pipe, err := s.StdoutPipe()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewScanner(pipe)
	s.out.Buffer(nil, 16<<20)
	return s
}
