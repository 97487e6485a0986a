package batch

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"pentimento/internal/edit"
)

// Schema is the JSON Schema of a plan file. The published copy is docs/plan.schema.json.
func Schema() ([]byte, error) {
	s, err := jsonschema.For[Plan](&jsonschema.ForOptions{TypeSchemas: argSchemas()})
	if err != nil {
		return nil, fmt.Errorf("plan schema: %w", err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "Pentimento plan file"
	version := any(Version)
	s.Properties["version"].Const = &version
	return json.MarshalIndent(s, "", "  ")
}

// argSchemas describes the types whose JSON form is not that of their fields.
func argSchemas() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[edit.Arg](): {
			Types:       []string{"string", "number"},
			Description: "a number, a text, or a colour written as color:teal or color:#008080",
		},
	}
}
