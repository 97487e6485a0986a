package llm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"pentimento/internal/edit"
)

// The wires that are spoken.
const (
	OpenAI    = "openai" // and every server that speaks its wire
	Anthropic = "anthropic"
	Ollama    = "ollama"
)

// Config says which model is asked and how.
type Config struct {
	Provider string // OpenAI, Anthropic or Ollama
	BaseURL  string // empty: the provider's own; for Ollama http://127.0.0.1:11434
	Model    string
	Key      Key           // Ollama and most local servers need none
	Timeout  time.Duration // of one attempt; 0: two minutes
	// InputPrice and OutputPrice are dollars per million tokens; 0 where nothing is charged or known.
	InputPrice, OutputPrice float64
	// Record is a folder that each exchange is written to, Replay one that answers in place of the network.
	Record, Replay string
}

const defaultTimeout = 2 * time.Minute

// Client is a Model behind a provider's wire.
type Client struct {
	cfg    Config
	plain  llms.Model
	http   *http.Client
	format atomic.Int32 // how far the server was found to hold an answer to a form
}

// How an answer is held to its form, the strictest first. Servers differ in what they know;
// one that refuses a form (400, 422) is asked for the next.
const (
	bySchema int32 = iota
	asJSON
	unheld
)

// Open makes a client. It sends nothing.
func Open(cfg Config) (*Client, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	base, err := cfg.wire()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, http: &http.Client{
		Transport: newTransport(base, cfg.Timeout, cfg.Key),
		// A redirect would carry the key and the picture to another address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if c.plain, err = c.dial(nil); err != nil {
		return nil, &edit.UserError{Msg: "the language model is not set up", Err: errors.New(cfg.Key.scrub(err.Error()))}
	}
	return c, nil
}

