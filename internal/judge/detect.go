package judge

import (
	"context"
	"errors"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Detector looks for what a phrase names. An *edit.NotFoundError is an answer,
// as is an *edit.AmbiguousError.
type Detector func(ctx context.Context, img *pixel.Image, phrase string) (edit.Boxes, error)

// look calls a detector; ok is false when it found nothing.
func look(ctx context.Context, d Detector, img *pixel.Image, phrase string) (edit.Boxes, bool, error) {
	b, err := d(ctx, img, phrase)
	var none *edit.NotFoundError
	var many *edit.AmbiguousError
	switch {
	case err == nil:
		return b, true, nil
	case errors.As(err, &many):
		return edit.Boxes{Picked: many.Candidates}, true, nil
	case errors.As(err, &none):
		return edit.Boxes{}, false, nil
	}
	return edit.Boxes{}, false, err
}

// DetectInput is what a detector found.
type DetectInput struct {
	Width, Height int
	Boxes         edit.Boxes
	// Precision maps scores to measured precision: pairs, rising, linear between; empty: scores are taken as they are.
	Precision [][2]float64
	// Second is what another detector found; nil when none looked.
	Second *edit.Boxes
}

// Detect checks detections. Its measures:
//
//	precision  the least precise picked box, by its score
//	sanity     of the boxes: inside the picture, neither specks nor slivers, none twice
//	agreement  mean overlap of each picked box with the nearest of the second detector
func Detect(in DetectInput) Verdict {
	t := newTally("detect")
	if len(in.Boxes.Picked) == 0 {
		t.fail("nothing was found")
		return t.verdict("")
	}
	precision, sane := 1.0, 1.0
	for i, b := range in.Boxes.Picked {
		if math.IsNaN(b.X0 + b.Y0 + b.X1 + b.Y1 + b.Score) {
			t.fail("a box is not a number")
			return t.verdict("")
		}
		precision = min(precision, Precision(in.Precision, b.Score))
		sane = min(sane, boxSanity(b, in.Width, in.Height))
		for _, o := range in.Boxes.Picked[:i] {
			sane = min(sane, 1-max(0, b.IoU(o)-0.7)/0.3)
		}
	}
	t.add("precision", precision, 0.85, 0.2, fmt.Sprintf("a detection of this score is right in %.0f of 100 cases", 100*precision))
	t.add("sanity", sane, 0.9, 0.3, "a box is not plausible")
	if in.Second == nil {
		t.skip("agreement of another detector")
		return t.verdict("the detection is precise enough")
	}
	var agree mean
	for _, b := range in.Boxes.Picked {
		best := 0.0
		for _, o := range append(append([]edit.Box(nil), in.Second.Picked...), in.Second.Others...) {
			if b.Label == "" || o.Label == "" || o.Label == b.Label {
				best = max(best, b.IoU(o))
			}
		}
		agree.add(best)
	}
	t.add("agreement", agree.value(), 0.6, 0.1, "another detector does not agree")
	return t.verdict("two detectors agree")
}

// Precision interpolates pairs of score and precision; outside them the nearest pair counts.
func Precision(pairs [][2]float64, score float64) float64 {
	if len(pairs) == 0 {
		return min(max(score, 0), 1)
	}
	if score <= pairs[0][0] {
		return pairs[0][1]
	}
	for i := 1; i < len(pairs); i++ {
		if a, b := pairs[i-1], pairs[i]; score <= b[0] && b[0] > a[0] {
			return a[1] + (b[1]-a[1])*(score-a[0])/(b[0]-a[0])
		}
	}
	return pairs[len(pairs)-1][1]
}

// boxSanity is the share of the box inside the picture, less for specks and slivers.
func boxSanity(b edit.Box, w, h int) float64 {
	if b.Area() <= 0 {
		return 0
	}
	c := b.Clip(w, h)
	s := c.Area() / b.Area()
	s *= min(1, min(c.W(), c.H())/6)                       // a side of six pixels is the least that can be judged
	s *= min(1, 14*min(c.W(), c.H())/max(c.W(), c.H(), 1)) // and no thing is fourteen times as long as wide
	return s
}
