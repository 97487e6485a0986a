package icc

import (
	"encoding/binary"
	"errors"
	"math"
)

// curve maps [0,1] to the reals by a table of at least two equidistant values, linear between them.
type curve struct {
	v []float32
	// near is, for lines of steps of the square root of a value, where to begin
	// looking for it in v; made by invert.
	near []int32
}

// analytic is the number of values that stand for a formula. The error of a
// power curve between them is below 1e-7, a hundredth of a 16-bit step.
const analytic = 4097

var errCurve = errors.New("the curve is damaged")

// parseCurve reads a curveType or parametricCurveType and returns how many bytes it took.
func parseCurve(b []byte) (*curve, int, error) {
	if len(b) < 12 {
		return nil, 0, errShort
	}
	switch string(b[:4]) {
	case "curv":
		return parseTable(b)
	case "para":
		return parseFormula(b)
	}
	return nil, 0, errCurve
}

func parseTable(b []byte) (*curve, int, error) {
	n := uint64(binary.BigEndian.Uint32(b[8:]))
	if 12+2*n > uint64(len(b)) {
		return nil, 0, errShort
	}
	end := 12 + 2*int(n)
	switch n {
	case 0:
		return &curve{v: []float32{0, 1}}, end, nil
	case 1:
		gamma := float64(binary.BigEndian.Uint16(b[12:])) / 256
		c, err := formula(func(x float64) float64 { return math.Pow(x, gamma) })
		return c, end, err
	}
	return &curve{v: samples16(b[12:end])}, end, nil
}

// parameters of the five kinds of formula: g a b c d e f.
var parameters = [...]int{1, 3, 4, 5, 7}

func parseFormula(b []byte) (*curve, int, error) {
	kind := int(binary.BigEndian.Uint16(b[8:]))
	if kind >= len(parameters) {
		return nil, 0, errCurve
	}
	end := 12 + 4*parameters[kind]
	if len(b) < end {
		return nil, 0, errShort
	}
	var p [7]float64
	for i := range parameters[kind] {
		p[i] = fixed(b[12+4*i:])
	}
	g, a, k, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	power := func(x float64) float64 { return math.Pow(max(a*x+k, 0), g) }
	var f01 func(x float64) float64
	switch kind {
	case 0:
		f01 = func(x float64) float64 { return math.Pow(x, g) }
	case 1:
		f01 = power // below -b/a the base is negative, and the curve 0
	case 2:
		f01 = func(x float64) float64 { return power(x) + c }
	case 3:
		f01 = func(x float64) float64 {
			if x >= d {
				return power(x)
			}
			return c * x
		}
	default:
		f01 = func(x float64) float64 {
			if x >= d {
				return power(x) + e
			}
			return c*x + f
		}
	}
	t, err := formula(f01)
	return t, end, err
}

// formula tabulates a function; one that is not finite everywhere is refused.
func formula(f func(x float64) float64) (*curve, error) {
	c := &curve{v: make([]float32, analytic)}
	for i := range c.v {
		v := f(float64(i) / (analytic - 1))
		if math.IsNaN(v) || math.Abs(v) > 16 {
			return nil, errCurve
		}
		c.v[i] = float32(v)
	}
	return c, nil
}

func samples16(b []byte) []float32 {
	v := make([]float32, len(b)/2)
	for i := range v {
		v[i] = float32(binary.BigEndian.Uint16(b[2*i:])) / 65535
	}
	return v
}

func samples8(b []byte) []float32 {
	v := make([]float32, len(b))
	for i := range v {
		v[i] = float32(b[i]) / 255
	}
	return v
}

// at evaluates the curve; x is clamped to [0,1], and NaN is 0.
func (c *curve) at(x float32) float32 {
	last := len(c.v) - 1
	if !(x > 0) {
		return c.v[0]
	}
	if x >= 1 {
		return c.v[last]
	}
	x *= float32(last)
	i := int(x)
	return c.v[i] + (x-float32(i))*(c.v[i+1]-c.v[i])
}

// nearSteps is the number of steps of the square root in which inverse looks up where to begin.
const nearSteps = 2048

// invert prepares inverse. It makes a falling stretch level, and refuses a
// curve that does not rise from about 0 to about 1: it could not be undone.
func (c *curve) invert() error {
	last := len(c.v) - 1
	if c.v[0] > 0.2 || c.v[last] < 0.5 || c.v[0] < -0.2 || c.v[last] > 2 {
		return errors.New("a tone curve does not rise from black to white")
	}
	for i := range last {
		if c.v[i+1] < c.v[i]-0.01 {
			return errors.New("a tone curve falls")
		}
		c.v[i+1] = max(c.v[i+1], c.v[i])
	}
	c.near = make([]int32, nearSteps+1)
	at := 0
	for s := range c.near {
		y := float32(s) / nearSteps
		for at < last-1 && c.v[at+1] <= y*y {
			at++
		}
		c.near[s] = int32(at)
	}
	return nil
}

// inverse returns the x in [0,1] where the curve is y, of several the least.
func (c *curve) inverse(y float32) float32 {
	last := len(c.v) - 1
	switch {
	case !(y > c.v[0]):
		return 0
	case y >= c.v[last]:
		return 1
	}
	i := int(c.near[int(nearSteps*sqrt32(min(max(y, 0), 1)))])
	for i > 0 && c.v[i] >= y {
		i--
	}
	for c.v[i+1] < y {
		i++
	}
	return (float32(i) + (y-c.v[i])/(c.v[i+1]-c.v[i])) / float32(last)
}

func sqrt32(v float32) float32 { return float32(math.Sqrt(float64(v))) }
