package onnx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// job is one run of one call: the doc with this call's parameters, the model, the picture.
type job struct {
	net // the network that sees the picture

	r       *Runner
	req     tools.Request
	rt      *edit.ONNXRuntime
	in      edit.TensorInput
	dec     edit.Decode
	img     *pixel.Image // the picture
	seen    *pixel.Image // what the network sees, see opaque
	more    []net        // the networks after it
	tokens  []token      // of the request's words, where the doc has a tokenizer
	prompt  prompt       // what is asked of the picture in this run
	loading float64      // seconds spent loading
	saved   float64      // seconds that answers at hand took when they were made
	ran     bool         // a network ran
	notices []string
}

// decoder turns a job into the tool's answer.
type decoder func(ctx context.Context, j *job) (tools.Response, error)

var decoders map[string]decoder

func init() { // a literal would refer to itself through Run
	decoders = map[string]decoder{
		"yolox": decodeYOLOX, "fastestdet": decodeFastestDet, "yunet": decodeYuNet, "boxes": decodeBoxes,
		"phrase": decodePhrase, "sam": decodeSAM, "chroma": decodeChroma,
		"classes": decodeClasses, "matte": decodeMatte, "image": decodeImage, "labels": decodeLabels,
		"db": decodeDB, "ctc": decodeCTC, "depth": decodeDepth, "scalar": decodeScalar,
	}
}

// applyParams overlays the doc with the call's parameters: score, nms, unclip,
// box-score, side. Others belong to other runners and are refused.
func (j *job) applyParams(params map[string]any) error {
	for name, value := range params {
		var v float64
		switch n := value.(type) {
		case float64:
			v = n
		case int:
			v = float64(n)
		default:
			return edit.Userf("tool %s: parameter %q is %v, want a number", j.req.Spec.Name, name, value)
		}
		switch name {
		case "score":
			j.dec.Score = v
		case "nms":
			j.dec.NMS = v
		case "unclip":
			j.dec.Unclip = v
		case "box-score":
			j.dec.BoxScore = v
		case "side":
			j.in.Side = int(v)
		default:
			return edit.Userf("tool %s: an onnx tool has no parameter %q", j.req.Spec.Name, name)
		}
	}
	return nil
}

// arenaPixels is how large a picture of its own size may be for its scratch memory to be kept: as large as a tile.
const arenaPixels = 512 * 512

// arena reports whether the session may keep its scratch memory: yes for
// tensors of one size and for small ones, no where each picture has its own, since the library
// gives none of it back while the session lives. Without, every run takes its memory from the
// system anew, which costs a network of the usual weight a twentieth of its time.
func (j *job) arena() bool {
	switch {
	case j.rt.WholeImage:
		return false
	case j.rt.Tile != nil || j.in.Height > 0:
		return true
	}
	f, err := newFrame(j.in, j.img.W, j.img.H)
	return err == nil && f.netW*f.netH <= arenaPixels
}

// whole runs the network on the whole picture. Answers are remembered for the
// picture, so that asking for another object does not run the network again.
func (j *job) whole(ctx context.Context) (frame, []tensorData, error) {
	f, err := newFrame(j.in, j.img.W, j.img.H)
	if err != nil {
		return frame{}, nil, err
	}
	key, remember := j.memoKey()
	if remember {
		if out, seconds, ok := j.r.memo.get(key); ok {
			j.saved += seconds
			return f, out, nil
		}
	}
	start := time.Now()
	out, err := j.inferFrame(ctx, f)
	if err == nil && remember {
		j.r.memo.put(key, out, time.Since(start).Seconds())
	}
	return f, out, err
}

// volume is the first of what whole answers, as channels of a map.
func (j *job) volume(ctx context.Context) (frame, volume, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return f, volume{}, err
	}
	if len(outs) == 0 {
		return f, volume{}, fmt.Errorf("decoder %s reads an output and there is none", j.dec.Kind)
	}
	v, err := asVolume(outs[0], j.dec.Layout)
	return f, v, err
}

// inferFrame runs the network on one frame of the picture.
func (j *job) inferFrame(ctx context.Context, f frame) ([]tensorData, error) {
	if j.seen == nil {
		j.seen = opaque(j.img, j.dec.Kind == "image")
	}
	if err := fits(j.feeds, f); err != nil {
		return nil, err
	}
	return j.inferNet(ctx, &j.net, f, nil)
}

// inferNet runs one network; given are outputs of earlier ones by their names in the doc.
func (j *job) inferNet(ctx context.Context, n *net, f frame, given map[string]tensorData) ([]tensorData, error) {
	inputs := make([]tensorData, len(n.feeds))
	for i, fd := range n.feeds {
		t, err := fd.tensor(j, f, given)
		if err != nil {
			return nil, err
		}
		inputs[i] = t
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.ran = true
	out, err := j.r.infer(ctx, n.lease, inputs)
	if outOfMemory(err) && ctx.Err() == nil {
		j.r.o.Log.Warn("out of memory: unloading idle models and trying again", "tool", j.req.Spec.Name)
		j.r.pool.trim()
		out, err = j.r.infer(ctx, n.lease, inputs)
	}
	return out, err
}

// explain names the tool in an error that a person may see.
func (j *job) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("tool %s: %w", j.req.Spec.Name, ctx.Err())
	}
	var bad *badOutputError
	var notFound *edit.NotFoundError
	var ambiguous *edit.AmbiguousError
	var contract *tools.ContractError
	var user *edit.UserError
	switch {
	case errors.As(err, &bad):
		return &tools.ContractError{Tool: j.req.Spec.Name, Detail: bad.Error()}
	case errors.As(err, &notFound), errors.As(err, &ambiguous), errors.As(err, &contract), errors.As(err, &user):
		return err
	}
	// What is left is the library refusing to run the model on this picture.
	return &tools.ContractError{Tool: j.req.Spec.Name, Detail: fmt.Sprintf("on a %d×%d picture: %v", j.img.W, j.img.H, err)}
}

// respond makes the answer of a tool with one output of that kind.
func (j *job) respond(a edit.Artifact, quality float64) (tools.Response, error) {
	for _, p := range j.req.Spec.Outputs {
		if p.Kind == a.Kind() {
			return tools.Response{Outputs: map[string]edit.Artifact{p.Name: a}, Quality: quality}, nil
		}
	}
	return tools.Response{}, &tools.ContractError{
		Tool: j.req.Spec.Name, Detail: fmt.Sprintf("decoder %s makes a %s and the doc has no such output", j.dec.Kind, a.Kind()),
	}
}

// has reports whether the doc has an output of that kind.
func (j *job) has(k edit.Kind) bool {
	return slices.ContainsFunc(j.req.Spec.Outputs, func(p edit.Port) bool { return p.Kind == k })
}

func (j *job) progress(fraction float64) {
	if j.req.Progress != nil {
		j.req.Progress(fraction)
	}
}
