package onnx

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Sides below these, in pixels of the network's input, are no text: before
// growing and after (PaddleOCR, db_postprocess.py).
const (
	minTextSide  = 3
	minGrownSide = 5
)

// maxRegions bounds how many regions of text one picture can have.
const maxRegions = 1000

// decodeDB reads a map of text probability (differentiable binarisation, Liao
// et al. 2020) as PaddleOCR does: connected regions above `score`, the rectangle
// of least area around each, kept when the mean probability inside is at least
// `box-score`, grown outward by area·unclip/perimeter. Answers with quads in
// reading order.
func decodeDB(ctx context.Context, j *job) (tools.Response, error) {
	f, v, err := j.volume(ctx)
	if err != nil {
		return tools.Response{}, err
	}
	if v.t.f == nil || v.c != 1 {
		return tools.Response{}, fmt.Errorf("decoder db reads one channel of text probability, found %v", v.t.shape)
	}
	prob := &pixel.Plane{W: v.w, H: v.h, V: v.t.f}
	sx, sy := float64(f.netW)/float64(v.w), float64(f.netH)/float64(v.h)
	spans := edit.Spans{}
	for _, r := range textRegions(prob, j.dec.Score) {
		rect := minAreaRect(r)
		if min(rect.w, rect.h) < minTextSide {
			continue
		}
		score := meanInside(prob, rect)
		if score < j.dec.BoxScore {
			continue
		}
		d := rect.w * rect.h * j.dec.Unclip / (2 * (rect.w + rect.h))
		rect.w, rect.h = rect.w+2*d, rect.h+2*d
		if min(rect.w, rect.h) < minGrownSide {
			continue
		}
		s := edit.Span{Score: score}
		for i, p := range rect.corners() {
			x, y := f.toPicture(p.x*sx, p.y*sy)
			s.Quad[i] = edit.Point{X: min(max(x, 0), float64(j.img.W)), Y: min(max(y, 0), float64(j.img.H))}
		}
		spans = append(spans, s)
		if len(spans) == maxRegions {
			break
		}
	}
	readingOrder(spans)
	return j.respond(spans, math.NaN())
}

// textRegions returns the outline points of each connected region of prob above
// the threshold: per row the outer edges of its first and last pixel, which is
// all a convex hull needs.
func textRegions(prob *pixel.Plane, threshold float64) [][]vec {
	m := pixel.NewMask(prob.W, prob.H)
	for i, p := range prob.V {
		if float64(p) > threshold {
			m.Pix[i] = 255
		}
	}
	l := pixel.Label(m, 255, true)
	regions := make([][]vec, len(l.Components))
	for y := range l.H {
		row := l.Of[y*l.W : (y+1)*l.W]
		for x, label := range row {
			if label == 0 || x > 0 && row[x-1] == label && x+1 < l.W && row[x+1] == label {
				continue // inside a run
			}
			regions[label-1] = append(regions[label-1], vec{float64(x), float64(y)})
		}
	}
	return regions
}

// meanInside is the mean probability of the pixels whose centre lies in the rectangle.
func meanInside(p *pixel.Plane, r rotated) float64 {
	var sum float64
	n := 0
	c := r.corners()
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, v := range c {
		x0, y0, x1, y1 = min(x0, v.x), min(y0, v.y), max(x1, v.x), max(y1, v.y)
	}
	for y := max(0, int(math.Floor(y0))); y <= min(p.H-1, int(math.Ceil(y1))); y++ {
		for x := max(0, int(math.Floor(x0))); x <= min(p.W-1, int(math.Ceil(x1))); x++ {
			if r.contains(vec{float64(x), float64(y)}) {
				sum += float64(p.At(x, y))
				n++
			}
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// readingOrder sorts lines from top to bottom and within a line from left to
// right; two spans are on one line when their tops differ by less than half the
// lower one's height.
func readingOrder(spans edit.Spans) {
	slices.SortStableFunc(spans, func(a, b edit.Span) int {
		return cmp.Or(cmp.Compare(a.Bounds().Y0, b.Bounds().Y0), cmp.Compare(a.Bounds().X0, b.Bounds().X0))
	})
	for from := 0; from < len(spans); {
		first := spans[from].Bounds()
		to := from + 1
		for to < len(spans) {
			b := spans[to].Bounds()
			if b.Y0-first.Y0 >= min(first.H(), b.H())/2 {
				break
			}
			to++
		}
		slices.SortStableFunc(spans[from:to], func(a, b edit.Span) int { return cmp.Compare(a.Bounds().X0, b.Bounds().X0) })
		from = to
	}
}
