// Package s3test is a server for tests that speaks as much of S3 as a storage needs: one bucket in memory, path
// style, requests signed with Signature Version 4, and the failures that a test asks for.
package s3test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The bucket that there is, and the keys that open it.
const (
	Bucket = "pictures"
	KeyID  = "TESTKEYIDENTIFIER"
	Secret = "test/secret+that-nobody-may-print"
	Region = "us-east-1"
)

// Server is a bucket.
type Server struct {
	URL string

	mu      sync.Mutex
	objects map[string]kept
	// What a test asks for: called before each request that is signed well, it may answer it.
	fault func(http.ResponseWriter, *http.Request) (answered bool)
	count map[string]int
}

type kept struct {
	body []byte
	put  time.Time
}

// New starts a server that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{objects: make(map[string]kept), count: make(map[string]int)}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// Env is the environment of a program that may use the bucket.
func (s *Server) Env() map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": s.URL, "AWS_ACCESS_KEY_ID": KeyID, "AWS_SECRET_ACCESS_KEY": Secret}
}

// Fault has f see each request; it says whether it answered it.
func (s *Server) Fault(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Count is how many requests of a method came.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[method]
}

// Each shows the objects in their names' order; change may be nil, or give what an object holds and when it
// was put from then on.
func (s *Server) Each(change func(name string, body []byte, put time.Time) ([]byte, time.Time)) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names = slices.Sorted(maps.Keys(s.objects))
	for _, name := range names {
		if change != nil {
			body, put := change(name, s.objects[name].body, s.objects[name].put)
			s.objects[name] = kept{body, put}
		}
	}
	return names
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.count[r.Method]++
	fault := s.fault
	s.mu.Unlock()
	if code := signed(r); code != "" {
		refuse(w, http.StatusForbidden, code, "signed: "+r.Header.Get("Authorization"))
		return
	}
	if fault != nil && fault(w, r) {
		return
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != Bucket:
		Refuse(w, http.StatusNotFound, "NoSuchBucket")
	case name == "" && r.Method == http.MethodGet:
		s.list(w, r.URL.Query().Get("prefix"))
	case r.Method == http.MethodPut:
		s.put(w, r, name)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		s.get(w, r, name)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, name)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		Refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

// Refuse answers a request with an error of S3.
func Refuse(w http.ResponseWriter, status int, code string) {
	refuse(w, status, code, "told by the test")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct { // a client that left needs no answer
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}{Code: code, Message: message})
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, name string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left: nothing of it is kept
	}
	sum := sha256.Sum256(body)
	if hex.EncodeToString(sum[:]) != r.Header.Get("X-Amz-Content-Sha256") {
		Refuse(w, http.StatusBadRequest, "XAmzContentSHA256Mismatch")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[name] = kept{body, time.Now()}
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, name string) {
	s.mu.Lock()
	o, ok := s.objects[name]
	s.mu.Unlock()
	if !ok {
		Refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	w.Header().Set("Last-Modified", o.put.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Length", strconv.Itoa(len(o.body)))
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, bytes.NewReader(o.body)) // as above
	}
}

// list answers ListObjectsV2, on one page.
func (s *Server) list(w http.ResponseWriter, prefix string) {
	type object struct {
		Key          string
		LastModified string
		Size         int
	}
	page := struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []object
	}{}
	s.mu.Lock()
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		if o := s.objects[name]; strings.HasPrefix(name, prefix) {
			page.Contents = append(page.Contents, object{name, o.put.UTC().Format(time.RFC3339Nano), len(o.body)})
		}
	}
	s.mu.Unlock()
	_ = xml.NewEncoder(w).Encode(page) // as above
}

// signed is the code of S3 for what is wrong with a request's signature; "" where it is right.
func signed(r *http.Request) string {
	scope, rest, ok := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), ", SignedHeaders=")
	names, signature, whole := strings.Cut(rest, ", Signature=")
	id, scope, _ := strings.Cut(scope, "/")
	day := strings.Split(scope, "/")
	if !ok || !whole || len(day) != 4 {
		return "AccessDenied"
	}
	if id != KeyID {
		return "InvalidAccessKeyId"
	}
	var canonical strings.Builder
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", r.Method, (&url.URL{Path: r.URL.Path}).EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"))
	for name := range strings.SplitSeq(names, ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		fmt.Fprintf(&canonical, "%s:%s\n", name, strings.TrimSpace(value))
	}
	fmt.Fprintf(&canonical, "\n%s\n%s", names, r.Header.Get("X-Amz-Content-Sha256"))
	sum := sha256.Sum256([]byte(canonical.String()))
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + scope + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + Secret)
	for _, part := range append(day, text) {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(part)) // a hash takes all
		key = mac.Sum(nil)
	}
	if hex.EncodeToString(key) != signature {
		return "SignatureDoesNotMatch"
	}
	return ""
}