// settle checks the configuration and fills what it leaves out.
func (c *Config) settle() error {
	switch {
	case c.Provider != OpenAI && c.Provider != Anthropic && c.Provider != Ollama:
		return edit.Userf("the language model's provider is %q, none of %s, %s, %s", c.Provider, OpenAI, Anthropic, Ollama)
	case c.Model == "":
		return &edit.UserError{Msg: "no language model is named", Hint: "set PENTIMENTO_LLM_MODEL"}
	case c.Record != "" && c.Replay != "":
		return edit.Userf("exchanges are recorded or replayed, not both")
	case c.Provider == Anthropic && !c.Key.IsSet() && c.Replay == "":
		return &edit.UserError{Msg: "this provider needs a key", Hint: "set PENTIMENTO_LLM_KEY, _KEY_FILE or _KEY_COMMAND"}
	case c.Provider == OpenAI && c.BaseURL == "" && !c.Key.IsSet() && c.Replay == "":
		return &edit.UserError{Msg: "this provider needs a key", Hint: "set PENTIMENTO_LLM_KEY, _KEY_FILE or _KEY_COMMAND, or a base URL"}
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Provider == Ollama && c.BaseURL == "" {
		c.BaseURL = "http://127.0.0.1:11434"
	}
	if c.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return &edit.UserError{Msg: "the language model's base URL is no http or https address", Hint: "write it as http://127.0.0.1:8080/v1"}
	case u.User != nil || u.RawQuery != "":
		return &edit.UserError{Msg: "the language model's base URL holds more than an address", Hint: "give the key in PENTIMENTO_LLM_KEY"}
	case u.Scheme == "http" && c.Key.IsSet() && !local(u.Hostname()):
		return &edit.UserError{Msg: fmt.Sprintf("the key would go to %s unencrypted", u.Host), Hint: "use https, or a server on this machine"}
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return nil
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// wire is what carries the exchanges: the network, with or without a recording of it, or a recording alone.
func (c *Config) wire() (http.RoundTripper, error) {
	if c.Replay != "" {
		return newReplayer(c.Replay)
	}
	net := http.DefaultTransport.(*http.Transport).Clone()
	if c.Record == "" {
		return net, nil
	}
	if err := os.MkdirAll(c.Record, 0o700); err != nil {
		return nil, &RecordingError{err.Error()}
	}
	return &recorder{next: net, dir: c.Record, key: c.Key}, nil
}

// unused stands for a key where a wire wants one and there is none to give.
const unused = "none"

// dial makes langchaingo's client; for the OpenAI wire a schema is part of it.
func (c *Client) dial(schema json.RawMessage) (llms.Model, error) {
	key := c.cfg.Key.secret
	if key == "" {
		key = unused
	}
	switch c.cfg.Provider {
	case Anthropic:
		opts := []anthropic.Option{anthropic.WithToken(key), anthropic.WithModel(c.cfg.Model), anthropic.WithHTTPClient(c.http)}
		if c.cfg.BaseURL != "" {
			opts = append(opts, anthropic.WithBaseURL(c.cfg.BaseURL))
		}
		return anthropic.New(opts...)
	case Ollama:
		return ollama.New(ollama.WithServerURL(c.cfg.BaseURL), ollama.WithModel(c.cfg.Model), ollama.WithHTTPClient(c.http))
	}
	opts := []openai.Option{openai.WithToken(key), openai.WithModel(c.cfg.Model), openai.WithHTTPClient(c.http)}
	if c.cfg.BaseURL != "" {
		opts = append(opts, openai.WithBaseURL(c.cfg.BaseURL))
	}
	if schema != nil {
		form := &openai.ResponseFormat{Type: "json_schema", JSONSchema: &openai.ResponseFormatJSONSchema{Name: "answer", Strict: true}}
		if err := json.Unmarshal(schema, &form.JSONSchema.Schema); err != nil {
			return nil, fmt.Errorf("the schema of the answer: %w", err)
		}
		opts = append(opts, openai.WithResponseFormat(form))
	}
	return openai.New(opts...)
}

// Priced reports whether a price is configured: without one answers count as free.
func (c *Client) Priced() bool { return c.cfg.InputPrice > 0 || c.cfg.OutputPrice > 0 }

// Chat implements Model.
func (c *Client) Chat(ctx context.Context, req Request) (Reply, error) {
	if len(req.Messages) == 0 {
		return Reply{}, errors.New("a conversation needs a message")
	}
	for {
		form := c.format.Load()
		reply, err := c.ask(ctx, req, form)
		var status *StatusError
		refused := errors.As(err, &status) && (status.Code == http.StatusBadRequest || status.Code == http.StatusUnprocessableEntity)
		if !refused || req.Schema == nil || form == unheld || c.cfg.Provider == Anthropic {
			return reply, err
		}
		c.format.CompareAndSwap(form, form+1)
	}
}

func (c *Client) ask(ctx context.Context, req Request, form int32) (Reply, error) {
	model := c.plain
	opts := []llms.CallOption{llms.WithTemperature(0), llms.WithModel(c.cfg.Model), llms.WithMaxTokens(DefaultMaxTokens)}
	if req.MaxTokens > 0 {
		opts[2] = llms.WithMaxTokens(req.MaxTokens)
	}
	if req.Schema != nil {
		var err error
		switch {
		case c.cfg.Provider == OpenAI && form == bySchema:
			if model, err = c.dial(req.Schema); err != nil {
				return Reply{}, err
			}
		case form != unheld:
			opts = append(opts, llms.WithJSONMode())
		}
	}
	if c.cfg.Provider == OpenAI && c.cfg.BaseURL != "" {
		opts = append(opts, openai.WithLegacyMaxTokensField()) // older compatible servers know no other
	}
	o := &outcome{}
	resp, err := model.GenerateContent(context.WithValue(ctx, outcomeKey{}, o), c.messages(req), opts...)
	switch {
	case ctx.Err() != nil:
		return Reply{}, ctx.Err()
	case o.err != nil:
		return Reply{}, o.err
	case errors.Is(err, anthropic.ErrEmptyResponse), err != nil && err.Error() == "empty response": // the other's is internal
		return Reply{}, ErrEmpty
	case err != nil:
		return Reply{}, errors.New(c.cfg.Key.scrub(err.Error()))
	}
	return c.reply(resp)
}

// messages puts the conversation into the parts that each wire takes: the OpenAI wire
// wants pictures as data URIs, the others as bytes.
func (c *Client) messages(req Request) []llms.MessageContent {
	var out []llms.MessageContent
	if req.System != "" {
		out = append(out, llms.TextParts(llms.ChatMessageTypeSystem, req.System))
	}
	for i, m := range req.Messages {
		role := llms.ChatMessageTypeHuman
		if m.Role == Assistant {
			role = llms.ChatMessageTypeAI
		}
		msg := llms.TextParts(role, m.Text)
		if i == 0 {
			for _, img := range req.Images {
				msg.Parts = append(msg.Parts, c.picture(img))
			}
		}
		out = append(out, msg)
	}
	return out
}

func (c *Client) picture(img Image) llms.ContentPart {
	if c.cfg.Provider == OpenAI {
		return llms.ImageURLPart("data:" + img.MIME + ";base64," + base64.StdEncoding.EncodeToString(img.Data))
	}
	return llms.BinaryPart(img.MIME, img.Data)
}

func (c *Client) reply(resp *llms.ContentResponse) (Reply, error) {
	r := Reply{Model: c.cfg.Model, Usage: Usage{Calls: 1}}
	for i, choice := range resp.Choices {
		if choice == nil {
			continue
		}
		if i == 0 || r.Usage.Tokens() == 0 {
			r.Usage.Input = count(choice.GenerationInfo, "PromptTokens") + count(choice.GenerationInfo, "InputTokens") +
				count(choice.GenerationInfo, "CacheCreationInputTokens") + count(choice.GenerationInfo, "CacheReadInputTokens")
			r.Usage.Output = count(choice.GenerationInfo, "CompletionTokens") + count(choice.GenerationInfo, "OutputTokens")
		}
		if r.Text == "" {
			r.Text = choice.Content
			r.Cut = choice.StopReason == "length" || choice.StopReason == "max_tokens"
		}
	}
	r.Usage.USD = (float64(r.Usage.Input)*c.cfg.InputPrice + float64(r.Usage.Output)*c.cfg.OutputPrice) / 1e6
	if strings.TrimSpace(r.Text) == "" {
		return r, ErrEmpty
	}
	return r, nil
}

// count reads a number of tokens, 0 where there is none.
func count(info map[string]any, key string) int {
	n, _ := info[key].(int)
	return max(0, n)
}
