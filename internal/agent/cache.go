package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"pentimento/internal/artifact"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/tools"
)

// results remembers what calls made, so that none runs twice: within a run in
// memory, and from run to run in the store where there is one. A call is known
// by its content: the doc's digest, the program and models it runs on, its
// parameters, the seed and the artifacts it takes.
type results struct {
	engine   *Engine
	store    *store.Store // nil: nothing outlives the run
	seed     int64
	digests  map[edit.Artifact]artifact.Digest // of rasters, which nobody changes once made
	known    map[string]known                  // by key: what this run saw, without pictures
	pictures map[string]bool                   // digests of those that are kept
	writing  sync.WaitGroup
	failed   chan error // the first write that failed
	forgets  bool       // no call is known by its content: each runs, again if it did
}

// known is the outcome of a call in this run: what it made, or how it answered.
type known struct {
	resp    tools.Response
	seconds float64 // of a run with nothing at hand, without loading
	device  string  // it ran on
	timed   bool    // it had a core to itself, so that its seconds tell the cost
	err     error
}

// ran is what the store keeps of how a call ran.
type ran struct {
	Device string `json:"device"`
	Timed  bool   `json:"timed,omitempty"`
}

// maxKept is the largest picture, in pixels, that is kept for later: a larger
// one takes longer to pack than many a tool to run, and memory for a copy.
const maxKept = 50_000_000

func newResults(e *Engine, job Job) *results {
	st := e.Store
	if job.Pinned != nil || job.eager() {
		st = nil // a replay runs what was recorded again
	}
	return &results{engine: e, store: st, seed: job.Seed, digests: make(map[edit.Artifact]artifact.Digest), known: make(map[string]known), failed: make(chan error, 1), forgets: job.eager()}
}

// key is the content address of a call, and whether its result may outlive the
// request; "" when the call cannot be told from others and nothing of it is remembered.
func (r *results) key(ctx context.Context, req tools.Request) (key string, lasting bool) {
	if r.forgets {
		return "", false
	}
	lasting = r.store != nil && req.Spec.Deterministic && !req.Spec.Network && r.engine.Fingerprint != nil
	var runner string
	if r.engine.Fingerprint != nil {
		var err error
		if runner, err = r.engine.Fingerprint(ctx, req.Spec); err != nil {
			lasting = false
		}
	}
	inputs, ok := r.identities(req.Inputs)
	if !ok {
		return "", false
	}
	key = contentKey(map[string]any{
		"tool": req.Spec.Name, "doc": req.Spec.Digest, "runner": runner, "params": req.Params, "seed": r.seed, "inputs": inputs,
	})
	return key, lasting && key != ""
}

