package tooldoc

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills the front-matter structs from the syntax tree. It stops at
// nothing: each unknown key, wrong type and broken rule is reported with its
// line, and reading goes on.
type decoder struct{ *collector }

// value reads node n into v, a settable value of a front-matter struct. tag is the
// field's, whose rules hold for v or for the items of v.
func (d decoder) value(n ast.Node, v reflect.Value, path string, tag reflect.StructTag) {
	if _, known := d.lines[path]; !known {
		d.lines[path] = fileLine(n.GetToken())
	}
	if _, null := n.(*ast.NullNode); null {
		d.at(path, "has no value: give one or leave the field out")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path, tag)
	case reflect.Struct:
		d.object(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path, tag)
	case reflect.Slice, reflect.Array:
		d.list(n, v, path, tag)
	case reflect.Interface:
		if got := d.free(n, path); got != nil {
			v.Set(reflect.ValueOf(got))
		}
	case reflect.String:
		d.text(n, v, path, tag)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.at(path, "want true or false, found %s", describe(n))
			return
		}
		v.SetBool(b.Value)
	default:
		d.number(n, v, path, tag)
	}
}

func (d decoder) object(n ast.Node, v reflect.Value, path string) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.at(path, "want fields (name: value), found %s", describe(n))
		return
	}
	fields := make(map[string]int)
	var names []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		fields[name] = i
		names = append(names, name)
	}
	seen := make(map[string]bool)
	for it := m.MapRange(); it.Next(); {
		key, at := d.key(it, path)
		i, known := fields[key]
		switch {
		case !known:
			d.add(d.lines[at], at, "unknown field%s", didYouMean(key, names))
		case seen[key]:
			d.add(fileLine(it.Key().GetToken()), at, "is given twice")
		default:
			d.value(it.Value(), v.Field(i), at, v.Type().Field(i).Tag)
		}
		seen[key] = true
	}
	for _, name := range names {
		if v.Type().Field(fields[name]).Tag.Get("req") != "" && !seen[name] {
			d.at(join(path, name), "is missing")
		}
	}
}

