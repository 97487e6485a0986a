package tooldoc

import (
	"os"
	"strings"
	"testing"
)

// The worked example of the guide is a valid doc, and its tables name every field, fit and decoder.
func TestGuide(t *testing.T) {
	src, err := os.ReadFile("../../docs/tool-docs.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(src)
	_, rest, _ := strings.Cut(guide, "```\n")
	example, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("the guide has no example")
	}
	labels := func(string) ([]byte, error) { return []byte("license plate: number plate, plate\n"), nil }
	spec, err := Parse("plates.md", []byte(example), labels)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range NewSet(spec).Lint(spec) {
		if !strings.HasPrefix(w.Field, "outputs") {
			t.Errorf("the example has a warning: %s", w)
		}
	}
	for f := range fieldsOf(frontMatter{}) {
		if key := f.Tag.Get("yaml"); !strings.Contains(guide, "`"+key+"`") {
			t.Errorf("the guide does not explain %s", key)
		}
	}
	for kind, rule := range decoderRules {
		row := "| `" + kind + "` | " + strings.ReplaceAll(oneOf(kindNames(rule.makes)), ", ", " or ") + " |"
		if len(rule.needs) > 0 && rule.needs[0] != "range" {
			row += " `" + strings.Join(rule.needs, " ") + "`"
		}
		if !strings.Contains(guide, row) {
			t.Errorf("the guide has no row %q", row)
		}
	}
	for f := range fieldsOf(inputDoc{}) {
		if f.Name != "Fit" {
			continue
		}
		for fit := range strings.FieldsSeq(f.Tag.Get("enum")) {
			if !strings.Contains(guide, "| `"+fit+"` |") {
				t.Errorf("the guide has no row for fit %s", fit)
			}
		}
	}
}
