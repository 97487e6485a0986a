package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pentimento/internal/edit"
)

// LLM says which language model plans requests. It holds no key: where one is
// found is all that settings may say.
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
	// Vision is what the model may look at pictures for: some of VisionUses, with commas between, all or none.
	Vision string `json:"vision,omitempty"`
}

// LLM is what the settings say of the language model. A base URL or a model alone means the openai wire.
func (v Values) LLM() LLM {
	c := LLM{
		Provider: v.Text("llm.provider"), BaseURL: v.Text("llm.base_url"), Model: v.Text("llm.model"),
		KeyFile: v.Text("llm.key_file"), KeyCommand: v.Text("llm.key_command"), Timeout: v.Float("llm.timeout"),
		InputPrice: v.Float("llm.input_price"), OutputPrice: v.Float("llm.output_price"),
		MaxTokens: int(v.Float("llm.max_tokens")), MaxUSD: v.Float("llm.max_usd"),
		Docs: int(v.Float("llm.docs")), Words: int(v.Float("llm.words")), Vision: v.Text("llm.vision"),
	}
	if c.Provider == "" && (c.BaseURL != "" || c.Model != "") {
		c.Provider = "openai"
	}
	return c
}

// VisionUses are what a model may look at pictures for.
func VisionUses() []string { return []string{"answers", "judge", "features"} }

// Sees reads Vision: which uses are on.
func (c LLM) Sees() (map[string]bool, error) {
	on := make(map[string]bool)
	for _, use := range strings.FieldsFunc(c.Vision, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch {
		case use == "all":
			for _, u := range VisionUses() {
				on[u] = true
			}
		case use == "none":
			clear(on)
		case slices.Contains(VisionUses(), use):
			on[use] = true
		default:
			return nil, &edit.UserError{Msg: fmt.Sprintf("a model cannot look at pictures for %q", use), Hint: "say some of " + strings.Join(VisionUses(), ",") + ", all or none"}
		}
	}
	return on, nil
}

// Wait is the timeout of one attempt, 0 for the default.
func (c LLM) Wait() time.Duration { return time.Duration(c.Timeout * float64(time.Second)) }

// llmSettings are those of the language model. A project's file may set none of
// them: they say where requests are sent, and what is run for a key.
func llmSettings() []Setting {
	text := func(name, doc string) Setting {
		return Setting{Key: "llm." + name, Kind: Text, Own: true, Doc: doc}
	}
	number := func(name string, most float64, doc string) Setting {
		return Setting{Key: "llm." + name, Kind: Number, Default: "0", Max: most, Own: true, Doc: doc}
	}
	provider := text("provider", "the wire of the language model that plans requests: openai is any server that speaks it; empty: none is asked")
	provider.Choices = []string{"openai", "anthropic", "ollama"}
	return []Setting{
		text("base_url", "where the model's server is, as http://127.0.0.1:8080/v1; empty: the provider's own"),
		number("docs", 1000, "tool docs retrieved for a request; 0: 12"),
		number("input_price", 1e6, "dollars per million tokens of a question; 0: free"),
		text("key_command", "program that prints the model's key; it is cut at spaces, and no shell reads it"),
		text("key_file", "file that holds the model's key; no setting holds the key itself (PENTIMENTO_LLM_KEY may)"),
		number("max_tokens", 1e9, "most tokens of one request: an answer under way is not cut off, the next question is not asked; 0: any"),
		number("max_usd", 1e6, "most dollars of one request, as max_tokens; 0: any"),
		text("model", "the model as its server names it"),
		number("output_price", 1e6, "dollars per million tokens of an answer; 0: free"),
		provider,
		number("timeout", 3600, "seconds of one attempt to ask; 0: 120"),
		text("vision", "what the model may look at pictures for: answers, judge, features (commas between), all or none; empty: nothing"),
		number("words", 1e6, "words of all docs in a question; 0: 4000"),
	}
}
