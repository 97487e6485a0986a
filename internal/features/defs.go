package features

import "slices"

// Type is what kind of value a feature has, which is what a rule can ask of it.
type Type string

// The types: thresholds suit numbers, equality and set membership categories.
const (
	Number   Type = "number"
	Category Type = "category"
	Bool     Type = "bool"
)

// Def documents one feature.
type Def struct {
	Name string
	Type Type
	Unit string // of a number
	// Min and Max bound a number, ends included.
	Min, Max float64
	// Values are those a category can have; nil: any words.
	Values []string
	// Cuts part a number's range into buckets: below the first, from the first to the second, and so on.
	Cuts []float64
	// Needs is the evidence without which the feature is absent.
	Needs   string
	Meaning string
}

// Evidence names, as Def.Needs has them.
const (
	needsPicture = "picture"
	needsMask    = "mask"
	needsBoxes   = "boxes"
	needsObject  = "mask or boxes"
	needsColor   = "mask and target colour"
	needsTarget  = "target colour"
	needsSpans   = "spans"
	needsWords   = "read spans"
	needsSubtask = "object phrase"
	needsFact    = "fact"
	needsModel   = "a vision model's word"
)

// Ground kinds, from the easiest to continue to the hardest.
const (
	Plain    = "plain"
	Gradient = "gradient"
	Texture  = "texture"
	Complex  = "complex"
)

var lowToHigh = []string{"low", "medium", "high"}

var grounds = []string{Plain, Gradient, Texture, Complex}

const (
	share   = "share"
	deltaE  = "OKLab distance"
	oklabL  = "OKLab lightness"
	degrees = "degrees"
	many    = 1e6
)

func num(name, unit string, lo, hi float64, needs, meaning string, cuts ...float64) Def {
	return Def{Name: name, Type: Number, Unit: unit, Min: lo, Max: hi, Needs: needs, Meaning: meaning, Cuts: cuts}
}

func cat(name string, values []string, needs, meaning string) Def {
	return Def{Name: name, Type: Category, Values: values, Needs: needs, Meaning: meaning}
}

func yes(name, needs, meaning string) Def {
	return Def{Name: name, Type: Bool, Needs: needs, Meaning: meaning}
}

