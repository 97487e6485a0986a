package onnx

import (
	"context"
	"fmt"
	"image"
	"math"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// A line is at most this much longer than high when it is read; longer ones are squeezed.
const maxLineAspect = 60

// lineBatch is how many lines one run reads.
const lineBatch = 8

// lineWidthStep rounds the widths of long lines, so that few shapes occur.
const lineWidthStep = 32

// decodeCTC reads lines of text. Each region of the input of kind spans is cut
// out and rectified, brought to the input's height, padded on the right with
// `pad` to at least the input's width, and read: the output [n, steps, classes]
// has blank as class 0, then the charset, then a space. Regions whose text
// scores below `score`, the mean probability of its characters, are left out.
func decodeCTC(ctx context.Context, j *job) (tools.Response, error) {
	regions, err := j.regions()
	if err != nil {
		return tools.Response{}, err
	}
	if j.in.Height < 1 {
		return tools.Response{}, fmt.Errorf("decoder ctc needs the height of the input")
	}
	j.seen = opaque(j.img, false)
	read := make(edit.Spans, len(regions))
	copy(read, regions)
	groups := make(map[int][]int) // tensor width -> indices of regions; the order of first appearance is kept in widths
	var widths []int
	lines := make([]line, len(regions))
	for i, s := range regions {
		lines[i] = newLine(s, j.in)
		w := lines[i].tensorWidth
		if groups[w] == nil {
			widths = append(widths, w)
		}
		groups[w] = append(groups[w], i)
	}
	done := 0
	for _, w := range widths {
		for g := groups[w]; len(g) > 0; {
			batch := g[:min(j.linesAtOnce(), len(g))]
			g = g[len(batch):]
			if err := j.readLines(ctx, lines, batch, w, read); err != nil {
				return tools.Response{}, err
			}
			done += len(batch)
			j.progress(float64(done) / float64(len(regions)))
		}
	}
	return j.answerText(read)
}

// linesAtOnce is how many lines one run reads: as many as the network takes.
func (j *job) linesAtOnce() int {
	if d := j.feeds[0].info.Dims; len(d) > 0 && d[0] > 0 {
		return min(int(d[0]), lineBatch)
	}
	return lineBatch
}

// regions is the tool's input of kind spans.
func (j *job) regions() (edit.Spans, error) {
	for _, p := range j.req.Spec.Inputs {
		if p.Kind == edit.KindSpans {
			return tools.Input[edit.Spans](j.req, p.Name)
		}
	}
	return nil, &tools.ContractError{Tool: j.req.Spec.Name, Detail: "decoder ctc reads regions and the doc has no input of kind spans"}
}

func (j *job) answerText(read edit.Spans) (tools.Response, error) {
	kept := edit.Spans{}
	var words []string
	quality := math.NaN()
	for _, s := range read {
		s.Text = strings.TrimSpace(s.Text)
		if s.Text == "" || s.Score < j.dec.Score {
			continue
		}
		kept = append(kept, s)
		words = append(words, s.Text)
		if len(j.dec.Precision) > 0 {
			if p := precisionAt(j.dec.Precision, s.Score); math.IsNaN(quality) || p < quality {
				quality = p
			}
		}
	}
	outputs := make(map[string]edit.Artifact)
	for _, p := range j.req.Spec.Outputs {
		switch p.Kind {
		case edit.KindSpans:
			outputs[p.Name] = kept
		case edit.KindText:
			outputs[p.Name] = edit.Text(strings.Join(words, "\n"))
		default: // Guard reports an output that nothing fills
		}
	}
	return tools.Response{Outputs: outputs, Quality: quality}, nil
}

// readLines reads one batch of lines of one tensor width into read.
func (j *job) readLines(ctx context.Context, lines []line, batch []int, width int, read edit.Spans) error {
	t, err := newTensor(j.feeds[0].info.Elem, append([]int64{int64(len(batch))}, pictureShape(j.in.Layout, channelsOf(j.in), frame{netW: width, netH: j.in.Height})[1:]...)...)
	if err != nil {
		return err
	}
	each := len(t.f) / len(batch)
	for k, i := range batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		crop := lines[i].rectify(j.seen)
		f := frame{
			w: crop.W, h: crop.H, src: image.Rect(0, 0, crop.W, crop.H), filter: pixel.Bilinear,
			dst: image.Rect(0, 0, lines[i].inkWidth, j.in.Height), netW: width, netH: j.in.Height,
		}
		fill(tensorData{f: t.f[k*each : (k+1)*each]}, j.in, f, crop)
	}
	outs, err := j.r.infer(ctx, j.lease, []tensorData{t})
	if err != nil {
		return err
	}
	out, err := only(outs, 3)
	if err != nil {
		return err
	}
	classes := int(out.shape[2])
	if n := len(j.dec.Charset) + 1; int(out.shape[0]) != len(batch) || classes != n && classes != n+1 {
		return fmt.Errorf("its output is %v; %d lines and %d characters want [%d steps %d or %d]",
			out.shape, len(batch), len(j.dec.Charset), len(batch), n, n+1)
	}
	rows := int(out.shape[1]) * classes
	for k, i := range batch {
		read[i].Text, read[i].Score = j.collapse(out.f[k*rows:(k+1)*rows], classes)
	}
	return nil
}

