package judge

// cuts are the joint values from which results pass, per check. They were set
// on the tuning half of the twins that internal/bench/cmd/judge makes of
// photographs; a check without twins has the default.
var cuts = map[string]float64{
	"background":   0.6,
	"deblur":       0.6,
	"denoise":      0.6,
	"hidden":       0.61,
	"outpaint":     0.6,
	"recolor":      0.55,
	"removal":      0.75,
	"segment":      0.6, // of steps on the way: what is made with the mask is judged too, so only clearly bad ones stop here
	"shift":        0.7,
	"text-removal": 0.6,
	"tone":         0.6,
	"upscale":      0.65,
}

// defaultCut is the joint value of a result whose worst measure lies half way between fine and bad.
const defaultCut = 0.6

// Cut is the joint value from which results of a check pass.
func Cut(check string) float64 {
	if c, ok := cuts[check]; ok {
		return c
	}
	return defaultCut
}
