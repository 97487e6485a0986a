package config

import (
	"fmt"
	"strings"
)

// Page documents every setting as Markdown.
func Page() string {
	var b strings.Builder
	b.WriteString("# Settings\n\nGenerated from internal/config by `go test ./internal/config -run Page -update`.\n\n" +
		"A flag is stronger than a variable of the environment, that is stronger than the project's file (`" + ProjectFile +
		"` in the working folder or the nearest above it), and that than your own: `" + FileName + "` in the configuration folder, which " +
		"`agent config path` names. `agent config list` says what holds and where it comes from; `agent config set KEY VALUE` writes your file. " +
		"Both files are TOML: `sessions.max_size` is `max_size` in the table `[sessions]`.\n")
	for _, s := range Settings() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", s.Key, strings.ToUpper(s.Doc[:1])+s.Doc[1:])
		fmt.Fprintf(&b, "- kind: %s\n", s.describe())
		if s.Default != "" {
			fmt.Fprintf(&b, "- default: `%s`\n", s.Default)
		}
		fmt.Fprintf(&b, "- variable: `%s`\n", s.Env)
		if s.Flag != "" {
			fmt.Fprintf(&b, "- flag: `--%s`\n", s.Flag)
		}
		if s.Own {
			b.WriteString("- a project's file may not set it\n")
		}
	}
	return b.String()
}

func (s Setting) describe() string {
	switch {
	case len(s.Choices) > 0:
		return strings.Join(s.Choices, ", ")
	case s.Kind == Number:
		return fmt.Sprintf("number from %v to %v", s.Min, s.Max)
	case s.Kind == Size:
		return "size, as 500MB or 2GB"
	}
	return string(s.Kind)
}
