package tooldoc

import (
	"testing"

	"pentimento/tooldocs"
)

// Every start of the program loads the docs.
func BenchmarkLoadShipped(b *testing.B) {
	for b.Loop() {
		if _, errs := Load(tooldocs.FS); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	set, _ := Load(tooldocs.FS)
	for b.Loop() {
		set.Search("remove the person on the right", 5)
	}
}
