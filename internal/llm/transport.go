package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pentimento/internal/ctxio"
)

// Limits of the wire.
const (
	maxReplyBytes = 8 << 20
	maxAttempts   = 4
	firstPause    = 500 * time.Millisecond
	longestPause  = 20 * time.Second
	// longestWait is the most that a server may ask to wait; beyond it the question fails at once.
	longestWait = 60 * time.Second
)

// transport sends a request again where that can help: after 408, 409, 425, 429, a server's
// failure, a connection that broke and an answer that was cut. It waits as long as the server asks
// (Retry-After), else twice as long each time, between half of that and all of it by chance. It
// reads the whole answer, so that what comes after it cannot fail or be slow.
type transport struct {
	next    http.RoundTripper
	timeout time.Duration // of one attempt
	key     Key
	sleep   func(ctx context.Context, d time.Duration) error
	chance  func() float64 // in [0,1)
	now     func() time.Time
}

func newTransport(next http.RoundTripper, timeout time.Duration, key Key) *transport {
	return &transport{next: next, timeout: timeout, key: key, sleep: ctxio.Sleep, chance: rand.Float64, now: time.Now}
}

// outcome is how a call ended, beside what langchaingo makes of it: its errors
// are texts that hold neither status nor cause.
type outcome struct{ err error }

type outcomeKey struct{}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.retried(req)
	if o, ok := req.Context().Value(outcomeKey{}).(*outcome); ok {
		o.err = err
	}
	return resp, err
}

func (t *transport) retried(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		resp, wait, err := t.once(req, body)
		switch {
		case err == nil:
			return resp, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case wait < 0 || attempt == maxAttempts:
			return nil, err
		case wait > longestWait:
			return nil, fmt.Errorf("%w; it asks to wait %s", err, wait.Round(time.Second))
		case wait == 0:
			wait = min(firstPause<<(attempt-1), longestPause)
			wait = wait/2 + time.Duration(t.chance()*float64(wait/2))
		}
		if err := t.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func drain(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	return io.ReadAll(req.Body)
}

// noRetry is the pause after which nothing is sent again.
const noRetry = -1

// once sends the request. With an error comes the pause that the server asks for, 0 for none, or noRetry.
func (t *transport) once(req *http.Request, body []byte) (*http.Response, time.Duration, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	again := req.Clone(ctx)
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	resp, err := t.next.RoundTrip(again)
	if err != nil {
		if ctx.Err() != nil && req.Context().Err() == nil {
			return nil, 0, fmt.Errorf("the model's server did not answer within %s", t.timeout)
		}
		var lasting *RecordingError
		if errors.As(err, &lasting) {
			return nil, noRetry, err
		}
		return nil, 0, fmt.Errorf("the model's server at %s cannot be reached: %s", req.URL.Host, t.key.scrub(err.Error()))
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBytes+1))
	switch {
	case len(text) > maxReplyBytes:
		return nil, noRetry, fmt.Errorf("the model's server answered with more than %d bytes", maxReplyBytes)
	case resp.StatusCode != http.StatusOK:
		return nil, t.waitFor(resp), &StatusError{Code: resp.StatusCode, Message: t.key.scrub(serverMessage(text))}
	case err != nil && ctx.Err() != nil && req.Context().Err() == nil:
		return nil, 0, fmt.Errorf("the model's server did not end its answer within %s", t.timeout)
	case err != nil:
		return nil, 0, fmt.Errorf("%w: %w", ErrCut, err)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") && kind != "application/x-ndjson" {
		return nil, noRetry, &ContentTypeError{Type: kind}
	}
	if kind != "application/x-ndjson" && !json.Valid(text) {
		return nil, 0, ErrCut
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, 0, nil
}

// waitFor is how long to wait after a status: as the server says, 0 where it says
// nothing, noRetry where the same question would fail again.
func (t *transport) waitFor(resp *http.Response) time.Duration {
	switch c := resp.StatusCode; {
	case c >= 500, c == http.StatusRequestTimeout, c == http.StatusConflict, c == http.StatusTooEarly, c == http.StatusTooManyRequests:
	default:
		return noRetry
	}
	after := resp.Header.Get("Retry-After")
	if s, err := strconv.ParseFloat(after, 64); err == nil && s >= 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(after); err == nil {
		return max(0, at.Sub(t.now()))
	}
	return 0
}

// serverMessage is what the server says went wrong: {"error":{"message":…}}, {"error":…}, or its text.
func serverMessage(body []byte) string {
	var nested struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	var flat struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	text := ""
	switch {
	case json.Unmarshal(body, &nested) == nil && nested.Error.Message != "":
		text = nested.Error.Message
	case json.Unmarshal(body, &flat) == nil:
		text = flat.Error + flat.Message
	}
	text = strings.Join(strings.Fields(strings.Map(visible, text)), " ")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}

func visible(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return ' '
	}
	return r
}
