// Package llm talks to language models: any server that speaks the OpenAI wire
// by its base URL, Anthropic, Ollama. It is the only importer of langchaingo,
// which does the wire; what that leaves out is here: timeouts and retries
// (transport.go), budgets (budget.go), recordings (record.go), keys that never
// show (key.go), and JSON out of whatever a model wraps it in (json.go).
//
// What a model says is data. Nothing in this package acts on it.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Model answers a conversation. Implementations are safe for concurrent use and
// return within a second of ctx's end.
type Model interface {
	Chat(ctx context.Context, req Request) (Reply, error)
}

// Role is who said a message.
type Role string

// The roles of a conversation; what the program itself says goes into Request.System.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one turn of a conversation.
type Message struct {
	Role Role
	Text string
}

// Image is a picture as a file: PNG or JPEG bytes.
type Image struct {
	MIME string // "image/png", "image/jpeg"
	Data []byte
}

// Request is one question. The temperature is always 0.
type Request struct {
	System   string
	Messages []Message // the first and the last are the user's
	Images   []Image   // shown with the first message
	// Schema is the JSON Schema of the answer, nil for plain text. Servers that cannot
	// hold a model to it are asked for JSON, or for nothing: say it in System too.
	Schema    json.RawMessage
	MaxTokens int // of the answer; 0: DefaultMaxTokens
}

// DefaultMaxTokens bounds an answer where the request does not.
const DefaultMaxTokens = 4096

// Reply is an answer.
type Reply struct {
	Text  string
	Model string // as configured
	Cut   bool   // the answer ended at MaxTokens
	Usage Usage
}

// Usage is what answers cost. USD is 0 where no price is configured.
type Usage struct {
	Calls  int
	Input  int // tokens
	Output int // tokens
	USD    float64
}

// Tokens is input and output together.
func (u Usage) Tokens() int { return u.Input + u.Output }

// Add sums two usages.
func (u Usage) Add(v Usage) Usage {
	return Usage{Calls: u.Calls + v.Calls, Input: u.Input + v.Input, Output: u.Output + v.Output, USD: u.USD + v.USD}
}

// Errors of a server that answered, but not usably.
var (
	ErrEmpty = errors.New("the model answered nothing")
	ErrCut   = errors.New("the connection ended in mid-answer")
)

// StatusError is an answer with an HTTP status other than 200.
type StatusError struct {
	Code    int
	Message string // the server's, at most 300 characters, keys taken out
}

// Error implements error.
func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("the model's server answered with status %d", e.Code)
	}
	return fmt.Sprintf("the model's server answered with status %d: %s", e.Code, e.Message)
}

// ContentTypeError is an answer that is not JSON: a login page, a proxy's error.
type ContentTypeError struct{ Type string }

// Error implements error.
func (e *ContentTypeError) Error() string {
	return fmt.Sprintf("the model's server answered with %q where JSON was expected; is the base URL right?", e.Type)
}
