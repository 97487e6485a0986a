package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/config"
	"pentimento/tooldocs"
)

// TestUnapprovedDocHidesNoShippedTool: a doc of the person's that calls another
// program takes a shipped tool's place only when it is approved.
func TestUnapprovedDocHidesNoShippedTool(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	doc := strings.ReplaceAll(`---
name: sharpen
title: My sharpening
description: Sharpens with another program. Use for whole pictures; not for parts.
license: MIT
tasks: [{task: image-deblurring, quality: 0.7, words: [sharpen]}]
inputs: {image: image}
outputs: {image: image}
cost: {seconds: 2}
runtime:
  kind: exec
  command: [mysharpen, in.png]
examples: [{request: sharpen the photo}]
---
It sharpens.
`, "\r", "")
	if err := os.WriteFile(filepath.Join(dir, "sharpen.md"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	kind := func() (runtime string, standsIn bool, notices string) {
		kit, err := Open(Options{Shipped: tooldocs.FS, Overlays: []string{dir}, Dirs: config.Dirs{Data: data, Models: data}})
		if err != nil {
			t.Fatal(err)
		}
		defer kit.Close()
		if len(kit.Problems) > 0 {
			t.Fatal(kit.Problems)
		}
		for _, spec := range kit.Engine.Specs {
			if spec.Name == "sharpen" {
				runtime, standsIn = spec.Runtime.Kind, kit.StandsIn(&spec)
			}
		}
		return runtime, standsIn, strings.Join(kit.Notices(), "\n")
	}
	if runtime, standsIn, notices := kind(); runtime == "exec" || !standsIn || !strings.Contains(notices, "sharpen (the shipped one stays in use)") {
		t.Errorf("unapproved: %s, stands in %v, notices %q", runtime, standsIn, notices)
	}
	kit, err := Open(Options{Shipped: tooldocs.FS, Overlays: []string{dir}, Dirs: config.Dirs{Data: data, Models: data}})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	if err := kit.Approvals().Give("sharpen", []byte(doc)); err != nil {
		t.Fatal(err)
	}
	if runtime, standsIn, notices := kind(); runtime != "exec" || standsIn || strings.Contains(notices, "sharpen") {
		t.Errorf("approved: %s, stands in %v, notices %q", runtime, standsIn, notices)
	}
}
