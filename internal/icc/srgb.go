package icc

import (
	"math"
	"sync"
)

// matrix is row-major.
type matrix [3][3]float64

func (m *matrix) apply(v [3]float64) (out [3]float64) {
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

func (m *matrix) times(o *matrix) (out matrix) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return out
}

// inverse reports false for a matrix that loses a dimension.
func (m *matrix) inverse() (out matrix, ok bool) {
	minor := func(i, j int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	if !(math.Abs(det) > 1e-4) {
		return out, false
	}
	for i := range 3 {
		for j := range 3 {
			out[j][i] = minor(i, j) / det
		}
	}
	return out, true
}

// d50 is the illuminant of the connection space.
var d50 = [3]float64{0.9642, 1, 0.8249}

// srgbToXYZ are sRGB's primaries adapted to D50 (Bradford), as every sRGB profile has them.
var srgbToXYZ = matrix{
	{0.43607, 0.38515, 0.14307},
	{0.22249, 0.71687, 0.06061},
	{0.01392, 0.09708, 0.71410},
}

var xyzToSRGB = func() matrix {
	m, _ := srgbToXYZ.inverse()
	return m
}()

// encode is sRGB's transfer function (IEC 61966-2-1), from linear light; negative values mirror positive ones.
func encode(v float64) float64 {
	switch {
	case v < 0:
		return -encode(-v)
	case v <= 0.0031308:
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// decode is the inverse of encode.
func decode(v float64) float64 {
	switch {
	case v < 0:
		return -decode(-v)
	case v <= 0.04045:
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

const steps = 4096

// encodeTable holds encode(u²) for u = i/steps: on the square root of light
// the function is smooth enough that lines between the values err by 3e-7 at most.
var (
	encodeTable = tabulate(func(u float64) float64 { return encode(u * u) })
	decodeTable = tabulate(decode)
	// encode8 is the sRGB byte of linear light i/65535, which errs by 0.03 of a code at most.
	encode8 = sync.OnceValue(func() *[65536]uint8 {
		t := new([65536]uint8)
		for i := range t {
			t[i] = uint8(encode(float64(i)/65535)*255 + 0.5)
		}
		return t
	})
)

func tabulate(f func(float64) float64) (t [steps + 2]float32) {
	for i := range t {
		t[i] = float32(f(float64(i) / steps))
	}
	return t
}

func encodeFast(v float32) float32 {
	if !(v >= 0 && v <= 1) {
		return float32(encode(float64(v)))
	}
	return lookUp(&encodeTable, sqrt32(v))
}

func decodeFast(v float32) float32 {
	if !(v >= 0 && v <= 1) {
		return float32(decode(float64(v)))
	}
	return lookUp(&decodeTable, v)
}

func lookUp(t *[steps + 2]float32, x float32) float32 {
	x *= steps
	i := int(x)
	return t[i] + (x-float32(i))*(t[i+1]-t[i])
}

// labToXYZ is CIE 1976 L*a*b* over D50.
func labToXYZ(l, a, b float64) [3]float64 {
	fy := (l + 16) / 116
	f := [3]float64{fy + a/500, fy, fy - b/200}
	var out [3]float64
	for i, t := range f {
		if t > 24.0/116 {
			out[i] = d50[i] * t * t * t
		} else {
			out[i] = d50[i] * (t - 16.0/116) * 108 / 841
		}
	}
	return out
}

// lightness is L* of a luminance in [0,1].
func lightness(y float64) float64 {
	if y > 216.0/24389 {
		return 116*math.Cbrt(y) - 16
	}
	return y * 24389 / 27
}
