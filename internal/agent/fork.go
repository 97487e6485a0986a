package agent

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/scene"
	"pentimento/internal/tools"
)

// Fork is a kit with the same docs, models and runners that keeps its results,
// estimates and traces in a folder of its own, made when first used. Forget ends its use.
func (k *Kit) Fork(data string) *Kit {
	fork, engine := *k, *k.Engine
	engine.Store, engine.Fingerprint, engine.Subroutines = nil, nil, nil
	fork.Engine = &engine
	fork.Options.Dirs.Data = data
	return &fork
}

// Forget closes what the kit remembers; its runners stay.
func (k *Kit) Forget() error {
	st := k.Engine.Store
	k.Engine.Store, k.Engine.Fingerprint, k.Engine.Subroutines = nil, nil, nil
	if st == nil {
		return nil
	}
	return st.Close()
}

// warmSide is the width of the picture that models are tried on.
const warmSide = 96

// Warm loads every installed model by one run on a small picture, so that no
// edit after it is charged for loading. It returns the seconds that took; a
// tool that fails here will say so when it is needed.
func (k *Kit) Warm(ctx context.Context) (float64, error) {
	img, masks := scene.Render(warmSide, warmSide*2/3, 1)
	start := k.Engine.Now()
	for i := range k.Engine.Specs {
		spec := &k.Engine.Specs[i]
		if state, _ := k.State(spec); spec.Runtime.ONNX == nil || state != "ready" {
			continue
		}
		inputs := make(map[string]edit.Artifact)
		for _, p := range spec.Inputs {
			inputs[p.Name] = sample(spec, p, img, masks["car"])
		}
		_, _ = k.Engine.Runners[spec.Runtime.Kind].Run(ctx, tools.Request{Spec: spec, Params: params(spec, edit.Call{Tool: spec.Name}), Inputs: inputs})
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return k.Engine.Now().Sub(start).Seconds(), nil
}
