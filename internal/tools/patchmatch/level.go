package patchmatch

import "math"

// channels of a working picture: red, green and blue as stored, 0..255, and
// two of texture (see texture).
const channels = 5

// textureWeight scales the texture channels against the colours in patch
// distances; farWeight is the price of a source one picture's side away, in
// squared 8-bit steps. Both were chosen by eye on photographs of walls, water and grass.
const (
	textureWeight = 2
	farWeight     = 60
)

// level is one picture of the pyramid, with the state of the fill at its size.
type level struct {
	w, h    int
	px      []float32 // channels·w·h: the known samples, and the present guess of the unknown
	unknown []bool    // w·h: inside the hole
	barred  []bool    // w·h: known, but no source (transparent)

	source  []bool  // w·h: centre of a patch that is known throughout
	sources []int32 // their indices
	targets []int32 // indices of the centres of patches that touch the hole, in scan order
	rows    []int32 // targets[rows[y]:rows[y+1]] lie in row y

	reach int32 // how far from its best a search looks
	apart int32 // how far from its target a source must be, 0 for anywhere

	nn     []int32   // w·h: for targets the centre of the nearest source patch
	cost   []float32 // w·h: its distance, mean squared difference per sample
	weight []float32 // w·h: how much a target patch's opinion counts, from conf and cost
	conf   []float32 // w·h: 1 at the hole's border, falling inwards
}

// prepare derives sources, targets and confidence from the hole. It reports
// whether there is any source.
func (l *level) prepare() bool {
	n := l.w * l.h
	l.source, l.nn = make([]bool, n), make([]int32, n)
	l.cost, l.weight, l.conf = make([]float32, n), make([]float32, n), make([]float32, n)
	hole := l.integral(func(i int) bool { return l.unknown[i] })
	barred := l.integral(func(i int) bool { return l.barred[i] })
	l.rows = append(l.rows, 0)
	for y := range l.h {
		for x := range l.w {
			i := y*l.w + x
			l.nn[i] = -1
			if x < radius || y < radius || x >= l.w-radius || y >= l.h-radius {
				continue
			}
			switch {
			case hole.count(x, y) > 0:
				l.targets = append(l.targets, int32(i))
			case barred.count(x, y) == 0:
				l.source[i] = true
				l.sources = append(l.sources, int32(i))
			}
		}
		l.rows = append(l.rows, int32(len(l.targets)))
	}
	for i, d := range l.depth() {
		l.conf[i] = float32(math.Pow(confidenceBase, -float64(d)))
	}
	return len(l.sources) > 0
}

// counts is a summed-area table.
type counts struct {
	w int
	v []int32
}

func (l *level) integral(f func(i int) bool) counts {
	c := counts{w: l.w + 1, v: make([]int32, (l.w+1)*(l.h+1))}
	for y := range l.h {
		var row int32
		for x := range l.w {
			if f(y*l.w + x) {
				row++
			}
			c.v[(y+1)*c.w+x+1] = c.v[y*c.w+x+1] + row
		}
	}
	return c
}

// count is the number of set pixels in the patch around (x,y), which must lie inside the picture.
func (c counts) count(x, y int) int32 {
	x0, y0, x1, y1 := x-radius, y-radius, x+radius+1, y+radius+1
	return c.v[y1*c.w+x1] - c.v[y0*c.w+x1] - c.v[y1*c.w+x0] + c.v[y0*c.w+x0]
}

// depth is the city-block distance of each unknown pixel from the known ones,
// 0 outside the hole. The picture's border counts as far away, not as known.
func (l *level) depth() []int32 {
	const far = math.MaxInt32 / 2
	d := make([]int32, l.w*l.h)
	relax := func(i, j int, inside bool) {
		if inside {
			d[i] = min(d[i], d[j]+1)
		}
	}
	for i := range d {
		if l.unknown[i] {
			d[i] = far
			relax(i, i-1, i%l.w > 0)
			relax(i, i-l.w, i >= l.w)
		}
	}
	for i := len(d) - 1; i >= 0; i-- {
		if l.unknown[i] {
			relax(i, i+1, i%l.w < l.w-1)
			relax(i, i+l.w, i < len(d)-l.w)
		}
	}
	return d
}

// maxDepth is the greatest depth of the hole.
func (l *level) maxDepth() int32 {
	var m int32
	for _, v := range l.depth() {
		m = max(m, v)
	}
	return m
}

// dist is the mean squared difference per sample of the patches around t and
// s, plus the price of the distance between them, or something of at least limit once it is clear that it will not be less.
func (l *level) dist(t, s int32, limit float32) float32 {
	const side = 2*radius + 1
	limit *= side * side * channels
	sum := l.far(t, s) * side * side * channels
	step := l.w * channels
	i, j := (int(t)-radius*l.w-radius)*channels, (int(s)-radius*l.w-radius)*channels
	for range side {
		a := l.px[i : i+side*channels]
		b := l.px[j : j+side*channels][:len(a)]
		for k, v := range a {
			d := v - b[k]
			sum += d * d
		}
		if sum >= limit {
			break
		}
		i, j = i+step, j+step
	}
	return sum / (side * side * channels)
}

// far is what it costs a target to take its patch from a distant place: what is
// near is lit alike and more often of the same stuff.
func (l *level) far(t, s int32) float32 {
	w := int32(l.w)
	dx, dy := float32(t%w-s%w)/float32(l.w), float32(t/w-s/w)/float32(l.h)
	return farWeight * (dx*dx + dy*dy)
}
