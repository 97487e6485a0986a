package gallery

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, wrong string }{
		{"whole", `{"version":1,"edits":[{"image":"a.png","request":"flip","boxes":{"cup":[1,2,3,4]}}]}`, ""},
		{"other version", `{"version":2,"edits":[{"image":"a.png","request":"flip"}]}`, "version 1"},
		{"no edits", `{"version":1}`, "at least one edit"},
		{"no request", `{"version":1,"edits":[{"image":"a.png"}]}`, "edit 1 needs"},
		{"outside", `{"version":1,"edits":[{"image":"../a.png","request":"flip"}]}`, "inside the folder"},
		{"not JSON", `{`, "suite.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(dir, "suite.json")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Load(file, "pictures")
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) {
					t.Fatalf("error %v, want one about %q", err, c.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"edit", filepath.Join("pictures", "a.png"), "flip", "-o", "o.png", "--show-mask", "m.png", "--box", "cup=1,2,3,4"}
			if got := s.Edits[0].args("o.png", "m.png"); !slices.Equal(got, want) {
				t.Errorf("arguments %q, want %q", got, want)
			}
		})
	}
}

func TestShellLine(t *testing.T) {
	got := shellLine("agent", []string{"edit", "in/a.png", "make the car \"red\"", "--box", "cup=1,2,3,4"})
	if want := `agent edit in/a.png "make the car \"red\"" --box cup=1,2,3,4`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRun uses a shell script in the program's place: it copies its input to -o
// and reports as the program does, or fails.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "in.png")
	if err := imageio.Save(context.Background(), picture, pixel.NewImage(40, 30), imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "agent.sh")
	text := `#!/bin/sh
echo '{"event":"notice","message":"look here"}'
if [ "$3" = fail ]; then echo '{"event":"done","subtasks":[{"task":"t","status":"not-found","reason":"none"}]}'; exit 3; fi
cp "$2" "$5"
echo '{"event":"done","subtasks":[{"task":"t","status":"done","toolpath":["a","b"]}]}'
`
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	s := Suite{Edits: []Edit{{Image: picture, Request: "copy"}, {Image: picture, Request: "fail"}}}
	results, err := Run(context.Background(), script, out, s, func(Result) {})
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Exit != 0 || r.Output == "" || r.Mask != "" || len(r.Subtasks) != 1 || !slices.Equal(r.Notices, []string{"look here"}) {
		t.Errorf("the edit that works came to %+v", r)
	}
	if r := results[1]; r.Exit != 3 || r.Output != "" || r.Subtasks[0].Status != "not-found" {
		t.Errorf("the edit that fails came to %+v", r)
	}
	shown, err := Layout(context.Background(), out, results)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := WritePage(&page, "title", shown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"01-before.png", "a → b", "nothing was saved", "look here", "not-found: none"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	sheet, _, err := imageio.Load(context.Background(), filepath.Join(out, "sheet-1.png"), imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := sheet.At(margin+5, margin+2*line+5); r != 0 || g != 0 || b != 0 {
		t.Errorf("the black picture shows as %d,%d,%d on the sheet", r, g, b)
	}
}
