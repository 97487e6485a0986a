package models

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"time"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// verifier sees the bytes of a file go by.
type verifier struct {
	h    hash.Hash
	n    int64
	head []byte
	most int64
}

func newVerifier(most int64) *verifier { return &verifier{h: sha256.New(), most: most} }

// Write implements io.Writer. It refuses bytes beyond the expected size.
func (v *verifier) Write(p []byte) (int, error) {
	if len(v.head) < len(lfsPrefix) {
		v.head = append(v.head, p[:min(len(p), len(lfsPrefix)-len(v.head))]...)
	}
	v.n += int64(len(p))
	if v.n > v.most {
		return 0, errTooLong
	}
	return v.h.Write(p)
}

var errTooLong = errors.New("the file is longer than expected")

func (v *verifier) verify(from string, src edit.ModelSource) error {
	wrong := &WrongFileError{Path: from, WantBytes: src.Bytes, GotBytes: v.n, Want: src.SHA256}
	if v.n != src.Bytes {
		wrong.LFSPointer = isPointer(v.head)
		return wrong
	}
	if wrong.Got = hexSum(v.h); wrong.Got != src.SHA256 {
		return wrong
	}
	return nil
}

// transient marks errors after which the same request may succeed.
type transient struct {
	err   error
	after time.Duration // the server's Retry-After
}

// Error implements error.
func (t *transient) Error() string { return t.err.Error() }

// Unwrap implements errors.Unwrap.
func (t *transient) Unwrap() error { return t.err }

// enough is how many bytes an attempt must bring to count as progress.
const enough = 64 << 10

// download fetches src.URL into the models folder and returns the path. It
// resumes what an earlier attempt or process left, tries again after transient
// errors, and starts over once when a resumed file turns out wrong.
func (p *puller) download(ctx context.Context, src edit.ModelSource) (string, error) {
	if err := p.tooLarge(src); err != nil {
		return "", err
	}
	path := filepath.Join(p.dir, src.File)
	// The checksum in the name keeps parts of different versions apart.
	part := fmt.Sprintf("%s.%.8s.part", path, src.SHA256)
	p.tell(Event{State: StateStarted, Tool: p.tool, File: src.File, Total: src.Bytes})
	wait := p.opt.Backoff
	resumed, restarted := false, false
	for attempt := 1; ; attempt++ {
		before := sizeOf(part)
		resumed = resumed || before > 0
		err := p.attempt(ctx, src, part)
		if err == nil {
			err = p.install(ctx, src, part, path)
			if err == nil {
				return path, nil
			}
			if !resumed || restarted {
				return "", err
			}
			restarted = true // the remains of another download may have been wrong: once more from the start
			continue
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if sizeOf(part) >= before+enough {
			attempt, wait = 0, p.opt.Backoff
		}
		var again *transient
		if !errors.As(err, &again) || attempt >= p.opt.Attempts {
			return "", fmt.Errorf("download %s: %w", src.URL, err)
		}
		p.tell(Event{State: StateRetry, Tool: p.tool, File: src.File, Done: sizeOf(part), Total: src.Bytes, Err: err})
		if err := ctxio.Sleep(ctx, max(wait, min(again.after, time.Minute))); err != nil {
			return "", err
		}
		wait *= 2
	}
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// install verifies a finished part and moves it into place; a wrong one is removed.
func (p *puller) install(ctx context.Context, src edit.ModelSource, part, path string) error {
	err := p.store.recheck(ctx, part, src)
	if err == nil {
		return os.Rename(part, path)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_ = os.Remove(part) // the error that matters is err
	var wrong *WrongFileError
	if errors.As(err, &wrong) {
		wrong.Path = src.URL
	}
	return err
}
