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

// session returns the loaded model of a source. The bytes handed to the library
// are the bytes whose checksum was taken, so a file that is exchanged between
// check and use is found out.
func (r *Runner) session(ctx context.Context, path string, src edit.ModelSource, j *job) (lease, float64, error) {
	device, _ := r.Device()
	digest := src.SHA256
	var model []byte
	if digest == "" { // a doc made in a test, or a person's own without a pin: the bytes name themselves
		var err error
		if model, digest, err = readModel(path, src); err != nil {
			return lease{}, 0, err
		}
	}
	key := sessionKey{digest: digest, outputs: strings.Join(j.dec.Outputs, "\x00"), arena: j.arena()}
	want := j.dec.Outputs
	return r.pool.acquire(ctx, key, func() (*session, error) {
		if model == nil {
			var err error
			if model, _, err = readModel(path, src); err != nil {
				return nil, err
			}
		}
		s, err := openSession(model, want, device, r.o.Threads, key.arena)
		if err != nil {
			return nil, &edit.UserError{
				Msg: fmt.Sprintf("model %s cannot be used", path), Err: err,
				Hint: "get it again with: agent models pull " + j.req.Spec.Name,
			}
		}
		s.key = key
		r.o.Log.Debug("model loaded", "file", path, "inputs", s.sig.Inputs, "outputs", s.sig.Outputs)
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

// openSession inspects a model's bytes and makes a session that computes the wanted outputs; none means all.
func openSession(model []byte, want []string, device string, threads int, arena bool) (*session, error) {
	sig, err := inspect(model)
	if err != nil {
		return nil, err
	}
	if len(want) == 0 {
		for _, o := range sig.Outputs {
			want = append(want, o.Name)
		}
	}
	if len(want) == 0 || len(sig.Inputs) == 0 {
		return nil, fmt.Errorf("has %d inputs and %d outputs, want at least one of each", len(sig.Inputs), len(sig.Outputs))
	}
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
	}
	inputs := make([]string, len(sig.Inputs))
	for i, in := range sig.Inputs {
		inputs[i] = in.Name
	}
	opts, err := sessionOptions(device, threads, arena)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opts.Destroy() }()
	run, err := ort.NewDynamicAdvancedSessionWithONNXData(model, inputs, want, opts)
	if err != nil {
		return nil, err
	}
	return &session{run: run, sig: sig, outputs: want, bytes: sessionBytes(int64(len(model)))}, nil
}
