package config

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

// TestPage keeps docs/settings.md equal to the settings.
func TestPage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "settings.md")
	if *update {
		if err := os.WriteFile(path, []byte(Page()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != Page() {
		t.Errorf("docs/settings.md is stale (%v); run the test with -update", err)
	}
	if !slices.IsSortedFunc(Settings(), func(a, b Setting) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("the settings are not sorted")
	}
	for _, s := range Settings() {
		if s.Default != "" && s.check(s.Default) != nil {
			t.Errorf("the default of %s is none", s.Key)
		}
	}
}

// TestPrecedence reads a setting from every place, the strongest last.
func TestPrecedence(t *testing.T) {
	home, project := t.TempDir(), t.TempDir()
	d := Dirs{Config: home}
	env := map[string]string{}
	holds := func(want string, origin Origin) {
		t.Helper()
		below := filepath.Join(project, "a", "b")
		if err := os.MkdirAll(below, 0o700); err != nil {
			t.Fatal(err)
		}
		v, err := Load(d, below, func(k string) string { return env[k] })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Get("tui.theme"); err != nil || got.Value != want || got.Origin != origin {
			t.Errorf("tui.theme is %q from %s, %v; want %q from %s", got.Value, got.Origin, err, want, origin)
		}
	}
	holds("auto", FromDefault)
	if err := Set(d, "tui.theme", "dark"); err != nil {
		t.Fatal(err)
	}
	holds("dark", FromUser)
	save(t, filepath.Join(project, ProjectFile), "[tui]\ntheme = 'light'\n")
	holds("light", FromProject)
	env["PENTIMENTO_THEME"] = "dark"
	holds("dark", FromEnv)
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBadFiles says what is wrong where.
func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"alpha = 3":                           "alpha is a number from 0 to 2",
		"alpha = ":                            "line 1",
		"x = 1\n[tui]\ntheme = 'pink'":        "",
		"[tui]\ntheme = 'pink'":               "tui.theme is one of auto, light, dark",
		"them = 1":                            `no setting "them"`,
		"theme = 'dark'":                      "did you mean tui.theme?",
		"alpha = [1]":                         "is a text, a number",
		"[sessions]\nmax_size = 'much'":       "500MB",
		strings.Repeat("# long\n", maxFile/6): "no file of settings",
	} {
		d := Dirs{Config: t.TempDir()}
		save(t, d.Path(), text)
		if _, err := Load(d, t.TempDir(), func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), d.Path()) {
			t.Errorf("%.40q gives %v", text, err)
		}
	}
	dir := t.TempDir()
	save(t, filepath.Join(dir, ProjectFile), "ort_lib = '/tmp/evil.so'")
	if _, err := Load(Dirs{Config: dir}, dir, func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "only you may") {
		t.Errorf("a project names the library: %v", err)
	}
}

// TestSet leaves the rest of the file as it is.
func TestSet(t *testing.T) {
	d := Dirs{Config: filepath.Join(t.TempDir(), "new")}
	for _, kv := range [][2]string{{"tui.theme", "dark"}, {"alpha", "0.5"}, {"sessions.max_size", "5GB"}, {"tui.mouse", "false"}, {"models", `C:\a "b"`}, {"alpha", "1.5"}} {
		if err := Set(d, kv[0], kv[1]); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	save(t, d.Path(), "# mine\n"+string(text)+"# end\n")
	if err := Set(d, "tui.mouse", ""); err != nil {
		t.Fatal(err)
	}
	text, err = os.ReadFile(d.Path())
	want := "# mine\nalpha = 1.5\nmodels = \"C:\\\\a \\\"b\\\"\"\n[tui]\ntheme = \"dark\"\n\n[sessions]\nmax_size = \"5GB\"\n# end\n"
	if err != nil || string(text) != want {
		t.Errorf("the file is\n%s, %v", text, err)
	}
	if err := Set(d, "alpha", "7"); err == nil {
		t.Error("a value out of range was set")
	}
	if err := Set(d, "beta", "7"); err == nil {
		t.Error("what is no setting was set")
	}
}
