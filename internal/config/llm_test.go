package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFindLLM(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for _, p := range pairs {
				if k, v, _ := strings.Cut(p, "="); "PENTIMENTO_LLM_"+k == name {
					return v
				}
			}
			return ""
		}
	}
	dir := t.TempDir()
	if c, err := FindLLM(env(), dir); err != nil || c != (LLM{}) {
		t.Errorf("nothing set: %+v, %v", c, err)
	}
	if c, err := FindLLM(env("BASE_URL=http://127.0.0.1:1/v1", "MODEL=m", "TIMEOUT=1.5", "MAX_TOKENS=100"), dir); err != nil ||
		c.Provider != "openai" || c.Wait() != 1500*time.Millisecond || c.MaxTokens != 100 {
		t.Errorf("from the environment: %+v, %v", c, err)
	}
	for _, bad := range []string{"TIMEOUT=soon", "TIMEOUT=NaN", "MAX_USD=-1", "DOCS=1e9"} {
		if _, err := FindLLM(env(bad), dir); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, LLMFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"provider":"ollama","model":"file","docs":5}`)
	if c, err := FindLLM(env("MODEL=env"), dir); err != nil || c.Provider != "ollama" || c.Model != "env" || c.Docs != 5 {
		t.Errorf("from both: %+v, %v", c, err)
	}
	for _, bad := range []string{`{"key":"sk-secret"}`, `{"timeout":-1}`, `[]`, `{`} {
		write(bad)
		if _, err := FindLLM(env(), dir); err == nil || strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
