package tooldoc

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Schema returns the JSON Schema (2020-12) of a doc's front matter, made from
// the structs that Parse fills and the tags it obeys. It covers the shape of
// each field; what concerns several fields (a default inside its bounds, labels
// that exist) only Parse can tell. The published copy is docs/tooldoc.schema.json.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[frontMatter](), "")
	s.Draft = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "Pentimento tool doc: front matter"
	s.Description = "Generated from internal/tooldoc/doc.go; see docs/tool-docs.md."
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// schemaNode is the part of JSON Schema that the format needs.
type schemaNode struct {
	Draft         string      `json:"$schema,omitempty"`
	Title         string      `json:"title,omitempty"`
	Description   string      `json:"description,omitempty"`
	Type          any         `json:"type,omitempty"` // a name or a list of names
	Enum          []string    `json:"enum,omitempty"`
	Pattern       string      `json:"pattern,omitempty"`
	MinLength     int         `json:"minLength,omitempty"`
	MaxLength     int         `json:"maxLength,omitempty"`
	Minimum       *float64    `json:"minimum,omitempty"`
	Maximum       *float64    `json:"maximum,omitempty"`
	Items         *schemaNode `json:"items,omitempty"`
	MinItems      int         `json:"minItems,omitempty"`
	MaxItems      int         `json:"maxItems,omitempty"`
	MaxProperties int         `json:"maxProperties,omitempty"`
	PropertyNames *schemaNode `json:"propertyNames,omitempty"`
	Properties    properties  `json:"properties,omitempty"`
	Required      []string    `json:"required,omitempty"`
	Additional    any         `json:"additionalProperties,omitempty"` // false or a schema
}

// properties are written in the order of the struct, which is the order of the documentation.
type properties []property

type property struct {
	name   string
	schema *schemaNode
}

// MarshalJSON implements json.Marshaler.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(x.name)
		if err != nil {
			return nil, err
		}
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(x.schema); err != nil {
			return nil, err
		}
		b.Write(append(name, ':'))
		b.Write(value.Bytes())
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func schemaOf(t reflect.Type, tag reflect.StructTag) *schemaNode {
	s := &schemaNode{Description: tag.Get("doc")}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), tag)
	case reflect.Struct:
		s.Type, s.Additional = "object", false
		for i := range t.NumField() {
			f := t.Field(i)
			s.Properties = append(s.Properties, property{f.Tag.Get("yaml"), schemaOf(f.Type, f.Tag)})
			if f.Tag.Get("req") != "" {
				s.Required = append(s.Required, f.Tag.Get("yaml"))
			}
		}
	case reflect.Map:
		s.Type = "object"
		s.Additional = schemaOf(t.Elem(), inner(tag))
		s.MaxProperties = tagInt(tag, "items")
		if f, ok := forms[tag.Get("keyform")]; ok {
			s.PropertyNames = &schemaNode{Pattern: f.pattern, MaxLength: f.most}
		}
	case reflect.Slice:
		s.Type = "array"
		s.Items = schemaOf(t.Elem(), inner(tag))
		s.MaxItems = tagInt(tag, "items")
	case reflect.Array:
		s.Type = "array"
		s.Items = schemaOf(t.Elem(), inner(tag))
		s.MinItems, s.MaxItems = t.Len(), t.Len()
	case reflect.String:
		s.text(tag)
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Interface:
		s.Type = []string{"number", "string", "boolean", "array"}
	case reflect.Float64:
		s.Type = "number"
		s.Minimum, s.Maximum = tagFloat(tag, "min"), tagFloat(tag, "max")
	default:
		s.Type = "integer"
		s.Minimum, s.Maximum = tagFloat(tag, "min"), tagFloat(tag, "max")
	}
	return s
}

func (s *schemaNode) text(tag reflect.StructTag) {
	s.Type = "string"
	s.MaxLength = tagInt(tag, "len")
	s.Enum = strings.Fields(tag.Get("enum"))
	f, formed := forms[tag.Get("form")]
	if formed {
		s.Pattern, s.MaxLength = f.pattern, f.most
	}
	if tag.Get("empty") != "" {
		if len(s.Enum) > 0 {
			s.Enum = append(s.Enum, "")
		}
		if formed {
			s.Pattern = "^$|" + s.Pattern
		}
	} else if tag.Get("req") != "" {
		s.MinLength = 1
	}
}

// inner is the tag that holds for the items of a list or map: all but its documentation.
func inner(tag reflect.StructTag) reflect.StructTag {
	text := string(tag)
	if i := strings.Index(text, ` doc:"`); i >= 0 {
		text = text[:i]
	}
	return reflect.StructTag(strings.ReplaceAll(text, `req:"y"`, ""))
}

func tagInt(tag reflect.StructTag, name string) int {
	n, err := strconv.Atoi(tag.Get(name))
	if err != nil {
		return 0
	}
	return n
}

func tagFloat(tag reflect.StructTag, name string) *float64 {
	x, err := strconv.ParseFloat(tag.Get(name), 64)
	if err != nil {
		return nil
	}
	return &x
}
