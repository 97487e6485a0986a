package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestLLM(t *testing.T) {
	d := Dirs{Config: t.TempDir()}
	load := func(pairs ...string) (LLM, error) {
		v, err := Load(d, t.TempDir(), func(name string) string {
			for _, p := range pairs {
				if k, v, _ := strings.Cut(p, "="); "PENTIMENTO_LLM_"+k == name {
					return v
				}
			}
			return ""
		})
		if err != nil {
			return LLM{}, err
		}
		return v.LLM(), nil
	}
	if c, err := load(); err != nil || c != (LLM{}) {
		t.Errorf("nothing set: %+v, %v", c, err)
	}
	if c, err := load("BASE_URL=http://127.0.0.1:1/v1", "MODEL=m", "TIMEOUT=1.5", "MAX_TOKENS=100"); err != nil ||
		c.Provider != "openai" || c.Wait() != 1500*time.Millisecond || c.MaxTokens != 100 {
		t.Errorf("from the environment: %+v, %v", c, err)
	}
	for _, bad := range []string{"TIMEOUT=soon", "TIMEOUT=NaN", "MAX_USD=-1", "DOCS=1e9"} {
		if _, err := load(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(d.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[llm]\nprovider = \"ollama\"\nmodel = \"file\"\ndocs = 5\n")
	if c, err := load("MODEL=env"); err != nil || c.Provider != "ollama" || c.Model != "env" || c.Docs != 5 {
		t.Errorf("from both: %+v, %v", c, err)
	}
	for _, bad := range []string{"[llm]\nkey = \"sk-secret\"\n", "[llm]\ntimeout = -1\n"} {
		write(bad)
		if _, err := load(); err == nil || strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestVisionUses: nothing is on until it is named, and what is no use is refused.
func TestVisionUses(t *testing.T) {
	for setting, want := range map[string]string{
		"": "map[]", "none": "map[]", "answers": "map[answers:true]", "judge, features": "map[features:true judge:true]",
		"all": "map[answers:true features:true judge:true]", "all,none": "map[]", "answers,souls": "error", "true": "error",
	} {
		on, err := LLM{Vision: setting}.Sees()
		got := fmt.Sprint(on)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q turns on %s, wanted %s (%v)", setting, got, want, err)
		}
	}
}
