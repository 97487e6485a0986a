package llm

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"pentimento/internal/edit"
)

// Key is a secret. Printed, logged or marshalled it shows only whether it is set.
type Key struct{ secret string }

// NewKey wraps a secret; spaces around it are dropped.
func NewKey(secret string) Key { return Key{strings.TrimSpace(secret)} }

// IsSet reports whether there is a key.
func (k Key) IsSet() bool { return k.secret != "" }

// String implements fmt.Stringer.
func (k Key) String() string {
	if k.secret == "" {
		return "not set"
	}
	return "set"
}

// GoString implements fmt.GoStringer.
func (k Key) GoString() string { return k.String() }

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// scrub takes the secret out of a text, for servers that repeat it in an error.
func (k Key) scrub(s string) string {
	if len(k.secret) < 4 {
		return s
	}
	return strings.ReplaceAll(s, k.secret, "[key]")
}

// keyTime bounds a command that prints a key.
const keyTime = 20 * time.Second

// KeyFromCommand runs a program, such as a password manager's, that prints the
// key. The command is cut at spaces; no shell reads it. Its output is never shown.
func KeyFromCommand(ctx context.Context, command string) (Key, error) {
	argv := strings.Fields(command)
	if len(argv) == 0 {
		return Key{}, errors.New("the command that prints the key is empty")
	}
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the person's own command, from their environment
	cmd.WaitDelay = 500 * time.Millisecond
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return Key{}, &edit.UserError{Msg: "the command that prints the model's key failed", Err: err, Hint: argv[0] + " was run"}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if k := NewKey(line); k.IsSet() {
		return k, nil
	}
	return Key{}, &edit.UserError{Msg: "the command that prints the model's key printed nothing", Hint: argv[0] + " was run"}
}
