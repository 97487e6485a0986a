package config

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"pentimento/internal/edit"
)

// Kind is what a setting's value is.
type Kind string

// The kinds of settings.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Size   Kind = "size" // bytes, as 500MB or 2GB
	Flag   Kind = "yes or no"
)

// Setting is one thing that a person can set.
type Setting struct {
	Key     string // "table.name", or "name" at the top of the file
	Kind    Kind
	Default string
	Doc     string
	Env     string   // variable that sets it
	Flag    string   // flag that sets it, without dashes; "" where there is none
	Choices []string // of a text: what it may be; none: anything
	Min     float64  // of a number
	Max     float64
	// Own says that a project's file may not set it: it names what is run or read.
	Own bool
	// Direct says that the variable is read where it is used.
	Direct bool
}

// Settings lists all settings, sorted by key.
func Settings() []Setting {
	all := append(llmSettings(), []Setting{
		{Key: "alpha", Kind: Number, Default: "1", Max: 2, Env: "PENTIMENTO_ALPHA", Flag: "alpha", Doc: "what a step is chosen by: 0 all quality, 2 all cost"},
		{Key: "cache.max_size", Kind: Size, Default: "2GB", Env: "PENTIMENTO_CACHE_LIMIT", Doc: "how much the results kept from run to run may take; those used longest ago go"},
		{Key: "device", Kind: Text, Default: "auto", Choices: []string{"auto", "cpu", "cuda", "webgpu", "coreml", "directml"}, Env: "PENTIMENTO_DEVICE", Flag: "device", Doc: "where models run"},
		{Key: "models", Kind: Text, Env: "PENTIMENTO_MODELS", Flag: "models", Own: true, Direct: true, Doc: "folder of model files; empty: models in the data folder"},
		{Key: "ort_lib", Kind: Text, Env: "PENTIMENTO_ORT_LIB", Flag: "ort-lib", Own: true, Direct: true, Doc: "file of ONNX Runtime's shared library, for GPU builds; empty: the one that agent doctor --fix fetched"},
		{Key: "sessions.max_size", Kind: Size, Default: "20GB", Env: "PENTIMENTO_SESSIONS_LIMIT", Doc: "how much all sessions may take; beyond it new turns are refused and nothing is deleted"},
		{Key: "threshold", Kind: Number, Default: "0.8", Max: 1, Env: "PENTIMENTO_THRESHOLD", Flag: "threshold", Doc: "least estimated quality of a step"},
		{Key: "tooldocs", Kind: Text, Env: "PENTIMENTO_TOOLDOCS", Flag: "tooldocs", Own: true, Direct: true, Doc: "folder of your own tool docs, overlaying the shipped ones"},
		{Key: "tui.graphics", Kind: Text, Default: "auto", Choices: []string{"auto", "kitty", "blocks"}, Env: "PENTIMENTO_GRAPHICS", Doc: "how pictures are drawn: auto asks the terminal"},
		{Key: "tui.mouse", Kind: Flag, Default: "true", Env: "PENTIMENTO_MOUSE", Doc: "whether the mouse points in pictures"},
		{Key: "tui.palette", Kind: Text, Default: "normal", Choices: []string{"normal", "safe"}, Env: "PENTIMENTO_PALETTE", Doc: "colours; safe ones are told apart by colour-blind eyes"},
		{Key: "tui.theme", Kind: Text, Default: "auto", Choices: []string{"auto", "light", "dark"}, Env: "PENTIMENTO_THEME", Doc: "light or dark; auto asks the terminal for its background"},
		{Key: "usd_per_hour", Kind: Number, Default: "6", Min: 0.001, Max: 1e6, Env: "PENTIMENTO_USD_PER_HOUR", Flag: "usd-per-hour", Doc: "what an hour of waiting is worth in dollars, for weighing seconds against money"},
	}...)
	for i := range all {
		if all[i].Env == "" {
			all[i].Env = "PENTIMENTO_" + strings.ToUpper(strings.ReplaceAll(all[i].Key, ".", "_"))
		}
	}
	slices.SortFunc(all, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// Find the setting of a key.
func find(key string) (Setting, error) {
	all := Settings()
	if i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key }); i >= 0 {
		return all[i], nil
	}
	e := &edit.UserError{Msg: fmt.Sprintf("there is no setting %q", key), Hint: "agent config list names them"}
	for _, s := range all {
		_, name, _ := strings.Cut("."+s.Key, ".")
		if strings.EqualFold(s.Key, key) || strings.HasSuffix(name, "."+key) {
			e.Hint = "did you mean " + s.Key + "?"
		}
	}
	return Setting{}, e
}

// check reports what is wrong with a value, in words that follow the key.
func (s Setting) check(value string) error {
	switch s.Kind {
	case Number:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !(n >= s.Min && n <= s.Max) {
			return fmt.Errorf("is a number from %v to %v, not %q", s.Min, s.Max, value)
		}
	case Size:
		if _, err := parseSize(value); err != nil {
			return err
		}
	case Flag:
		if _, err := strconv.ParseBool(value); err != nil {
			return fmt.Errorf("is true or false, not %q", value)
		}
	case Text:
		if len(s.Choices) > 0 && !slices.Contains(s.Choices, value) {
			return fmt.Errorf("is one of %s, not %q", strings.Join(s.Choices, ", "), value)
		}
	}
	return nil
}

