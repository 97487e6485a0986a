package setup

import (
	"context"
	"os"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/planner"
	"pentimento/internal/vision"
)

// Planner gives the kit the language model of the settings, where one is set. What it is
// asked and answers is kept in the folder record, or taken from the folder replay.
func Planner(ctx context.Context, kit *agent.Kit, c config.LLM, record, replay string) error {
	if c.Provider == "" {
		return nil
	}
	uses, err := Uses(c)
	if err != nil {
		return err
	}
	var key llm.Key
	if replay == "" { // nothing is sent, so no key is needed
		if key, err = Key(ctx, c); err != nil {
			return err
		}
	}
	model, err := llm.Open(llm.Config{
		Provider: c.Provider, BaseURL: c.BaseURL, Model: c.Model, Key: key, Timeout: c.Wait(),
		InputPrice: c.InputPrice, OutputPrice: c.OutputPrice, Record: record, Replay: replay,
	})
	if err != nil {
		return err
	}
	kit.Options.Seeing = agent.Seeing{Uses: uses, Name: c.Model}
	p := &kit.Options.Planning
	p.Model, p.Prompt = model, planner.LLMOptions{Docs: c.Docs, Words: c.Words}
	p.Budget.Tokens = c.MaxTokens
	if c.MaxUSD > 0 {
		p.Budget.USD = &c.MaxUSD
	}
	return nil
}

// Uses are what the settings let a model look at pictures for.
func Uses(c config.LLM) (vision.Uses, error) {
	on, err := c.Sees()
	return vision.Uses{Answers: on["answers"], Judge: on["judge"], Features: on["features"]}, err
}

// ownKeys are the variables in which the providers' own programs look for a key. They
// count only once a provider is chosen: a key alone sends nothing anywhere.
var ownKeys = map[string]string{llm.OpenAI: "OPENAI_API_KEY", llm.Anthropic: "ANTHROPIC_API_KEY"}

const maxKeyFile = 64 << 10

// Key looks in PENTIMENTO_LLM_KEY, then a file, then asks a command; without any of these
// settings, in the provider's own variable, unless the server is another's.
func Key(ctx context.Context, c config.LLM) (llm.Key, error) {
	if k := llm.NewKey(os.Getenv("PENTIMENTO_LLM_KEY")); k.IsSet() {
		return k, nil
	}
	switch {
	case c.KeyFile != "":
		return keyFromFile(c.KeyFile)
	case c.KeyCommand != "":
		return llm.KeyFromCommand(ctx, c.KeyCommand)
	case c.BaseURL == "":
		return llm.NewKey(os.Getenv(ownKeys[c.Provider])), nil
	}
	return llm.Key{}, nil
}

func keyFromFile(path string) (llm.Key, error) {
	st, err := os.Stat(path)
	if err != nil {
		return llm.Key{}, &edit.UserError{Msg: "the file with the model's key cannot be read", Err: err}
	}
	if !st.Mode().IsRegular() || st.Size() > maxKeyFile {
		return llm.Key{}, edit.Userf("the file with the model's key, %s, is no small file", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return llm.Key{}, &edit.UserError{Msg: "the file with the model's key cannot be read", Err: err}
	}
	if k := llm.NewKey(string(b)); k.IsSet() {
		return k, nil
	}
	return llm.Key{}, edit.Userf("the file with the model's key, %s, is empty", path)
}

// Try asks the language model of the settings for one word, with its key.
func Try(ctx context.Context, c config.LLM) (says string, err error) {
	if c.Provider == "" {
		return "", edit.Userf("no language model is set: choose llm.provider and llm.model")
	}
	key, err := Key(ctx, c)
	if err != nil {
		return "", err
	}
	model, err := llm.Open(llm.Config{Provider: c.Provider, BaseURL: c.BaseURL, Model: c.Model, Key: key, Timeout: c.Wait()})
	if err != nil {
		return "", err
	}
	reply, err := model.Chat(ctx, llm.Request{System: "Answer with one word.", Messages: []llm.Message{{Role: llm.User, Text: "Say yes."}}, MaxTokens: 200})
	return reply.Text, err
}
