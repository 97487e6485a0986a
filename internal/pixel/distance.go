package pixel

import "math"

// Distance returns, for every pixel, the Euclidean distance in pixels between
// its centre and that of the nearest pixel whose matte is at least t: 0 inside,
// +Inf everywhere when there is none.
func Distance(m *Mask, t uint8) *Plane {
	out := NewPlane(m.W, m.H)
	distanceRows(m, t, func(y int, sq []int64) {
		for x, d := range sq {
			v := math.Inf(1)
			if d < farAway {
				v = math.Sqrt(float64(d))
			}
			out.V[y*m.W+x] = float32(v)
		}
	})
	return out
}

// farAway stands for "no such pixel": more than the squared diagonal of any picture that fits in memory.
const farAway = int64(1) << 60

// noneInColumn marks a column without an inside pixel; it is more than any side.
const noneInColumn = math.MaxInt32 / 2

// distanceRows is the exact squared distance transform of Felzenszwalb and
// Huttenlocher (2012): columns first by two sweeps, then per row the lower
// envelope of the parabolas that the columns' distances raise. f is given each
// row of squared distances, from several goroutines, and must not keep the slice.
func distanceRows(m *Mask, t uint8, f func(y int, sq []int64)) {
	w := m.W
	g := columnDistances(m, t)
	Rows(m.H, func(y0, y1 int) {
		line, sq := make([]int64, w), make([]int64, w)
		env := envelope{at: make([]int, w), from: make([]float64, w)}
		for y := y0; y < y1; y++ {
			for x, d := range g[y*w : (y+1)*w] {
				line[x] = int64(d) * int64(d)
				if d >= noneInColumn {
					line[x] = farAway
				}
			}
			env.distances(line, sq)
			f(y, sq)
		}
	})
}

// columnDistances returns the distance to the nearest inside pixel of the same column.
func columnDistances(m *Mask, t uint8) []int32 {
	w, h := m.W, m.H
	g := make([]int32, w*h)
	for i := range g {
		switch {
		case m.Pix[i] >= t:
			g[i] = 0
		case i < w:
			g[i] = noneInColumn
		default:
			g[i] = min(g[i-w]+1, noneInColumn)
		}
	}
	for i := w*(h-1) - 1; i >= 0; i-- {
		g[i] = min(g[i], g[i+w]+1)
	}
	return g
}

// envelope is the lower envelope of parabolas (x-q)²+f[q]: parabola at[k] is
// the lowest from from[k] on, up to the next.
type envelope struct {
	at   []int
	from []float64
}

// distances writes min over q of (x-q)²+f[q] into out, leaving out the q where f is farAway.
func (e *envelope) distances(f, out []int64) {
	n := 0 // parabolas on the envelope
	for q, v := range f {
		if v >= farAway {
			continue
		}
		s := math.Inf(-1)
		for ; n > 0; n-- {
			p := e.at[n-1]
			// Where the parabolas of p and q cross; q is the lower to the right of it.
			s = float64(v+int64(q)*int64(q)-f[p]-int64(p)*int64(p)) / float64(2*(q-p))
			if s > e.from[n-1] {
				break
			}
			s = math.Inf(-1)
		}
		e.at[n], e.from[n] = q, s
		n++
	}
	k := 0
	for x := range out {
		if n == 0 {
			out[x] = farAway
			continue
		}
		for k+1 < n && e.from[k+1] < float64(x) {
			k++
		}
		d := int64(x - e.at[k])
		out[x] = d*d + f[e.at[k]]
	}
}
