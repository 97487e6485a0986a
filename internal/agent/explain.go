package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// noToolError says that nothing installed can complete a subtask, and what would.
type noToolError struct {
	msg      string
	commands []string // that install what is missing
}

// Error implements error.
func (e *noToolError) Error() string {
	if len(e.commands) == 0 {
		return e.msg
	}
	return e.msg + "; install one with: " + strings.Join(e.commands, "  or  ")
}

// explain turns "no path" into what a person can do about it: the tool that
// failed, the command that installs the missing one, or how to show the place.
func (x *execution) explain(ctx context.Context, refused map[string]error) error {
	dear := x.tooDear(ctx, refused)
	if len(x.ruledOut) > 0 {
		errs := dear
		said := make(map[string]bool) // variants of a tool tend to fail alike
		for _, err := range dear {
			said[err.Error()] = true
		}
		for _, id := range slices.Sorted(maps.Keys(x.ruledOut)) {
			if err := x.ruledOut[id]; !said[err.Error()] {
				said[err.Error()] = true
				errs = append(errs, err)
			}
		}
		return fmt.Errorf("every toolpath failed: %w", errors.Join(errs...))
	}
	if len(dear) > 0 {
		return fmt.Errorf("the money that may be spent does not suffice: %w", errors.Join(dear...))
	}
	var claimed, ready bool
	var commands, reasons []string
	for i := range x.Specs {
		if !x.completes(&x.Specs[i]) {
			continue
		}
		claimed = true
		err := refused[x.Specs[i].Name]
		var un *tools.UnavailableError
		switch {
		case err == nil:
			ready = true
		case errors.As(err, &un) && un.Command != "":
			commands = append(commands, un.Command)
		default:
			reasons = append(reasons, err.Error())
		}
	}
	switch {
	case ready:
		return x.explainObject(refused)
	case !claimed:
		return &noToolError{msg: fmt.Sprintf("no tool doc claims the task %q", x.st.Task)}
	case len(reasons) > 0:
		return &noToolError{msg: fmt.Sprintf("no tool can do %s as asked: %s", x.st.Task, strings.Join(reasons, "; ")), commands: unique(commands)}
	}
	return &noToolError{msg: fmt.Sprintf("no installed tool does %s", x.st.Task), commands: unique(commands)}
}

// explainObject covers the common case: a tool for the task is here, but
// nothing finds the object it should work on.
func (x *execution) explainObject(refused map[string]error) error {
	if x.st.Object == "" {
		missing, picture := x.lacking(refused)
		if picture != "" {
			return &noToolError{msg: fmt.Sprintf("%s needs a second picture; give it with --with %s=FILE", x.st.Task, picture)}
		}
		commands := x.installable(refused, func(spec *edit.ToolSpec) bool {
			return slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return missing[p.Slot()] })
		})
		return &noToolError{msg: fmt.Sprintf("%s lacks what it works on; name an object, or show it with --mask", x.st.Task), commands: commands}
	}
	head := edit.ParsePhrase(x.st.Object).Head
	knows := func(spec *edit.ToolSpec) bool {
		l := spec.Accepts["object"].Labels
		if l == nil {
			return false
		}
		_, ok := l.Find(head)
		return ok
	}
	for i := range x.Specs {
		if name := x.Specs[i].Name; refused[name] == nil && knows(&x.Specs[i]) {
			return &noToolError{msg: fmt.Sprintf("%s finds %q, but no installed tool makes of that what %s works on", name, head, x.st.Task)}
		}
	}
	commands := x.installable(refused, knows)
	if len(commands) > 0 {
		return &noToolError{msg: fmt.Sprintf("no installed tool finds %q", head), commands: commands}
	}
	return &noToolError{msg: fmt.Sprintf(
		"no tool finds %q; say its colour (\"the grey %s\"), or show it with --box %q or --mask FILE", head, head, head+"=x0,y0,x1,y1")}
}

// lacking is what the tools that could complete the subtask are still without:
// the slots, and the name of a second picture if one of them waits for that.
func (x *execution) lacking(refused map[string]error) (missing map[string]bool, picture string) {
	missing = make(map[string]bool)
	for i := range x.Specs {
		spec := &x.Specs[i]
		if refused[spec.Name] != nil || !x.completes(spec) {
			continue
		}
		for _, p := range spec.Inputs {
			if _, held := x.input(spec, p); held {
				continue
			}
			missing[p.Slot()] = true
			if p.Kind == edit.KindImage && picture == "" {
				picture = p.Name
			}
		}
	}
	return missing, picture
}

// installable lists the commands that install the tools which only lack a file
// and satisfy want, the best first; tools below the threshold, which alone would
// not be believed, are named only where there is no better one.
func (x *execution) installable(refused map[string]error, want func(*edit.ToolSpec) bool) []string {
	type install struct {
		quality float64
		command string
	}
	var all []install
	for i := range x.Specs {
		spec := &x.Specs[i]
		var un *tools.UnavailableError
		if errors.As(refused[spec.Name], &un) && un.Command != "" && want(spec) {
			all = append(all, install{spec.Quality, un.Command})
		}
	}
	slices.SortStableFunc(all, func(a, b install) int { return cmp.Compare(b.quality, a.quality) })
	var commands []string
	for _, in := range all {
		if len(commands) > 0 && in.quality < x.job.Threshold {
			break
		}
		if !slices.Contains(commands, in.command) {
			commands = append(commands, in.command)
		}
	}
	return commands
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
