package llm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Exchange is one question and answer as they went over the wire, in a file of
// their own. Headers are not kept, so no key is; a key in the answer is taken out.
type Exchange struct {
	// Note says where the exchange is from: "recorded", or "written by hand".
	Note string `json:"note"`
	Path string `json:"path"` // of the URL
	// Digest is the sha256 of the question's bytes, hex. Empty: any question, for answers written by hand.
	Digest  string          `json:"digest,omitempty"`
	Request json.RawMessage `json:"request,omitempty"`
	Status  int             `json:"status"`
	Type    string          `json:"type"` // content type of the answer
	Reply   json.RawMessage `json:"reply"`
}

// RecordingError says that a recording does not hold what is asked.
type RecordingError struct{ Msg string }

// Error implements error.
func (e *RecordingError) Error() string { return "the recording: " + e.Msg }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// recorder writes each exchange that came to an answer into a folder, numbered from 1.
type recorder struct {
	next http.RoundTripper
	dir  string
	key  Key

	mu sync.Mutex
	n  int
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	reply := []byte(r.key.scrub(string(text)))
	if !json.Valid(reply) {
		reply, _ = json.Marshal(string(reply))
	}
	return resp, r.save(Exchange{
		Note: "recorded", Path: req.URL.Path, Digest: digest(body), Request: []byte(r.key.scrub(string(body))),
		Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Reply: reply,
	})
}

func (r *recorder) save(e Exchange) error {
	b, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return &RecordingError{err.Error()}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for { // the first number that is free: recordings are never written over
		r.n++
		f, err := os.OpenFile(filepath.Join(r.dir, fmt.Sprintf("%04d.json", r.n)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return &RecordingError{err.Error()}
		}
		_, err = f.Write(append(b, '\n'))
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return &RecordingError{err.Error()}
		}
		return nil
	}
}

// maxExchanges and maxExchangeBytes bound what a replay reads.
const (
	maxExchanges     = 10_000
	maxExchangeBytes = 64 << 20
)

// replayer answers from a folder and never from the network. A question gets the
// first unused answer with its digest, else the first unused one written for any.
type replayer struct {
	mu   sync.Mutex
	left []Exchange
	dir  string
}

func newReplayer(dir string) (*replayer, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, &RecordingError{err.Error()}
	}
	if len(names) == 0 {
		return nil, &RecordingError{"the folder " + dir + " holds no exchange (*.json)"}
	}
	if len(names) > maxExchanges {
		return nil, &RecordingError{fmt.Sprintf("the folder %s holds %d files, at most %d are read", dir, len(names), maxExchanges)}
	}
	slices.Sort(names)
	r := &replayer{dir: dir}
	for _, name := range names {
		e, err := readExchange(name)
		if err != nil {
			return nil, &RecordingError{name + ": " + err.Error()}
		}
		r.left = append(r.left, e)
	}
	return r, nil
}

func readExchange(name string) (e Exchange, err error) {
	f, err := os.Open(name)
	if err != nil {
		return e, err
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(io.LimitReader(f, maxExchangeBytes))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, err
	}
	if e.Status < 100 || e.Status > 599 || len(e.Reply) == 0 {
		return e, fmt.Errorf("it has the status %d and a reply of %d bytes", e.Status, len(e.Reply))
	}
	return e, nil
}

// RoundTrip implements http.RoundTripper.
func (r *replayer) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := digest(body)
	at := slices.IndexFunc(r.left, func(e Exchange) bool { return e.Digest == sum })
	if at < 0 {
		at = slices.IndexFunc(r.left, func(e Exchange) bool { return e.Digest == "" })
	}
	if at < 0 {
		return nil, &RecordingError{"no unused answer in " + r.dir + " is for this question; the request, the docs, the model or the program differ from when it was made"}
	}
	e := r.left[at]
	r.left = slices.Delete(r.left, at, at+1)
	var line bytes.Buffer // on one line, as it came: one wire reads its answers by lines
	if err := json.Compact(&line, e.Reply); err != nil {
		return nil, &RecordingError{err.Error()}
	}
	text := line.Bytes()
	if e.Type == "" {
		e.Type = "application/json"
	}
	var plain string
	if !strings.Contains(e.Type, "json") && json.Unmarshal(text, &plain) == nil {
		text = []byte(plain)
	}
	return &http.Response{
		StatusCode: e.Status, Status: http.StatusText(e.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {e.Type}}, Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)), Request: req,
	}, nil
}
