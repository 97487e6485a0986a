package builtin

import "math"

type vec3 [3]float64

// mat3 is a 3×3 matrix, row by row.
type mat3 [3][3]float64

func (m mat3) apply(v vec3) vec3 {
	var out vec3
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

func (m mat3) times(o mat3) mat3 {
	var out mat3
	for i := range m {
		for j := range m {
			for k := range m {
				out[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return out
}

// each applies f to the eigenvalues of a symmetric matrix.
func (m mat3) each(f func(float64) float64) mat3 {
	values, vectors := m.eigen()
	var out mat3
	for k, v := range values {
		fv := f(v)
		for i := range out {
			for j := range out {
				out[i][j] += fv * vectors[i][k] * vectors[j][k]
			}
		}
	}
	return out
}

// eigen returns the eigenvalues of a symmetric matrix and, as columns, its unit
// eigenvectors, by cyclic Jacobi rotations.
func (m mat3) eigen() (values vec3, vectors mat3) {
	vectors = mat3{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for range 30 {
		if off := math.Abs(m[0][1]) + math.Abs(m[0][2]) + math.Abs(m[1][2]); off < 1e-14 {
			break
		}
		for p := range 2 {
			for q := p + 1; q < 3; q++ {
				if m[p][q] == 0 {
					continue
				}
				theta := 0.5 * math.Atan2(2*m[p][q], m[q][q]-m[p][p])
				s, c := math.Sincos(theta)
				r := mat3{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
				r[p][p], r[p][q], r[q][p], r[q][q] = c, s, -s, c
				m = r.transposed().times(m).times(r)
				vectors = vectors.times(r)
			}
		}
	}
	return vec3{m[0][0], m[1][1], m[2][2]}, vectors
}

func (m mat3) transposed() mat3 {
	return mat3{{m[0][0], m[1][0], m[2][0]}, {m[0][1], m[1][1], m[2][1]}, {m[0][2], m[1][2], m[2][2]}}
}
