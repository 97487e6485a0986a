package agent

import (
	"context"
	"strings"
	"sync"
)

// Versions tells whether tools are as they were when something was made with them.
type Versions struct {
	kit   *Kit
	mu    sync.Mutex
	known map[string]string
}

// Versions looks at each tool once: what is changed during a run is seen by the next.
func (k *Kit) Versions() *Versions { return &Versions{kit: k, known: make(map[string]string)} }

// Of is the version of some tools by what they are made of, or of all where none
// is named: their docs, the program, and for models the files, the library and the
// device. Of all, it tells too which can be used.
func (v *Versions) Of(ctx context.Context, tools ...string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := len(tools) == 0
	if all {
		for i := range v.kit.Engine.Specs {
			tools = append(tools, v.kit.Engine.Specs[i].Name)
		}
	}
	parts := make(map[string]any, len(tools))
	for _, name := range tools {
		name, _, _ = strings.Cut(name, "#") // a call's variant is in its doc
		parts[name] = v.one(ctx, name)
	}
	return contentKey(parts)
}

func (v *Versions) one(ctx context.Context, name string) string {
	if known, ok := v.known[name]; ok {
		return known
	}
	version := "gone"
	if spec := v.kit.Engine.spec(name); spec != nil {
		state, _ := v.kit.State(spec)
		version = spec.Digest + " " + state
		if state == "ready" {
			if on, err := v.kit.fingerprint(ctx, spec); err == nil {
				version += " " + on
			}
		}
	}
	if ctx.Err() == nil {
		v.known[name] = version
	}
	return version
}