// key returns an entry's key and its field path, and notes the path's line.
func (d decoder) key(it *ast.MapNodeIter, path string) (key, at string) {
	t := it.Key().GetToken()
	key = t.Value
	if len(key) > 64 {
		key = key[:64]
	}
	key = strings.ToValidUTF8(key, "?")
	at = join(path, key)
	if _, ok := d.lines[at]; !ok {
		d.lines[at] = fileLine(t)
	}
	d.visible(key, at, fileLine(t))
	return key, at
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d decoder) mapping(n ast.Node, v reflect.Value, path string, tag reflect.StructTag) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.at(path, "want fields (name: value), found %s", describe(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for it := m.MapRange(); it.Next(); {
		key, at := d.key(it, path)
		if v.MapIndex(reflect.ValueOf(key)).IsValid() {
			d.add(fileLine(it.Key().GetToken()), at, "is given twice")
			continue
		}
		if f := tag.Get("keyform"); f != "" {
			d.form(key, at, f)
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(it.Value(), elem, at, tag)
		v.SetMapIndex(reflect.ValueOf(key), elem)
	}
	d.items(v.Len(), path, tag)
}

func (d decoder) list(n ast.Node, v reflect.Value, path string, tag reflect.StructTag) {
	s, ok := n.(ast.ArrayNode)
	if !ok {
		d.at(path, "want a list ([a, b]), found %s", describe(n))
		return
	}
	it := s.ArrayRange()
	if v.Kind() == reflect.Array {
		if it.Len() != v.Len() {
			d.at(path, "want %d values, found %d", v.Len(), it.Len())
			return
		}
	} else {
		d.items(it.Len(), path, tag)
		v.Set(reflect.MakeSlice(v.Type(), it.Len(), it.Len()))
	}
	for i := 0; it.Next(); i++ {
		d.value(it.Value(), v.Index(i), fmt.Sprintf("%s[%d]", path, i), tag)
	}
}

func (d decoder) items(n int, path string, tag reflect.StructTag) {
	if most, err := strconv.Atoi(tag.Get("items")); err == nil && n > most {
		d.at(path, "has %d entries, at most %d are taken", n, most)
	}
}

func (d decoder) text(n ast.Node, v reflect.Value, path string, tag reflect.StructTag) {
	s, ok := stringOf(n)
	if !ok {
		d.at(path, "want text, found %s (put it in quotes)", describe(n))
		return
	}
	if tag.Get("multiline") != "" {
		s = strings.Join(strings.Fields(s), " ")
	}
	s = strings.TrimSpace(s)
	v.SetString(s)
	if !d.visible(s, path, fileLine(n.GetToken())) {
		return
	}
	if s == "" {
		ruled := tag.Get("req") != "" || tag.Get("form") != "" || tag.Get("enum") != ""
		if ruled && tag.Get("empty") == "" {
			d.at(path, "is empty")
		}
		return
	}
	if most, err := strconv.Atoi(tag.Get("len")); err == nil && utf8.RuneCountInString(s) > most {
		d.at(path, "has %d characters, at most %d are taken", utf8.RuneCountInString(s), most)
	}
	if words := strings.Fields(tag.Get("enum")); len(words) > 0 && !slices.Contains(words, s) {
		d.at(path, "%q is not known: want %s%s", clip(s), oneOf(words), didYouMean(s, words))
	}
	if f := tag.Get("form"); f != "" {
		d.form(s, path, f)
	}
}

// visible reports hidden characters that YAML escapes brought in.
func (d decoder) visible(s, path string, line int) bool {
	for _, r := range s {
		if hidden(r) || r == utf8.RuneError {
			d.add(line, path, "holds %s: remove it", runeName(r))
			return false
		}
	}
	return true
}

func (d decoder) number(n ast.Node, v reflect.Value, path string, tag reflect.StructTag) {
	x, ok := numberOf(n)
	if !ok {
		d.at(path, "want a number, found %s", describe(n))
		return
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		d.at(path, "want a finite number, found %s", describe(n))
		return
	}
	lo, errLo := strconv.ParseFloat(tag.Get("min"), 64)
	hi, errHi := strconv.ParseFloat(tag.Get("max"), 64)
	if errLo == nil && x < lo || errHi == nil && x > hi {
		switch {
		case errHi != nil:
			d.at(path, "%s is below %s", plain(x), plain(lo))
		default:
			d.at(path, "%s is outside %s..%s", plain(x), plain(lo), plain(hi))
		}
		return
	}
	if v.CanFloat() {
		v.SetFloat(x)
		return
	}
	if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		d.at(path, "want a whole number, found %s", plain(x))
		return
	}
	v.SetInt(int64(x))
}

// plain writes a number without exponent.
func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// free reads a parameter: a number (always float64), text, truth, or a list of such.
func (d decoder) free(n ast.Node, path string) any {
	if s, ok := stringOf(n); ok {
		d.visible(s, path, fileLine(n.GetToken()))
		return s
	}
	if x, ok := numberOf(n); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
		return x
	}
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	if s, ok := n.(ast.ArrayNode); ok {
		out := []any{}
		for it, i := s.ArrayRange(), 0; it.Next(); i++ {
			at := fmt.Sprintf("%s[%d]", path, i)
			if _, nested := it.Value().(ast.ArrayNode); nested {
				d.add(fileLine(it.Value().GetToken()), at, "lists hold numbers, words, true or false")
				continue
			}
			out = append(out, d.free(it.Value(), at))
		}
		return out
	}
	d.add(fileLine(n.GetToken()), path, "want a number, text, true, false or a list, found %s", describe(n))
	return nil
}

func stringOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func numberOf(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		switch v := n.Value.(type) {
		case int64:
			return float64(v), true
		case uint64:
			return float64(v), true
		}
	case *ast.FloatNode:
		return n.Value, true
	case *ast.InfinityNode:
		return n.Value, true
	case *ast.NanNode:
		return math.NaN(), true
	}
	return 0, false
}

// describe names a node for a message.
func describe(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "fields"
	case ast.ArrayNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	s := n.GetToken().Value
	if utf8.RuneCountInString(s) > 40 {
		s = string([]rune(s)[:40]) + "…"
	}
	return strconv.Quote(s)
}
