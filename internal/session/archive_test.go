package session_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/pixel"
	"pentimento/internal/session"
)

// exported is a session of two branches with a deep picture, regions and names, as a file.
func exported(t testing.TB) (*session.Session, []byte) {
	t.Helper()
	ctx := context.Background()
	all := session.Open(openStore(t, t.TempDir()), session.Options{Now: clock()})
	base := deep(photo(200, 150, 1))
	s := begin(t, all, "street", base)
	mask := pixel.NewMask(200, 150)
	mask.Pix[77] = 200
	a := commit(t, s, 0, recolour("car", "red"), session.Result{Image: deep(patched(base, 10, 10, 30, 30, 1)), Mask: mask, Regions: []session.Region{{Number: 2, Phrase: "car", Mask: mask}}})
	if err := s.Name(ctx, a, "first"); err != nil {
		t.Fatal(err)
	}
	if err := s.Goto(ctx, 0); err != nil {
		t.Fatal(err)
	}
	commit(t, s, 0, recolour("bench", "blue"), session.Result{Image: photo(150, 200, 3)})
	var b bytes.Buffer
	if err := all.Export(ctx, "street", &b); err != nil {
		t.Fatal(err)
	}
	return s, b.Bytes()
}

func importInto(t testing.TB, file []byte) (*session.Sessions, session.Info, error) {
	t.Helper()
	all := session.Open(openStore(t, t.TempDir()), session.Options{Now: clock()})
	info, err := all.Import(context.Background(), bytes.NewReader(file), int64(len(file)), "")
	return all, info, err
}

// TestArchive opens a session elsewhere, where it is the same.
func TestArchive(t *testing.T) {
	ctx := context.Background()
	s, file := exported(t)
	all, info, err := importInto(t, file)
	if err != nil || info.Turns != 2 {
		t.Fatalf("imported %+v, %v", info, err)
	}
	other, err := all.Load(ctx, "street")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if diff := cmp.Diff(s.Turns(), other.Turns()); diff != "" {
		t.Errorf("turns (-there +here):\n%s", diff)
	}
	if diff := cmp.Diff(s.Branches(), other.Branches()); diff != "" {
		t.Errorf("branches (-there +here):\n%s", diff)
	}
	for id := range session.TurnID(3) {
		if !same(state(t, s, id), state(t, other, id)) {
			t.Errorf("the picture of turn %d is another", id)
		}
	}
	there, err := s.Regions(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	here, err := other.Regions(ctx, 1)
	if diff := cmp.Diff(there, here); err != nil || diff != "" {
		t.Errorf("regions %v (-there +here):\n%s", err, diff)
	}
	if next := commit(t, other, 1, session.Turn{}, session.Result{Image: photo(9, 9, 1)}); next != 3 {
		t.Errorf("the next turn is %d", next)
	}
}

// TestHostileArchives refuses files that are not whole, and keeps nothing of them.
func TestHostileArchives(t *testing.T) {
	_, file := exported(t)
	manifest, chunks := entries(t, file)
	for name, edit := range map[string]func() []byte{
		"cut":             func() []byte { return file[:len(file)/2] },
		"no zip":          func() []byte { return []byte("PK nonsense") },
		"no manifest":     func() []byte { return rezip(t, "", chunks) },
		"no chunks":       func() []byte { return rezip(t, manifest, nil) },
		"cut chunks":      func() []byte { return rezip(t, manifest, chunks[:len(chunks)-5]) },
		"other bytes":     func() []byte { c := bytes.Clone(chunks); c[len(c)/2] ^= 1; return rezip(t, manifest, c) },
		"a long piece":    func() []byte { c := bytes.Clone(chunks); c[32] = 0xff; return rezip(t, manifest, c) },
		"another version": func() []byte { return rezip(t, strings.Replace(manifest, `"version":1`, `"version":9`, 1), chunks) },
		"another kind":    func() []byte { return rezip(t, strings.Replace(manifest, "pentimento session", "x", 1), chunks) },
		"an orphan": func() []byte {
			return rezip(t, strings.Replace(manifest, `"number":2,"parent":0`, `"number":2,"parent":7`, 1), chunks)
		},
		"its own parent": func() []byte {
			return rezip(t, strings.Replace(manifest, `"number":2,"parent":0`, `"number":2,"parent":2`, 1), chunks)
		},
		"a bad name": func() []byte {
			return rezip(t, strings.Replace(manifest, `"name":"street"`, `"name":"../../x"`, 1), chunks)
		},
		"a head elsewhere": func() []byte { return rezip(t, strings.Replace(manifest, `"head":2`, `"head":5`, 1), chunks) },
		"a huge picture":   func() []byte { return rezip(t, strings.ReplaceAll(manifest, `"w":200`, `"w":20000000`), chunks) },
		"a larger picture": func() []byte { return rezip(t, strings.ReplaceAll(manifest, `"w":200`, `"w":201`), chunks) },
		"a piece too far": func() []byte {
			return rezip(t, strings.Replace(manifest, `"chunks":[`, `"chunks":[999999,`, 2), chunks)
		},
	} {
		t.Run(name, func(t *testing.T) {
			hostile := edit()
			if bytes.Equal(hostile, file) {
				t.Fatal("the file is not hostile")
			}
			all, _, err := importInto(t, hostile)
			if err == nil {
				t.Fatal("it was imported")
			}
			if list, err := all.List(context.Background()); err != nil || len(list) > 0 {
				t.Errorf("it left %v, %v", list, err)
			}
		})
	}
}

func entries(t testing.TB, file []byte) (manifest string, chunks []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for name, into := range map[string]func([]byte){"manifest.json": func(b []byte) { manifest = string(b) }, "chunks": func(b []byte) { chunks = b }} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		into(b)
	}
	return manifest, chunks
}

func rezip(t testing.TB, manifest string, chunks []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name string, text []byte) {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if manifest != "" {
		put("manifest.json", []byte(manifest))
	}
	if chunks != nil {
		put("chunks", chunks)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
