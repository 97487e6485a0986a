package llm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pentimento/internal/llm/llmtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

var testSchema = json.RawMessage(`{"type":"object","properties":{"n":{"type":"number"}},"required":["n"],"additionalProperties":false}`)

func question() Request {
	return Request{
		System: "be brief", Messages: []Message{{User, "first"}, {Assistant, "answer"}, {User, "second"}},
		Images: []Image{{"image/png", []byte("not really a png")}}, Schema: testSchema, MaxTokens: 77,
	}
}

func TestChatOnEveryWire(t *testing.T) {
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			l, url := serve(t, answer{Text: `{"n":1}`})
			c, _ := dialled(t, provider, url, nil)
			r, err := c.Chat(t.Context(), question())
			if err != nil {
				t.Fatal(err)
			}
			if want := (Usage{Calls: 1, Input: 100, Output: 20, USD: 0.0004}); r.Text != `{"n":1}` || r.Usage != want || r.Cut || r.Model != "test" {
				t.Errorf("the reply is %+v, wanted the usage %+v", r, want)
			}
			got := l.Requests()[0]
			if got.Body["model"] != "test" || !strings.Contains(got.Raw, `"be brief"`) || !strings.Contains(got.Raw, `"second"`) || !strings.Contains(got.Raw, base64.StdEncoding.EncodeToString([]byte("not really a png"))) {
				t.Errorf("the request lacks something: %s", got.Raw)
			}
			if strings.Contains(got.Raw, testKey) {
				t.Error("the key is in the body")
			}
			checkWire(t, provider, got)
		})
	}
}

// checkWire looks for what is each provider's own.
func checkWire(t *testing.T, provider string, got llmtest.Asked) {
	t.Helper()
	want := map[string][]string{
		OpenAI:    {"/v1/chat/completions", `"image_url"`, `"data:image/png;base64,`, `"json_schema"`, `"max_tokens":77`, `"temperature":0`},
		Anthropic: {"/v1/messages", `"type":"base64"`, `"media_type":"image/png"`, `"system":"be brief"`, `"max_tokens":77`, `"temperature":0`},
		Ollama:    {"/api/chat", `"images"`, `"format":"json"`, `"num_predict":77`},
	}[provider]
	if got.Path != want[0] {
		t.Errorf("asked at %s, wanted %s", got.Path, want[0])
	}
	for _, part := range want[1:] {
		if !strings.Contains(got.Raw, part) {
			t.Errorf("the request lacks %s: %s", part, got.Raw)
		}
	}
	headers := map[string]string{OpenAI: got.Header.Get("Authorization"), Anthropic: got.Header.Get("X-Api-Key"), Ollama: testKey}
	if !strings.HasSuffix(headers[provider], testKey) {
		t.Errorf("the key was not sent: %q", headers[provider])
	}
}

