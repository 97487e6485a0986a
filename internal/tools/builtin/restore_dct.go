package builtin

import "math"

// patchSide is the side of the patches that are denoised together.
const patchSide = 8

// patch is a square of samples, or its spectrum, row-major.
type patch [patchSide * patchSide]float32

// Cosines of k·π/16, halved, as the orthonormal transform of 8 samples has them.
var (
	dctC0 = float32(math.Sqrt(1.0 / 8))
	dctC1 = float32(math.Cos(1*math.Pi/16) / 2)
	dctC2 = float32(math.Cos(2*math.Pi/16) / 2)
	dctC3 = float32(math.Cos(3*math.Pi/16) / 2)
	dctC5 = float32(math.Cos(5*math.Pi/16) / 2)
	dctC6 = float32(math.Cos(6*math.Pi/16) / 2)
	dctC7 = float32(math.Cos(7*math.Pi/16) / 2)
)

// dct replaces samples by their orthonormal discrete cosine transform.
func (p *patch) dct() {
	var t patch
	dctRows(p, &t)
	dctRows(&t, p)
}

// idct undoes dct.
func (p *patch) idct() {
	var t patch
	idctRows(p, &t)
	idctRows(&t, p)
}

// dctRows transforms every row of src into a column of dst.
func dctRows(src, dst *patch) {
	for r := range patchSide {
		x := (*[patchSide]float32)(src[patchSide*r:])
		a0, a1, a2, a3 := x[0]+x[7], x[1]+x[6], x[2]+x[5], x[3]+x[4]
		b0, b1, b2, b3 := x[0]-x[7], x[1]-x[6], x[2]-x[5], x[3]-x[4]
		c0, c1, d0, d1 := a0+a3, a1+a2, a0-a3, a1-a2
		dst[r] = dctC0 * (c0 + c1)
		dst[r+8] = dctC1*b0 + dctC3*b1 + dctC5*b2 + dctC7*b3
		dst[r+16] = dctC2*d0 + dctC6*d1
		dst[r+24] = dctC3*b0 - dctC7*b1 - dctC1*b2 - dctC5*b3
		dst[r+32] = dctC0 * (c0 - c1)
		dst[r+40] = dctC5*b0 - dctC1*b1 + dctC7*b2 + dctC3*b3
		dst[r+48] = dctC6*d0 - dctC2*d1
		dst[r+56] = dctC7*b0 - dctC5*b1 + dctC3*b2 - dctC1*b3
	}
}

// idctRows undoes dctRows, again from rows to columns.
func idctRows(src, dst *patch) {
	for r := range patchSide {
		x := (*[patchSide]float32)(src[patchSide*r:])
		e0, e1 := dctC0*(x[0]+x[4]), dctC0*(x[0]-x[4])
		f0, f1 := dctC2*x[2]+dctC6*x[6], dctC6*x[2]-dctC2*x[6]
		a0, a3, a1, a2 := e0+f0, e0-f0, e1+f1, e1-f1
		b0 := dctC1*x[1] + dctC3*x[3] + dctC5*x[5] + dctC7*x[7]
		b1 := dctC3*x[1] - dctC7*x[3] - dctC1*x[5] - dctC5*x[7]
		b2 := dctC5*x[1] - dctC1*x[3] + dctC7*x[5] + dctC3*x[7]
		b3 := dctC7*x[1] - dctC5*x[3] + dctC3*x[5] - dctC1*x[7]
		dst[r], dst[r+56] = a0+b0, a0-b0
		dst[r+8], dst[r+48] = a1+b1, a1-b1
		dst[r+16], dst[r+40] = a2+b2, a2-b2
		dst[r+24], dst[r+32] = a3+b3, a3-b3
	}
}

// hadamard transforms across a group of patches, whose number is a power of
// two; orthonormal, so that doing it twice undoes it.
func hadamard(group []patch) {
	n := len(group)
	for half := 1; half < n; half *= 2 {
		for i := 0; i < n; i += 2 * half {
			for j := i; j < i+half; j++ {
				a, b := &group[j], &group[j+half]
				for k := range a {
					u, v := a[k], b[k]
					a[k], b[k] = (u+v)*math.Sqrt2/2, (u-v)*math.Sqrt2/2
				}
			}
		}
	}
}
