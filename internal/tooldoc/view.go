package tooldoc

import (
	"fmt"
	"strings"

	"pentimento/internal/edit"
)

// View is what a planner sees of a tool: its purpose, its tasks with the words
// people use for them, its typed ports, examples, and the prose.
func View(s edit.ToolSpec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s\n", s.Name, s.Title, s.Description)
	for _, t := range s.Tasks {
		fmt.Fprintf(&b, "task %s (quality %.2f): %s\n", t.Task, t.Quality, strings.Join(t.Words, ", "))
	}
	fmt.Fprintf(&b, "inputs: %s\noutputs: %s\n", ports(s.Inputs), ports(s.Outputs))
	for _, e := range s.Examples {
		fmt.Fprintf(&b, "example: %q\n", e.Request)
	}
	if s.Prose != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(s.Prose))
	}
	return b.String()
}

func ports(list []edit.Port) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = p.Name + ": " + string(p.Kind)
	}
	return strings.Join(parts, ", ")
}
