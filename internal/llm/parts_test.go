package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1}`: `{"a":1}`,
		"Sure! Here you are:\n```json\n{\"a\":{}}\n```\nGood luck {": `{"a":{}}`,
		`<think>maybe {x}</think> {"a":"}"}`:                         `{"a":"}"}`,
		`{"a":1}{"b":2}`:                                             `{"a":1}`,
		`no`:                                                         ErrNoJSON.Error(),
		``:                                                           ErrNoJSON.Error(),
		`[1,2]`:                                                      ErrNoJSON.Error(),
		`{"a":[1,`:                                                   ErrHalfJSON.Error(),
		`{"a":"never closed}`:                                        ErrHalfJSON.Error(),
		strings.Repeat("{", 100_000):                                 ErrHalfJSON.Error(),
	} {
		raw, err := FindJSON(text)
		got := string(raw)
		if err != nil {
			got = err.Error()
		}
		if got != want && (len(text) < 1000 || err == nil) {
			t.Errorf("%.40q gives %q, wanted %q", text, got, want)
		}
	}
}

func FuzzFindJSON(f *testing.F) {
	f.Add("x {\"a\": {}} y")
	f.Fuzz(func(t *testing.T, s string) {
		raw, err := FindJSON(s)
		if err == nil && !json.Valid(raw) {
			t.Errorf("%q gives %q", s, raw)
		}
	})
}

type fixed struct {
	reply Reply
	err   error
}

func (f fixed) Chat(context.Context, Request) (Reply, error) { return f.reply, f.err }

func TestBudgets(t *testing.T) {
	one := 1.0
	zero := 0.0
	for name, c := range map[string]struct {
		budget Budget
		asked  int // questions that are let through
	}{
		"none":     {Budget{}, 5},
		"calls":    {Budget{Calls: 2}, 2},
		"tokens":   {Budget{Tokens: 250}, 3}, // soft: the third question begins below the bound
		"money":    {Budget{USD: &one}, 2},
		"no money": {Budget{USD: &zero}, 0},
	} {
		m := NewMeter(fixed{reply: Reply{Usage: Usage{Calls: 1, Input: 80, Output: 20, USD: 0.5}}}, c.budget)
		asked := 0
		for range 5 {
			_, err := m.Chat(t.Context(), Request{})
			var over *BudgetError
			switch {
			case err == nil:
				asked++
			case !errors.As(err, &over):
				t.Fatal(err)
			}
		}
		if u := m.Used(); asked != c.asked || u.Calls != asked || u.Tokens() != 100*asked || u.USD != 0.5*float64(asked) {
			t.Errorf("%s: asked %d times for %+v, wanted %d", name, asked, u, c.asked)
		}
	}
	free, err := Open(Config{Provider: Ollama, Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := NewMeter(free, Budget{USD: &zero}).left(); err != nil {
		t.Errorf("a model without a price: %v", err)
	}
	m := NewMeter(fixed{err: ErrEmpty}, Budget{Calls: 1})
	if _, err := m.Chat(t.Context(), Request{}); !errors.Is(err, ErrEmpty) || m.Used().Calls != 1 {
		t.Errorf("a failed question counts as %+v (%v)", m.Used(), err)
	}
}

func TestKeysDoNotShow(t *testing.T) {
	k := NewKey(" " + testKey + "\n")
	cfg := Config{Provider: OpenAI, Key: k}
	js, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %s %q", cfg, cfg, cfg, k, k), string(js), k.scrub("x" + testKey + "y")} {
		if strings.Contains(s, testKey) || strings.Contains(s, testKey[8:]) {
			t.Errorf("the key shows in %q", s)
		}
	}
	if k.secret != testKey || NewKey("").IsSet() || !k.IsSet() {
		t.Error("the key is not kept")
	}
}

func TestKeyFromCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(testKey+"\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := KeyFromCommand(t.Context(), "cat "+file); err != nil || k.secret != testKey {
		t.Errorf("got %v, %v", k, err)
	}
	for _, bad := range []string{"", "   ", "cat " + file + ".none", "no-such-program-here", "true"} {
		if _, err := KeyFromCommand(t.Context(), bad); err == nil {
			t.Errorf("%q gives no error", bad)
		}
	}
}

// TestRecordAndReplay records an exchange on every wire and replays it with the server gone.
func TestRecordAndReplay(t *testing.T) {
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "exchanges")
			l, url := serve(t, answer{text: `{"n":1,"said":"` + testKey + `"}`}, answer{status: 500, raw: "{}"}, answer{text: "two"})
			c, _ := dialled(t, provider, url, func(cfg *Config) { cfg.Record = dir })
			other := question()
			other.Messages[0].Text = "another"
			var want []string
			for _, q := range []Request{question(), other} {
				r, err := c.Chat(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, strings.ReplaceAll(r.Text, testKey, "[key]"))
			}
			asked := len(l.requests())
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				if b, err := os.ReadFile(f); err != nil || strings.Contains(string(b), testKey) {
					t.Errorf("%s holds the key (%v)", f, err)
				}
			}
			c, _ = dialled(t, provider, url, func(cfg *Config) { cfg.Replay = dir; cfg.Key = Key{} })
			for i, q := range []Request{other, question()} { // in any order
				r, err := c.Chat(t.Context(), q)
				if err != nil || r.Text != want[1-i] || r.Usage.Tokens() != 120 {
					t.Errorf("the replay says %q (%+v), %v; wanted %q", r.Text, r.Usage, err, want[1-i])
				}
			}
			var gone *RecordingError
			if _, err := c.Chat(t.Context(), question()); !errors.As(err, &gone) {
				t.Errorf("a question too many: %v", err)
			}
			if n := len(l.requests()); n != asked || len(files) != 3 {
				t.Errorf("the replay asked the server %d times; %d files were recorded", n-asked, len(files))
			}
		})
	}
}

func TestBadRecordings(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":   "hello",
		"no status": `{"note":"written by hand","path":"/","reply":{}}`,
		"no reply":  `{"note":"written by hand","path":"/","status":200}`,
		"unknown":   `{"note":"written by hand","path":"/","status":200,"reply":{},"key":"x"}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "0001.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := newReplayer(dir); err == nil || !strings.Contains(err.Error(), "0001.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
