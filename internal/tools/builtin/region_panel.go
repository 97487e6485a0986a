package builtin

import (
	"cmp"
	"context"
	"image"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// A panel is a flat part of an object with straight sides: a screen, a page, a
// label. Colours alone do not tell it from what is as dark beside it, and its
// reflections are no parts of something else; its shape does: it is the large,
// even segment in the box that fills its own convex hull, and that hull is the panel.

const (
	panelPixels = 120_000 // of the box, at which segments are sought
	panelLeast  = 0.08    // of the box
	panelSolid  = 0.80    // share of its convex hull that a segment fills, and
	panelSquare = 0.85    // share of the quadrilateral around the hull that the hull fills
	panelInside = 0.6     // least overlap with the box
	panelBand   = 0.012   // half width of the open border, of the box's mean side
)

// panelScales are the constants k of the segments (see segments), in units of
// OKLab distance times pixels: how even a panel is nobody knows beforehand.
var panelScales = []float64{0.05, 0.1, 0.2, 0.4, 0.8, 1.6}

// regionPanel finds the panel in a box: inputs image, object, boxes; output mask.
func regionPanel(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	boxes, err := tools.Input[edit.Boxes](req, "boxes")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: boxSmooth, rounds: 1, color: 0.5})
	if err != nil {
		return tools.Response{}, err
	}
	mask := pixel.NewMask(img.W, img.H)
	for _, b := range usable(boxes.Picked, img) {
		one, err := panelIn(ctx, img, b, opt)
		if err != nil {
			return tools.Response{}, err
		}
		if one == nil {
			name, _ := req.Inputs["object"].(edit.Text)
			return tools.Response{}, &edit.NotFoundError{Phrase: edit.ParsePhrase(string(name)).Text, By: []string{req.Spec.Name}, Hint: "draw the box close around it, or give its outline with --mask"}
		}
		mask = pixel.Union(mask, one)
	}
	return nonEmpty(req, mask)
}

// panelIn is the mask of the panel in a box, nil when there is none.
func panelIn(ctx context.Context, img *pixel.Image, b edit.Box, opt cutOptions) (*pixel.Mask, error) {
	crop := surroundings([]edit.Box{b}, img.W, img.H)
	w, h := fitPixels(crop.Dx(), crop.Dy(), panelPixels)
	fr := newFrame(img, crop, w, h)
	hull := fr.bestPanel(fr.place(b))
	if hull == nil || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	filled := pixel.NewMask(w, h)
	for i := range filled.Pix {
		if hull.holds(float64(i%w)+0.5, float64(i/w)+0.5) {
			filled.Pix[i] = 255
		}
	}
	out, in := pixel.Distance(filled, pixel.Half), pixel.Distance(pixel.Invert(filled), pixel.Half)
	band := float32(math.Max(2, panelBand*(b.W()+b.H())/2*float64(w)/float64(crop.Dx())))
	ev := newEvidence(w * h)
	for i := range ev.fixed {
		switch {
		case out.V[i] > band:
			ev.fixed[i] = surelyOut
		case in.V[i] > band:
			ev.fixed[i], ev.seed[i] = surelyIn, 1
		case in.V[i] > 0:
			ev.seed[i], ev.prior[i], ev.trust[i] = 1, 1, 0.5
		default:
			ev.prior[i], ev.trust[i] = -1, 0.5
		}
	}
	mask, err := separate(ctx, img, fr, ev, opt)
	if err != nil {
		return nil, err
	}
	return crisp(mask), nil
}

// crisp gives a mask the border of a thing with straight, hard edges: a matte
// that looks for hair finds some where the panel and what is behind it are alike.
func crisp(m *pixel.Mask) *pixel.Mask {
	p := pixel.NewPlane(m.W, m.H)
	for i, v := range m.Pix {
		if v >= pixel.Half {
			p.V[i] = 1
		}
	}
	return pixel.MaskOf(pixel.GaussianBlur(p, 0.6))
}

// bestPanel is the hull of the segment that is most of a panel: large, solid and four-sided.
func (fr *frame) bestPanel(box image.Rectangle) polygon {
	links := fr.links()
	best, top := polygon(nil), 0.0
	for _, k := range panelScales {
		for _, pts := range fr.parts(segments(links, fr.w*fr.h, k), box) {
			hull := convexHull(pts)
			whole := hull.area()
			solid, square := float64(len(pts))/whole, whole/hull.quadArea()
			if solid < panelSolid || square < panelSquare {
				continue
			}
			if v := math.Sqrt(float64(len(pts))) * solid * square; v > top {
				best, top = hull, v
			}
		}
	}
	return best
}

// parts lists the pixels of the segments that are large and lie in the box for the most part.
func (fr *frame) parts(of []int32, box image.Rectangle) [][]image.Point {
	points := map[int32][]image.Point{}
	for i, s := range of {
		points[s] = append(points[s], image.Pt(i%fr.w, i/fr.w))
	}
	var out [][]image.Point
	for i, s := range of {
		if int(s) != i { // every segment once, by its first pixel's order
			continue
		}
		inside := 0
		for _, p := range points[s] {
			if p.In(box) {
				inside++
			}
		}
		if float64(inside) >= panelLeast*float64(box.Dx()*box.Dy()) && float64(inside) >= panelInside*float64(len(points[s])) {
			out = append(out, points[s])
		}
	}
	return out
}

