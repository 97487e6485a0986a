package tools

import (
	"cmp"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

const (
	// sameIoU is the overlap from which two boxes are one object seen twice.
	sameIoU = 0.65
	// insideShare and muchLower: a box of the same class this far inside a
	// better one, and this much less certain, is a part of it.
	insideShare = 0.85
	muchLower   = 0.7
)

// Pick chooses among a detector's boxes the ones an object phrase means: of its
// class, of its colour, where it says, as many as it says. Others are all the
// remaining objects of any class. Boxes are clipped to the picture and double
// detections merged first.
//
// Nothing is guessed: no box that fits is a *edit.NotFoundError, several for a
// phrase that means one a *edit.AmbiguousError with the candidates from left to
// right. A head noun that labels does not hold is a *edit.UserError; with nil
// labels, and for words such as "object", every box is of the class. by names
// the detector in errors.
func Pick(img *pixel.Image, all []edit.Box, labels *edit.Labels, phrase edit.Phrase, by string) (edit.Boxes, error) {
	class := -1
	if labels != nil {
		var known bool
		if class, known = labels.Find(phrase.Head); !known {
			return edit.Boxes{}, &edit.UserError{Msg: by + " does not know the word \"" + phrase.Head + "\""}
		}
	}
	all = clipped(img, all)
	var candidates []edit.Box
	for _, b := range all {
		if class < 0 || b.Label == labels.Names[class] {
			candidates = append(candidates, b)
		}
	}
	candidates = merged(candidates)
	if len(phrase.Colors) > 0 {
		candidates = ofColors(img, candidates, phrase.Colors)
	}
	picked, err := choose(img, candidates, phrase)
	if err != nil {
		return edit.Boxes{}, err
	}
	if len(picked) == 0 {
		return edit.Boxes{}, &edit.NotFoundError{Phrase: phrase.Text, By: []string{by}}
	}
	return edit.Boxes{Picked: picked, Others: remaining(all, picked)}, nil
}

// clipped cuts boxes to the picture, drops those that do not reach into it, and
// puts the most certain first.
func clipped(img *pixel.Image, all []edit.Box) []edit.Box {
	var out []edit.Box
	for _, b := range all {
		if b = b.Clip(img.W, img.H); b.W() >= 1 && b.H() >= 1 && !math.IsNaN(b.Score) {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b edit.Box) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.X0, b.X0), cmp.Compare(a.Y0, b.Y0))
	})
	return out
}

// merged drops boxes that show an object a better box shows. Boxes come most certain first.
func merged(boxes []edit.Box) []edit.Box {
	var kept []edit.Box
	for _, b := range boxes {
		if !slices.ContainsFunc(kept, func(k edit.Box) bool { return duplicate(b, k) }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// duplicate reports whether b shows the same object as the better box k.
func duplicate(b, k edit.Box) bool {
	if k.IoU(b) > sameIoU {
		return true
	}
	return b.Label == k.Label && k.Intersect(b) >= insideShare*b.Area() && b.Score < muchLower*k.Score
}

// remaining are the objects that were not picked. A second reading of a picked
// object under another name (a pickup seen as truck and as car) is none of them.
func remaining(all, picked []edit.Box) []edit.Box {
	var others []edit.Box
	for _, b := range merged(all) {
		same := func(p edit.Box) bool { return p.IoU(b) > sameIoU || duplicate(b, p) }
		if !slices.ContainsFunc(picked, same) {
			others = append(others, b)
		}
	}
	return others
}

// choose applies position, ordinal and number.
func choose(img *pixel.Image, boxes []edit.Box, p edit.Phrase) ([]edit.Box, error) {
	if len(boxes) == 0 {
		return nil, nil
	}
	switch {
	case p.Ordinal > 0:
		inOrder := fromEdge(img, boxes, p.Position)
		if p.Ordinal > len(inOrder) {
			return nil, nil
		}
		return inOrder[p.Ordinal-1 : p.Ordinal], nil
	case p.Count > 1:
		return chooseCount(img, boxes, p)
	case p.All || p.Plural:
		if p.Position == edit.Anywhere {
			return boxes, nil
		}
		return inHalf(img, boxes, p.Position), nil
	case len(boxes) == 1:
		return boxes, nil
	case p.Position != edit.Anywhere:
		return fromEdge(img, boxes, p.Position)[:1], nil
	}
	return nil, ambiguous(img, boxes, p)
}

func chooseCount(img *pixel.Image, boxes []edit.Box, p edit.Phrase) ([]edit.Box, error) {
	switch {
	case len(boxes) < p.Count:
		return nil, nil
	case len(boxes) == p.Count:
		return boxes, nil
	case p.Position != edit.Anywhere:
		return fromEdge(img, boxes, p.Position)[:p.Count], nil
	}
	return nil, ambiguous(img, boxes, p)
}

func ambiguous(img *pixel.Image, boxes []edit.Box, p edit.Phrase) error {
	return &edit.AmbiguousError{Phrase: p.Text, Candidates: fromEdge(img, boxes, edit.Left)}
}

// fromEdge sorts boxes by how far they are from what a position word names, the
// nearest first; without a position, from left to right. Near and far are read
// off the lower edge: what stands lower in a picture stands nearer.
func fromEdge(img *pixel.Image, boxes []edit.Box, at edit.Position) []edit.Box {
	key := func(b edit.Box) float64 {
		x, y := b.Center()
		switch at {
		case edit.Right:
			return -x
		case edit.Top:
			return y
		case edit.Bottom:
			return -y
		case edit.Middle:
			return math.Hypot(x-float64(img.W)/2, y-float64(img.H)/2)
		case edit.Largest:
			return -b.Area()
		case edit.Smallest:
			return b.Area()
		case edit.Nearest:
			return -b.Y1
		case edit.Farthest:
			return b.Y1
		case edit.Left, edit.Anywhere:
		}
		return x
	}
	sorted := slices.Clone(boxes)
	slices.SortStableFunc(sorted, func(a, b edit.Box) int { return cmp.Compare(key(a), key(b)) })
	return sorted
}

// inHalf keeps the boxes in the half of the picture that a position names ("the
// cars on the left"); for the other positions, which name one object, the first.
func inHalf(img *pixel.Image, boxes []edit.Box, at edit.Position) []edit.Box {
	var keep func(x, y float64) bool
	w, h := float64(img.W), float64(img.H)
	switch at {
	case edit.Left:
		keep = func(x, _ float64) bool { return x < w/2 }
	case edit.Right:
		keep = func(x, _ float64) bool { return x >= w/2 }
	case edit.Top:
		keep = func(_, y float64) bool { return y < h/2 }
	case edit.Bottom:
		keep = func(_, y float64) bool { return y >= h/2 }
	case edit.Middle:
		keep = func(x, _ float64) bool { return math.Abs(x-w/2) < w/6 }
	case edit.Largest, edit.Smallest, edit.Nearest, edit.Farthest, edit.Anywhere:
		return fromEdge(img, boxes, at)[:1]
	}
	var in []edit.Box
	for _, b := range boxes {
		if keep(b.Center()) {
			in = append(in, b)
		}
	}
	return in
}