// TestErrorsOnEveryWire asks servers that fail in every way, first once and then for good.
func TestErrorsOnEveryWire(t *testing.T) {
	var status *StatusError
	var kind *ContentTypeError
	cases := []struct {
		name  string
		bad   answer
		lasts bool // asking again is no use
		is    func(error) bool
	}{
		{"rate limit", answer{Status: 429, Raw: `{"error":{"message":"slow down"}}`}, false, func(err error) bool { return errors.As(err, &status) && status.Code == 429 }},
		{"server error", answer{Status: 500, Raw: `{"error":"boom"}`}, false, func(err error) bool { return errors.As(err, &status) && strings.Contains(err.Error(), "boom") }},
		{"overloaded", answer{Status: 529, Raw: `{}`}, false, func(err error) bool { return errors.As(err, &status) }},
		{"wrong key", answer{Status: 401, Raw: `{"error":{"message":"bad key ` + testKey + `"}}`}, true, func(err error) bool { return errors.As(err, &status) && strings.Contains(err.Error(), "[key]") }},
		{"no such model", answer{Status: 404, Raw: `<html>`, Kind: "text/html"}, true, func(err error) bool { return errors.As(err, &status) && status.Code == 404 }},
		{"a web page", answer{Raw: "<html>log in</html>", Kind: "text/html"}, true, func(err error) bool { return errors.As(err, &kind) && kind.Type == "text/html" }},
		{"half an answer", answer{Raw: `{"choices":[{"mess`}, false, func(err error) bool { return errors.Is(err, ErrCut) }},
		{"a cut connection", answer{Text: "{}", Drop: true}, false, func(err error) bool { return errors.Is(err, ErrCut) }},
		{"a redirect", answer{Status: 307, Header: http.Header{"Location": {"http://127.0.0.1:1/elsewhere"}}}, true, func(err error) bool { return errors.As(err, &status) && status.Code == 307 }},
		{"too much", answer{Raw: strings.Repeat(" ", maxReplyBytes+1)}, true, func(err error) bool { return strings.Contains(err.Error(), "more than") }},
	}
	for _, provider := range providers {
		for _, c := range cases {
			t.Run(provider+"/"+c.name, func(t *testing.T) {
				l, url := serve(t, c.bad)
				client, _ := dialled(t, provider, url, nil)
				_, err := client.Chat(t.Context(), Request{Messages: []Message{{User, "q"}}})
				if err == nil || !c.is(err) || strings.Contains(err.Error(), testKey) {
					t.Errorf("the error is %v", err)
				}
				want := maxAttempts
				if c.lasts {
					want = 1
				}
				if n := len(l.Requests()); n != want {
					t.Errorf("asked %d times, wanted %d", n, want)
				}
				if c.lasts {
					return
				}
				_, url = serve(t, c.bad, c.bad, answer{Text: "fine"})
				client, _ = dialled(t, provider, url, nil)
				if r, err := client.Chat(t.Context(), Request{Messages: []Message{{User, "q"}}}); err != nil || r.Text != "fine" {
					t.Errorf("after two failures: %q, %v", r.Text, err)
				}
			})
		}
	}
}

func TestEmptyAndCutReplies(t *testing.T) {
	for _, provider := range providers {
		_, url := serve(t, answer{Text: " \n"})
		c, _ := dialled(t, provider, url, nil)
		if _, err := c.Chat(t.Context(), question()); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: an empty answer is %v", provider, err)
		}
	}
	for provider, raw := range map[string]string{
		OpenAI:    `{"choices":[]}`,
		Anthropic: `{"type":"message","role":"assistant","content":[],"usage":{}}`,
	} {
		_, url := serve(t, answer{Raw: raw})
		c, _ := dialled(t, provider, url, nil)
		if _, err := c.Chat(t.Context(), question()); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: no answer is %v", provider, err)
		}
	}
	for provider, stop := range map[string]string{OpenAI: "length", Anthropic: "max_tokens"} {
		_, url := serve(t, answer{Text: `{"n":`, Stop: stop})
		c, _ := dialled(t, provider, url, nil)
		if r, err := c.Chat(t.Context(), question()); err != nil || !r.Cut {
			t.Errorf("%s: a cut answer is %+v, %v", provider, r, err)
		}
	}
}

func TestPauses(t *testing.T) {
	busy := answer{Status: 503, Raw: `{}`}
	_, url := serve(t, busy)
	c, pauses := dialled(t, OpenAI, url, nil)
	if _, err := c.Chat(t.Context(), question()); err == nil {
		t.Fatal("no error")
	}
	want := []time.Duration{375 * time.Millisecond, 750 * time.Millisecond, 1500 * time.Millisecond} // three quarters of 0.5, 1, 2 s
	if fmt.Sprint(*pauses) != fmt.Sprint(want) {
		t.Errorf("paused %v, wanted %v", *pauses, want)
	}

	busy.Header = http.Header{"Retry-After": {"7"}}
	_, url = serve(t, busy, answer{Text: "fine"})
	c, pauses = dialled(t, OpenAI, url, nil)
	if _, err := c.Chat(t.Context(), question()); err != nil || fmt.Sprint(*pauses) != "[7s]" {
		t.Errorf("paused %v, %v; wanted 7s", *pauses, err)
	}

	busy.Header = http.Header{"Retry-After": {"Mon, 02 Jan 2006 15:04:35 GMT"}}
	_, url = serve(t, busy, answer{Text: "fine"})
	c, pauses = dialled(t, OpenAI, url, nil)
	c.http.Transport.(*transport).now = func() time.Time { return time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC) }
	if _, err := c.Chat(t.Context(), question()); err != nil || fmt.Sprint(*pauses) != "[30s]" {
		t.Errorf("paused %v, %v; wanted 30s", *pauses, err)
	}

	busy.Header = http.Header{"Retry-After": {"3600"}}
	l, url := serve(t, busy)
	c, pauses = dialled(t, OpenAI, url, nil)
	if _, err := c.Chat(t.Context(), question()); err == nil || !strings.Contains(err.Error(), "1h0m0s") || len(*pauses) != 0 || len(l.Requests()) != 1 {
		t.Errorf("a server that asks for an hour: %v after %v", err, *pauses)
	}
}

