package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

// Set writes a setting into the person's file and leaves all else in it as it
// is, comments too. An empty value takes the setting out.
func Set(d Dirs, key, value string) error {
	s, err := find(key)
	if err != nil {
		return err
	}
	if value != "" {
		if err := s.check(value); err != nil {
			return &edit.UserError{Msg: key + " " + err.Error()}
		}
	}
	path := d.Path()
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &edit.UserError{Msg: path + " cannot be read", Err: err}
	}
	if _, err := parse(path, old, false); err != nil {
		return err
	}
	text := put(old, s, value)
	got, err := parse(path, text, false)
	if err != nil || got[key] != value && value != "" || value == "" && got[key] != "" {
		return &edit.UserError{Msg: fmt.Sprintf("%s says %s in a way that this program cannot change", path, key), Hint: "change it by hand"}
	}
	return write(path, text)
}

// write replaces the file at once, so that a stop in between leaves the old one.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".config-*.toml")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is err
		return &edit.UserError{Msg: path + " cannot be written", Err: err}
	}
	return nil
}

// put changes one line of a file, adds it, or takes it out.
func put(text []byte, s Setting, value string) []byte {
	table, name, in := strings.Cut(s.Key, ".")
	if !in {
		table, name = "", s.Key
	}
	line := name + " = " + literal(s, value)
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(bytes.TrimSpace(text)) == 0 {
		lines = nil
	}
	at, last, current := -1, -1, ""
	if table == "" {
		last = 0
	}
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			head, _, _ := strings.Cut(l, "]")
			current = strings.TrimSpace(strings.Trim(head, "[]"))
		}
		if current != table {
			continue
		}
		if l != "" {
			last = i + 1
		}
		if key, _, ok := strings.Cut(l, "="); ok && strings.Trim(strings.TrimSpace(key), `"'`) == name {
			at = i
		}
	}
	switch {
	case at >= 0 && value == "":
		lines = append(lines[:at], lines[at+1:]...)
	case at >= 0:
		lines[at] = line
	case value == "":
	case last >= 0:
		lines = append(lines[:last], append([]string{line}, lines[last:]...)...)
	default:
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "["+table+"]", line)
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// literal is a value as TOML writes it.
func literal(s Setting, value string) string {
	if s.Kind == Number || s.Kind == Flag {
		return value
	}
	return strconv.Quote(value)
}
