package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pentimento/internal/edit"
)

// lent has the one model of a tool come from a server of the test's own; stated is the checksum that the doc tells.
func lent(t *testing.T, d *Desk, tool string, data []byte, stated [32]byte) (models string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }))
	t.Cleanup(srv.Close)
	kit, err := d.kit()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(kit.Engine.Specs, func(s edit.ToolSpec) bool { return s.Name == tool })
	kit.Engine.Specs[i].Runtime.ONNX.Models = []edit.ModelFile{{Accept: []edit.ModelSource{{
		File: "small.onnx", URL: srv.URL + "/small.onnx", SHA256: hex.EncodeToString(stated[:]), Bytes: int64(len(data)), License: "MIT", Origin: "made by the test",
	}}}}
	return kit.Options.Dirs.Models
}

// lacks is what the pane says of a tool that cannot run.
func lacks(d *Desk, tool string) string {
	for _, t := range d.Tools() {
		if t.Name == tool {
			return t.State + ": " + t.Reason
		}
	}
	return "no such tool"
}

// TestPullFetchesWhatAToolLacks goes the way of the pane of tools, over a loopback
// connection: the file is there, whole, and the tool lacks it no longer.
func TestPullFetchesWhatAToolLacks(t *testing.T) {
	d, _, _ := street(t)
	data := bytes.Repeat([]byte("weights "), 40_000)
	folder := lent(t, d, "migan", data, sha256.Sum256(data))
	if s := lacks(d, "migan"); !strings.HasPrefix(s, "not installed: ") || !strings.Contains(s, "small.onnx") {
		t.Fatalf("before, the tool is %s", s)
	}
	var share atomic.Value
	if _, err := d.Pull(t.Context(), "migan", func(f float64) { share.Store(f) }); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "small.onnx"))
	if err != nil || !bytes.Equal(got, data) || share.Load() != 1.0 {
		t.Fatalf("%d bytes came of %d, %v; the last share told is %v", len(got), len(data), err, share.Load())
	}
	if s := lacks(d, "migan"); strings.Contains(s, "small.onnx") { // it may lack the library that runs models, as a bare machine does
		t.Errorf("afterwards, the tool is %s", s)
	}
}

// TestPullRefusesWhatIsNotPinned: bytes other than the doc's are not installed, and the reason is told.
func TestPullRefusesWhatIsNotPinned(t *testing.T) {
	d, _, _ := street(t)
	data := []byte("something else")
	folder := lent(t, d, "migan", data, sha256.Sum256([]byte("what the doc means")))
	_, err := d.Pull(t.Context(), "migan", func(float64) {})
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "sha256") && !strings.Contains(err.Error(), "checksum") {
		t.Errorf("other bytes gave %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "small.onnx")); err == nil {
		t.Error("other bytes were installed")
	}
}
