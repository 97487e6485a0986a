package tooldoc

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"pentimento/internal/edit"
)

// ParseLabels reads a class list: one class per line in model order, as
// "name: word, word"; a line "*: word, word" gives the words that mean every
// class; # begins a comment. The error is of type *Problems.
func ParseLabels(path string, src []byte) (*edit.Labels, error) {
	c := &collector{path: path}
	lines, ok := textLines(c, src)
	if !ok {
		return nil, c.err()
	}
	var names, every []string
	synonyms := make(map[string][]string)
	owner := make(map[string]string)  // word -> class
	isName := make(map[string]bool)   // class names, which win over synonyms
	firstLine := make(map[string]int) // word -> line
	for i, line := range lines {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, rest, _ := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		words := labelWords(c, i+1, rest)
		if name == "*" {
			every = append(every, words...)
			continue
		}
		if name == "" || isName[name] {
			c.add(i+1, "", "the class %q is empty or given twice", name)
			continue
		}
		names = append(names, name)
		isName[name] = true
		synonyms[name] = words
		for _, w := range words {
			if other, taken := owner[w]; taken {
				c.add(i+1, "", "%q stands for both %q (line %d) and %q", w, other, firstLine[w], name)
			}
			owner[w], firstLine[w] = name, i+1
		}
	}
	for _, n := range names {
		if other, taken := owner[n]; taken && other != n {
			c.add(firstLine[n], "", "%q is a class of its own and a word for %q", n, other)
		}
	}
	if len(names) == 0 {
		c.add(0, "", "holds no class")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return edit.NewLabels(names, synonyms, every), nil
}

func labelWords(c *collector, line int, list string) []string {
	if strings.TrimSpace(list) == "" {
		return nil
	}
	var words []string
	for w := range strings.SplitSeq(list, ",") {
		w = strings.TrimSpace(w)
		if !forms["phrase"].re.MatchString(w) {
			c.add(line, "", "%q: %s", clip(w), forms["phrase"].says)
			continue
		}
		words = append(words, w)
	}
	return words
}

// ParseCharset reads a character list: one character (or ligature) per line in
// model order. Nothing is trimmed, so a line of one space is a space.
func ParseCharset(path string, src []byte) ([]string, error) {
	c := &collector{path: path}
	lines, ok := textLines(c, src)
	if !ok {
		return nil, c.err()
	}
	for i, line := range lines {
		if n := utf8.RuneCountInString(line); n < 1 || n > 4 {
			c.add(i+1, "", "want one character per line, found %q", clip(line))
		}
	}
	if len(lines) == 0 {
		c.add(0, "", "holds no character")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return lines, nil
}

// textLines splits a list file into lines and reports what may not stand in one.
func textLines(c *collector, src []byte) ([]string, bool) {
	if len(src) > MaxLabelBytes {
		c.add(0, "", "has %d bytes, at most %d are read", len(src), MaxLabelBytes)
		return nil, false
	}
	if len(src) == 0 {
		return nil, true
	}
	text := strings.TrimSuffix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		cleanLine(c, line, i+1, false)
	}
	return lines, true
}

// lists reads the labels and charset files that a doc names, each once.
type lists struct {
	*collector
	read   func(file string) ([]byte, error)
	labels map[string]*edit.Labels
}

func (l *lists) load(field, file string) []byte {
	if l.read == nil {
		l.at(field, "%s: no folder of labels is at hand", file)
		return nil
	}
	src, err := l.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		l.at(field, "there is no labels/%s", file)
		return nil
	}
	if err != nil {
		l.at(field, "labels/%s: %v", file, err)
		return nil
	}
	if len(src) == 0 {
		l.at(field, "labels/%s is empty", file)
		return nil
	}
	return src
}

// class reads a labels file, or returns nil after reporting at field.
func (l *lists) class(field, file string) *edit.Labels {
	if file == "" || !forms["list"].re.MatchString(file) {
		return nil
	}
	if got, ok := l.labels[file]; ok {
		return got
	}
	l.labels[file] = nil
	src := l.load(field, file)
	if src == nil {
		return nil
	}
	got, err := ParseLabels(file, src)
	l.report(field, file, err)
	l.labels[file] = got
	return got
}

// characters reads a charset file, or returns nil after reporting at field.
func (l *lists) characters(field, file string) []string {
	if file == "" || !forms["list"].re.MatchString(file) {
		return nil
	}
	src := l.load(field, file)
	if src == nil {
		return nil
	}
	got, err := ParseCharset(file, src)
	l.report(field, file, err)
	return got
}

func (l *lists) report(field, file string, err error) {
	var p *Problems
	if !errors.As(err, &p) {
		return
	}
	for _, x := range p.List {
		l.at(field, "labels/%s, %s", file, fmt.Sprint(x))
	}
}

// LabelReader reads class lists as Load does: labels/FILE of each folder, the first that has it.
func LabelReader(folders ...fs.FS) func(file string) ([]byte, error) {
	return (&loader{folders: folders}).label
}
