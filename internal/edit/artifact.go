package edit

import (
	"fmt"
	"math"
	"slices"
)

// Kind is the type of an artifact, the typed value that tools exchange.
type Kind string

// The closed set of artifact kinds.
const (
	KindImage   Kind = "image"   // a raster, pixel.Image
	KindMask    Kind = "mask"    // one 8-bit matte, pixel.Mask
	KindClasses Kind = "classes" // labelled mattes of the whole picture, pixel.Classes
	KindBoxes   Kind = "boxes"   // detections, Boxes
	KindPoints  Kind = "points"  // clicks or landmarks, Points
	KindText    Kind = "text"    // words, Text
	KindSpans   Kind = "spans"   // text with its place, Spans
	KindDepth   Kind = "depth"   // relative inverse depth, pixel.Depth
	KindColor   Kind = "color"   // one sRGB colour, Color
	KindNumber  Kind = "number"  // one scalar, Number
)

// Kinds lists every artifact kind in documentation order.
func Kinds() []Kind {
	return []Kind{
		KindImage, KindMask, KindClasses, KindBoxes, KindPoints, KindText,
		KindSpans, KindDepth, KindColor, KindNumber,
	}
}

// Valid reports whether k is one of Kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Artifact is a typed value the tools exchange. Artifacts are immutable once
// made: a tool never writes into one it was given.
type Artifact interface{ Kind() Kind }

// Slot names the place an artifact is held in while a subtask runs. Two ports
// connect when their slots are equal. A picture, its boxes, points, depth and
// classes exist once per subtask, so for those kinds the slot is the kind; a
// subtask may hold several masks, texts, spans, colours and numbers, so for
// those the slot is "name:kind". The picture being edited is the port named
// image; any other image port is a second picture that the person gives
// ("background:image", "reference:image").
func Slot(name string, kind Kind) string {
	switch kind {
	case KindMask, KindText, KindSpans, KindColor, KindNumber:
		return name + ":" + string(kind)
	case KindImage:
		if name != SlotImage {
			return name + ":" + string(kind)
		}
	case KindClasses, KindBoxes, KindPoints, KindDepth:
	}
	return string(kind)
}

// Slots that a request or a person fills; tool docs use the same names.
const (
	SlotImage  = "image"
	SlotObject = "object:text" // the object phrase
	SlotColor  = "color:color" // the target colour
	SlotText   = "text:text"   // words to write
	SlotMask   = "mask:mask"   // the object's matte
	SlotBoxes  = "boxes"
	SlotPoints = "points"
)

// Text is an artifact of words.
type Text string

// Kind implements Artifact.
func (Text) Kind() Kind { return KindText }

// Number is a scalar artifact.
type Number float64

// Kind implements Artifact.
func (Number) Kind() Kind { return KindNumber }

// Kind implements Artifact.
func (Color) Kind() Kind { return KindColor }

// Box is an axis-aligned rectangle in pixels of the picture: x0 <= x < x1,
// y0 <= y < y1. Coordinates may lie outside the picture until Clip.
type Box struct {
	X0    float64 `json:"x0"`
	Y0    float64 `json:"y0"`
	X1    float64 `json:"x1"`
	Y1    float64 `json:"y1"`
	Label string  `json:"label,omitempty"`
	Score float64 `json:"score,omitempty"` // the detector's, in [0,1]
	// Landmarks are points the detector gives with the box (a face's eyes, nose and mouth).
	Landmarks []Point `json:"landmarks,omitempty"`
}

// W is the width in pixels, never negative.
func (b Box) W() float64 { return math.Max(0, b.X1-b.X0) }

// H is the height in pixels, never negative.
func (b Box) H() float64 { return math.Max(0, b.Y1-b.Y0) }

// Area is W×H in square pixels.
func (b Box) Area() float64 { return b.W() * b.H() }

// Center returns the middle of the box.
func (b Box) Center() (x, y float64) { return (b.X0 + b.X1) / 2, (b.Y0 + b.Y1) / 2 }

// Clip returns b cut to a w×h picture, corners put in order, NaN taken as the border.
func (b Box) Clip(w, h int) Box {
	if b.X0 > b.X1 {
		b.X0, b.X1 = b.X1, b.X0
	}
	if b.Y0 > b.Y1 {
		b.Y0, b.Y1 = b.Y1, b.Y0
	}
	clamp := func(v, nan, hi float64) float64 {
		if math.IsNaN(v) {
			return nan
		}
		return math.Min(math.Max(v, 0), hi)
	}
	fw, fh := float64(w), float64(h)
	b.X0, b.X1 = clamp(b.X0, 0, fw), clamp(b.X1, fw, fw)
	b.Y0, b.Y1 = clamp(b.Y0, 0, fh), clamp(b.Y1, fh, fh)
	return b
}

// Intersect returns the area that a and b share, in square pixels.
func (b Box) Intersect(o Box) float64 {
	w := math.Min(b.X1, o.X1) - math.Max(b.X0, o.X0)
	h := math.Min(b.Y1, o.Y1) - math.Max(b.Y0, o.Y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// IoU is intersection over union in [0,1].
func (b Box) IoU(o Box) float64 {
	i := b.Intersect(o)
	if i == 0 {
		return 0
	}
	return i / (b.Area() + o.Area() - i)
}

// String writes the box as x0,y0,x1,y1 in whole pixels, the form --box takes.
func (b Box) String() string {
	return fmt.Sprintf("%.0f,%.0f,%.0f,%.0f", b.X0, b.Y0, b.X1, b.Y1)
}

// Boxes holds the detections that answer an object phrase and, beside them,
// the other objects of the picture: what a mask of the picked must not cover.
type Boxes struct {
	Picked []Box `json:"picked"`
	Others []Box `json:"others,omitempty"`
}

// Kind implements Artifact.
func (Boxes) Kind() Kind { return KindBoxes }

// Point is a place in pixels; Exclude marks a click that says "not this".
type Point struct {
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Exclude bool    `json:"exclude,omitempty"`
}

// Points is a list of clicks.
type Points []Point

// Kind implements Artifact.
func (Points) Kind() Kind { return KindPoints }

// Span is a piece of text with its place: the corners of its quadrilateral,
// clockwise from the text's top left, in pixels.
type Span struct {
	Quad  [4]Point `json:"quad"`
	Text  string   `json:"text,omitempty"`  // empty until read
	Score float64  `json:"score,omitempty"` // in [0,1]
}

// Bounds is the smallest box around the quadrilateral.
func (s Span) Bounds() Box {
	b := Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1), Score: s.Score, Label: s.Text}
	for _, p := range s.Quad {
		b.X0, b.X1 = math.Min(b.X0, p.X), math.Max(b.X1, p.X)
		b.Y0, b.Y1 = math.Min(b.Y0, p.Y), math.Max(b.Y1, p.Y)
	}
	return b
}

// Spans is a list of text spans in reading order.
type Spans []Span

// Kind implements Artifact.
func (Spans) Kind() Kind { return KindSpans }
