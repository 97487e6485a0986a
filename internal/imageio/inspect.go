package imageio

import (
	"context"
	"io"
	"os"
	"syscall"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// openRegular opens a regular file; anything else is refused without being read.
func openRegular(path string) (*os.File, error) {
	if err := checkRegular(os.Stat(path)); err != nil {
		return nil, fileError(path, err)
	}
	// Should the file have become a pipe since, opening it must not block.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fileError(path, err)
	}
	if err := checkRegular(f.Stat()); err != nil {
		f.Close() //nolint:errcheck,gosec // nothing was written
		return nil, fileError(path, err)
	}
	return f, nil
}

// readAll reads at most lim.MaxBytes.
func readAll(ctx context.Context, r io.Reader, lim Limits) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(ctxio.Reader(ctx, r), lim.MaxBytes+1))
	if err == nil && int64(len(data)) > lim.MaxBytes {
		err = edit.Userf("is larger than the limit of %d MiB", lim.MaxBytes>>20)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// ReadFile reads a regular file whole, within lim; errors name it.
func ReadFile(ctx context.Context, path string, lim Limits) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	return ReadAll(ctx, f, path, lim)
}

// ReadAll reads a stream whole, within lim; errors name it.
func ReadAll(ctx context.Context, r io.Reader, name string, lim Limits) ([]byte, error) {
	data, err := readAll(ctx, r, lim.withDefaults())
	if err != nil {
		return nil, fileError(name, err)
	}
	return data, nil
}

// Inspect reads what a picture file says beside its samples, which are not
// decoded: only Format, Orientation, EXIF, XMP, Lost and Notices are set.
func Inspect(ctx context.Context, path string, lim Limits) (Meta, error) {
	data, err := ReadFile(ctx, path, lim)
	if err != nil {
		return Meta{}, err
	}
	format, title := sniff(data)
	if format == "" {
		return Meta{}, fileError(path, unreadable(title))
	}
	p, err := contain(func() (probe, error) { return probeFile(format, data), nil })
	if err != nil {
		return Meta{}, fileError(path, describe(format, err))
	}
	meta := Meta{Format: format, Orientation: 1}
	readMeta(p, &meta)
	return meta, nil
}
