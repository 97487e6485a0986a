package desk

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/models"
	"pentimento/internal/setup"
	"pentimento/internal/tui"
)

// shownSettings are the beginnings of the keys that the seat's pane lists.
var shownSettings = []string{"alpha", "device", "llm.", "models", "sessions.", "threshold", "tooldocs", "tui."}

// atOnce are the settings that the seat puts on without a new start.
var atOnce = []string{"tui.theme", "tui.palette", "tui.mouse"}

// Settings implements tui.Desk.
func (d *Desk) Settings(context.Context) ([]tui.Setting, error) {
	_, values, err := setup.Settings()
	if err != nil {
		return nil, err
	}
	var list []tui.Setting
	for _, v := range values.All() {
		if !slices.ContainsFunc(shownSettings, func(p string) bool { return strings.HasPrefix(v.Key, p) }) {
			continue
		}
		s := tui.Setting{Key: v.Key, Value: v.Value, Doc: v.Doc, Choices: v.Choices, Now: slices.Contains(atOnce, v.Key)}
		if v.Kind == config.Flag {
			s.Choices = []string{"true", "false"}
		}
		if v.Origin != config.FromDefault && v.Origin != config.FromUser {
			s.From = string(v.Origin)
		}
		list = append(list, s)
	}
	return list, nil
}

// Set implements tui.Desk.
func (d *Desk) Set(ctx context.Context, key, value string) ([]tui.Setting, error) {
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return nil, err
	}
	if err := config.Set(dirs, key, value); err != nil {
		return nil, err
	}
	return d.Settings(ctx)
}

// TryModel implements tui.Desk.
func (d *Desk) TryModel(ctx context.Context) (string, error) {
	_, values, err := setup.Settings()
	if err != nil {
		return "", err
	}
	c := values.LLM()
	said, err := setup.Try(ctx, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s answers: %s", c.Model, said), nil
}

// Pull implements tui.Desk.
func (d *Desk) Pull(ctx context.Context, tool string, progress func(float64)) ([]tui.Tool, error) {
	d.working.Add(1)
	defer d.working.Done()
	kit, err := d.kit()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(kit.Engine.Specs, func(s edit.ToolSpec) bool { return s.Name == tool })
	if i < 0 {
		return nil, edit.Userf("there is no tool %s any more", tool)
	}
	done, total := make(map[string]int64), make(map[string]int64)
	_, err = kit.Store.Pull(ctx, kit.Engine.Specs[i:i+1], models.Options{Progress: func(e models.Event) {
		if e.Total <= 0 {
			return
		}
		done[e.File], total[e.File] = e.Done, e.Total
		var here, all int64
		for f := range total {
			here, all = here+done[f], all+total[f]
		}
		progress(float64(here) / float64(all))
	}})
	if err != nil {
		return nil, err
	}
	return d.Tools(), nil
}

// watchEvery is how often the folders of docs are looked at.
const watchEvery = time.Second

// Watch implements tui.Desk. It looks at the person's own docs; the shipped ones are in the program.
func (d *Desk) Watch(ctx context.Context) ([]tui.Tool, string, error) {
	kit, err := d.kit()
	if err != nil {
		<-ctx.Done()
		return nil, "", ctx.Err()
	}
	before := docsState(kit.Options.Overlays)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case <-tick.C:
		}
		if docsState(kit.Options.Overlays) == before || !d.use.TryLock() { // what runs keeps the docs it began with
			continue
		}
		kit.Reload()
		d.use.Unlock()
		said := fmt.Sprintf("the tools' docs changed: %d tools", len(kit.Engine.Specs))
		if n := len(kit.Problems); n > 0 {
			said += fmt.Sprintf(", %d broken", n)
		}
		return d.Tools(), said, nil
	}
}

// docsState changes with the files of the folders.
func docsState(folders []string) string {
	var b strings.Builder
	for _, dir := range folders {
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return nil //nolint:nilerr // what cannot be read is as good as not there
			}
			if info, err := e.Info(); err == nil {
				fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return b.String()
}
