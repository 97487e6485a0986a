package onnx

import (
	"context"
	"fmt"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// token is one piece of the words that a network is asked for.
type token struct {
	id     int64
	phrase bool // it belongs to the object's words, not to the marks around them
}

// tokenize cuts the object's words into the pieces of the doc's vocabulary,
// between the marks for the beginning and the end and closed by a full stop.
func (j *job) tokenize() error {
	k := slices.IndexFunc(j.rt.Models, func(m edit.ModelFile) bool { return m.Role == edit.RoleVocab })
	if k < 0 {
		return nil
	}
	path, src, err := j.r.locate(j.rt.Models[k])
	if err != nil {
		return err
	}
	v, err := j.r.vocab(path, src)
	if err != nil {
		return misfit(j.req.Spec.Name, src.File, err)
	}
	phrase, err := tools.Input[edit.Text](j.req, "object")
	if err != nil {
		return err
	}
	j.tokens = []token{{id: v[pieceBegin]}}
	for _, id := range v.pieces(edit.ParsePhrase(string(phrase)).Head) {
		j.tokens = append(j.tokens, token{id, true})
	}
	j.tokens = append(j.tokens, token{id: v["."]}, token{id: v[pieceEnd]})
	return nil
}

// vocab reads a tokenizer's vocabulary; it is kept for the next run.
func (r *Runner) vocab(path string, src edit.ModelSource) (vocab, error) {
	if v, ok := r.vocabs.Load(src.SHA256); ok && src.SHA256 != "" {
		return v.(vocab), nil
	}
	b, digest, err := readModel(path, src)
	if err != nil {
		return nil, err
	}
	v, err := parseVocab(b)
	if err == nil {
		r.vocabs.Store(digest, v)
	}
	return v, err
}

// tokenTensor makes [1, n] of the tokens: their numbers, which of them count, or
// which sentence they belong to. A network with a length of its own gets the rest padded with 0.
func tokenTensor(info tensorInfo, as string, tokens []token) (tensorData, error) {
	n := len(tokens)
	if len(info.Dims) == 2 && info.Dims[1] > 0 {
		n = int(info.Dims[1])
	}
	if len(tokens) > n {
		return tensorData{}, edit.Userf("the object's words are %d pieces long, the network takes %d", len(tokens), n)
	}
	t, err := newTensor(info.Elem, 1, int64(n))
	if err != nil {
		return t, err
	}
	if t.i == nil {
		return t, fmt.Errorf("its input %v takes no tokens", info)
	}
	for i, k := range tokens {
		switch as {
		case "ids":
			t.i[i] = k.id
		case "attention":
			t.i[i] = 1
		}
	}
	return t, nil
}

// decodePhrase reads a detector that is asked in words (Grounding DINO): logits
// [1, n, t] of each box for each token, and boxes [1, n, 4] as centre and size
// in fractions of the input. A box's score is the best of the object's tokens
// (the model card's own reduction); its label is the object's word.
func decodePhrase(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if len(outs) != 2 || len(outs[0].shape) != 3 || len(outs[1].shape) != 3 || outs[0].f == nil || outs[1].f == nil ||
		outs[0].shape[1] != outs[1].shape[1] || outs[1].shape[2] != 4 || int(outs[0].shape[2]) < len(j.tokens) {
		return tools.Response{}, fmt.Errorf("decoder phrase wants logits [1, n, t] of %d tokens or more and boxes [1, n, 4], found %v", len(j.tokens), shapes(outs))
	}
	phrase, err := tools.Input[edit.Text](j.req, "object")
	if err != nil {
		return tools.Response{}, err
	}
	label := edit.ParsePhrase(string(phrase)).Head
	w, h := float64(f.netW), float64(f.netH)
	columns := int(outs[0].shape[2])
	var boxes []edit.Box
	for i := range int(outs[0].shape[1]) {
		score := 0.0
		for k, t := range j.tokens {
			if t.phrase {
				score = max(score, sigmoid(outs[0].f[i*columns+k]))
			}
		}
		if score < weakShare*j.dec.Score {
			continue
		}
		p := outs[1].f[4*i : 4*i+4]
		boxes = append(boxes, f.boxToPicture(centered(float64(p[0])*w, float64(p[1])*h, float64(p[2])*w, float64(p[3])*h, label, score)))
	}
	return j.detections(boxes)
}
