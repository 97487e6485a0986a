package subroutines

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"pentimento/internal/edit"
)

// FileVersion is the version of the file format that is written and read.
const FileVersion = 1

// MaxFile bounds a file that is read, in bytes.
const MaxFile = 64 << 20

// maxDepth bounds how deep a file nests.
const maxDepth = 16

// File is what export writes and import reads, as YAML or JSON.
type File struct {
	Version int `json:"version"`
	// Source names the table that it comes from, so that what is imported twice counts once; empty: nobody's in particular.
	Source      string        `json:"source,omitempty"`
	Subroutines []*Subroutine `json:"subroutines"`
}

// YAML writes the file for people: two spaces, conditions as text.
func (f *File) YAML() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Subroutines of agent; docs/subroutines.md tells what they are. Read with: agent subroutines import FILE\n")
	if err := yaml.NewEncoder(&b, yaml.Indent(2), yaml.IndentSequence(true), yaml.CustomMarshaler(yamlNumber)).Encode(f); err != nil {
		return nil, fmt.Errorf("the subroutines cannot be written as YAML: %w", err)
	}
	return b.Bytes(), nil
}

// yamlNumber writes a number so that it is read as one: without an exponent, or
// with a point before it.
func yamlNumber(v float64) ([]byte, error) {
	if a := math.Abs(v); a == 0 || a >= 1e-6 && a < 1e15 {
		return strconv.AppendFloat(nil, v, 'f', -1, 64), nil
	}
	text := strconv.FormatFloat(v, 'e', -1, 64)
	if digits, exponent, ok := strings.Cut(text, "e"); ok && !strings.Contains(digits, ".") {
		text = digits + ".0e" + exponent
	}
	return []byte(text), nil
}

// JSON writes the file as one indented JSON object.
func (f *File) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// ParseFile reads a file, which is hostile until checked; JSON where it begins
// with a brace, else YAML. name is for the errors, which tell the place. Nothing
// is fetched or run. Fields that it does not know are refused.
func ParseFile(name string, b []byte) (f *File, err error) {
	defer func() {
		// The parsers are third-party code fed with hostile text.
		if r := recover(); r != nil {
			f, err = nil, edit.Userf("%s cannot be read: %v", name, r)
		}
	}()
	if len(b) > MaxFile {
		return nil, edit.Userf("%s has %d bytes; a file of subroutines has at most %d", name, len(b), MaxFile)
	}
	f = &File{}
	if strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		err = decodeJSON(b, f)
	} else {
		err = decodeYAML(b, f)
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return nil, &edit.UserError{Msg: name + " cannot be read", Err: err}
	}
	return f, nil
}

func decodeJSON(b []byte, f *File) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(f)
	if err == nil && d.More() {
		err = errors.New("more follows after the object")
	}
	if err != nil {
		at := d.InputOffset()
		var syntax *json.SyntaxError
		var typed *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			at = syntax.Offset
		case errors.As(err, &typed):
			at = typed.Offset
		}
		return fmt.Errorf("line %d: %w", 1+bytes.Count(b[:min(int(at), len(b))], []byte("\n")), err)
	}
	return nil
}

func decodeYAML(b []byte, f *File) error {
	if err := checkTokens(lexer.Tokenize(string(b))); err != nil {
		return err
	}
	err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(f)
	var placed yaml.Error
	if errors.As(err, &placed) && placed.GetToken() != nil {
		return fmt.Errorf("line %d: %s", placed.GetToken().Position.Line, placed.GetMessage())
	}
	return err
}

// UnmarshalYAML reads a condition and tells the line of one that cannot be used.
func (c *Condition) UnmarshalYAML(n ast.Node) error {
	text := n.GetToken().Value
	if s, ok := n.(*ast.StringNode); ok {
		text = s.Value
	} else if n.Type() != ast.BoolType && n.Type() != ast.LiteralType {
		return fmt.Errorf("line %d: a condition is a text such as object-area-share >= 0.05", n.GetToken().Position.Line)
	}
	err := c.UnmarshalText([]byte(text))
	if err == nil {
		err = c.Known()
	}
	if err != nil {
		return fmt.Errorf("line %d: %w", n.GetToken().Position.Line, err)
	}
	return nil
}

// checkTokens refuses what these files have no use for (anchors, aliases, merges,
// tags, directives, further documents), and nesting that would exhaust the
// recursive parser: a collection opens at a bracket, or at a column right of the last.
func checkTokens(all token.Tokens) error {
	flow := 0
	var columns []int
	for _, t := range all {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType, token.DocumentEndType, token.DocumentHeaderType:
			return fmt.Errorf("line %d: %q is YAML that these files do not use (put text in quotes)", t.Position.Line, strings.TrimSpace(t.Value))
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		case token.SequenceEntryType, token.MappingValueType:
			at := t
			if t.Type == token.MappingValueType && t.Prev != nil {
				at = t.Prev // a mapping opens at the column of its key
			}
			if flow > 0 || at.Position == nil {
				break
			}
			for len(columns) > 0 && columns[len(columns)-1] >= at.Position.Column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, at.Position.Column)
		default:
		}
		if flow+len(columns) > maxDepth {
			return fmt.Errorf("line %d: it is nested deeper than %d levels", t.Position.Line, maxDepth)
		}
	}
	return nil
}

// check refuses a file of another version and subroutines that cannot be used, by their place.
func (f *File) check() error {
	if f.Version != FileVersion {
		return fmt.Errorf("it has version %d; this program reads version %d", f.Version, FileVersion)
	}
	if f.Source != "" && !plainName.MatchString(f.Source) {
		return fmt.Errorf("its source %.40q is no name", f.Source)
	}
	ids := make(map[string]bool, len(f.Subroutines))
	for i, s := range f.Subroutines {
		if s == nil {
			return fmt.Errorf("subroutine %d is empty", i+1)
		}
		for k := range s.Path {
			s.Path[k].Params, _ = plainNumbers(s.Path[k].Params).(map[string]any)
		}
		err := s.Check()
		for _, c := range s.When {
			err = cmp.Or(err, c.Known())
		}
		if err != nil {
			return fmt.Errorf("subroutine %d, %s: %w", i+1, s.ID, err)
		}
		if ids[s.ID] {
			return fmt.Errorf("subroutine %d: there are two of the id %s", i+1, s.ID)
		}
		ids[s.ID] = true
	}
	return nil
}

// plainNumbers makes all numbers float64, as JSON has them.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
		if len(v) == 0 {
			return map[string]any(nil)
		}
	}
	return v
}
