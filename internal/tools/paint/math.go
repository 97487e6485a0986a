package paint

import "math"

// ramp rises smoothly from 0 at lo to 1 at hi (a cubic with flat ends).
func ramp(v, lo, hi float32) float32 {
	t := min(max((v-lo)/(hi-lo), 0), 1)
	return t * t * (3 - 2*t)
}

func abs(v float32) float32    { return float32(math.Abs(float64(v))) }
func sqrt(v float32) float32   { return float32(math.Sqrt(float64(v))) }
func exp(v float32) float32    { return float32(math.Exp(float64(v))) }
func pow(v, e float32) float32 { return float32(math.Pow(float64(v), float64(e))) }
func hypot(a, b float32) float32 {
	return float32(math.Sqrt(float64(a)*float64(a) + float64(b)*float64(b)))
}

func cbrt(v float32) float32 {
	if v >= 1 {
		return 1
	}
	return float32(math.Cbrt(float64(v)))
}