// parseSize reads bytes: a number with kB, MB or GB (powers of 1000), "500MB".
func parseSize(text string) (int64, error) {
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
		return 0, fmt.Errorf("is a size as 500MB or 2GB, not %q", text)
	}
	return int64(n * unit), nil
}

// Origin is where a value comes from.
type Origin string

// The origins, the strongest first; flags are stronger than all of them.
const (
	FromEnv     Origin = "environment"
	FromProject Origin = "project"
	FromUser    Origin = "user"
	FromDefault Origin = "default"
)

// Value is a setting as it holds.
type Value struct {
	Setting
	Value  string
	Origin Origin
	Where  string // the variable or the file
}

// Values are all settings as they hold.
type Values struct{ byKey map[string]Value }

// FileName is the name of the person's file in the configuration folder;
// ProjectFile that of a project's, in the working folder or the nearest above it.
const (
	FileName    = "config.toml"
	ProjectFile = ".pentimento.toml"
)

// Path is the person's file.
func (d Dirs) Path() string { return filepath.Join(d.Config, FileName) }

// Load reads all settings: getenv is os.Getenv outside tests, dir the working
// folder. What is wrong in a file is an error that names the file and the key.
func Load(d Dirs, dir string, getenv func(string) string) (Values, error) {
	user, err := readFile(d.Path(), false)
	if err != nil {
		return Values{}, err
	}
	projectPath := projectFile(dir)
	var project map[string]string
	if projectPath != "" {
		if project, err = readFile(projectPath, true); err != nil {
			return Values{}, err
		}
	}
	v := Values{byKey: make(map[string]Value)}
	for _, s := range Settings() {
		value := Value{Setting: s, Value: s.Default, Origin: FromDefault}
		if text, ok := user[s.Key]; ok {
			value.Value, value.Origin, value.Where = text, FromUser, d.Path()
		}
		if text, ok := project[s.Key]; ok {
			value.Value, value.Origin, value.Where = text, FromProject, projectPath
		}
		if text := getenv(s.Env); text != "" {
			if err := s.check(text); err != nil {
				return Values{}, &edit.UserError{Msg: s.Env + " " + err.Error(), Hint: "set it to another value, or unset it"}
			}
			value.Value, value.Origin, value.Where = text, FromEnv, s.Env
		}
		v.byKey[s.Key] = value
	}
	return v, nil
}

// projectFile is the nearest project file from dir upwards; "": there is none.
func projectFile(dir string) string {
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, ProjectFile)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path
		}
		if filepath.Dir(dir) == dir {
			return ""
		}
	}
}

// maxFile bounds a settings file, in bytes.
const maxFile = 1 << 20

// readFile reads a file's settings by key; there are none where there is no file.
func readFile(path string, project bool) (map[string]string, error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && (!st.Mode().IsRegular() || st.Size() > maxFile) {
		err = errors.New("it is no file of settings")
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, &edit.UserError{Msg: path + " cannot be read", Hint: "make it readable, or move it away", Err: err}
	}
	return parse(path, text, project)
}

func parse(path string, text []byte, project bool) (map[string]string, error) {
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, _ := at.Position()
			path = fmt.Sprintf("%s, line %d", path, line)
		}
		return nil, &edit.UserError{Msg: path + " is no TOML", Err: err}
	}
	values := make(map[string]string)
	if err := flatten(tree, "", values); err != nil {
		return nil, &edit.UserError{Msg: path, Err: err}
	}
	for key, value := range values {
		s, err := find(key)
		if err != nil {
			return nil, &edit.UserError{Msg: path, Err: err}
		}
		if project && s.Own {
			return nil, &edit.UserError{Msg: fmt.Sprintf("%s sets %s, which only you may: it names what is run or read", path, key), Hint: "set it with agent config set " + key + " VALUE"}
		}
		if err := s.check(value); err != nil {
			return nil, &edit.UserError{Msg: fmt.Sprintf("%s: %s %v", path, key, err)}
		}
	}
	return values, nil
}

func flatten(tree map[string]any, prefix string, into map[string]string) error {
	for key, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			if err := flatten(v, prefix+key+".", into); err != nil {
				return err
			}
		case string, bool, int64, float64:
			into[prefix+key] = fmt.Sprint(v)
		default:
			return fmt.Errorf("%s%s is a text, a number or true or false", prefix, key)
		}
	}
	return nil
}

// All lists the values by key.
func (v Values) All() []Value {
	list := make([]Value, 0, len(v.byKey))
	for _, s := range Settings() {
		list = append(list, v.byKey[s.Key])
	}
	return list
}

// Get is the value of a key.
func (v Values) Get(key string) (Value, error) {
	if _, err := find(key); err != nil {
		return Value{}, err
	}
	return v.byKey[key], nil
}

// Text is the value of a key that is known to be there.
func (v Values) Text(key string) string { return v.byKey[key].Value }

// Float is the value of a number.
func (v Values) Float(key string) float64 {
	n, _ := strconv.ParseFloat(v.byKey[key].Value, 64) // it was checked when it was read
	return n
}

// Bool is the value of a yes or no.
func (v Values) Bool(key string) bool {
	b, _ := strconv.ParseBool(v.byKey[key].Value) // it was checked when it was read
	return b
}

// Bytes is the value of a size.
func (v Values) Bytes(key string) int64 {
	n, _ := parseSize(v.byKey[key].Value) // it was checked when it was read
	return n
}
