package tooldoc

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// Set is the tools that are known, read-only after it is made and so safe for concurrent use.
type Set struct {
	specs   []edit.ToolSpec // sorted by name
	sources map[string][]byte
	notes   []string
	shipped map[string]edit.ToolSpec // shipped docs that a doc of the person's replaces
	index   *index
}

// NewSet makes a set of specs that were read elsewhere or made in a test. Of two
// specs of one name the later stays.
func NewSet(specs ...edit.ToolSpec) *Set {
	byName := make(map[string]edit.ToolSpec, len(specs))
	for _, s := range specs {
		byName[s.Name] = s
	}
	set := &Set{sources: make(map[string][]byte)}
	for _, s := range byName {
		set.specs = append(set.specs, s)
	}
	slices.SortFunc(set.specs, func(a, b edit.ToolSpec) int { return cmp.Compare(a.Name, b.Name) })
	set.index = newIndex(set.specs)
	return set
}

// All returns the tools sorted by name.
func (s *Set) All() []edit.ToolSpec { return slices.Clone(s.specs) }

// Get returns the tool of that name.
func (s *Set) Get(name string) (edit.ToolSpec, bool) {
	i, ok := slices.BinarySearchFunc(s.specs, name, func(t edit.ToolSpec, n string) int { return cmp.Compare(t.Name, n) })
	if !ok {
		return edit.ToolSpec{}, false
	}
	return s.specs[i], true
}

// Tasks maps each task type to the names of the tools that complete it, sorted.
func (s *Set) Tasks() map[string][]string {
	tasks := make(map[string][]string)
	for _, t := range s.specs {
		for _, c := range t.Tasks {
			tasks[c.Task] = append(tasks[c.Task], t.Name)
		}
	}
	return tasks
}

// Source returns the bytes of the doc, nil for a tool that was not read from one.
func (s *Set) Source(name string) []byte { return bytes.Clone(s.sources[name]) }

// Shipped is the shipped doc that the doc of that name replaces, if it does.
func (s *Set) Shipped(name string) (edit.ToolSpec, bool) {
	spec, ok := s.shipped[name]
	return spec, ok
}

// Notes tells what a person may want to know of the load: docs that replaced shipped ones.
func (s *Set) Notes() []string { return slices.Clone(s.notes) }

// Load reads the shipped docs and those of the overlay folders, each later
// folder replacing docs of the same name. What is wrong with a doc or folder
// is among the errors and stops no other doc; a bad overlay doc leaves the
// shipped one in use. Docs are the files *.md of the folder itself; names
// without a lower-case letter (README.md) are not docs. An overlay's files are
// read inside its folder only: links that lead out of it are refused.
func Load(shipped fs.FS, overlayDirs ...string) (*Set, []error) {
	l := loader{docs: make(map[string]loaded), shipped: make(map[string]edit.ToolSpec)}
	l.folder(shipped, "tooldocs", false)
	for _, dir := range overlayDirs {
		l.overlay(dir)
	}
	specs := make([]edit.ToolSpec, 0, len(l.docs))
	for _, d := range l.docs {
		specs = append(specs, d.spec)
	}
	set := NewSet(specs...)
	for name, d := range l.docs {
		set.sources[name] = d.source
	}
	set.notes, set.shipped = l.notes, l.shipped
	return set, append(l.errs, conflicts(set.specs)...)
}

type loaded struct {
	spec   edit.ToolSpec
	source []byte
}

type loader struct {
	docs    map[string]loaded
	folders []fs.FS // the latest is searched first for labels
	notes   []string
	errs    []error
	shipped map[string]edit.ToolSpec // by the name of the overlay doc that replaces it
}

func (l *loader) overlay(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("tool docs folder %s: %w", dir, err))
		return
	}
	defer func() { _ = root.Close() }() // opened for reading only
	l.folder(root.FS(), dir, true)
	// The folder is closed now; a later overlay may still name its labels.
	l.folders[0] = closedRoot{dir}
}

