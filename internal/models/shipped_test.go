package models

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

func shippedSpecs(t *testing.T) []edit.ToolSpec {
	t.Helper()
	set, errs := tooldoc.Load(tooldocs.FS)
	for _, err := range errs {
		t.Error(err)
	}
	return set.All()
}

func TestShippedModelsAreTheDocs(t *testing.T) {
	s := &Store{Dirs: []string{t.TempDir()}, Embedded: tooldocs.FS}
	found := 0
	each(shippedSpecs(t), func(tool string, part edit.ModelFile) {
		for _, src := range part.Accept {
			if !src.Embedded {
				continue
			}
			found++
			if _, _, err := s.Locate(edit.ModelFile{Accept: []edit.ModelSource{src}}); err != nil {
				t.Errorf("%s: %v", tool, err)
			}
		}
	})
	if found == 0 {
		t.Error("no doc has an embedded model")
	}
}

// Every model that the docs name and the shared folder has installs from it and verifies.
func TestPullFromTheSharedFolder(t *testing.T) {
	shared := os.Getenv("PENTIMENTO_SHARED")
	if shared == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	s := &Store{Dirs: []string{t.TempDir()}, Embedded: tooldocs.FS}
	specs := shippedSpecs(t)
	// The error names the models that only a public origin has; the results tell them apart.
	results, err := s.Pull(context.Background(), specs, Options{From: filepath.Join(shared, "models")})
	installed := 0
	for _, r := range results {
		switch r.State {
		case StateInstalled, StateAlready:
			installed++
		case StateNotInFrom:
			t.Logf("%s: only from its public origin", r.Tool)
		default:
			t.Errorf("%s: %s, %v", r.Tool, r.State, r.Err)
		}
	}
	if installed < 25 {
		t.Errorf("%d installed (%v)", installed, err)
	}
	entries, err := s.Verify(context.Background(), specs)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Problem != "" {
			t.Errorf("%s: %s", e.Tool, e.Problem)
		}
	}
}
