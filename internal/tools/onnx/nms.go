package onnx

import (
	"cmp"
	"slices"

	"pentimento/internal/edit"
)

// maxCandidates bounds the boxes that go into non-maximum suppression, which
// compares each with each; a detector's real answers are among the best ones.
const maxCandidates = 1000

// suppress keeps, class by class, the boxes that no better-scored box of the
// class overlaps by more than iou. The answer is sorted by falling score; equal
// scores by place, so that it does not depend on the order of the anchors.
func suppress(boxes []edit.Box, iou float64) []edit.Box {
	slices.SortStableFunc(boxes, func(a, b edit.Box) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.X0, b.X0), cmp.Compare(a.Y0, b.Y0))
	})
	boxes = boxes[:min(len(boxes), maxCandidates)]
	var kept []edit.Box
	for _, b := range boxes {
		if !slices.ContainsFunc(kept, func(k edit.Box) bool { return k.Label == b.Label && k.IoU(b) > iou }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// precisionAt reads a table of scores and the precision measured from each on:
// between its points a straight line, below the first one towards 0 at score 0,
// above the last one its precision.
func precisionAt(table [][2]float64, score float64) float64 {
	var s0, p0 float64
	for _, row := range table {
		s1, p1 := row[0], row[1]
		if score < s1 {
			return p0 + (p1-p0)*(score-s0)/(s1-s0)
		}
		s0, p0 = s1, p1
	}
	return p0
}
