package vision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
)

const featuresText = `The picture is the part of a photo that an edit is about; the data says what the edit is to do. Answer each of these by one of its words; "unknown" where it cannot be told or makes no sense here.
`

// Features tells those features that cannot be measured (features.Told), of the part of the picture inside
// the mask or of all of it. A value that is not of its feature's vocabulary is left out. It takes
// no longer than the eye's patience.
func (e *Eye) Features(ctx context.Context, img *pixel.Image, st edit.Subtask, mask *pixel.Mask) (map[string]features.Value, error) {
	view, err := viewOf(ctx, img, around(img, mask))
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString(featuresText)
	properties := make(map[string]any)
	for _, d := range features.Told() {
		words := d.Values
		if d.Type == features.Bool {
			words = []string{"true", "false"}
		}
		fmt.Fprintf(&text, "%s (%s): %s\n", d.Name, strings.Join(words, ", "), d.Meaning)
		properties[d.Name] = map[string]any{"type": "string", "enum": append(slices.Clone(words), "unknown")}
	}
	text.WriteString("Answer with one JSON object that has these names.")
	var told map[string]features.Value
	err = e.soon(ctx, question{
		name: "features", text: text.String(), views: []llm.Image{view},
		data:   map[string]string{"task": st.Task, "object": st.Object, "target": st.Target},
		schema: object(properties),
		read: func(raw json.RawMessage) error {
			told, err = readFeatures(raw)
			return err
		},
	})
	return told, err
}

// readFeatures keeps what is of the vocabulary.
func readFeatures(raw json.RawMessage) (map[string]features.Value, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	told, known := make(map[string]features.Value), false
	for _, d := range features.Told() {
		text, ok := all[d.Name]
		if !ok {
			continue
		}
		known = true
		var v features.Value
		if json.Unmarshal(text, &v) != nil {
			continue
		}
		if d.Type == features.Bool && (v.Category == "true" || v.Category == "false") {
			v = features.Value{Type: features.Bool, Bool: v.Category == "true"}
		}
		if d.Has(v) {
			told[d.Name] = v
		}
	}
	if !known {
		return nil, errors.New("none of the names asked for is in it")
	}
	return told, nil
}