// defs is the table of all features, in the order of a Set. Lengths and areas
// are shares of the picture unless they say pixels, so that they mean the same
// at every size. "Working size" is the picture reduced to at most 0.4 megapixels.
var defs = []Def{
	num("picture-megapixels", "10^6 pixels", 0, 1e4, needsPicture, "size of the picture", .5, 2, 8),
	num("picture-aspect", "width/height", 1e-5, 1e5, needsPicture, "shape of the picture", .8, 1.25),
	yes("picture-alpha", needsPicture, "the file carries an alpha channel"),
	num("picture-clear", share, 0, 1, needsPicture, "pixels more transparent than opaque", .01),
	num("picture-brightness", oklabL, 0, 1, needsPicture, "mean lightness", .35, .75),
	num("picture-contrast", oklabL, 0, 1, needsPicture, "lightness from the 5th to the 95th percentile", .35),
	num("picture-chroma", "OKLab chroma", 0, .4, needsPicture, "mean chroma; 0 is grey", .02),
	num("picture-noise", "8-bit steps", 0, 256, needsPicture, "standard deviation of luma noise at full size, in the flattest fifth of 64-pixel tiles", 2, 6),
	num("picture-sharpness", share, 0, 1, needsPicture, "how much of the differences between neighbours a blur removes at full size, in the sharpest fifth of tiles", .4, .6),
	num("picture-texture", oklabL, 0, 1, needsPicture, "root mean square of lightness about its 7-pixel local mean, at working size", .02, .05),
	num("picture-edges", share, 0, 1, needsPicture, "pixels on an edge, at working size", .05, .15),

	cat("object-word", nil, needsSubtask, "head noun of the object phrase, singular"),
	cat("target-word", nil, "target", "head noun of what it becomes"),
	num("object-asked", "count", 1, many, needsSubtask, "how many objects the phrase means; absent for all", 2),
	yes("object-all", needsSubtask, "the phrase means all of its kind"),
	yes("has-except", needsPicture, "the subtask leaves something out"),
	yes("has-region", needsPicture, "the subtask is limited to a place"),
	yes("detector-knows", needsFact, "an installed detector's label list has the head noun"),

	num("object-instances", "count", 0, many, needsBoxes, "boxes that answer the phrase", 1, 2, 4),
	num("object-kin", "count", 0, many, needsBoxes, "further boxes with the label of one of those", 1),
	num("object-score", share, 0, 1, needsBoxes, "least score of the picked boxes", .5, .8),
	num("object-box-share", share, 0, 1, needsBoxes, "area under the picked boxes", .01, .05, .25),
	num("object-least-share", share, 0, 1, needsBoxes, "area of the smallest picked box", .005, .02),
	num("object-area-share", share, 0, 1, needsMask, "area of the matte", .01, .05, .25),
	num("object-area-pixels", "pixels", 0, 1e10, needsMask, "area of the matte at full size", 1024, 16384),
	num("mask-parts", "count", 0, many, needsMask, "connected parts, those below 1 % of the whole left out", 2),
	num("mask-fill", share, 0, 1, needsMask, "area over that of the parts' bounding boxes", .5),
	num("mask-solidity", share, 0, 1, needsMask, "area over that of the parts' convex hulls", .8, .92),
	num("mask-compactness", share, 0, 1, needsMask, "4π·area/perimeter² of the largest part; 1 is a disc", .3, .6),
	cat("object-color", ColorNames(), needsMask, "name of the dominant colour"),
	num("object-lightness", oklabL, 0, 1, needsMask, "of the dominant colour", .3, .85),
	num("object-chroma", "OKLab chroma", 0, .4, needsMask, "of the dominant colour", .04),
	num("object-color-share", share, 0, 1, needsMask, "object pixels within 0.1 of the dominant colour", .4, .7),
	cat("target-color", ColorNames(), needsTarget, "name of the target colour"),
	num("color-change", deltaE, 0, 1.5, needsColor, "from the dominant colour to the target", .15, .4),
	num("color-change-lightness", oklabL, -1, 1, needsColor, "target minus dominant lightness; near ±1 is black to white", -.4, .4),
	num("color-change-chroma", "OKLab chroma", -.4, .4, needsColor, "target minus dominant chroma", -.1, .1),
	num("object-texture", oklabL, 0, 1, needsMask, "as picture-texture, inside the object", .02, .05),
	num("object-edges", share, 0, 1, needsMask, "as picture-edges, inside the object", .05, .15),
	num("object-contrast", deltaE, 0, 1.5, needsMask, "between the dominant colours of the object and of the ring around it", .1, .25),

	num("touches-sides", "count", 0, 4, needsObject, "sides of the picture that the object touches", 1, 2),
	yes("touches-left", needsObject, "it touches the left side"),
	yes("touches-right", needsObject, "it touches the right side"),
	yes("touches-top", needsObject, "it touches the top"),
	yes("touches-bottom", needsObject, "it touches the bottom"),
	num("touches-boxes", "count", 0, many, needsBoxes, "other boxes that the object lies under, by at least 1 % of the smaller", 1),
	num("overlap-share", share, 0, 1, needsBoxes, "object pixels under other boxes", .1, .5),
	num("overlap-text", share, 0, 1, "spans, and mask or boxes", "object pixels under text", .01),

	cat("around-ground", grounds, needsObject, "what the ring around the object shows: plain, gradient, texture, complex"),
	num("around-spread", deltaE, 0, 1.5, needsObject, "root mean square distance from the ring's mean colour", .03, .1),
	num("around-residual", deltaE, 0, 1.5, needsObject, "the same after a linear gradient is taken out", .03, .1),
	num("around-variety", deltaE, 0, 1.5, needsObject, "root mean square distance of the ring's eighths from that gradient", .03, .08),
	num("around-uniform", share, 0, 1, needsObject, "ring pixels within 0.05 of the ring's dominant colour", .5, .9),
	num("around-texture", oklabL, 0, 1, needsObject, "as picture-texture, in the ring", .02, .05),
	num("around-edges", share, 0, 1, needsObject, "as picture-edges, in the ring", .05, .15),
	cat("around-color", ColorNames(), needsObject, "name of the ring's dominant colour"),

	num("text-spans", "count", 0, many, needsSpans, "pieces of text", 1, 2, 6),
	num("text-area-share", share, 0, 1, needsSpans, "area of their quadrilaterals, overlaps counted twice, at most 1", .02, .1),
	num("text-height-share", "share of the height", 0, 1, needsSpans, "median height of a line", .03, .08),
	num("text-height-pixels", "pixels", 0, 1e6, needsSpans, "median height of a line at full size", 12, 32),
	num("text-contrast", deltaE, 0, 1.5, needsSpans, "median distance between the colours of strokes and ground", .2, .4),
	num("text-angle", degrees, 0, 90, needsSpans, "greatest angle of a line to the horizontal", 5, 20),
	cat("text-ground", grounds, needsSpans, "what lies behind the text, the hardest of its lines"),
	num("text-residual", deltaE, 0, 1.5, needsSpans, "as around-residual, behind the text, the greatest of its lines", .03, .1),
	num("text-length", "characters", 0, many, needsWords, "characters read", 8, 40),
	num("text-score", share, 0, 1, needsWords, "least score of a reading", .5, .8),
	num("text-growth", "ratio", 0, many, "read spans and new text", "characters of the new text per character read", .8, 1.25),

	// The published method's conditions that no pixel tells: a vision model is asked where one
	// is set up for it. The name marks them as its word.
	cat("told-clarity", lowToHigh, needsModel, "how clearly the object can be told from what is around it"),
	cat("told-background", []string{"even", "simple-texture", "repeating-pattern", "complex-scene", "objects-behind"}, needsModel, "what the object stands before; objects-behind: things that it hides in part"),
	cat("told-reconstruction", []string{"none", "filling", "inpainting", "drawing", "semantic-completion"}, needsModel, "the least that would make good the place of the object or text if it were gone"),
	cat("told-behind-text", []string{"uniform-color", "gradient", "simple-texture", "complex-image"}, needsModel, "what lies behind the text that the edit is about"),
	cat("told-likeness", lowToHigh, needsModel, "how like the surroundings are to the object or text; other text or fine lines near text are like it"),
	cat("told-tolerance", lowToHigh, needsModel, "how well small faults would be hidden there; clouds, noise and abstract grounds hide them"),
	yes("told-overlap", needsModel, "something that must stay as it is, such as a face or words, lies over the object or touches it"),
	yes("told-size-change", needsModel, "what the object is to become is usually much larger or smaller"),
	yes("told-shape-change", needsModel, "what the object is to become has quite another outline"),
}

var defOf = func() map[string]int {
	m := make(map[string]int, len(defs))
	for i, d := range defs {
		m[d.Name] = i
	}
	return m
}()

// Defs lists every feature in the order of a Set.
func Defs() []Def { return append([]Def(nil), defs...) }

// Told lists the features that nothing measures: a vision model tells them, or they are absent.
func Told() (all []Def) {
	for _, d := range defs {
		if d.Needs == needsModel {
			all = append(all, d)
		}
	}
	return all
}

// Has reports whether a bool or a category is a value of the feature.
func (d Def) Has(v Value) bool {
	return v.Type == d.Type && (v.Type == Bool || v.Type == Category && slices.Contains(d.Values, v.Category))
}

// Lookup returns the definition of a feature.
func Lookup(name string) (Def, bool) {
	i, ok := defOf[name]
	if !ok {
		return Def{}, false
	}
	return defs[i], true
}
