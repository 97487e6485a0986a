package onnx

import (
	"context"
	"slices"

	"pentimento/internal/edit"
)

// net is one network of a job: loaded, its inputs bound.
type net struct {
	lease

	part  string
	extra []edit.ExtraInput // by the names of the file
	feeds []feed
	made  []string // the outputs by their names in the doc
}

// chained names the decoders that read several networks, one after the other.
var chained = map[string]bool{"sam": true}

// load loads the networks of the doc and what belongs to them, and binds their inputs.
func (j *job) load(ctx context.Context) error {
	data, err := j.outsideFiles()
	if err != nil {
		return err
	}
	graphs := j.rt.Graphs()
	for i, part := range graphs {
		n, err := j.loadNet(ctx, part, i, data)
		if err != nil {
			return err
		}
		if i == 0 {
			j.net = n
		} else {
			j.more = append(j.more, n)
		}
	}
	return j.tokenize()
}

// loadNet loads one network.
func (j *job) loadNet(ctx context.Context, part edit.ModelFile, i int, data []outside) (net, error) {
	path, src, err := j.r.locate(part)
	if err != nil {
		return net{}, err
	}
	name := func(s string) string {
		if other, ok := src.Tensor[s]; ok {
			return other
		}
		return s
	}
	n := net{part: part.Part, made: j.outputsOf(i)}
	for _, e := range j.rt.Extra {
		if e.Part == part.Part || e.Part == "" && i == 0 {
			e.Tensor = name(e.Tensor)
			n.extra = append(n.extra, e)
		}
	}
	w := wanted{part: part, path: path, src: src, data: data, arena: j.arena(), optimize: j.rt.Optimize}
	for _, s := range n.made {
		w.outputs = append(w.outputs, name(s))
	}
	var seconds float64
	n.lease, seconds, err = j.r.session(ctx, w, j.req.Spec.Name)
	j.loading += seconds
	if err != nil {
		return net{}, err
	}
	var in *edit.TensorInput
	if i == 0 {
		j.in.Name = name(j.in.Name)
		in = &j.in
	}
	if n.feeds, err = bind(n.sig, in, n.extra, j.rt.Tile != nil); err == nil && i == len(j.rt.Graphs())-1 {
		err = checkOutputs(j.dec.Kind, n.outputs)
	}
	if err != nil {
		n.release()
		return net{}, misfit(j.req.Spec.Name, src.File, err)
	}
	return n, nil
}

// outputsOf names the outputs wanted of the i-th network: what the decoder
// reads of the last, what later ones take of the others.
func (j *job) outputsOf(i int) []string {
	if i == len(j.rt.Graphs())-1 {
		return j.dec.Outputs
	}
	var names []string
	for _, e := range j.rt.Extra {
		if e.Output != "" && !slices.Contains(names, e.Output) {
			names = append(names, e.Output)
		}
	}
	return names
}

// outsideFiles locates the parts that hold tensors of a network.
func (j *job) outsideFiles() ([]outside, error) {
	var list []outside
	for _, part := range j.rt.Models {
		if part.Role != edit.RoleData {
			continue
		}
		path, src, err := j.r.locate(part)
		if err != nil {
			return nil, err
		}
		list = append(list, outside{path, src})
	}
	return list, nil
}

// close gives the networks back.
func (j *job) close() {
	for _, n := range append([]net{j.net}, j.more...) {
		if n.session != nil {
			n.release()
		}
	}
}

// afterwards runs the networks behind the first on what it made, and returns the last one's outputs.
func (j *job) afterwards(ctx context.Context, f frame, outs []tensorData) ([]tensorData, error) {
	given := make(map[string]tensorData)
	made := j.made
	for k := range j.more {
		for i, s := range made {
			given[s] = outs[i]
		}
		var err error
		if outs, err = j.inferNet(ctx, &j.more[k], f, given); err != nil {
			return nil, err
		}
		made = j.more[k].made
	}
	return outs, nil
}
