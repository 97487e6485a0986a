package builtin

import (
	"math"

	"pentimento/internal/pixel"
)

// grouping takes a frame apart into regions of even colour by the method of
// Felzenszwalb and Huttenlocher ("Efficient graph-based image segmentation",
// 2004): along ever stronger edges two regions merge while the edge is no
// stronger than what either holds already, plus scale over its size.
type grouping struct {
	fr    *frame
	order []groupEdge // from the weakest
}

// groupEdge joins a pixel to its neighbour at steps[k].
type groupEdge struct {
	at int32
	k  uint8
	w  uint16 // colour difference in steps of 1/groupSteps feature units
}

const (
	groupSteps = 16
	groupMost  = 100 * groupSteps
	groupBlur  = 0.8 // standard deviation in pixels of the blur before
)

func newGrouping(fr *frame) *grouping {
	soft := fr.blurred(groupBlur)
	g := &grouping{fr: fr}
	var edges []groupEdge
	var count [groupMost + 2]int
	for k := range steps {
		fr.pairs(k, func(i, j int) {
			w := min(int(groupSteps*math.Sqrt(float64(dist2(soft[i], soft[j])))), groupMost)
			edges = append(edges, groupEdge{int32(i), uint8(k), uint16(w)})
			count[w+1]++
		})
	}
	for w := range groupMost {
		count[w+1] += count[w]
	}
	g.order = make([]groupEdge, len(edges))
	for _, e := range edges {
		g.order[count[e.w]] = e
		count[e.w]++
	}
	return g
}

// blurred is the frame's colours after a Gaussian blur.
func (fr *frame) blurred(sigma float64) []feature {
	out := make([]feature, len(fr.f))
	for c := range 3 {
		p := &pixel.Plane{W: fr.w, H: fr.h, V: make([]float32, len(fr.f))}
		for i, f := range fr.f {
			p.V[i] = f[c]
		}
		for i, v := range pixel.GaussianBlur(p, sigma).V {
			out[i][c] = v
		}
	}
	return out
}

// regions returns, per pixel, the number of its region, from 0, and how many
// there are. scale is in feature units times pixels; regions smaller than
// least pixels join a neighbour.
func (g *grouping) regions(scale float64, least int32) (of []int32, n int) {
	size := len(g.fr.f)
	parent, area := make([]int32, size), make([]int32, size)
	inner := make([]float32, size) // strongest edge inside, plus the allowance
	for i := range parent {
		parent[i], area[i], inner[i] = int32(i), 1, float32(scale)
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	join := func(merge func(a, b int32, w float32) bool) {
		for _, e := range g.order {
			s := steps[e.k]
			a, b := find(e.at), find(e.at+int32(s.dy*g.fr.w+s.dx))
			w := float32(e.w) / groupSteps
			if a == b || !merge(a, b, w) {
				continue
			}
			if area[a] < area[b] {
				a, b = b, a
			}
			parent[b] = a
			area[a] += area[b]
			inner[a] = w + float32(scale)/float32(area[a])
		}
	}
	join(func(a, b int32, w float32) bool { return w <= min(inner[a], inner[b]) })
	join(func(a, b int32, _ float32) bool { return min(area[a], area[b]) < least })
	of = make([]int32, size)
	number := make([]int32, size)
	for i := range of {
		r := find(int32(i))
		if number[r] == 0 {
			n++
			number[r] = int32(n)
		}
		of[i] = number[r] - 1
	}
	return of, n
}
