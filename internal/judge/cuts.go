package judge

// cuts are the joint values from which results pass, per check. They were set
// on the tuning half of the twins that internal/bench/cmd/judge makes of
// photographs; a check without twins has the default.
var cuts = map[string]float64{}

// defaultCut is the joint value of a result whose worst measure lies half way between fine and bad.
const defaultCut = 0.6

// Cut is the joint value from which results of a check pass.
func Cut(check string) float64 {
	if c, ok := cuts[check]; ok {
		return c
	}
	return defaultCut
}
