package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/config"
	"pentimento/internal/llm"
)

const secret = "sk-pentimento-not-a-key-0123456789"

// TestKeySources: from the environment first, then a file, then a command; the provider's own
// variable counts only at the provider's own server.
func TestKeySources(t *testing.T) {
	dir := t.TempDir()
	at := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file, empty, big := at("key", " "+secret+"\n"), at("empty", " \n"), at("big", strings.Repeat("k", maxKeyFile+1))
	for name, c := range map[string]struct {
		env, own string
		from     config.LLM
		set      bool
		fails    bool
	}{
		"nothing":                 {from: config.LLM{Provider: llm.OpenAI, BaseURL: "http://127.0.0.1:1"}},
		"environment":             {env: secret, from: config.LLM{Provider: llm.OpenAI, KeyFile: empty}, set: true},
		"file":                    {from: config.LLM{Provider: llm.OpenAI, KeyFile: file, KeyCommand: "false"}, set: true},
		"empty file":              {from: config.LLM{Provider: llm.OpenAI, KeyFile: empty}, fails: true},
		"no file":                 {from: config.LLM{Provider: llm.OpenAI, KeyFile: file + ".none"}, fails: true},
		"a folder":                {from: config.LLM{Provider: llm.OpenAI, KeyFile: dir}, fails: true},
		"a large file":            {from: config.LLM{Provider: llm.OpenAI, KeyFile: big}, fails: true},
		"command":                 {from: config.LLM{Provider: llm.OpenAI, KeyCommand: "cat " + file}, set: true},
		"a command that fails":    {own: secret, from: config.LLM{Provider: llm.OpenAI, KeyCommand: "false"}, fails: true},
		"the provider's own":      {own: secret, from: config.LLM{Provider: llm.OpenAI}, set: true},
		"not for another's":       {own: secret, from: config.LLM{Provider: llm.OpenAI, BaseURL: "http://127.0.0.1:1"}},
		"not another provider's ": {own: secret, from: config.LLM{Provider: llm.Anthropic}},
	} {
		t.Setenv("PENTIMENTO_LLM_KEY", c.env)
		t.Setenv("OPENAI_API_KEY", c.own)
		t.Setenv("ANTHROPIC_API_KEY", "")
		k, err := Key(t.Context(), c.from)
		if (err != nil) != c.fails || k.IsSet() != c.set || err != nil && strings.Contains(err.Error(), secret[8:]) {
			t.Errorf("%s: %v, %v", name, k, err)
		}
		if c.set {
			if got, want := llm.NewKey(secret), k; got != want {
				t.Errorf("%s: another key", name)
			}
		}
	}
}