// closedRoot reopens a folder for each file, so that none stays open.
type closedRoot struct{ dir string }

// Open implements fs.FS.
func (c closedRoot) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, err
	}
	f, err := root.FS().Open(name)
	return f, cmp.Or(err, root.Close())
}

// Stat implements fs.StatFS, so that a file's kind is known before it is opened.
func (c closedRoot) Stat(name string) (fs.FileInfo, error) {
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(name)
	return info, cmp.Or(err, root.Close())
}

func (l *loader) folder(fsys fs.FS, dir string, overlay bool) {
	l.folders = append([]fs.FS{fsys}, l.folders...)
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("tool docs folder %s: %w", dir, err))
		return
	}
	for _, e := range entries {
		name := e.Name()
		stem, ok := strings.CutSuffix(name, ".md")
		if !ok || stem == strings.ToUpper(stem) && stem != strings.ToLower(stem) || strings.HasPrefix(name, ".") {
			continue
		}
		if err := l.doc(fsys, dir, name, stem, overlay); err != nil {
			l.errs = append(l.errs, err)
		}
	}
}

func (l *loader) doc(fsys fs.FS, dir, name, stem string, overlay bool) error {
	full := filepath.Join(dir, name)
	src, err := readLimited(fsys, name, MaxDocBytes)
	if err != nil {
		return fmt.Errorf("tool doc %s: %w", printable(full), err)
	}
	old, replaces := l.docs[stem]
	spec, err := Parse(full, src, l.label)
	if err != nil {
		if replaces {
			return fmt.Errorf("%w\n  %s stays in use", err, old.spec.Path)
		}
		return err
	}
	if overlay && replaces {
		if _, again := l.shipped[spec.Name]; !again {
			l.shipped[spec.Name] = old.spec // of two overlays, the first replaced it
		}
		l.notes = append(l.notes, fmt.Sprintf("%s: %s replaces %s", spec.Name, full, old.spec.Path))
	}
	l.docs[spec.Name] = loaded{spec: spec, source: src}
	return nil
}

// label reads labels/file from the latest folder that has it.
func (l *loader) label(file string) ([]byte, error) {
	var err error
	for _, fsys := range l.folders {
		var src []byte
		if src, err = readLimited(fsys, path.Join("labels", file), MaxLabelBytes); err == nil {
			return src, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, err
}

// readLimited reads a regular file of at most limit bytes. Pipes and devices are
// refused before they are opened, which could block.
func readLimited(fsys fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("is no regular file (%s)", info.Mode().Type())
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("has %d bytes, at most %d are read", info.Size(), limit)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading only
	src, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(src)) > limit {
		return nil, fmt.Errorf("grew beyond %d bytes while it was read", limit)
	}
	return src, nil
}

// conflicts reports model files that two docs give different checksums: they
// share one folder, so one of the two could never be satisfied.
func conflicts(specs []edit.ToolSpec) []error {
	type claim struct{ tool, sum string }
	first := make(map[string]claim)
	var errs []error
	for _, s := range specs {
		if s.Runtime.ONNX == nil {
			continue
		}
		for _, part := range s.Runtime.ONNX.Models {
			for _, src := range part.Accept {
				c, taken := first[src.File]
				if taken && c.sum != src.SHA256 && c.tool != s.Name {
					errs = append(errs, fmt.Errorf("model file %s: tools %s and %s give it different checksums; rename one of the files", src.File, c.tool, s.Name))
					continue
				}
				first[src.File] = claim{s.Name, src.SHA256}
			}
		}
	}
	return errs
}

// ReadFile reads one doc from a path as Load does: a regular file of at most MaxDocBytes.
func ReadFile(file string) ([]byte, error) {
	src, err := readLimited(os.DirFS(filepath.Dir(file)), filepath.Base(file), MaxDocBytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return src, nil
}
