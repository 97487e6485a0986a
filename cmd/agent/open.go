package main

import (
	"os"
	"path/filepath"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/tooldocs"
)

// open finds the folders, overlays the flags, and opens the kit.
func open(opts *options) (*agent.Kit, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return nil, err
	}
	if opts.models != "" {
		if dirs.Models, err = filepath.Abs(opts.models); err != nil {
			return nil, err
		}
	}
	var overlays []string
	switch st, statErr := os.Stat(dirs.ToolDocs); {
	case statErr == nil && st.IsDir():
		overlays = append(overlays, dirs.ToolDocs)
	case os.Getenv("PENTIMENTO_TOOLDOCS") != "":
		return nil, &edit.UserError{Msg: "PENTIMENTO_TOOLDOCS names no folder", Err: statErr}
	}
	if opts.toolDocs != "" {
		if st, err := os.Stat(opts.toolDocs); err != nil || !st.IsDir() {
			return nil, usageError{edit.Userf("--tooldocs %s is no folder", opts.toolDocs)}
		}
		overlays = append(overlays, opts.toolDocs)
	}
	limit, err := config.CacheLimit(os.Getenv)
	if err != nil {
		return nil, err
	}
	return agent.Open(agent.Options{
		CacheBytes: limit,
		Dirs:       dirs, Shipped: tooldocs.FS, Overlays: overlays, Device: opts.device, ORTLib: opts.ortLib, Version: version,
		Threads: opts.threads, AtOnce: opts.atOnce, AtOnceGPU: opts.atOnceGPU,
	})
}