func TestCancelAndTimeout(t *testing.T) {
	_, url := serve(t, answer{Text: "late", Hang: 20 * time.Second})
	for _, provider := range providers {
		c, _ := dialled(t, provider, url, nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if _, err := c.Chat(ctx, question()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", provider, err)
		}
		c, _ = dialled(t, provider, url, func(cfg *Config) { cfg.Timeout = 20 * time.Millisecond })
		if _, err := c.Chat(t.Context(), question()); err == nil || !strings.Contains(err.Error(), "did not answer within 20ms") {
			t.Errorf("%s: too slow: %v", provider, err)
		}
	}
	// The pause between attempts ends with the context too.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newTransport(nil, 0, Key{}).sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("the pause: %v", err)
	}
}

// TestForms: a server that knows no schema is asked for JSON, then for nothing, and this is remembered.
func TestForms(t *testing.T) {
	no := answer{Status: 400, Raw: `{"error":{"message":"response_format is unknown"}}`}
	l, url := serve(t, no, no, answer{Text: `{"n":1}`})
	c, _ := dialled(t, OpenAI, url, nil)
	for range 2 {
		if _, err := c.Chat(t.Context(), question()); err != nil {
			t.Fatal(err)
		}
	}
	var forms []string
	for _, r := range l.Requests() {
		form, _ := r.Body["response_format"].(map[string]any)
		forms = append(forms, fmt.Sprint(form["type"]))
	}
	if got := strings.Join(forms, " "); got != "json_schema json_object <nil> <nil>" {
		t.Errorf("asked for %s", got)
	}

	// A server that sees no pictures refuses those in every form, which says nothing of the next question.
	l, url = serve(t, no, no, no, answer{Text: `{"n":1}`})
	c, _ = dialled(t, OpenAI, url, nil)
	var status *StatusError
	if _, err := c.Chat(t.Context(), question()); !errors.As(err, &status) {
		t.Errorf("refused in every form: %v", err)
	}
	if _, err := c.Chat(t.Context(), question()); err != nil || !strings.Contains(l.Requests()[3].Raw, "json_schema") {
		t.Errorf("the next question: %v", err)
	}
}

func TestBadConfigurations(t *testing.T) {
	key := NewKey(testKey)
	for name, cfg := range map[string]Config{
		"no provider":         {Model: "m"},
		"unknown provider":    {Provider: "oracle", Model: "m"},
		"no model":            {Provider: Ollama},
		"no key":              {Provider: OpenAI, Model: "m"},
		"no key for messages": {Provider: Anthropic, Model: "m", BaseURL: "http://127.0.0.1:1/v1"},
		"no address":          {Provider: OpenAI, Model: "m", BaseURL: "localhost:8080"},
		"a file":              {Provider: OpenAI, Model: "m", BaseURL: "file:///etc/passwd"},
		"a key in the URL":    {Provider: OpenAI, Model: "m", BaseURL: "https://user:" + testKey + "@example.invalid/v1"},
		"a query in the URL":  {Provider: OpenAI, Model: "m", BaseURL: "https://example.invalid/v1?key=" + testKey},
		"a key in the clear":  {Provider: OpenAI, Model: "m", Key: key, BaseURL: "http://example.invalid/v1"},
		"record and replay":   {Provider: Ollama, Model: "m", Record: "a", Replay: "b"},
		"an empty replay":     {Provider: Ollama, Model: "m", Replay: t.TempDir()},
	} {
		if _, err := Open(cfg); err == nil || strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(Config{Provider: OpenAI, Model: "m", Key: key, BaseURL: "http://localhost:8080/v1/"}); err != nil {
		t.Error(err)
	}
}
