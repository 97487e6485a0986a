package tooldoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

// Problem is one thing wrong with a doc.
type Problem struct {
	Line  int    // 1-based; 0 where the problem has no line
	Field string // "runtime.models[1].sha256"; empty for the doc as a whole
	Msg   string
}

// String is "line 7: tasks[0].task: ...".
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Msg)
	return b.String()
}

// Problems is everything wrong with one doc, ordered by line. It is the error that Parse returns.
type Problems struct {
	Path string
	List []Problem
}

// Error implements error: one line per problem.
func (p *Problems) Error() string {
	if len(p.List) == 1 {
		return fmt.Sprintf("tool doc %s: %s", printable(p.Path), p.List[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "tool doc %s: %d problems", printable(p.Path), len(p.List))
	for _, x := range p.List {
		b.WriteString("\n  " + x.String())
	}
	return b.String()
}

// printable quotes a path that would mislead on a terminal.
func printable(path string) string {
	if q := strconv.Quote(path); q != `"`+path+`"` {
		return q
	}
	return path
}

// collector gathers problems while a doc is read.
type collector struct {
	path  string
	list  []Problem
	lines map[string]int // field path -> line
}

func (c *collector) add(line int, field, format string, args ...any) {
	c.list = append(c.list, Problem{Line: line, Field: field, Msg: fmt.Sprintf(format, args...)})
}

// at adds a problem of a field; its line is the field's, or that of the nearest
// field around it when it is absent.
func (c *collector) at(field, format string, args ...any) {
	c.add(c.line(field), field, format, args...)
}

func (c *collector) line(field string) int {
	for {
		if n, ok := c.lines[field]; ok {
			return n
		}
		i := strings.LastIndexAny(field, ".[")
		if i < 0 {
			return 1
		}
		field = field[:i]
	}
}

// err returns what was gathered, in order and without repeats, or nil.
func (c *collector) err() error {
	if len(c.list) == 0 {
		return nil
	}
	slices.SortStableFunc(c.list, func(a, b Problem) int { return a.Line - b.Line })
	list := slices.Compact(c.list)
	if n := len(list) - maxProblems; n > 0 {
		list = append(list[:maxProblems:maxProblems], Problem{Msg: fmt.Sprintf("and %d more", n)})
	}
	return &Problems{Path: c.path, List: list}
}

// oneOf writes a list of words for a message: "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// nearest returns the candidate most like w, when it is like enough to be meant.
func nearest(w string, candidates []string) (string, bool) {
	best, dist := "", 3
	for _, c := range candidates {
		// A word of four letters two edits away is another word.
		if d := edit.Slips(w, c); d < dist && d <= max(1, len(c)/3) {
			best, dist = c, d
		}
	}
	return best, best != ""
}

// didYouMean is ", did you mean X?" or nothing.
func didYouMean(w string, candidates []string) string {
	if s, ok := nearest(w, candidates); ok {
		return fmt.Sprintf(", did you mean %q?", s)
	}
	return ""
}
