package llm

import (
	"context"
	"testing"
	"time"

	"pentimento/internal/llm/llmtest"
)

type answer = llmtest.Answer

func serve(t *testing.T, answers ...answer) (*llmtest.Server, string) {
	t.Helper()
	return llmtest.Serve(t, answers...)
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
