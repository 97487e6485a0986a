package models

import (
	"context"
	"errors"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// Entry is one model part of one tool in the catalogue.
type Entry struct {
	Tool      string `json:"tool"`
	Part      string `json:"part,omitempty"`
	Role      string `json:"role,omitempty"` // what the part holds: graph, data or vocab
	File      string `json:"file"`           // the installed file, or the first accepted one
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	License   string `json:"license"`
	Origin    string `json:"origin,omitempty"`
	URL       string `json:"url,omitempty"`
	Embedded  bool   `json:"embedded,omitempty"`
	Installed bool   `json:"installed"`
	Path      string `json:"path,omitempty"`
	Problem   string `json:"problem,omitempty"` // what is wrong with the file that is there
}

// Catalogue lists the model parts of the tools, in the order of the tools. It
// reads no model: installed means that name and size are right.
func (s *Store) Catalogue(specs []edit.ToolSpec) []Entry {
	var entries []Entry
	each(specs, func(tool string, part edit.ModelFile) {
		entries = append(entries, entry(tool, part, s.glance()))
	})
	return entries
}

// Verify reads every installed model part of the tools again, whatever is
// remembered of it, and lists them; an entry with a Problem is damaged. The
// error is the context's.
func (s *Store) Verify(ctx context.Context, specs []edit.ToolSpec) ([]Entry, error) {
	defer s.saveStamps()
	var entries []Entry
	each(specs, func(tool string, part edit.ModelFile) {
		if ctx.Err() != nil {
			return
		}
		entries = append(entries, entry(tool, part, finder{
			dirs:     s.Dirs,
			check:    func(path string, src edit.ModelSource) error { return s.recheck(ctx, path, src) },
			embedded: func(src edit.ModelSource) (string, error) { return s.embedded(ctx, src) },
		}))
	})
	return entries, ctx.Err()
}

// recheck is check without memory.
func (s *Store) recheck(ctx context.Context, path string, src edit.ModelSource) error {
	info, err := checkSize(path, src)
	if err != nil {
		return err
	}
	sum, err := ctxio.SumFile(ctx, path)
	if err != nil {
		return err
	}
	s.remember(path, stamp{Size: info.Size(), Time: info.ModTime().UnixNano(), SHA256: sum})
	if sum != src.SHA256 {
		return &WrongFileError{Path: path, WantBytes: src.Bytes, GotBytes: info.Size(), Want: src.SHA256, Got: sum}
	}
	return nil
}

func entry(tool string, part edit.ModelFile, f finder) Entry {
	path, src, err := f.find(part)
	e := Entry{Tool: tool, Part: part.Part, Role: part.Role, Installed: err == nil, Path: path}
	var missing *MissingError
	if err != nil && !errors.As(err, &missing) {
		e.Problem = err.Error()
	}
	if err != nil && len(part.Accept) > 0 {
		src = part.Accept[0]
	}
	e.File, e.Bytes, e.SHA256, e.License = src.File, src.Bytes, src.SHA256, src.License
	e.Origin, e.URL, e.Embedded = src.Origin, src.URL, src.Embedded
	return e
}

// each visits the model parts of the tools in order.
func each(specs []edit.ToolSpec, visit func(tool string, part edit.ModelFile)) {
	for _, spec := range specs {
		if spec.Runtime.ONNX == nil {
			continue
		}
		for _, part := range spec.Runtime.ONNX.Models {
			visit(spec.Name, part)
		}
	}
}
