package tooldoc

import (
	"fmt"
	"net/url"
	"slices"

	"pentimento/internal/edit"
)

func (b *builder) runtime(s *edit.ToolSpec) {
	r := b.doc.Runtime
	if r == nil {
		return
	}
	s.Runtime.Kind = r.Kind
	switch r.Kind {
	case "builtin":
		if r.Op == "" {
			b.at("runtime.op", "is missing: a built-in tool names its operation")
		}
		if r.Models != nil || r.Input != nil || r.Extra != nil || r.Decode != nil || r.Tile != nil || r.Crop != nil || r.WholeImage || r.Optimize != "" {
			b.at("runtime", "models, input, extra, decode, tile, crop, optimize and whole-image belong to kind onnx")
		}
		s.Runtime.Builtin = &edit.BuiltinRuntime{Op: r.Op, Params: r.Params}
	case edit.RuntimeNone:
		if r.Needs == "" {
			b.at("runtime.needs", "is missing: say what a tool for the task would need")
		}
		if len(b.doc.Tasks) == 0 {
			b.at("runtime.kind", "a doc without a tool has tasks, or it says nothing")
		}
		s.Runtime.Needs = r.Needs
	case "onnx":
		if r.Op != "" || r.Params != nil {
			b.at("runtime", "op and params belong to kind builtin")
		}
		b.onnx(s, r)
	}
}

func (b *builder) onnx(s *edit.ToolSpec, r *runtimeDoc) {
	o := &edit.ONNXRuntime{WholeImage: r.WholeImage, Models: b.models(r.Models), Optimize: orElse(r.Optimize, "all")}
	if len(r.Models) > 0 && len(o.Graphs()) == 0 {
		b.at("runtime.models", "holds no network: give one entry the role graph")
	}
	if r.Input == nil {
		b.at("runtime.input", "is missing: say how the picture becomes a tensor")
	} else {
		o.Input = b.input(r.Input, r.Decode)
	}
	if r.Decode == nil {
		b.at("runtime.decode", "is missing: say how the answer is read")
	} else {
		o.Decode = b.decode(s, r.Decode)
	}
	for i, e := range r.Extra {
		o.Extra = append(o.Extra, b.extra(s, item("runtime.extra", i), e, o))
	}
	if r.Tile != nil {
		if r.Tile.Overlap*2 >= r.Tile.Size {
			b.at("runtime.tile.overlap", "%d is half the tile or more", r.Tile.Overlap)
		}
		o.Tile = &edit.Tile{Size: r.Tile.Size, Overlap: r.Tile.Overlap}
	}
	if r.Crop != nil {
		if p, ok := s.Input(r.Crop.Around); !ok || p.Kind != edit.KindMask {
			b.at("runtime.crop.around", "%q is no input of kind mask", r.Crop.Around)
		}
		o.Crop = &edit.Crop{Around: r.Crop.Around, Margin: r.Crop.Margin, Least: r.Crop.Least}
	}
	if _, ok := s.Input("image"); !ok {
		b.at("inputs", "an onnx tool takes image: image")
	}
	s.Runtime.ONNX = o
}

// models groups the flat list by part, in order of first appearance.
func (b *builder) models(list []modelDoc) []edit.ModelFile {
	if len(list) == 0 {
		b.at("runtime.models", "is missing: an onnx tool names its model files")
	}
	var out []edit.ModelFile
	sums := make(map[string]string)
	for i, m := range list {
		at := item("runtime.models", i)
		if m.URL != "" {
			b.url(at+".url", m.URL)
		}
		if m.URL == "" && m.Origin == "" && !m.Embedded {
			b.at(at, "has neither url nor origin: say where the file comes from")
		}
		if other, taken := sums[m.File]; taken && other != m.SHA256 && m.File != "" {
			b.at(at+".file", "%q is given with two checksums", m.File)
		}
		sums[m.File] = m.SHA256
		source := edit.ModelSource{
			File: m.File, URL: m.URL, Origin: m.Origin, SHA256: m.SHA256, Bytes: m.Bytes,
			License: m.License, Embedded: m.Embedded, Tensor: m.Tensor,
		}
		j := slices.IndexFunc(out, func(f edit.ModelFile) bool { return f.Part == m.Part })
		if j < 0 {
			j = len(out)
			out = append(out, edit.ModelFile{Part: m.Part, Role: orElse(m.Role, edit.RoleGraph)})
		} else if out[j].Role != orElse(m.Role, edit.RoleGraph) {
			b.at(at+".role", "differs from an earlier entry of the part %q", m.Part)
		}
		out[j].Accept = append(out[j].Accept, source)
	}
	return out
}

func (b *builder) url(at, raw string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		b.at(at, "%q is no address", clip(raw))
	case u.Scheme != "https":
		b.at(at, "want https, found %q", u.Scheme)
	case u.User != nil:
		b.at(at, "holds a user name or password: remove it")
	}
}

