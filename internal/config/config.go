// Package config finds the program's folders and settings. Flags override
// environment variables, which override the project's file, then the person's, then the defaults.
package config

import (
	"os"
	"path/filepath"

	"pentimento/internal/edit"
)

// Dirs are the folders the program reads and writes; all are absolute.
type Dirs struct {
	Data     string // state worth keeping: traces, sessions
	Cache    string // what can be made again: the ONNX Runtime library, checksums
	Config   string // settings and the user's tool docs
	Models   string // pulled model files
	ToolDocs string // the user's tool docs, overlaying the shipped ones
}

// Find reads the folders from the environment: PENTIMENTO_DATA, _CACHE,
// _CONFIG, _MODELS and _TOOLDOCS, else the XDG directories. getenv is os.Getenv
// outside tests. It creates nothing.
func Find(getenv func(string) string) (Dirs, error) {
	home, homeErr := os.UserHomeDir()
	if h := getenv("HOME"); h != "" {
		home, homeErr = h, nil
	}
	pick := func(override, xdg, fallback string) (string, error) {
		if v := getenv(override); v != "" {
			return filepath.Abs(v)
		}
		if v := getenv(xdg); filepath.IsAbs(v) {
			return filepath.Join(v, "pentimento"), nil
		}
		if homeErr != nil {
			return "", &edit.UserError{Msg: "no home directory is known", Hint: "set HOME or " + override, Err: homeErr}
		}
		return filepath.Join(home, fallback, "pentimento"), nil
	}
	var d Dirs
	var err error
	if d.Data, err = pick("PENTIMENTO_DATA", "XDG_DATA_HOME", ".local/share"); err != nil {
		return Dirs{}, err
	}
	if d.Cache, err = pick("PENTIMENTO_CACHE", "XDG_CACHE_HOME", ".cache"); err != nil {
		return Dirs{}, err
	}
	if d.Config, err = pick("PENTIMENTO_CONFIG", "XDG_CONFIG_HOME", ".config"); err != nil {
		return Dirs{}, err
	}
	d.Models = filepath.Join(d.Data, "models")
	if v := getenv("PENTIMENTO_MODELS"); v != "" {
		if d.Models, err = filepath.Abs(v); err != nil {
			return Dirs{}, err
		}
	}
	d.ToolDocs = filepath.Join(d.Config, "tooldocs")
	if v := getenv("PENTIMENTO_TOOLDOCS"); v != "" {
		if d.ToolDocs, err = filepath.Abs(v); err != nil {
			return Dirs{}, err
		}
	}
	return d, nil
}
