// Package setup opens the kit from folders, settings and flags, as both programs do
// when they start.
package setup

import (
	"os"
	"path/filepath"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/tooldocs"
)

// Settings reads the folders and what is set; flags are not in it.
func Settings() (config.Dirs, config.Values, error) {
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return dirs, config.Values{}, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return dirs, config.Values{}, err
	}
	v, err := config.Load(dirs, dir, os.Getenv)
	return dirs, v, err
}

// Flags are what a command line may say of the kit.
type Flags struct {
	Device, ORTLib   string
	Models, ToolDocs string // folders; "": as set
	Version          string
	Forget           bool
	// Threads, AtOnce and AtOnceGPU are as agent.Options has them.
	Threads, AtOnce, AtOnceGPU int
}

// Kit opens the kit with what Settings found; flags are stronger.
func Kit(dirs config.Dirs, values config.Values, f Flags) (*agent.Kit, error) {
	if models := values.Text("models"); models != "" {
		dirs.Models = models
	}
	if f.Models != "" {
		dirs.Models = f.Models
	}
	var err error
	if dirs.Models, err = filepath.Abs(dirs.Models); err != nil {
		return nil, err
	}
	if docs := values.Text("tooldocs"); docs != "" {
		dirs.ToolDocs = docs
	}
	var overlays []string
	switch st, statErr := os.Stat(dirs.ToolDocs); {
	case statErr == nil && st.IsDir():
		overlays = append(overlays, dirs.ToolDocs)
	case os.Getenv("PENTIMENTO_TOOLDOCS") != "":
		return nil, &edit.UserError{Msg: "PENTIMENTO_TOOLDOCS names no folder", Err: statErr}
	}
	if f.ToolDocs != "" && f.ToolDocs != dirs.ToolDocs {
		overlays = append(overlays, f.ToolDocs)
	}
	return agent.Open(agent.Options{
		CacheBytes: values.Bytes("cache.max_size"), Dirs: dirs, Shipped: tooldocs.FS, Overlays: overlays,
		Device: f.Device, ORTLib: f.ORTLib, Version: f.Version, Forget: f.Forget,
		Threads: f.Threads, AtOnce: f.AtOnce, AtOnceGPU: f.AtOnceGPU,
	})
}
