package main

import (
	"os"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/setup"
)

// open finds the folders, overlays the flags, and opens the kit.
func open(opts *options) (*agent.Kit, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	if opts.toolDocs != "" {
		if st, err := os.Stat(opts.toolDocs); err != nil || !st.IsDir() {
			return nil, usageError{edit.Userf("--tooldocs %s is no folder", opts.toolDocs)}
		}
	}
	dirs, values, err := opts.settings()
	if err != nil {
		return nil, err
	}
	return setup.Kit(dirs, values, setup.Flags{
		Device: opts.device, ORTLib: opts.ortLib, Models: opts.models, ToolDocs: opts.toolDocs, Version: version,
		Threads: opts.threads, AtOnce: opts.atOnce, AtOnceGPU: opts.atOnceGPU,
	})
}
