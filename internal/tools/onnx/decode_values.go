package onnx

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// topLabels is how many classes a classifier's answer names at most, and
// minLabel the least probability of one after the first.
const (
	topLabels = 5
	minLabel  = 0.05
)

// decodeLabels reads one score per label and answers with the best ones as
// text: "macaw 0.99, lorikeet 0.01". Quality is the precision of the first, where measured.
func decodeLabels(ctx context.Context, j *job) (tools.Response, error) {
	_, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	names := j.dec.Labels.Names
	if len(outs) == 0 || len(outs[0].f) != len(names) {
		return tools.Response{}, fmt.Errorf("the doc has %d labels and the model answers %v", len(names), shapes(outs))
	}
	p := slices.Clone(outs[0].f)
	if j.dec.Softmax {
		softmax(p)
	}
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	var words []string
	for n, i := range order[:min(topLabels, len(order))] {
		if n > 0 && p[i] < minLabel {
			break
		}
		words = append(words, fmt.Sprintf("%s %.2f", names[i], p[i]))
	}
	quality := math.NaN()
	if len(j.dec.Precision) > 0 {
		quality = precisionAt(j.dec.Precision, float64(p[order[0]]))
	}
	return j.respond(edit.Text(strings.Join(words, ", ")), quality)
}

func softmax(v []float32) {
	_, top := argmax(v)
	var sum float64
	for i, x := range v {
		e := math.Exp(float64(x - top))
		v[i] = float32(e)
		sum += e
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / sum)
	}
}

// decodeScalar reads one number.
func decodeScalar(ctx context.Context, j *job) (tools.Response, error) {
	_, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if len(outs) == 0 || len(outs[0].f) <= j.dec.Channel {
		return tools.Response{}, fmt.Errorf("decoder scalar reads value %d of %v", j.dec.Channel, shapes(outs))
	}
	return j.respond(edit.Number(outs[0].f[j.dec.Channel]), math.NaN())
}
