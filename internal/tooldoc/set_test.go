package tooldoc

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"pentimento/internal/edit"
	"pentimento/tooldocs"
)

// doc is a small valid doc of that name, changed by old, new pairs.
func doc(name string, changes ...string) []byte {
	return []byte(strings.NewReplacer(changes...).Replace(string(Template(name, "builtin"))))
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func names(s *Set) []string {
	var out []string
	for _, t := range s.All() {
		out = append(out, t.Name)
	}
	return out
}

func TestLoadShippedDocs(t *testing.T) {
	set, errs := Load(tooldocs.FS)
	for _, err := range errs {
		t.Error(err)
	}
	for _, s := range set.All() {
		for _, w := range set.Lint(s) {
			t.Logf("%s: %s", s.Name, w)
		}
	}
	again, _ := Load(tooldocs.FS)
	if !reflect.DeepEqual(names(set), names(again)) {
		t.Errorf("order differs: %v, %v", names(set), names(again))
	}
}

func TestOverlayReplacesAndBadDocsStopNobody(t *testing.T) {
	shipped := fstest.MapFS{
		"a.md": {Data: doc("a")}, "b.md": {Data: doc("b")}, "README.md": {Data: []byte("not a doc")},
		"labels/one.txt": {Data: []byte("cat\n")},
	}
	over, last := t.TempDir(), t.TempDir()
	put(t, over, "a.md", doc("a", "Brighten a picture", "Mine"))
	put(t, over, "b.md", []byte("---\nname: b\n---\n"))
	put(t, over, "c.md", doc("c"))
	put(t, over, "Mixed.md", doc("mixed"))
	put(t, over, "notes.txt", []byte("no doc"))
	put(t, over, ".hidden.md", []byte("an editor's"))
	put(t, over, "labels/two.txt", []byte("dog: puppy\n"))
	put(t, over, "labels/one.txt", []byte("cat: kitten\n"))
	labelled := func(name, list string) []byte {
		return doc(name, "{image: image, amount: number}", "{image: image, amount: number, object: text}",
			"accepts:", "accepts:\n  object: {labels: "+list+"}")
	}
	put(t, over, "one.md", labelled("one", "one.txt"))
	put(t, last, "two.md", labelled("two", "two.txt"))

	set, errs := Load(shipped, over, last)
	if got := strings.Join(names(set), " "); got != "a b c one two" {
		t.Errorf("tools %s", got)
	}
	if a, _ := set.Get("a"); a.Title != "Mine" || a.Path != filepath.Join(over, "a.md") {
		t.Errorf("a is %q of %s", a.Title, a.Path)
	}
	if notes := set.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "replaces tooldocs/a.md") {
		t.Errorf("notes %q", notes)
	}
	if one, _ := set.Get("one"); one.Accepts["object"].Labels.Synonyms["cat"] == nil {
		t.Error("the overlay's list did not replace the shipped one")
	}
	if len(errs) != 2 || !strings.Contains(errs[0].Error(), "Mixed.md") || !strings.Contains(errs[1].Error(), "tooldocs/b.md stays in use") {
		t.Errorf("errors %v", errs)
	}
	if src := set.Source("c"); string(src) != string(doc("c")) {
		t.Errorf("source of c is %q", src)
	}
	if _, ok := set.Get("d"); ok {
		t.Error("d was found")
	}
	if tasks := set.Tasks()["exposure-adjustment"]; strings.Join(tasks, " ") != "a b c one two" {
		t.Errorf("tasks %v", tasks)
	}
}

func TestModelFilesOfOneNameMustAgree(t *testing.T) {
	a, b := Template("a", "onnx"), strings.ReplaceAll(string(Template("b", "onnx")), "b.onnx", "a.onnx")
	b = strings.ReplaceAll(b, strings.Repeat("0", 64), strings.Repeat("1", 64))
	_, errs := Load(fstest.MapFS{"a.md": {Data: a}, "b.md": {Data: []byte(b)}})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "tools a and b give it different checksums") {
		t.Errorf("errors %v", errs)
	}
}

func TestDigestFollowsWhatARunDependsOn(t *testing.T) {
	read := func(src string) edit.ToolSpec {
		s, err := Parse("yolox-nano.md", []byte(src), shippedLabels)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base := read(yoloxDoc).Digest
	for _, c := range []struct {
		old, with string
		same      bool
	}{
		{"Prose.", "Other prose.", true},
		{"title: YOLOX", "title: The YOLOX", true},
		{"Use for common objects", "Use for usual objects", true},
		{"[detect, find", "[seek, find", true},
		{"find the dogs", "find both dogs", true},
		{"nms: 0.45", "nms: 0.5", false},
		{"order: bgr", "order: rgb", false},
		{"695e", "795e", false},
		{"object: {labels: coco-80.txt}", "object: {labels: voc-21.txt}", false},
		{"score: 0.15", "score: 0.16", false},
	} {
		src := strings.Replace(yoloxDoc, c.old, c.with, 1)
		if src == yoloxDoc {
			t.Fatalf("%q is not in the doc", c.old)
		}
		if same := read(src).Digest == base; same != c.same {
			t.Errorf("%q: same digest %v, want %v", c.with, same, c.same)
		}
	}
}
