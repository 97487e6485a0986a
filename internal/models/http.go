package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"pentimento/internal/edit"
)

func defaultClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		ForceAttemptHTTP2:     true,
	}}
}

// attempt makes one request and appends what it brings to the part file.
func (p *puller) attempt(ctx context.Context, src edit.ModelSource, part string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644) //nolint:gosec // model folders hold public files
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // Sync reports what matters
	have := sizeOf(part)
	if have == src.Bytes {
		return nil
	}
	if have > src.Bytes {
		if err := f.Truncate(0); err != nil {
			return err
		}
		have = 0
	}
	idle := time.AfterFunc(p.opt.Idle, func() {
		cancel(&transient{err: fmt.Errorf("the server sent nothing for %v", p.opt.Idle)})
	})
	defer idle.Stop()
	resp, err := p.request(ctx, src, have)
	if err != nil {
		return networkError(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing more is read
	if have, err = accept(resp, src, f, have); err != nil {
		return err
	}
	done, err := p.copyBody(ctx, f, resp.Body, src, have, func() { idle.Reset(p.opt.Idle) })
	if err != nil {
		return err
	}
	if done != src.Bytes {
		return &transient{err: fmt.Errorf("the connection ended after %d of %d bytes", done, src.Bytes)}
	}
	return f.Sync()
}

// request asks for the rest of the file. Redirects may not leave https.
func (p *puller) request(ctx context.Context, src edit.ModelSource, have int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, src.URL, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "pentimento")
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges are of the file itself
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	client := *p.opt.Client
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return fmt.Errorf("%w: more than 5 redirects", errRefused)
		}
		if via[0].URL.Scheme == "https" && to.URL.Scheme != "https" {
			return fmt.Errorf("%w: redirected from https to %s", errRefused, to.URL.Scheme)
		}
		return nil
	}
	return client.Do(req)
}

// accept judges the answer's head and returns how many bytes of the part file count.
func accept(resp *http.Response, src edit.ModelSource, f *os.File, have int64) (int64, error) {
	switch code := resp.StatusCode; {
	case code == http.StatusPartialContent && rangeFits(resp, src, have):
	case code == http.StatusPartialContent, code == http.StatusRequestedRangeNotSatisfiable:
		if err := f.Truncate(0); err != nil {
			return 0, err
		}
		return 0, &transient{err: errors.New("the server cannot continue the transfer, starting over")}
	case code == http.StatusOK:
		if err := f.Truncate(0); err != nil {
			return 0, err
		}
		have = 0
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date counts as no hint
		return 0, &transient{err: fmt.Errorf("the server answered %s", resp.Status), after: time.Duration(seconds) * time.Second}
	default:
		return 0, fmt.Errorf("the server answered %s", resp.Status)
	}
	if n := resp.ContentLength; n >= 0 && have+n != src.Bytes {
		return 0, wrongLength(resp, src, have+n)
	}
	return have, nil
}

func rangeFits(resp *http.Response, src edit.ModelSource, have int64) bool {
	var from, to int64
	var total string
	_, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%s", &from, &to, &total)
	return err == nil && have > 0 && from == have && (total == "*" || total == strconv.FormatInt(src.Bytes, 10))
}

func wrongLength(resp *http.Response, src edit.ModelSource, length int64) error {
	head, err := io.ReadAll(io.LimitReader(resp.Body, int64(len(lfsPrefix))))
	if err == nil && isPointer(head) {
		return &WrongFileError{Path: src.URL, WantBytes: src.Bytes, GotBytes: length, Want: src.SHA256, LFSPointer: true}
	}
	kind := ""
	if t := resp.Header.Get("Content-Type"); strings.HasPrefix(t, "text/") {
		kind = " of " + t
	}
	return fmt.Errorf("the server offers %d bytes%s, expected %d", length, kind, src.Bytes)
}

// copyBody appends the body to f, at most to the expected size, and returns the
// size reached. alive is called whenever bytes came.
func (p *puller) copyBody(ctx context.Context, f *os.File, body io.Reader, src edit.ModelSource, done int64, alive func()) (int64, error) {
	buf := make([]byte, 128<<10)
	for {
		n, err := body.Read(buf)
		if done+int64(n) > src.Bytes {
			if err := f.Truncate(0); err != nil {
				return 0, err
			}
			return 0, fmt.Errorf("the server sends more than the expected %d bytes", src.Bytes)
		}
		if n > 0 {
			alive()
			if _, err := f.Write(buf[:n]); err != nil {
				return done, err
			}
			if done == 0 && isPointer(buf[:n]) {
				return done, &WrongFileError{Path: src.URL, WantBytes: src.Bytes, GotBytes: int64(n), Want: src.SHA256, LFSPointer: true}
			}
			done += int64(n)
			p.tell(Event{State: StateProgress, Tool: p.tool, File: src.File, Done: done, Total: src.Bytes})
		}
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return done, networkError(ctx, err)
		}
	}
}

// errRefused marks redirects that are not followed.
var errRefused = errors.New("refused")

// networkError says why a request or a read failed. Most such failures may
// pass; those that certainly do not are returned as they are.
func networkError(ctx context.Context, err error) error {
	var stalled *transient
	var unknown *net.DNSError
	switch {
	case errors.As(context.Cause(ctx), &stalled):
		return stalled
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errRefused), errors.As(err, &unknown) && unknown.IsNotFound:
		return err
	}
	return &transient{err: err}
}
