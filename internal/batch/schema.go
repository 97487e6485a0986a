package batch

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"pentimento/internal/edit"
)

// argSchemas describes the types whose JSON form is not that of their fields.
func argSchemas() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[edit.Arg](): {
			Types:       []string{"string", "number"},
			Description: "a number, a text, or a colour written as color:teal or color:#008080",
		},
	}
}

// Write prints a plan file that Read accepts.
func Write(w io.Writer, p Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