// contentKey addresses something by what it is made from; "" when that cannot be written down.
func contentKey(parts map[string]any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// asked is what of a subtask its answer depends on.
func asked(st edit.Subtask) edit.Subtask {
	st.ID, st.After, st.Clause = 0, nil, ""
	return st
}

// identities are the digests of artifacts by name; not ok when one of them has none.
func (r *results) identities(artifacts map[string]edit.Artifact) (ids map[string]string, ok bool) {
	ids = make(map[string]string, len(artifacts))
	for name, a := range artifacts {
		d := r.digest(a)
		if d.IsZero() {
			return nil, false
		}
		ids[name] = d.String()
	}
	return ids, true
}

// digest is the identity of an artifact; rasters are hashed once.
func (r *results) digest(a edit.Artifact) artifact.Digest {
	if !raster(a) {
		return artifact.Hash(a)
	}
	d, ok := r.digests[a]
	if !ok {
		d = artifact.Hash(a)
		r.digests[a] = d
	}
	return d
}

func raster(a edit.Artifact) bool {
	switch a.(type) {
	case *pixel.Image, *pixel.Mask, *pixel.Classes, *pixel.Depth:
		return true
	}
	return false
}

// find returns what the call with that key made.
func (r *results) find(ctx context.Context, key string, lasting bool, spec *edit.ToolSpec) (known, bool) {
	if key == "" {
		return known{}, false
	}
	if k, ok := r.known[key]; ok {
		return k, true
	}
	if !lasting {
		return known{}, false
	}
	rec, ok, err := r.store.GetCall(ctx, key)
	if err != nil || !ok {
		return known{}, false
	}
	resp := tools.Response{Outputs: make(map[string]edit.Artifact), Quality: float64(rec.Evidence), Notices: rec.Notices}
	for _, p := range spec.Outputs {
		a, err := artifact.Decode(rec.Outputs[p.Name].Blob)
		if err != nil || a.Kind() != p.Kind {
			return known{}, false
		}
		resp.Outputs[p.Name] = a
		if d, err := artifact.ParseDigest(rec.Outputs[p.Name].Digest); err == nil && raster(a) {
			r.digests[a] = d
		}
	}
	var how ran
	if len(rec.Extra) > 0 {
		_ = json.Unmarshal(rec.Extra, &how) // a record without is still good
	}
	return known{resp: resp, seconds: rec.Seconds, device: how.Device, timed: how.Timed}, true
}

// keep remembers what a call made of the picture before, or that it found nothing. Pictures are kept
// only in the store: a run may make many, and needs none twice.
func (r *results) keep(ctx context.Context, key string, lasting bool, spec *edit.ToolSpec, before *pixel.Image, k known) {
	if key == "" {
		return
	}
	resp, err := k.resp, k.err
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	switch {
	case errors.As(err, &nf), errors.As(err, &amb):
		r.known[key] = known{seconds: k.seconds, err: err}
		return
	case err != nil:
		return
	}
	pixels := 0
	pictures := false
	for _, a := range resp.Outputs {
		if img, ok := a.(*pixel.Image); ok {
			pictures, pixels = true, max(pixels, img.W*img.H)
		}
	}
	if !pictures {
		r.known[key] = known{seconds: k.seconds, device: k.device, timed: k.timed, resp: tools.Response{Outputs: maps.Clone(resp.Outputs), Quality: resp.Quality, Notices: slices.Clone(resp.Notices)}}
	}
	if !lasting || pixels > maxKept {
		return
	}
	rec := store.CallRecord{
		Tool: spec.Name, Seconds: k.seconds, LoadSeconds: resp.LoadSeconds, Evidence: store.Real(resp.Quality),
		Notices: resp.Notices, Outputs: make(map[string]store.Output),
	}
	rec.Extra, _ = json.Marshal(ran{k.device, k.timed})
	outputs := maps.Clone(resp.Outputs)
	for port, a := range outputs {
		outputs[port] = lone(a, before)
	}
	ids, ok := r.identities(outputs)
	if !ok {
		return
	}
	for port, id := range ids {
		rec.Outputs[port] = store.Output{Digest: id}
	}
	ctx = context.WithoutCancel(ctx) // what is finished is worth keeping even where the request was stopped
	r.writing.Go(func() {
		for port, a := range outputs {
			blob, err := artifact.Encode(a)
			if err != nil {
				r.fail(err)
				return
			}
			rec.Outputs[port] = store.Output{Digest: rec.Outputs[port].Digest, Blob: blob}
		}
		if err := r.store.PutCall(ctx, key, rec); err != nil {
			r.fail(err)
		}
	})
}

// lone is an artifact as it is kept. A picture that shares the stored samples of the one it was made of
// has none of its own: that they are shared says that they are to be made from it (pixel.Carry), and
// of a copy of them nobody could tell.
func lone(a edit.Artifact, before *pixel.Image) edit.Artifact {
	img, ok := a.(*pixel.Image)
	if !ok || before == nil || img == before || img.Deep == nil || img.Deep != before.Deep {
		return a
	}
	bare := *img
	bare.Deep = nil
	return &bare
}

func (r *results) fail(err error) {
	select {
	case r.failed <- err:
	default:
	}
}

// wait waits for what is being written and returns what went wrong first.
func (r *results) wait() error {
	r.writing.Wait()
	select {
	case err := <-r.failed:
		return err
	default:
		return nil
	}
}