// collapse reads one line's probabilities: the best class per step, repeats and
// blanks dropped. The score is the mean probability of the characters kept.
func (j *job) collapse(v []float32, classes int) (string, float64) {
	var b strings.Builder
	var sum float64
	n, last := 0, 0
	for ; len(v) >= classes; v = v[classes:] {
		class, p := argmax(v[:classes])
		if class != 0 && class != last {
			if class <= len(j.dec.Charset) {
				b.WriteString(j.dec.Charset[class-1])
			} else {
				b.WriteByte(' ')
			}
			sum += float64(p)
			n++
		}
		last = class
	}
	if n == 0 {
		return "", 0
	}
	return b.String(), sum / float64(n)
}

// line is one region of text on its way into the network.
type line struct {
	quad        [4]vec // clockwise from the text's top left
	w, h        int    // of the rectified cut-out, in pixels
	inkWidth    int    // of the text in the tensor
	tensorWidth int    // with the padding
}

// newLine measures a region. One that is much higher than wide is text that
// runs downwards: it is turned so that it runs to the right.
func newLine(s edit.Span, in edit.TensorInput) line {
	var l line
	for i, p := range s.Quad {
		l.quad[i] = vec{p.X, p.Y}
	}
	side := func(a, b int) float64 { d := l.quad[b].sub(l.quad[a]); return math.Hypot(d.x, d.y) }
	w, h := max(side(0, 1), side(3, 2)), max(side(0, 3), side(1, 2))
	if h >= 1.5*w {
		l.quad = [4]vec{l.quad[1], l.quad[2], l.quad[3], l.quad[0]}
		w, h = h, w
	}
	w, h = max(w, 1), max(h, 1)
	aspect := min(w/h, maxLineAspect)
	l.w, l.h = min(int(math.Ceil(w)), 16384), min(int(math.Ceil(h)), 16384)
	l.inkWidth = max(1, int(math.Ceil(float64(in.Height)*aspect)))
	l.tensorWidth = max(in.Width, roundUp(l.inkWidth, lineWidthStep))
	return l
}

// rectify cuts the region out of the picture by the perspective map from the
// upright rectangle to its quad, bilinear.
func (l line) rectify(m *pixel.Image) *pixel.Image {
	out := pixel.NewImage(l.w, l.h)
	to := squareToQuad(l.quad)
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range l.w {
				p := to.at((float64(x)+0.5)/float64(l.w), (float64(y)+0.5)/float64(l.h))
				sampleInto(out.Pix[4*(y*l.w+x):], m, p.x-0.5, p.y-0.5)
			}
		}
	})
	return out
}

// sampleInto writes the bilinear sample at (x,y), pixel centres at whole numbers, the border repeated.
func sampleInto(dst []uint8, m *pixel.Image, x, y float64) {
	x, y = min(max(x, 0), float64(m.W-1)), min(max(y, 0), float64(m.H-1))
	ix, iy := int(x), int(y)
	fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
	right, down := 0, 0
	if ix+1 < m.W {
		right = 4
	}
	if iy+1 < m.H {
		down = 4 * m.W
	}
	p := m.Pix[4*(iy*m.W+ix):]
	for c := range 3 {
		top := float32(p[c])*(1-fx) + float32(p[right+c])*fx
		bottom := float32(p[down+c])*(1-fx) + float32(p[down+right+c])*fx
		dst[c] = uint8(top*(1-fy) + bottom*fy + 0.5)
	}
}

// projective maps the unit square to a quad: x = (a·u + b·v + c) / (g·u + h·v + 1), y alike.
type projective struct{ a, b, c, d, e, f, g, h float64 }

// squareToQuad is the map that takes (0,0), (1,0), (1,1), (0,1) to the corners
// in order (Heckbert 1989, section 2.2.3).
func squareToQuad(q [4]vec) projective {
	d1, d2 := q[1].sub(q[2]), q[3].sub(q[2])
	s := vec{q[0].x - q[1].x + q[2].x - q[3].x, q[0].y - q[1].y + q[2].y - q[3].y}
	var g, h float64
	if det := d1.cross(d2); det != 0 {
		g, h = s.cross(d2)/det, d1.cross(s)/det
	}
	return projective{
		a: q[1].x - q[0].x + g*q[1].x, b: q[3].x - q[0].x + h*q[3].x, c: q[0].x,
		d: q[1].y - q[0].y + g*q[1].y, e: q[3].y - q[0].y + h*q[3].y, f: q[0].y,
		g: g, h: h,
	}
}

func (m projective) at(u, v float64) vec {
	w := m.g*u + m.h*v + 1
	return vec{(m.a*u + m.b*v + m.c) / w, (m.d*u + m.e*v + m.f) / w}
}
