package config

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"pentimento/internal/edit"
)

// LLM says which language model plans requests. It holds no key: where one is
// found is all that a settings file may say.
type LLM struct {
	Provider   string  `json:"provider,omitempty"`    // openai, anthropic or ollama; empty: no model
	BaseURL    string  `json:"base_url,omitempty"`    // empty: the provider's own
	Model      string  `json:"model,omitempty"`       // as the server names it
	KeyFile    string  `json:"key_file,omitempty"`    // a file that holds the key
	KeyCommand string  `json:"key_command,omitempty"` // a program that prints it; cut at spaces
	Timeout    float64 `json:"timeout,omitempty"`     // seconds of one attempt; 0: 120
	// InputPrice and OutputPrice are dollars per million tokens.
	InputPrice  float64 `json:"input_price,omitempty"`
	OutputPrice float64 `json:"output_price,omitempty"`
	MaxTokens   int     `json:"max_tokens,omitempty"` // of one request, soft; 0: any
	MaxUSD      float64 `json:"max_usd,omitempty"`    // of one request, soft; 0: any
	Docs        int     `json:"docs,omitempty"`       // tool docs retrieved for a request; 0: 12
	Words       int     `json:"words,omitempty"`      // of all docs in the prompt; 0: 4000
}

// LLMFile is the settings file's name in the configuration folder.
const LLMFile = "llm.json"

const maxLLMFile = 64 << 10

// FindLLM reads llm.json in the configuration folder, if it is there, and then the
// environment, which wins: PENTIMENTO_LLM_PROVIDER, _BASE_URL, _MODEL, _KEY_FILE, _KEY_COMMAND,
// _TIMEOUT, _INPUT_PRICE, _OUTPUT_PRICE, _MAX_TOKENS, _MAX_USD, _DOCS and _WORDS. A base URL or
// a model alone means the openai wire.
func FindLLM(getenv func(string) string, dir string) (LLM, error) {
	c, err := readLLM(filepath.Join(dir, LLMFile))
	if err != nil {
		return LLM{}, err
	}
	for name, field := range map[string]*string{
		"PROVIDER": &c.Provider, "BASE_URL": &c.BaseURL, "MODEL": &c.Model, "KEY_FILE": &c.KeyFile, "KEY_COMMAND": &c.KeyCommand,
	} {
		if v := getenv("PENTIMENTO_LLM_" + name); v != "" {
			*field = v
		}
	}
	tokens, docs, words := float64(c.MaxTokens), float64(c.Docs), float64(c.Words)
	for _, n := range []struct {
		name  string
		field *float64
		most  float64
	}{
		{"TIMEOUT", &c.Timeout, 3600},
		{"INPUT_PRICE", &c.InputPrice, 1e6},
		{"OUTPUT_PRICE", &c.OutputPrice, 1e6},
		{"MAX_TOKENS", &tokens, 1e9},
		{"MAX_USD", &c.MaxUSD, 1e6},
		{"DOCS", &docs, 1000},
		{"WORDS", &words, 1e6},
	} {
		if v := getenv("PENTIMENTO_LLM_" + n.name); v != "" {
			if *n.field, err = strconv.ParseFloat(v, 64); err != nil {
				return LLM{}, edit.Userf("PENTIMENTO_LLM_%s is %q, which is no number", n.name, v)
			}
		}
		if !(*n.field >= 0 && *n.field <= n.most) {
			return LLM{}, edit.Userf("the language model's %s is %g, outside 0 to %g", n.name, *n.field, n.most)
		}
	}
	c.MaxTokens, c.Docs, c.Words = int(tokens), int(docs), int(words)
	if c.Provider == "" && (c.BaseURL != "" || c.Model != "") {
		c.Provider = "openai"
	}
	return c, nil
}

// Wait is the timeout of one attempt, 0 for the default.
func (c LLM) Wait() time.Duration { return time.Duration(c.Timeout * float64(time.Second)) }

func readLLM(path string) (c LLM, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, &edit.UserError{Msg: "the language model's settings cannot be read", Err: err}
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(io.LimitReader(f, maxLLMFile))
	d.DisallowUnknownFields() // a key written into it is refused, not kept
	if err := d.Decode(&c); err != nil {
		return LLM{}, &edit.UserError{Msg: path + " is no settings file", Err: err, Hint: "keys go into a key_file, a key_command or PENTIMENTO_LLM_KEY"}
	}
	return c, nil
}
