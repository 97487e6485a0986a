package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// streams are the process's files and what is known of them; tests make their own.
type streams struct {
	in       io.Reader
	out, err io.Writer
	asks     bool // stdin is a terminal, at which a person can answer
	animate  bool // stderr is a terminal that may be redrawn
	color    bool
	width    int

	mu sync.Mutex // one event a line, whoever writes it
}

// systemStreams reads the environment: NO_COLOR and TERM=dumb switch styling off.
func systemStreams() *streams {
	s := &streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, width: 80, asks: term.IsTerminal(int(os.Stdin.Fd()))}
	fd := int(os.Stderr.Fd())
	if term.IsTerminal(fd) && os.Getenv("TERM") != "dumb" {
		s.animate = true
		s.color = os.Getenv("NO_COLOR") == ""
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			s.width = w
		}
	}
	return s
}

// json prints one JSON object on a line of standard output.
func (s *streams) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.out.Write(append(b, '\n'))
	return err
}

// printf writes data for people or programs to standard output.
func (s *streams) printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(s.out, format, args...)
}

// style wraps text in an ANSI attribute where colour is on.
func (s *streams) style(code, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *streams) bold(text string) string  { return s.style("1", text) }
func (s *streams) faint(text string) string { return s.style("2", text) }
func (s *streams) red(text string) string   { return s.style("31", text) }
func (s *streams) green(text string) string { return s.style("32", text) }
