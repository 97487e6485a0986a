package tooldoc

import (
	"slices"

	"pentimento/internal/edit"
)

// decoderRule says what a decoder needs of its doc and what it makes.
type decoderRule struct {
	needs []string    // fields of decode that must be set
	makes []edit.Kind // an output port of one of these kinds must exist
}

var decoderRules = map[string]decoderRule{
	"yolox":      {needs: []string{"strides", "score", "nms", "labels"}, makes: []edit.Kind{edit.KindBoxes}},
	"fastestdet": {needs: []string{"score", "nms", "labels"}, makes: []edit.Kind{edit.KindBoxes}},
	"yunet":      {needs: []string{"strides", "score", "nms"}, makes: []edit.Kind{edit.KindBoxes, edit.KindPoints}},
	"boxes":      {needs: []string{"score"}, makes: []edit.Kind{edit.KindBoxes}},
	"phrase":     {needs: []string{"score", "nms"}, makes: []edit.Kind{edit.KindBoxes}},
	"classes":    {needs: []string{"labels"}, makes: []edit.Kind{edit.KindClasses, edit.KindMask}},
	"matte":      {makes: []edit.Kind{edit.KindMask, edit.KindClasses}},
	"sam":        {makes: []edit.Kind{edit.KindMask}},
	"chroma":     {makes: []edit.Kind{edit.KindImage}},
	"image":      {needs: []string{"range"}, makes: []edit.Kind{edit.KindImage}},
	"labels":     {needs: []string{"labels"}, makes: []edit.Kind{edit.KindText}},
	"db":         {needs: []string{"score", "box-score", "unclip"}, makes: []edit.Kind{edit.KindSpans}},
	"ctc":        {needs: []string{"charset"}, makes: []edit.Kind{edit.KindSpans, edit.KindText}},
	"depth":      {makes: []edit.Kind{edit.KindDepth}},
	"scalar":     {makes: []edit.Kind{edit.KindNumber}},
}

func (b *builder) decode(s *edit.ToolSpec, d *decodeDoc) edit.Decode {
	const at = "runtime.decode"
	set := map[string]bool{
		"strides": len(d.Strides) > 0, "score": d.Score > 0, "nms": d.NMS > 0, "labels": d.Labels != "",
		"range": d.Range > 0, "box-score": d.BoxScore > 0, "unclip": d.Unclip > 0, "charset": d.Charset != "",
	}
	rule := decoderRules[d.Kind]
	for _, field := range rule.needs {
		if !set[field] {
			b.at(join(at, field), "is missing or 0: decode kind %s needs it", d.Kind)
		}
	}
	if rule.makes != nil && !slices.ContainsFunc(s.Outputs, func(p edit.Port) bool { return slices.Contains(rule.makes, p.Kind) }) {
		b.at(at+".kind", "%s makes %s, and outputs has no such port", d.Kind, oneOf(kindNames(rule.makes)))
	}
	b.precision(at+".precision", d.Precision)
	return edit.Decode{
		Kind: d.Kind, Outputs: d.Outputs, Strides: d.Strides, Score: d.Score, NMS: d.NMS,
		Labels: b.lists.class(at+".labels", d.Labels), Channel: d.Channel, Range: d.Range,
		Layout: orElse(d.Layout, "nchw"), Upscale: max(1, d.Upscale), Softmax: d.Softmax, Sigmoid: d.Sigmoid, Stretch: d.Stretch,
		Charset: b.lists.characters(at+".charset", d.Charset), Unclip: d.Unclip, BoxScore: d.BoxScore,
		Chroma: d.Chroma, Detail: d.Detail, Precision: d.Precision,
	}
}

func (b *builder) precision(at string, pairs [][2]float64) {
	for i := 1; i < len(pairs); i++ {
		if pairs[i][0] <= pairs[i-1][0] || pairs[i][1] < pairs[i-1][1] {
			b.at(item(at, i), "%v does not rise from %v", pairs[i], pairs[i-1])
		}
	}
}

func kindNames(kinds []edit.Kind) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}
