// Package llmtest is a server on this machine that speaks the three wires of
// package llm, for tests. What it answers is written by hand in the tests: no live model is behind it.
package llmtest

import (
	"encoding/base64"
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

// Answer is what the server says: a text in the form of the wire that was
// asked on, or a raw response.
type Answer struct {
	Text   string
	Status int // 0: 200
	Raw    string
	Kind   string // content type; JSON where empty
	Header http.Header
	Stop   string        // why the answer ended, in the wire's words
	Drop   bool          // break the connection in mid-answer
	Hang   time.Duration // before answering, unless the asker goes away
}

// Asked is a request as it came.
type Asked struct {
	Path   string
	Header http.Header
	Body   map[string]any
	Raw    string
}

// Pictures are the bytes of the pictures that came with the question, in order.
func (a Asked) Pictures() [][]byte {
	var all [][]byte
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, part := range v {
				walk(part)
			}
		case map[string]any:
			for _, name := range []string{"messages", "content", "image_url", "url", "source", "data", "images"} {
				walk(v[name])
			}
		case string:
			text := v
			if strings.HasPrefix(v, "data:") {
				_, text, _ = strings.Cut(v, ",")
			}
			if b, err := base64.StdEncoding.DecodeString(text); err == nil && strings.HasPrefix(string(b), "\x89PNG") {
				all = append(all, b)
			}
		}
	}
	walk(a.Body)
	return all
}

// Server answers each request with the next of its answers, the last again and again, or with what Reply says.
type Server struct {
	Reply func(Asked) Answer

	t       *testing.T
	answers []Answer
	mu      sync.Mutex
	asked   []Asked
}

// Serve starts a server, which ends with the test.
func Serve(t *testing.T, answers ...Answer) (*Server, string) {
	t.Helper()
	s := &Server{t: t, answers: answers}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

// Requests are those that came so far.
func (s *Server) Requests() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.asked...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	a := Asked{Path: r.URL.Path, Header: r.Header, Raw: string(raw)}
	if err := json.Unmarshal(raw, &a.Body); err != nil {
		s.t.Errorf("the request is no JSON: %v", err)
	}
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, a)
	s.mu.Unlock()
	var next Answer
	if s.Reply != nil {
		next = s.Reply(a)
	} else {
		next = s.answers[min(n, len(s.answers)-1)]
	}
	next.write(w, r)
}

func (a Answer) write(w http.ResponseWriter, r *http.Request) {
	if a.Hang > 0 {
		select {
		case <-r.Context().Done():
		case <-time.After(a.Hang):
		}
	}
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	kind := a.Kind
	if kind == "" {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	body := a.Raw
	if body == "" && a.Status == 0 {
		body = wireForm(r.URL.Path, a.Text, a.Stop)
	}
	if a.Drop {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+10))
	}
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	_, _ = io.WriteString(w, body)
}

// wireForm is an answer in the form of the wire that the path belongs to: 100 tokens in, 20 out.
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
