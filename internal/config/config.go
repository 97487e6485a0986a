// Package config finds the program's folders. Flags override environment
// variables, which override the XDG defaults.
package config

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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

// EnvCacheLimit names the variable that bounds the results kept from run to run.
const EnvCacheLimit = "PENTIMENTO_CACHE_LIMIT"

// CacheLimit reads that bound, in bytes: a number with kB, MB or GB (powers of
// 1000), "500MB". It is 0 where the variable is not set.
func CacheLimit(getenv func(string) string) (int64, error) {
	text := getenv(EnvCacheLimit)
	if text == "" {
		return 0, nil
	}
	number, unit := strings.TrimSpace(text), 1.0
	for _, u := range []struct {
		name  string
		bytes float64
	}{{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}} {
		if cut, ok := strings.CutSuffix(strings.ToLower(number), u.name); ok {
			number, unit = strings.TrimSpace(cut), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || n*unit < 1 || n*unit > 1e15 {
		return 0, &edit.UserError{Msg: EnvCacheLimit + " is \"" + text + "\", which is no size", Hint: "write 500MB or 2GB"}
	}
	return int64(n * unit), nil
}
