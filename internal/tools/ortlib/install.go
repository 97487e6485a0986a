package ortlib

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// Install puts the pinned library of this system into the cache and returns its
// path; one that is there already and whose checksum is right stays as it is.
// It needs the go command, and the network where the module is not yet in the
// module cache. A file with another checksum is refused.
func Install(ctx context.Context, o Options) (string, error) {
	o = o.filled()
	p, err := pinFor(o.GOOS, o.GOARCH)
	if err != nil {
		return "", err
	}
	path, err := o.cached(p)
	if err != nil {
		return "", err
	}
	if sum, err := ctxio.SumFile(ctx, path); err == nil && sum == p.sha256 {
		return path, nil
	}
	o.Notify(fmt.Sprintf("fetching ONNX Runtime %s for %s/%s: Go module %s@%s", Version, p.goos, p.goarch, p.module, moduleVersion))
	dir, err := o.Download(ctx, p.module, moduleVersion)
	if err != nil {
		return "", err
	}
	if err := copyVerified(ctx, filepath.Join(dir, filepath.FromSlash(p.file)), path, p.sha256); err != nil {
		return "", err
	}
	o.Notify("installed " + path)
	return path, nil
}

// copyVerified copies src to dst by a temporary file beside dst and a rename;
// dst appears only whole and with the wanted checksum.
func copyVerified(ctx context.Context, src, dst, want string) error {
	fail := func(err error) error {
		return &edit.UserError{Msg: "cannot install ONNX Runtime's library", Err: err}
	}
	in, err := os.Open(src)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = in.Close() }()
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil { //nolint:gosec // a cache of public files
		return fail(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(dst), ".partial-*")
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	defer func() { _ = tmp.Close() }()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(tmp, h), ctxio.Reader(ctx, in)); err != nil {
		return fail(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return wrongSum(src, got, want)
	}
	if err := tmp.Chmod(0o644); err != nil {
		return fail(err)
	}
	if err := tmp.Sync(); err != nil {
		return fail(err)
	}
	if err := tmp.Close(); err != nil {
		return fail(err)
	}
	if err := os.Rename(tmp.Name(), dst); err != nil {
		return fail(err)
	}
	return nil
}

func wrongSum(path, got, want string) error {
	return &edit.UserError{
		Msg:  fmt.Sprintf("refused %s: its sha256 is %s, want %s", path, got, want),
		Hint: "the file is damaged or not the one this program was checked with; clear it and run: agent doctor --fix",
	}
}

// goModDownload asks the go command for a module version; the go command checks
// it against go.sum or the checksum database.
func goModDownload(ctx context.Context, module, version string) (string, error) {
	target := module + "@" + version
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", target)
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("fetching %s: %w", target, ctx.Err())
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", &edit.UserError{
			Msg: "ONNX Runtime comes through the go command, which is not here", Err: err,
			Hint: "install Go, or name a library with --ort-lib FILE",
		}
	}
	// The go command exits with 1 and still prints the JSON with the reason.
	var got struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr == nil && got.Error != "" {
		err = errors.New(got.Error)
	} else if err == nil && (jsonErr != nil || got.Dir == "") {
		err = fmt.Errorf("the go command answered %q", out)
	} else if err != nil && stderr.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	if err != nil {
		return "", &edit.UserError{
			Msg: "the go command could not fetch " + target, Err: err,
			Hint: "check the network, or name a library with --ort-lib FILE",
		}
	}
	return got.Dir, nil
}