// link2 joins two neighbouring pixels of a frame.
type link2 struct {
	i, j int32
	d    float32
}

// links lists the neighbours of a frame, those least apart first.
func (fr *frame) links() []link2 {
	soft := fr.softened()
	links := make([]link2, 0, 4*len(fr.f))
	for s := range steps {
		fr.pairs(s, func(i, j int) {
			links = append(links, link2{int32(i), int32(j), float32(math.Sqrt(float64(dist2(soft[i], soft[j]))))})
		})
	}
	slices.SortStableFunc(links, func(a, b link2) int { return cmp.Compare(a.d, b.d) })
	return links
}

// segments joins n pixels to even parts (Felzenszwalb and Huttenlocher,
// "Efficient graph-based image segmentation", 2004): two parts are joined
// when no link between them is greater than those within either, plus k over its
// size. It returns for every pixel one of its part, the same for all of it.
func segments(links []link2, n int, k float64) []int32 {
	parent, size, within := make([]int32, n), make([]int32, n), make([]float32, n)
	for i := range parent {
		parent[i], size[i] = int32(i), 1
	}
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	tau := float32(k * featureScale)
	for _, l := range links {
		a, b := root(l.i), root(l.j)
		if a == b || l.d > min(within[a]+tau/float32(size[a]), within[b]+tau/float32(size[b])) {
			continue
		}
		parent[b] = a
		size[a] += size[b]
		within[a] = max(l.d, within[a], within[b])
	}
	for i := range parent {
		parent[i] = root(int32(i))
	}
	return parent
}

// softened is the frame's colours with single pixels' noise taken off.
func (fr *frame) softened() []feature {
	out := make([]feature, len(fr.f))
	for c := range 3 {
		p := pixel.NewPlane(fr.w, fr.h)
		for i, f := range fr.f {
			p.V[i] = f[c]
		}
		for i, v := range pixel.GaussianBlur(p, 0.8).V {
			out[i][c] = v
		}
	}
	return out
}

// polygon is a convex outline, counter-clockwise in a picture's coordinates turned upside down.
type polygon [][2]float64

// convexHull is Andrew's monotone chain over the corners of pixels.
func convexHull(pixels []image.Point) polygon {
	left, right := map[int]int{}, map[int]int{}
	for _, p := range pixels {
		if l, ok := left[p.Y]; !ok || p.X < l {
			left[p.Y] = p.X
		}
		if r, ok := right[p.Y]; !ok || p.X > r {
			right[p.Y] = p.X
		}
	}
	var pts polygon
	for y, l := range left {
		r := right[y]
		for _, dy := range []int{0, 1} {
			pts = append(pts, [2]float64{float64(l), float64(y + dy)}, [2]float64{float64(r + 1), float64(y + dy)})
		}
	}
	slices.SortFunc(pts, func(a, b [2]float64) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	half := func(pts polygon) polygon {
		var chain polygon
		for _, p := range pts {
			for len(chain) > 1 && cornerArea(chain[len(chain)-2], chain[len(chain)-1], p) <= 0 {
				chain = chain[:len(chain)-1]
			}
			chain = append(chain, p)
		}
		return chain[:len(chain)-1]
	}
	lower := half(pts)
	slices.Reverse(pts)
	return append(lower, half(pts)...)
}

// cornerArea is twice the signed area of a triangle.
func cornerArea(a, b, c [2]float64) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

func (p polygon) area() float64 {
	sum := 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		sum += a[0]*b[1] - a[1]*b[0]
	}
	return math.Abs(sum) / 2
}

func (p polygon) holds(x, y float64) bool {
	for i, a := range p {
		if cornerArea(a, p[(i+1)%len(p)], [2]float64{x, y}) < 0 {
			return false
		}
	}
	return true
}

// quadArea is the area of a four-sided outline around the polygon: sides are
// taken away, those first whose neighbours, made longer, add the least.
func (p polygon) quadArea() float64 {
	q := slices.Clone(p)
	for len(q) > 4 {
		best, least := -1, math.Inf(1)
		var at [2]float64
		for i := range q {
			a, b, c, d := q[(i+len(q)-1)%len(q)], q[i], q[(i+1)%len(q)], q[(i+2)%len(q)]
			x, ok := meet(a, b, d, c)
			if !ok {
				continue
			}
			if add := math.Abs(cornerArea(b, x, c)); add < least {
				best, least, at = i, add, x
			}
		}
		if best < 0 {
			break
		}
		q[best] = at
		q = slices.Delete(q, (best+1)%len(q), (best+1)%len(q)+1)
	}
	return math.Max(q.area(), 1)
}

// meet is where the ray from a through b meets that from d through c, beyond b and c.
func meet(a, b, d, c [2]float64) (x [2]float64, ok bool) {
	ux, uy, vx, vy := b[0]-a[0], b[1]-a[1], c[0]-d[0], c[1]-d[1]
	det := ux*vy - uy*vx
	if math.Abs(det) < 1e-9 {
		return x, false
	}
	s := ((d[0]-a[0])*vy - (d[1]-a[1])*vx) / det
	t := ((d[0]-a[0])*uy - (d[1]-a[1])*ux) / det
	if s < 1 || t < 1 {
		return x, false
	}
	return [2]float64{a[0] + s*ux, a[1] + s*uy}, true
}
