package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// errNotInMirror marks that the mirror holds no accepted file.
var errNotInMirror = errors.New("not in the mirror")

// mirrorFiles bounds how many files of a mirror are looked at.
const mirrorFiles = 100_000

// fromMirror copies an accepted file from the mirror folder: by its name, else
// any file there that has the right size and checksum.
func (p *puller) fromMirror(ctx context.Context, part edit.ModelFile) (edit.ModelSource, string, error) {
	var wrong []error
	for _, src := range part.Accept {
		if err := p.tooLarge(src); err != nil {
			return src, "", err
		}
		path, err := p.copyFrom(ctx, filepath.Join(p.opt.From, src.File), src)
		if err == nil {
			return src, path, nil
		}
		if ctx.Err() != nil {
			return src, "", ctx.Err()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			wrong = append(wrong, err)
		}
	}
	for _, src := range part.Accept {
		found, err := p.byChecksum(ctx, src)
		if err != nil {
			return src, "", err
		}
		if found == "" {
			continue
		}
		path, err := p.copyFrom(ctx, found, src)
		return src, path, err
	}
	if len(wrong) > 0 {
		return edit.ModelSource{}, "", errors.Join(wrong...)
	}
	return edit.ModelSource{}, "", fmt.Errorf("%w: %s holds no %s, nor a file with its checksum",
		errNotInMirror, p.opt.From, strings.Join(fileNames(part), " or "))
}

// copyFrom copies and verifies one file in one pass.
func (p *puller) copyFrom(ctx context.Context, from string, src edit.ModelSource) (string, error) {
	if _, err := checkSize(from, src); err != nil {
		return "", err
	}
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }() // opened for reading only
	p.tell(Event{State: StateStarted, Tool: p.tool, File: src.File, Total: src.Bytes})
	out, err := os.CreateTemp(p.dir, "."+src.File+"-*.part")
	if err != nil {
		return "", err
	}
	v := newVerifier(src.Bytes)
	_, err = io.Copy(io.MultiWriter(out, v), io.LimitReader(ctxio.Reader(ctx, in), src.Bytes+1))
	if err == nil {
		err = v.verify(from, src)
	}
	path := filepath.Join(p.dir, src.File)
	return path, finish(out, path, err)
}

// byChecksum looks through the mirror for a file with src's size and checksum, under any name.
func (p *puller) byChecksum(ctx context.Context, src edit.ModelSource) (string, error) {
	if err := p.listMirror(ctx); err != nil {
		return "", err
	}
	for _, path := range p.mirror[src.Bytes] {
		sum, ok := p.hashes[path]
		if !ok {
			var err error
			if sum, err = ctxio.SumFile(ctx, path); err != nil {
				if ctx.Err() != nil {
					return "", ctx.Err()
				}
				continue // an unreadable file is not the one
			}
			p.hashes[path] = sum
		}
		if sum == src.SHA256 {
			return path, nil
		}
	}
	return "", nil
}

func (p *puller) listMirror(ctx context.Context) error {
	if p.mirror != nil {
		return nil
	}
	mirror := make(map[int64][]string)
	n := 0
	err := filepath.WalkDir(p.opt.From, func(path string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return cmpErr(ctx.Err(), err)
		}
		if n++; n > mirrorFiles {
			return fs.SkipAll
		}
		info, err := d.Info()
		if err == nil && info.Mode().IsRegular() {
			mirror[info.Size()] = append(mirror[info.Size()], path)
		}
		return nil
	})
	if err != nil {
		return &edit.UserError{Msg: "cannot read the mirror " + p.opt.From, Err: err}
	}
	for _, paths := range mirror {
		slices.Sort(paths)
	}
	p.mirror, p.hashes = mirror, make(map[string]string)
	return nil
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
