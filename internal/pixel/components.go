package pixel

import (
	"cmp"
	"image"
	"slices"
)

// Component is one connected region of a mask.
type Component struct {
	Area int             // pixels
	Box  image.Rectangle // smallest rectangle around it
	X, Y float64         // centroid in pixel coordinates, centres at whole numbers
}

// Labelling is a mask taken apart into its connected components, the largest
// first; equal ones in reading order of their first pixel.
type Labelling struct {
	W, H       int
	Of         []int32 // per pixel: 0 outside, i+1 in Components[i]
	Components []Component
}

// Components lists the connected components of the pixels whose matte is at
// least threshold, the largest first; eight says that corners connect too.
func Components(m *Mask, threshold uint8, eight bool) []Component {
	return Label(m, threshold, eight).Components
}

// Label finds connected components in two sweeps with union-find.
func Label(m *Mask, threshold uint8, eight bool) *Labelling {
	l := &Labelling{W: m.W, H: m.H, Of: make([]int32, len(m.Pix))}
	sets := firstSweep(m, threshold, eight, l.Of)
	// Roots become components in the order their first pixel is met.
	index := make([]int32, len(sets))
	for i, v := range l.Of {
		if v == 0 {
			continue
		}
		root := sets.find(v)
		if index[root] == 0 {
			l.Components = append(l.Components, Component{Box: image.Rectangle{Min: image.Pt(m.W, m.H)}})
			index[root] = int32(len(l.Components))
		}
		l.Of[i] = index[root]
	}
	l.measure()
	l.sort()
	return l
}

// firstSweep gives every inside pixel a provisional label and records which labels meet.
func firstSweep(m *Mask, t uint8, eight bool, of []int32) unionFind {
	sets := unionFind{0}
	w := m.W
	for y := range m.H {
		for x := range w {
			i := y*w + x
			if m.Pix[i] < t {
				continue
			}
			var label int32
			join := func(j int) {
				switch n := of[j]; {
				case n == 0:
				case label == 0:
					label = n
				case label != n:
					label = sets.union(label, n)
				}
			}
			if x > 0 {
				join(i - 1)
			}
			if y > 0 {
				join(i - w)
				if eight && x > 0 {
					join(i - w - 1)
				}
				if eight && x+1 < w {
					join(i - w + 1)
				}
			}
			if label == 0 {
				label = int32(len(sets))
				sets = append(sets, label)
			}
			of[i] = label
		}
	}
	return sets
}

// measure fills area, box and centroid of every component.
func (l *Labelling) measure() {
	for y := range l.H {
		for x, id := range l.Of[y*l.W : (y+1)*l.W] {
			if id == 0 {
				continue
			}
			c := &l.Components[id-1]
			c.Area++
			c.X += float64(x)
			c.Y += float64(y)
			c.Box.Min.X, c.Box.Max.X = min(c.Box.Min.X, x), max(c.Box.Max.X, x+1)
			c.Box.Min.Y, c.Box.Max.Y = min(c.Box.Min.Y, y), max(c.Box.Max.Y, y+1)
		}
	}
	for i := range l.Components {
		c := &l.Components[i]
		c.X /= float64(c.Area)
		c.Y /= float64(c.Area)
	}
}

// sort puts the largest component first and renames the labels to match.
func (l *Labelling) sort() {
	order := make([]int, len(l.Components))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(l.Components[b].Area, l.Components[a].Area) })
	sorted := make([]Component, len(order))
	rename := make([]int32, len(order)+1)
	for to, from := range order {
		sorted[to] = l.Components[from]
		rename[from+1] = int32(to + 1)
	}
	for i, id := range l.Of {
		l.Of[i] = rename[id]
	}
	l.Components = sorted
}

// Mask returns component i as a hard mask.
func (l *Labelling) Mask(i int) *Mask {
	return l.Keep(func(j int, _ Component) bool { return j == i })
}

// Keep returns the components that f accepts as one hard mask.
func (l *Labelling) Keep(f func(i int, c Component) bool) *Mask {
	value := make([]uint8, len(l.Components)+1)
	for i, c := range l.Components {
		if f(i, c) {
			value[i+1] = 255
		}
	}
	m := NewMask(l.W, l.H)
	for i, id := range l.Of {
		m.Pix[i] = value[id]
	}
	return m
}

// unionFind holds a parent per label; a root is its own parent. Label 0 is not used.
type unionFind []int32

func (u unionFind) find(v int32) int32 {
	for u[v] != v {
		u[v] = u[u[v]]
		v = u[v]
	}
	return v
}

// union joins two sets under the smaller root and returns it.
func (u unionFind) union(a, b int32) int32 {
	a, b = u.find(a), u.find(b)
	if a > b {
		a, b = b, a
	}
	u[b] = a
	return a
}
