package batch

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

// This file finds what a plan file may not hold, with its place: the standard
// decoder stops at the first unknown field and does not say where it is, takes
// names whatever their case, and lets the last of two equal names win.

// misplaced lists unknown and repeated fields, and what stands where something else should.
func misplaced(raw []byte) []string {
	if v, ok := versionOf(raw); ok && v != Version {
		return []string{fmt.Sprintf("version is %v; this program reads version %d", v, Version)}
	}
	w := walker{raw: raw, dec: json.NewDecoder(bytes.NewReader(raw))}
	w.dec.UseNumber()
	if err := w.value(reflect.TypeFor[Plan](), ""); err != nil {
		return append(w.problems, jsonProblem(raw, err))
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		w.problem(w.dec.InputOffset(), "", "something follows the plan's closing brace")
	}
	return w.problems
}

// versionOf reads the version before all else: a plan of another may hold fields that this one does not know.
func versionOf(raw []byte) (any, bool) {
	var head map[string]any
	if json.Unmarshal(raw, &head) != nil {
		return nil, false
	}
	if v, ok := head["version"].(float64); ok && v == Version {
		return Version, true
	}
	if _, ok := head["version"]; !ok {
		return "not given", true
	}
	return head["version"], true
}

type walker struct {
	raw      []byte
	dec      *json.Decoder
	problems []string
}

// problem enters what is wrong at an offset and, where it has one, a JSON pointer.
func (w *walker) problem(at int64, pointer, format string, args ...any) {
	text := position(w.raw, at)
	if pointer != "" {
		text += " (" + pointer + ")"
	}
	w.problems = append(w.problems, text+": "+fmt.Sprintf(format, args...))
}

// position is an offset as an editor shows it.
func position(raw []byte, at int64) string {
	before := raw[:min(at, int64(len(raw)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fmt.Sprintf("line %d, column %d", line, max(column, 1))
}

// value reads one value that is to be of type t; nil takes anything.
func (w *walker) value(t reflect.Type, pointer string) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != nil && (reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())) {
		t = nil // it knows its own form
	}
	token, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return w.object(t, pointer)
	case json.Delim('['):
		return w.array(t, pointer)
	}
	return nil
}

func (w *walker) array(t reflect.Type, pointer string) error {
	var element reflect.Type
	if t != nil {
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			w.problem(w.dec.InputOffset(), pointer, "a list stands where %s should", kindName(t))
		} else {
			element = t.Elem()
		}
	}
	n := 0
	for ; w.dec.More(); n++ {
		if err := w.value(element, pointer+"/"+strconv.Itoa(n)); err != nil {
			return err
		}
	}
	if t != nil && t.Kind() == reflect.Array && t.Len() != n {
		w.problem(w.dec.InputOffset(), pointer, "it has %d numbers; it takes %d", n, t.Len())
	}
	_, err := w.dec.Token()
	return err
}

func (w *walker) object(t reflect.Type, pointer string) error {
	fields, names := fieldsOf(t)
	if t != nil && fields == nil && t.Kind() != reflect.Map && t.Kind() != reflect.Interface {
		w.problem(w.dec.InputOffset(), pointer, "an object stands where %s should", kindName(t))
		t = nil
	}
	seen := make(map[string]bool)
	for w.dec.More() {
		token, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		at := w.dec.InputOffset() - int64(len(name))
		here := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		var element reflect.Type
		switch f, known := fields[name]; {
		case seen[name]:
			w.problem(at, here, "%q is given twice", name)
		case known:
			element = f
		case fields != nil:
			w.problem(at, here, "unknown field %q%s", name, nearest(name, names))
		case t != nil && t.Kind() == reflect.Map:
			element = t.Elem()
		}
		seen[name] = true
		if err := w.value(element, here); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

// fieldsOf are the types of a struct's fields by their JSON name; nil for what is no struct.
func fieldsOf(t reflect.Type) (fields map[string]reflect.Type, names []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, nil
	}
	fields = make(map[string]reflect.Type)
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = t.Field(i).Type
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return fields, names
}

// nearest proposes the known name that a typing slip or another case may have meant.
func nearest(name string, names []string) string {
	plain := func(s string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s)) }
	for _, n := range names {
		if edit.Slips(plain(name), plain(n)) <= len(n)/4 {
			return fmt.Sprintf("; is it %q?", n)
		}
	}
	return "; known are " + strings.Join(names, ", ")
}

func kindName(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // those that a plan has
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	}
	return "a number"
}
