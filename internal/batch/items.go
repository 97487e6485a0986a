package batch

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Item is one edit of one picture, with the place its result goes to.
type Item struct {
	Number int // from 1, in the plan's order
	Job    int // 1-based
	Input  string
	Output string // empty when the job has none
	Bytes  int64  // of the input file
	Spec   Job    // with one request at most, and paths that hold in any folder
}

// Items lists every edit of the plan in order: globs expanded and sorted, outputs
// filled in, paths made absolute. Two items with one output, an output that is an input, and
// what names no file are refused before anything runs. made tells the results of an
// earlier run of the plan, which its globs are not to take for new pictures; nil: there are none.
func (p Plan) Items(dir string, made func(path string) bool) ([]Item, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var items []Item
	var problems []string
	for n, j := range p.Jobs {
		j = j.under(dir)
		found, bad := j.files(dir, made)
		for _, b := range append(bad, j.missing()...) {
			problems = append(problems, fmt.Sprintf("job %d: %s", n+1, b))
		}
		requests := j.Requests
		if len(requests) == 0 {
			requests = []string{j.Request}
		}
		j.Requests = nil
		for _, f := range found {
			for r, request := range requests {
				j.Request = request
				it := Item{Number: len(items) + 1, Job: n + 1, Input: f.path, Bytes: f.bytes, Spec: j}
				if j.Output != "" {
					it.Output = absolute(dir, f.output(j.Output, n+1, r+1))
				}
				items = append(items, it)
			}
		}
	}
	problems = append(problems, collisions(items)...)
	if len(problems) > 0 {
		return nil, &Invalid{"", problems}
	}
	return items, nil
}

// under makes the paths of a job's further pictures absolute.
func (j Job) under(dir string) Job {
	if j.Mask != "" {
		j.Mask = absolute(dir, j.Mask)
	}
	j.With = maps.Clone(j.With)
	for name, file := range j.With {
		j.With[name] = absolute(dir, file)
	}
	return j
}

// missing are the further pictures that are not there.
func (j Job) missing() (problems []string) {
	for _, file := range append(slices.Sorted(maps.Values(j.With)), j.Mask) {
		if file == "" {
			continue
		}
		if st, err := os.Stat(file); err != nil || st.IsDir() {
			problems = append(problems, fmt.Sprintf("%s is no file", file))
		}
	}
	return problems
}

func absolute(dir, file string) string {
	if filepath.IsAbs(file) {
		return filepath.Clean(file)
	}
	return filepath.Join(dir, file)
}

// file is an input with the folder it lies in, seen from where its entry begins.
type file struct {
	path, rel string
	bytes     int64
}

// files are the job's inputs, each once, in the order of its entries.
func (j Job) files(dir string, made func(string) bool) (all []file, problems []string) {
	seen := make(map[string]bool)
	for _, entry := range j.Inputs {
		found, err := matches(dir, entry, made)
		if err != nil {
			problems = append(problems, err.Error())
		}
		for _, f := range found {
			if !seen[f.path] {
				seen[f.path] = true
				all = append(all, f)
			}
		}
	}
	return all, problems
}

// matches are the files of one entry: a path as it is, or all that a pattern fits.
func matches(dir, entry string, made func(string) bool) ([]file, error) {
	full := absolute(dir, entry)
	if st, err := os.Stat(full); err == nil {
		if st.IsDir() {
			return nil, fmt.Errorf("%s is a folder; write %s for the pictures in it", entry, filepath.Join(entry, "**", "*.jpg"))
		}
		rel := "."
		if filepath.IsLocal(entry) {
			rel = filepath.Dir(entry)
		}
		return []file{{full, rel, st.Size()}}, nil
	}
	if !strings.ContainsAny(entry, `*?[`) {
		return nil, fmt.Errorf("there is no file %s", full)
	}
	if _, err := path.Match(filepath.ToSlash(entry), ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", entry, err)
	}
	root, pattern := splitPattern(full)
	var found []file
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil || at == root {
			return nil //nolint:nilerr // a folder that cannot be read holds nothing for us
		}
		rel, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		names := strings.Split(filepath.ToSlash(rel), "/")
		if d.IsDir() {
			if !slices.Contains(pattern, "**") && len(names) >= len(pattern) {
				return fs.SkipDir
			}
			return nil
		}
		st, err := os.Stat(at) // through a link
		if err != nil || !st.Mode().IsRegular() || !fits(pattern, names) || made != nil && made(at) {
			return nil //nolint:nilerr // a link that leads nowhere is no picture
		}
		found = append(found, file{at, filepath.Dir(rel), st.Size()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no file matches %q", entry)
	}
	slices.SortFunc(found, func(a, b file) int { return cmp.Compare(a.path, b.path) })
	return found, nil
}

// splitPattern parts a pattern into the folder it begins in and the names to match below it.
func splitPattern(full string) (root string, pattern []string) {
	parts := strings.Split(filepath.ToSlash(full), "/")
	n := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, `*?[`) })
	return filepath.FromSlash(strings.Join(parts[:n], "/") + "/"), parts[n:]
}

