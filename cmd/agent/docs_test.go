package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestCommandReference keeps docs/commands.md equal to what --help says.
// Rewrite it with: go test ./cmd/agent -run CommandReference -update.
func TestCommandReference(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Commands\n\nGenerated from the program's own help by `go test ./cmd/agent -run CommandReference -update`.\n")
	describe(&b, newRoot(&streams{}))
	path := filepath.Join("..", "..", "docs", "commands.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/commands.md is stale; run the test with -update (-file +program):\n%s", diff)
	}
}

func describe(b *bytes.Buffer, cmd *cobra.Command) {
	if cmd.Runnable() || !cmd.HasParent() {
		fmt.Fprintf(b, "\n## %s\n\n", cmd.CommandPath())
		text := cmd.Long
		if text == "" {
			text = cmd.Short + "."
		}
		fmt.Fprintf(b, "%s\n\n```\n%s\n```\n", text, cmd.UseLine())
		if cmd.Example != "" {
			fmt.Fprintf(b, "\nExamples:\n\n```\n%s\n```\n", cmd.Example)
		}
		flags := cmd.LocalNonPersistentFlags()
		if !cmd.HasParent() {
			flags = cmd.PersistentFlags()
		}
		if usage := strings.TrimRight(flags.FlagUsages(), "\n"); usage != "" {
			fmt.Fprintf(b, "\nFlags:\n\n```\n%s\n```\n", usage)
		}
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" && sub.Name() != "completion" {
			describe(b, sub)
		}
	}
}
