package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// loopback is a server that speaks the three wires. Each request gets the next
// of its answers; the last is repeated.
type loopback struct {
	t       *testing.T
	answers []answer

	mu    sync.Mutex
	asked []asked
}

// asked is a request as it came.
type asked struct {
	path   string
	header http.Header
	body   map[string]any
	raw    string
}

// answer is what the server says: a text in the provider's own form, or a raw response.
type answer struct {
	text   string
	status int // 0: 200
	raw    string
	kind   string // content type; JSON where empty
	header http.Header
	stop   string
	drop   bool // break the connection in mid-answer
	hang   time.Duration
}

func serve(t *testing.T, answers ...answer) (*loopback, string) {
	t.Helper()
	l := &loopback{t: t, answers: answers}
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	return l, s.URL
}

func (l *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	a := asked{path: r.URL.Path, header: r.Header, raw: string(raw)}
	if err := json.Unmarshal(raw, &a.body); err != nil {
		l.t.Errorf("the request is no JSON: %v", err)
	}
	l.mu.Lock()
	next := l.answers[min(len(l.asked), len(l.answers)-1)]
	l.asked = append(l.asked, a)
	l.mu.Unlock()
	if next.hang > 0 {
		select {
		case <-r.Context().Done():
		case <-time.After(next.hang):
		}
	}
	for k, v := range next.header {
		w.Header()[k] = v
	}
	kind := next.kind
	if kind == "" {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	body := next.raw
	if body == "" && next.status == 0 {
		body = wireForm(r.URL.Path, next.text, next.stop)
	}
	if next.drop {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+10))
	}
	if next.status != 0 {
		w.WriteHeader(next.status)
	}
	_, _ = io.WriteString(w, body)
}

// wireForm is an answer in the form of the wire that the path belongs to.
func wireForm(path, text, stop string) string {
	quoted, _ := json.Marshal(text)
	switch {
	case strings.HasSuffix(path, "/messages"):
		if stop == "" {
			stop = "end_turn"
		}
		return fmt.Sprintf(`{"id":"m","type":"message","role":"assistant","model":"test","content":[{"type":"text","text":%s}],"stop_reason":%q,"usage":{"input_tokens":100,"output_tokens":20}}`, quoted, stop)
	case strings.HasSuffix(path, "/api/chat"):
		return fmt.Sprintf(`{"model":"test","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":%s},"done":true,"prompt_eval_count":100,"eval_count":20}`, quoted)
	}
	if stop == "" {
		stop = "stop"
	}
	return fmt.Sprintf(`{"id":"c","object":"chat.completion","model":"test","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":%q}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}`, quoted, stop)
}

func (l *loopback) requests() []asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]asked(nil), l.asked...)
}

const testKey = "sk-test-0123456789abcdef"

// dialled is a client of the provider at the server, which never pauses.
func dialled(t *testing.T, provider, url string, change func(*Config)) (*Client, *[]time.Duration) {
	t.Helper()
	if provider != Ollama {
		url += "/v1"
	}
	cfg := Config{Provider: provider, BaseURL: url, Model: "test", Key: NewKey(testKey), Timeout: 5 * time.Second, InputPrice: 2, OutputPrice: 10}
	if change != nil {
		change(&cfg)
	}
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	tr, ok := c.http.Transport.(*transport)
	if !ok {
		t.Fatal("the client has another transport")
	}
	var pauses []time.Duration
	tr.sleep = func(ctx context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		return ctx.Err()
	}
	tr.chance = func() float64 { return 0.5 }
	return c, &pauses
}

var providers = []string{OpenAI, Anthropic, Ollama}