// fits reports whether names match a pattern in which ** stands for any number of folders. As in a
// shell, a wild card does not fit a name's leading dot.
func fits(pattern, names []string) bool {
	if len(pattern) == 0 || len(names) == 0 {
		return len(pattern) == len(names)
	}
	hidden := strings.HasPrefix(names[0], ".") && !strings.HasPrefix(pattern[0], ".")
	if pattern[0] == "**" {
		return fits(pattern[1:], names) || !hidden && fits(pattern, names[1:])
	}
	ok, err := path.Match(pattern[0], names[0])
	return ok && err == nil && !hidden && fits(pattern[1:], names[1:])
}

// templateNames are what an output may hold in braces.
var templateNames = []string{"dir", "rel", "stem", "ext", "job", "request"}

func (f file) output(template string, job, request int) string {
	ext := filepath.Ext(f.path)
	values := map[string]string{
		"dir": filepath.Dir(f.path), "rel": f.rel, "stem": strings.TrimSuffix(filepath.Base(f.path), ext), "ext": strings.TrimPrefix(ext, "."),
		"job": fmt.Sprint(job), "request": fmt.Sprint(request),
	}
	out, err := expand(template, func(name string) string { return values[name] })
	if err != nil {
		return template // Read has refused it
	}
	return out
}

// expand fills in an output template.
func expand(template string, value func(name string) string) (string, error) {
	var b strings.Builder
	for rest := template; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:at])
		brace := rest[at : at+1]
		rest = rest[at+1:]
		if strings.HasPrefix(rest, brace) {
			b.WriteString(brace)
			rest = rest[1:]
			continue
		}
		name, tail, closed := strings.Cut(rest, "}")
		if brace == "}" || !closed || !slices.Contains(templateNames, name) {
			return "", fmt.Errorf("output %q: what stands in braces is none of {%s}; {{ and }} are braces", template, strings.Join(templateNames, "}, {"))
		}
		b.WriteString(value(name))
		rest = tail
	}
	return b.String(), nil
}

// literal writes a path as a template that expands to it.
func literal(file string) string { return strings.NewReplacer("{", "{{", "}", "}}").Replace(file) }

// collisions finds outputs that would overwrite an input or each other. Names are compared as
// the files they lead to, and without case, since two that differ in it alone are one file on many systems.
func collisions(items []Item) []string {
	var problems []string
	folders := make(map[string]string)
	inputs := make(map[string]bool)
	for i := range items {
		it := &items[i]
		for _, path := range append(slices.Collect(maps.Values(it.Spec.With)), it.Input, it.Spec.Mask) {
			if path != "" {
				inputs[canonical(folders, path)] = true
			}
		}
	}
	first := make(map[string]*Item)
	for i := range items {
		it := &items[i]
		if it.Output == "" {
			continue
		}
		key := canonical(folders, it.Output)
		if inputs[key] {
			problems = append(problems, fmt.Sprintf("output %s would overwrite an input", it.Output))
		}
		if other := first[key]; other != nil {
			problems = append(problems, fmt.Sprintf("%s and %s would both write %s%s", other.Input, it.Input, it.Output, apart(other, it)))
		} else {
			first[key] = it
		}
	}
	const most = 20
	if n := len(problems); n > most {
		problems = append(problems[:most], fmt.Sprintf("and %d more", n-most))
	}
	return problems
}

// apart is what would keep the outputs of two items apart.
func apart(a, b *Item) string {
	switch {
	case a.Job != b.Job:
		return "; put {job} into the outputs"
	case a.Input == b.Input:
		return "; put {request} into the output"
	case filepath.Dir(a.Input) != filepath.Dir(b.Input):
		return "; put {rel} into the output"
	case filepath.Ext(a.Input) != filepath.Ext(b.Input):
		return "; put {ext} into the output, as {stem}-{ext}"
	}
	return ""
}

// canonical is the file that a path leads to, in lower case; folders remembers those looked at.
func canonical(folders map[string]string, file string) string {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return strings.ToLower(real)
	}
	dir := filepath.Dir(file)
	real, ok := folders[dir]
	if !ok {
		if real = dir; filepath.Dir(dir) != dir {
			real = canonical(folders, dir)
		}
		folders[dir] = real
	}
	return strings.ToLower(filepath.Join(real, filepath.Base(file)))
}
