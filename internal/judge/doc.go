// Package judge scores what a step made: a mask, a recoloured object, a filled
// hole, a sharper picture. Every check is a pure function of the pictures and
// of what was asked; detectors, readers and segmenters are passed in as
// functions, and what cannot be measured without them is left out and said.
//
// A check makes measures (a share, a ratio, a distance), turns each into a part
// in [0,1] by a falling curve, and joins the parts (see tally). The joint value
// at which a result passes was set per check on pictures (cuts.go); scores are
// stretched so that this value is PassMark for all of them. docs/judge.md lists
// the measures and how often the checks err.
//
// Checks look at the surroundings of the mask, reduced to at most a megapixel
// and a half, so that a large picture costs no more than a small one; only
// "nothing outside changed" is looked at pixel by pixel.
package judge
