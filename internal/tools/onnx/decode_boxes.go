package onnx

import (
	"context"
	"errors"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// weakShare is how far below the threshold a detection may score to be named in
// "not found", as what was seen and not believed.
const weakShare = 0.5

// detections answers with what a detector saw: boxes of the picture with label
// and score, before any threshold. With an object phrase the boxes it means are
// picked; else all are.
func (j *job) detections(boxes []edit.Box) (tools.Response, error) {
	boxes = suppress(boxes, j.dec.NMS)
	var seen, weak []edit.Box
	for _, b := range boxes {
		for i, p := range b.Landmarks { // a landmark may lie outside, by a little
			b.Landmarks[i].X = min(max(p.X, 0), float64(j.img.W))
			b.Landmarks[i].Y = min(max(p.Y, 0), float64(j.img.H))
		}
		b = b.Clip(j.img.W, j.img.H)
		switch {
		case b.W() < 1 || b.H() < 1:
		case b.Score >= j.dec.Score:
			seen = append(seen, b)
		default:
			weak = append(weak, b)
		}
	}
	found := edit.Boxes{Picked: seen}
	if phrase, ok := j.req.Inputs["object"].(edit.Text); ok {
		var err error
		labels := j.labels()
		if found, err = tools.Pick(j.img, seen, labels, edit.ParsePhrase(string(phrase)), j.req.Spec.Name); err != nil {
			return tools.Response{}, withWeak(err, weak, labels, string(phrase))
		}
	}
	outputs := make(map[string]edit.Artifact)
	for _, p := range j.req.Spec.Outputs {
		switch p.Kind {
		case edit.KindBoxes:
			outputs[p.Name] = found
		case edit.KindPoints:
			outputs[p.Name] = landmarks(found.Picked)
		default: // Guard reports an output that nothing fills
		}
	}
	return tools.Response{Outputs: outputs, Quality: j.belief(found.Picked)}, nil
}

// labels are the words a request may use for what the detector finds.
func (j *job) labels() *edit.Labels {
	if l := j.req.Spec.Accepts["object"].Labels; l != nil {
		return l
	}
	return j.dec.Labels
}

// belief is the lowest measured precision among the picked, NaN where none was
// measured or none was picked.
func (j *job) belief(picked []edit.Box) float64 {
	if len(j.dec.Precision) == 0 || len(picked) == 0 {
		return math.NaN()
	}
	q := 1.0
	for _, b := range picked {
		q = min(q, precisionAt(j.dec.Precision, b.Score))
	}
	return q
}

// withWeak adds to "not found" the best detection below the threshold that the word fits.
func withWeak(err error, weak []edit.Box, labels *edit.Labels, phrase string) error {
	var nf *edit.NotFoundError
	if !errors.As(err, &nf) || nf.Weak != nil || labels == nil {
		return err
	}
	class, ok := labels.Find(edit.ParsePhrase(phrase).Head)
	if !ok {
		return err
	}
	for _, b := range weak { // sorted by falling score
		if class < 0 || b.Label == labels.Names[class] {
			nf.Weak = &b
			break
		}
	}
	return err
}

func landmarks(boxes []edit.Box) edit.Points {
	points := edit.Points{}
	for _, b := range boxes {
		points = append(points, b.Landmarks...)
	}
	return points
}

// decodeYOLOX reads the raw output of YOLOX, [1, N, 5+classes]: per cell of the
// grids of the strides, in order, centre offset, log size, objectness and class
// scores (Ge et al. 2021, demo/ONNXRuntime of the authors' repository).
func decodeYOLOX(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	t, err := only(outs, 3)
	if err != nil {
		return tools.Response{}, err
	}
	n, width := int(t.shape[1]), int(t.shape[2])
	cells := 0
	for _, s := range j.dec.Strides {
		cells += (f.netW / s) * (f.netH / s)
	}
	if n != cells || width != 5+len(j.dec.Labels.Names) {
		return tools.Response{}, fmt.Errorf("its output is %v; strides %v and %d labels want [1 %d %d]",
			t.shape, j.dec.Strides, len(j.dec.Labels.Names), cells, 5+len(j.dec.Labels.Names))
	}
	floor := float32(weakShare * j.dec.Score)
	var boxes []edit.Box
	row := t.f
	for _, stride := range j.dec.Strides {
		s := float64(stride)
		for gy := range f.netH / stride {
			for gx := range f.netW / stride {
				v := row[:width]
				row = row[width:]
				if v[4] < floor {
					continue
				}
				class, best := argmax(v[5:])
				if v[4]*best < floor {
					continue
				}
				cx, cy := (float64(v[0])+float64(gx))*s, (float64(v[1])+float64(gy))*s
				w, h := math.Exp(float64(v[2]))*s, math.Exp(float64(v[3]))*s
				boxes = append(boxes, f.boxToPicture(centered(cx, cy, w, h, j.dec.Labels.Names[class], float64(v[4]*best))))
			}
		}
	}
	return j.detections(boxes)
}

// decodeFastestDet reads [1, 5+classes, gh, gw]: per cell objectness, box and
// softmaxed classes; score = obj^0.6 · class^0.4 (dog-qiuqiu/FastestDet).
func decodeFastestDet(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	t, err := only(outs, 4)
	if err != nil {
		return tools.Response{}, err
	}
	v, err := asVolume(t, "nchw")
	if err != nil {
		return tools.Response{}, err
	}
	if v.c != 5+len(j.dec.Labels.Names) {
		return tools.Response{}, fmt.Errorf("its output is %v; %d labels want %d channels", t.shape, len(j.dec.Labels.Names), 5+len(j.dec.Labels.Names))
	}
	scores := make([]float32, v.c-5)
	var boxes []edit.Box
	for y := range v.h {
		for x := range v.w {
			obj := float64(v.get(0, y, x))
			if math.Pow(max(obj, 0), 0.6) < weakShare*j.dec.Score {
				continue
			}
			for c := range scores {
				scores[c] = v.get(5+c, y, x)
			}
			class, best := argmax(scores)
			score := math.Pow(obj, 0.6) * math.Pow(max(float64(best), 0), 0.4)
			if score < weakShare*j.dec.Score {
				continue
			}
			cx := (float64(x) + math.Tanh(float64(v.get(1, y, x)))) / float64(v.w) * float64(f.netW)
			cy := (float64(y) + math.Tanh(float64(v.get(2, y, x)))) / float64(v.h) * float64(f.netH)
			w, h := sigmoid(v.get(3, y, x))*float64(f.netW), sigmoid(v.get(4, y, x))*float64(f.netH)
			boxes = append(boxes, f.boxToPicture(centered(cx, cy, w, h, j.dec.Labels.Names[class], score)))
		}
	}
	return j.detections(boxes)
}

// decodeBoxes reads detections that the network has decoded itself: the outputs,
// in the order the doc gives, scores [1, N, C] and boxes [1, N, 4] as x0, y0,
// x1, y1 in fractions of the input. channel is the first column of the scores
// that is a class; the ones before it are background.
func decodeBoxes(ctx context.Context, j *job) (tools.Response, error) {
	f, outs, err := j.whole(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if len(outs) != 2 || len(outs[0].shape) != 3 || len(outs[1].shape) != 3 ||
		outs[0].shape[1] != outs[1].shape[1] || outs[1].shape[2] != 4 || outs[0].f == nil || outs[1].f == nil {
		return tools.Response{}, fmt.Errorf("decoder boxes wants the outputs scores [1, N, C] and boxes [1, N, 4], found %v", shapes(outs))
	}
	scores, at := outs[0], outs[1]
	columns := int(scores.shape[2])
	if j.dec.Channel >= columns {
		return tools.Response{}, fmt.Errorf("channel %d of %d scores", j.dec.Channel, columns)
	}
	var boxes []edit.Box
	for i := range int(scores.shape[1]) {
		class, best := argmax(scores.f[i*columns+j.dec.Channel : (i+1)*columns])
		if float64(best) < weakShare*j.dec.Score {
			continue
		}
		p := at.f[4*i : 4*i+4]
		w, h := float64(f.netW), float64(f.netH)
		boxes = append(boxes, f.boxToPicture(edit.Box{
			X0: float64(p[0]) * w, Y0: float64(p[1]) * h, X1: float64(p[2]) * w, Y1: float64(p[3]) * h,
			Label: j.className(class), Score: float64(best),
		}))
	}
	return j.detections(boxes)
}

// className is the label of a class; a detector of one thing may have no list.
func (j *job) className(class int) string {
	l := j.dec.Labels
	if l == nil {
		l = j.labels()
	}
	if l == nil || class >= len(l.Names) {
		return fmt.Sprintf("class %d", class)
	}
	return l.Names[class]
}

func centered(cx, cy, w, h float64, label string, score float64) edit.Box {
	return edit.Box{X0: cx - w/2, Y0: cy - h/2, X1: cx + w/2, Y1: cy + h/2, Label: label, Score: score}
}

func argmax(v []float32) (int, float32) {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best, v[best]
}

func sigmoid(v float32) float64 { return 1 / (1 + math.Exp(-float64(v))) }

// only returns the single float output of that many dimensions.
func only(outs []tensorData, rank int) (tensorData, error) {
	if len(outs) != 1 || len(outs[0].shape) != rank || outs[0].f == nil {
		return tensorData{}, fmt.Errorf("want one float output of %d dimensions, found %v; name it in decode.outputs", rank, shapes(outs))
	}
	return outs[0], nil
}

func shapes(outs []tensorData) [][]int64 {
	s := make([][]int64, len(outs))
	for i, t := range outs {
		s[i] = t.shape
	}
	return s
}
