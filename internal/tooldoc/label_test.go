package tooldoc

import (
	"testing"

	"pentimento/tooldocs"
)

func TestShippedLists(t *testing.T) {
	counts := map[string]int{"coco-80.txt": 80, "voc-21.txt": 21, "imagenet-1000.txt": 1000, "face.txt": 1}
	for file, want := range counts {
		src, err := tooldocs.FS.ReadFile("labels/" + file)
		if err != nil {
			t.Fatal(err)
		}
		l, err := ParseLabels(file, src)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Names) != want {
			t.Errorf("%s: %d classes, want %d", file, len(l.Names), want)
		}
	}
}
