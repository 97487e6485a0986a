package tooldoc

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"pentimento/tooldocs"
)

var update = flag.Bool("update", false, "write golden files")

const schemaFile = "../../docs/tooldoc.schema.json"

// golden compares got with the file at path, or writes it under -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is stale, run the test with -update (-want +got):\n%s", path, diff)
	}
}

func TestPublishedSchemaIsTheParsers(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, schemaFile, got)
}

// compiled is the published schema.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	src, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("tooldoc.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("tooldoc.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// frontMatterJSON reads a doc's front matter by another way than Parse does.
func frontMatterJSON(t *testing.T, src []byte) any {
	t.Helper()
	_, rest, _ := strings.Cut(string(src), "---\n")
	front, _, ok := strings.Cut(rest, "\n---\n")
	if !ok {
		t.Fatal("no front matter")
	}
	var v any
	if err := yaml.Unmarshal([]byte(front), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	v, err = jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestShippedDocsFitTheSchema(t *testing.T) {
	s := compiled(t)
	docs := map[string][]byte{
		"yolox": []byte(yoloxDoc), "builtin template": Template("x", "builtin"), "onnx template": Template("x", "onnx"),
	}
	files, err := fs.Glob(tooldocs.FS, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f == strings.ToLower(f) {
			if docs[f], err = fs.ReadFile(tooldocs.FS, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, src := range docs {
		if err := s.Validate(frontMatterJSON(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An editor that checks with the schema and the program that parses agree on the shape of fields.
func TestSchemaAndParseRefuseTheSame(t *testing.T) {
	s := compiled(t)
	edits := [][2]string{
		{"quality: 0.82\n", "quality: 1.5\n"},
		{"fit: letterbox", "fit: shrink"},
		{"bytes: 3659407", "bytes: 0"},
		{"license: Apache-2.0\nq", "q"},
		{"kind: yolox", "kind: yolo"},
		{"{boxes: boxes}", "{boxes: box}"},
		{"title:", "titel:"},
		{"image: image", "Image: image"},
		{"[detect, find", "[Detect, find"},
		{"seconds: 0.03", "seconds: -1"},
		{"pad: 114", "pad: grey"},
	}
	for _, e := range edits {
		src := strings.Replace(yoloxDoc, e[0], e[1], 1)
		if src == yoloxDoc {
			t.Fatalf("%q is not in the doc", e[0])
		}
		_, parseErr := Parse("yolox-nano.md", []byte(src), shippedLabels)
		if schemaErr := s.Validate(frontMatterJSON(t, []byte(src))); schemaErr == nil || parseErr == nil {
			t.Errorf("%q: schema %v, parse %v; both must refuse", e[1], schemaErr, parseErr)
		}
	}
}
