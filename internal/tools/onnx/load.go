package onnx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"pentimento/internal/edit"
)

// maxModelBytes bounds a model file: protobuf ends at 2 GiB.
const maxModelBytes = 2<<30 - 1

// wanted says how a model is to be loaded.
type wanted struct {
	part     edit.ModelFile
	path     string
	src      edit.ModelSource
	outputs  []string // by the names of the file; none means all
	data     []outside
	arena    bool
	optimize string
}

// outside is a pinned file that holds tensors of a model.
type outside struct {
	path string
	src  edit.ModelSource
}

// session returns the loaded model of a source. The bytes handed to the library
// are the bytes whose checksum was taken, so a file that is exchanged between
// check and use is found out.
func (r *Runner) session(ctx context.Context, w wanted, tool string) (lease, float64, error) {
	device, _ := r.Device()
	digest := w.src.SHA256
	var model []byte
	if digest == "" { // a doc made in a test, or a person's own without a pin: the bytes name themselves
		var err error
		if model, digest, err = readModel(w.path, w.src); err != nil {
			return lease{}, 0, err
		}
	}
	for _, d := range w.data {
		digest += " " + d.src.SHA256
	}
	key := sessionKey{digest: digest, outputs: strings.Join(w.outputs, "\x00"), arena: w.arena, optimize: w.optimize}
	return r.pool.acquire(ctx, key, func() (*session, error) {
		if model == nil {
			var err error
			if model, _, err = readModel(w.path, w.src); err != nil {
				return nil, err
			}
		}
		files := make(map[string][]byte)
		for _, d := range w.data {
			bytes, _, err := readModel(d.path, d.src)
			if err != nil {
				return nil, err
			}
			files[d.src.File] = bytes
		}
		s, err := openSession(model, files, w, device, r.o.Threads)
		if err != nil {
			return nil, &edit.UserError{
				Msg: fmt.Sprintf("model %s cannot be used", w.path), Err: err,
				Hint: "get it again with: agent models pull " + tool,
			}
		}
		s.key = key
		r.o.Log.Debug("model loaded", "file", w.path, "inputs", s.sig.Inputs, "outputs", s.sig.Outputs)
		return s, nil
	})
}

// readModel returns the verified bytes of a model file and their sha256.
func readModel(path string, src edit.ModelSource) ([]byte, string, error) {
	fail := func(err error) error {
		return &edit.UserError{Msg: "model " + path, Err: err, Hint: "see which are missing or damaged with: agent models verify"}
	}
	model, err := readFile(path)
	if err != nil {
		return nil, "", fail(err)
	}
	sum := sha256.Sum256(model)
	digest := hex.EncodeToString(sum[:])
	if src.SHA256 != "" && digest != src.SHA256 {
		return nil, "", fail(fmt.Errorf("has %d bytes with sha256 %s, want %d with %s", len(model), digest, src.Bytes, src.SHA256))
	}
	return model, digest, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("is no regular file")
	case info.Size() > maxModelBytes:
		return nil, fmt.Errorf("has %d bytes; a model of one file has at most %d", info.Size(), maxModelBytes)
	case info.Size() == 0:
		return nil, errors.New("is empty")
	}
	return os.ReadFile(path)
}

// openSession inspects a model's bytes and makes a session that computes the
// wanted outputs. files are its outside tensors by the names the model calls them.
func openSession(model []byte, files map[string][]byte, w wanted, device string, threads int) (*session, error) {
	var err error
	if len(files) > 0 {
		if model, err = inlineData(model, files); err != nil {
			return nil, err
		}
	}
	sig, err := inspect(model)
	if err != nil {
		return nil, err
	}
	if model, sig, err = castEnds(model, sig); err != nil {
		return nil, err
	}
	want := w.outputs
	if len(want) == 0 {
		for _, o := range sig.Outputs {
			want = append(want, o.Name)
		}
	}
	if len(want) == 0 || len(sig.Inputs) == 0 {
		return nil, fmt.Errorf("has %d inputs and %d outputs, want at least one of each", len(sig.Inputs), len(sig.Outputs))
	}
	s := &session{sig: sig, bytes: sessionBytes(int64(len(model)))}
	var wires []string
	for _, name := range want {
		o, ok := sig.output(name)
		if !ok {
			return nil, fmt.Errorf("has no output %q: it has %v", name, sig.Outputs)
		}
		switch o.Elem {
		case elemFloat32, elemUint8, elemInt32, elemInt64, elemFloat64:
		default:
			return nil, fmt.Errorf("has the output %v; %v is not read", o, o.Elem)
		}
		s.outputs, wires = append(s.outputs, o), append(wires, o.Wire)
	}
	inputs := make([]string, len(sig.Inputs))
	for i, in := range sig.Inputs {
		inputs[i] = in.Wire
	}
	opts, err := sessionOptions(device, threads, w.arena, w.optimize)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opts.Destroy() }()
	s.run, err = ort.NewDynamicAdvancedSessionWithONNXData(model, inputs, wires, opts)
	if err != nil {
		return nil, err
	}
	return s, nil
}
