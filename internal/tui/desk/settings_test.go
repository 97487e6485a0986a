package desk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/tooldocs"
)

// TestWatchLoadsDocsAnew: a doc that the person writes is there a moment later,
// and one that is broken is said to be, with its reason.
func TestWatchLoadsDocsAnew(t *testing.T) {
	dir := t.TempDir()
	docs := filepath.Join(dir, "docs")
	if err := os.Mkdir(docs, 0o700); err != nil {
		t.Fatal(err)
	}
	d := New(Options{Kit: func() (*agent.Kit, error) {
		return agent.Open(agent.Options{Dirs: config.Dirs{Data: dir, Models: dir, Cache: dir}, Shipped: tooldocs.FS, Overlays: []string{docs}})
	}})
	t.Cleanup(d.Close)
	before := len(d.Tools())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	time.AfterFunc(50*time.Millisecond, func() { _ = os.WriteFile(filepath.Join(docs, "mine.md"), []byte("---\nname: mine\n"), 0o600) })
	tools, said, err := d.Watch(ctx)
	if err != nil || len(tools) != before+1 || !strings.Contains(said, "1 broken") {
		t.Fatalf("%d tools after %d, %q, %v", len(tools), before, said, err)
	}
	if last := tools[len(tools)-1]; last.State != "broken" || !strings.Contains(last.Reason, "mine.md") {
		t.Errorf("%+v", last)
	}
}

// TestSettingsNeverHoldAKey: what the pane shows of a language model names no key.
func TestSettingsNeverHoldAKey(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"HOME", "PENTIMENTO_CONFIG", "PENTIMENTO_DATA"} {
		t.Setenv(name, dir)
	}
	t.Setenv("PENTIMENTO_LLM_KEY", "sk-live-secret")
	d := New(Options{})
	list, err := d.Set(t.Context(), "tui.theme", "dark")
	if err != nil {
		t.Fatal(err)
	}
	dark := false
	for _, s := range list {
		dark = dark || s.Key == "tui.theme" && s.Value == "dark" && s.Now
		if strings.Contains(s.Value+s.Doc, "sk-live") {
			t.Errorf("%s shows the key", s.Key)
		}
	}
	if !dark {
		t.Error("the theme was not set")
	}
	if _, err := d.TryModel(t.Context()); err == nil || !strings.Contains(err.Error(), "no language model is set") {
		t.Errorf("trying no model gave %v", err)
	}
}