func (b *builder) input(in *inputDoc, dec *decodeDoc) edit.TensorInput {
	const at = "runtime.input"
	t := edit.TensorInput{
		Name: in.Name, Width: in.Width, Height: in.Height, Fit: in.Fit, Side: in.Side, Limit: in.Limit,
		Pad: in.Pad, Anchor: in.Anchor, Edge: in.Edge, Multi: in.Multiple, Border: in.Border, Layout: in.Layout,
		Order: in.Order, Scale: 1, Mean: in.Mean, Std: in.Std, Type: in.Type,
	}
	if in.Size > 0 {
		if in.Width > 0 || in.Height > 0 {
			b.at(at+".size", "stands for width and height: give one or the other")
		}
		t.Width, t.Height = in.Size, in.Size
	}
	if in.Scale != nil {
		t.Scale = *in.Scale
	}
	fixed := t.Width > 0 && t.Height > 0
	t.Fit = orElse(t.Fit, map[bool]string{true: "stretch", false: "native"}[fixed])
	t.Layout = orElse(t.Layout, "nchw")
	t.Order = orElse(t.Order, "rgb")
	t.Type = orElse(t.Type, "float32")
	t.Limit = orElse(t.Limit, "short")
	t.Anchor = orElse(t.Anchor, "center")
	// Text lines have a fixed height and any width.
	if line := dec != nil && dec.Kind == "ctc"; !line {
		b.fit(at, t, fixed)
	}
	channels := 3
	if t.Order == "gray" || t.Order == "lightness" {
		channels = 1
	}
	for _, f := range []struct {
		field  string
		values []float64
	}{{at + ".mean", t.Mean}, {at + ".std", t.Std}} {
		if n := len(f.values); n != 0 && n != 1 && n != channels {
			b.at(f.field, "has %d values, want 1 or %d", n, channels)
		}
	}
	if slices.Contains(t.Std, 0) {
		b.at(at+".std", "holds 0, which would divide by zero")
	}
	return t
}

func (b *builder) fit(at string, t edit.TensorInput, fixed bool) {
	switch t.Fit {
	case "stretch", "letterbox", "crop":
		if !fixed {
			b.at(at+".fit", "%s needs width and height, or size", t.Fit)
		}
	case "short-side":
		if t.Side == 0 {
			b.at(at+".fit", "short-side needs side")
		}
	case "native":
		if t.Width > 0 || t.Height > 0 {
			b.at(at+".fit", "native runs at the picture's own size: leave width and height out")
		}
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// portForms are the ways a port of a kind becomes a tensor; "" is the kind's own.
var portForms = map[edit.Kind][]string{
	edit.KindNumber: {""}, edit.KindMask: {""}, edit.KindColor: {""}, edit.KindImage: {""}, edit.KindDepth: {""},
	edit.KindBoxes: {"coords", "labels"}, edit.KindPoints: {"coords", "labels"}, edit.KindText: {"ids", "attention", "types"},
}

func (b *builder) extra(s *edit.ToolSpec, at string, e extraDoc, o *edit.ONNXRuntime) edit.ExtraInput {
	x := edit.ExtraInput{
		Tensor: e.Tensor, Part: e.Part, From: e.From, Output: e.Output, As: e.As, Value: e.Value, Shape: e.Shape, Scale: 1,
		Invert: e.Invert, Binary: e.Binary, Type: orElse(e.Type, "float32"),
	}
	if e.Scale != nil {
		x.Scale = *e.Scale
	}
	if e.Part != "" && !slices.ContainsFunc(o.Graphs(), func(m edit.ModelFile) bool { return m.Part == e.Part }) {
		b.at(at+".part", "%q is no network of runtime.models", e.Part)
	}
	b.extraOrigin(s, at, e, o)
	if len(e.Value) > 0 && len(e.Shape) > 0 {
		size := int64(1)
		for _, n := range e.Shape {
			size *= n
		}
		if size != int64(len(e.Value)) && len(e.Value) != 1 {
			b.at(at+".shape", "%v holds %d values, value has %d", e.Shape, size, len(e.Value))
		}
	}
	return x
}

// extraOrigin checks that a tensor comes from exactly one place, in a form which that place has.
func (b *builder) extraOrigin(s *edit.ToolSpec, at string, e extraDoc, o *edit.ONNXRuntime) {
	port, ok := s.Input(e.From)
	forms := portForms[port.Kind]
	switch {
	case e.From != "" && !ok:
		b.at(at+".from", "%q is no input port%s", e.From, didYouMean(e.From, portNames(s.Inputs)))
	case e.From != "" && forms == nil:
		b.at(at+".from", "no tensor is made from %s", port.Kind)
	case e.From != "" && !slices.Contains(forms, e.As):
		b.at(at+".as", "a tensor is made from %s as %s, not as %q", port.Kind, oneOf(forms), e.As)
	case e.From != "" && (e.Output != "" || e.Value != nil && e.As != "labels"):
		b.at(at, "has both from and value or output")
	case e.As == "labels" && e.Value != nil && len(e.Value) != 5:
		b.at(at+".value", "has %d numbers, want 5: click, excluding click, first corner, second corner, padding", len(e.Value))
	case e.Output != "" && (e.Part == "" || len(o.Graphs()) > 0 && e.Part == o.Graphs()[0].Part):
		b.at(at+".output", "an output is passed on to a later part: name it in part")
	case e.From == "" && e.Output == "" && len(e.Value) == 0 && e.As != "size" && e.As != "ones":
		b.at(at, "has neither from nor value nor output")
	}
	if port.Kind == edit.KindText && !slices.ContainsFunc(o.Models, func(m edit.ModelFile) bool { return m.Role == edit.RoleVocab }) {
		b.at(at, "needs a tokenizer's words: a model entry with role vocab")
	}
}

// variants checks what a retry may change: for onnx the numbers of decode.
func (b *builder) variants(s *edit.ToolSpec) {
	known := []string{"score", "nms", "unclip", "box-score", "side"}
	for i, v := range s.Variants {
		at := item("variants", i)
		if len(v) == 0 {
			b.at(at, "changes nothing")
		}
		if s.Runtime.Kind != "onnx" {
			continue
		}
		for _, key := range sortedKeys(v) {
			if !slices.Contains(known, key) {
				b.at(join(at, key), "is no parameter of an onnx tool: want %s%s", oneOf(known), didYouMean(key, known))
			} else if x, ok := v[key].(float64); !ok || x < 0 {
				b.at(join(at, key), "want a number of 0 or more, found %v", fmt.Sprint(v[key]))
			}
		}
	}
}
