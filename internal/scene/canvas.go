package scene

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"

	"pentimento/internal/pixel"
)

// rgb is a colour in linear light; 1 is a white wall in full sun.
type rgb struct{ r, g, b float64 }

// hex reads an sRGB colour such as 0xc01020.
func hex(v uint32) rgb {
	return rgb{
		float64(pixel.ToLinear(uint8(v >> 16))), float64(pixel.ToLinear(uint8(v >> 8))), float64(pixel.ToLinear(uint8(v))),
	}
}

func (c rgb) scale(k float64) rgb { return rgb{c.r * k, c.g * k, c.b * k} }
func (c rgb) add(o rgb) rgb       { return rgb{c.r + o.r, c.g + o.g, c.b + o.b} }
func (c rgb) mix(o rgb, t float64) rgb {
	return rgb{lerp(c.r, o.r, t), lerp(c.g, o.g, t), lerp(c.b, o.b, t)}
}

// far is a length in scene units that lies outside any picture.
const far = 1e6

// shader gives the colour and opacity in [0,1] at a place of the scene.
type shader func(x, y float64) (rgb, float64)

func flat(c rgb) shader { return func(_, _ float64) (rgb, float64) { return c, 1 } }

// labels is a set of objects, a bit each.
type labels uint16

// keep paints without changing what object a pixel belongs to: shadows, reflections, gloss.
const keep labels = 1 << 15

// canvas is the picture while it is painted, in linear light and at a multiple
// of the final size, with the exact coverage of each object so far.
type canvas struct {
	w, h   int
	scale  float64 // device pixels per scene unit
	ox, oy float64 // device position of the scene's origin
	pix    []float32
	cover  [objectCount][]uint8
}

func newCanvas(w, h int, scale, ox, oy float64) *canvas {
	c := &canvas{w: w, h: h, scale: scale, ox: ox, oy: oy, pix: make([]float32, 3*w*h)}
	for i := range c.cover {
		c.cover[i] = make([]uint8, w*h)
	}
	return c
}

// scenePoint is the scene place of a device pixel's centre.
func (c *canvas) scenePoint(x, y int) (float64, float64) {
	return (float64(x) + 0.5 - c.ox) / c.scale, (float64(y) + 0.5 - c.oy) / c.scale
}

// fill paints a path.
func (c *canvas) fill(p *path, l labels, f shader) {
	r, cov := c.raster(p, 0)
	c.paint(r, cov, l, f)
}

// region paints from x0 to the right border between two heights, to whole
// device pixels: for areas whose edges other things will cover.
func (c *canvas) region(x0, y0, y1 float64, l labels, f shader) {
	dev := func(v, o float64, limit int) int {
		return int(min(max(math.Round(o+v*c.scale), 0), float64(limit)))
	}
	r := image.Rect(dev(x0, c.ox, c.w), dev(y0, c.oy, c.h), c.w, dev(y1, c.oy, c.h))
	c.paint(r, nil, l, f)
}

// band is a region of any width.
func (c *canvas) band(top, bottom float64, l labels, f shader) {
	c.region(-far, top, bottom, l, f)
}

// shade darkens by strength in [0,1] under a path blurred by sigma scene units.
func (c *canvas) shade(p *path, sigma, strength float64) {
	r, cov := c.raster(p, int(3*sigma*c.scale))
	if r.Empty() {
		return
	}
	soft := pixel.Feather(&pixel.Mask{W: r.Dx(), H: r.Dy(), Pix: cov}, sigma*c.scale)
	// A shadow in the open is lit by blue sky still.
	tint := rgb{0.020, 0.025, 0.036}
	c.paint(r, soft.Pix, keep, func(float64, float64) (rgb, float64) { return tint, strength })
}

// paint blends a shader over a device rectangle through its coverage (nil: all of it).
func (c *canvas) paint(r image.Rectangle, cov []uint8, l labels, f shader) {
	pixel.Rows(r.Dy(), func(y0, y1 int) {
		for y := r.Min.Y + y0; y < r.Min.Y+y1; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				k := uint8(255)
				if cov != nil {
					if k = cov[(y-r.Min.Y)*r.Dx()+x-r.Min.X]; k == 0 {
						continue
					}
				}
				sx, sy := c.scenePoint(x, y)
				col, a := f(sx, sy)
				c.blend(y*c.w+x, col, clamp01(a)*float64(k)/255)
				if l != keep {
					c.claim(y*c.w+x, uint32(k), l)
				}
			}
		}
	})
}

func (c *canvas) blend(i int, col rgb, a float64) {
	p := c.pix[3*i : 3*i+3 : 3*i+3]
	k := float32(a)
	p[0] += k * (float32(col.r) - p[0])
	p[1] += k * (float32(col.g) - p[1])
	p[2] += k * (float32(col.b) - p[2])
}

// claim gives a pixel's covered share to the objects of l and takes it from all others.
func (c *canvas) claim(i int, k uint32, l labels) {
	for o := range c.cover {
		v := &c.cover[o][i]
		mine := l&(1<<o) != 0
		switch {
		case k == 255 && mine:
			*v = 255
		case k == 255 || *v == 0 && !mine:
			*v = 0
		case mine:
			*v = uint8(255 - ((255-uint32(*v))*(255-k)+127)/255)
		default:
			*v = uint8((uint32(*v)*(255-k) + 127) / 255)
		}
	}
}

// path is an outline in scene units.
type path struct{ segs []segment }

// segment is a move ('m'), line ('l') or cubic ('c') and its points.
type segment struct {
	op  byte
	pts [3]pt
}

type pt struct{ x, y float64 }

func (p *path) move(x, y float64) *path {
	p.segs = append(p.segs, segment{'m', [3]pt{{x, y}}})
	return p
}

func (p *path) line(x, y float64) *path {
	p.segs = append(p.segs, segment{'l', [3]pt{{x, y}}})
	return p
}

func (p *path) cubic(x1, y1, x2, y2, x, y float64) *path {
	p.segs = append(p.segs, segment{'c', [3]pt{{x1, y1}, {x2, y2}, {x, y}}})
	return p
}

func polygon(pts ...pt) *path {
	p := &path{}
	for i, q := range pts {
		if i == 0 {
			p.move(q.x, q.y)
			continue
		}
		p.line(q.x, q.y)
	}
	return p
}

func box(x0, y0, x1, y1 float64) *path {
	return polygon(pt{x0, y0}, pt{x1, y0}, pt{x1, y1}, pt{x0, y1})
}

func ellipse(cx, cy, rx, ry float64) *path {
	const k = 0.5522847498 // cubic that is nearest to a quarter circle
	p := (&path{}).move(cx+rx, cy)
	p.cubic(cx+rx, cy+k*ry, cx+k*rx, cy+ry, cx, cy+ry)
	p.cubic(cx-k*rx, cy+ry, cx-rx, cy+k*ry, cx-rx, cy)
	p.cubic(cx-rx, cy-k*ry, cx-k*rx, cy-ry, cx, cy-ry)
	return p.cubic(cx+k*rx, cy-ry, cx+rx, cy-k*ry, cx+rx, cy)
}

// rounded is a box with rounded corners.
func rounded(x0, y0, x1, y1, r float64) *path {
	k := r * 0.4477152502
	p := (&path{}).move(x0+r, y0).line(x1-r, y0).cubic(x1-k, y0, x1, y0+k, x1, y0+r)
	p.line(x1, y1-r).cubic(x1, y1-k, x1-k, y1, x1-r, y1)
	p.line(x0+r, y1).cubic(x0+k, y1, x0, y1-k, x0, y1-r)
	return p.line(x0, y0+r).cubic(x0, y0+k, x0+k, y0, x0+r, y0)
}

// smooth is the closed Catmull-Rom curve through the points.
func smooth(pts ...pt) *path {
	n := len(pts)
	p := (&path{}).move(pts[0].x, pts[0].y)
	for i := range n {
		a, b, c, d := pts[(i+n-1)%n], pts[i], pts[(i+1)%n], pts[(i+2)%n]
		p.cubic(b.x+(c.x-a.x)/6, b.y+(c.y-a.y)/6, c.x-(d.x-b.x)/6, c.y-(d.y-b.y)/6, c.x, c.y)
	}
	return p
}

// stroke is a band of the given width along straight segments, with butt ends and overlapping joints.
func stroke(width float64, pts ...pt) *path {
	p := &path{}
	for i := 1; i < len(pts); i++ {
		a, b := pts[i-1], pts[i]
		l := math.Hypot(b.x-a.x, b.y-a.y)
		if l == 0 {
			continue
		}
		nx, ny := (b.y-a.y)/l*width/2, -(b.x-a.x)/l*width/2
		p.move(a.x+nx, a.y+ny).line(b.x+nx, b.y+ny).line(b.x-nx, b.y-ny).line(a.x-nx, a.y-ny)
	}
	return p
}

// moved returns the path shifted.
func (p *path) moved(dx, dy float64) *path {
	return p.mapped(func(q pt) pt { return pt{q.x + dx, q.y + dy} })
}

// mapped returns the path with every point passed through f.
func (p *path) mapped(f func(pt) pt) *path {
	out := &path{segs: append([]segment(nil), p.segs...)}
	for i := range out.segs {
		for j, q := range out.segs[i].pts {
			out.segs[i].pts[j] = f(q)
		}
	}
	return out
}

// raster returns the antialiased coverage of a path and the device rectangle it
// covers, wider by pad pixels, cut to the canvas.
func (c *canvas) raster(p *path, pad int) (image.Rectangle, []uint8) {
	lo, hi := pt{math.Inf(1), math.Inf(1)}, pt{math.Inf(-1), math.Inf(-1)}
	for _, s := range p.segs {
		for j, q := range s.pts {
			if j > 0 && s.op != 'c' {
				break
			}
			lo.x, lo.y = min(lo.x, q.x), min(lo.y, q.y)
			hi.x, hi.y = max(hi.x, q.x), max(hi.y, q.y)
		}
	}
	dev := func(q pt) (float64, float64) { return c.ox + q.x*c.scale, c.oy + q.y*c.scale }
	x0, y0 := dev(lo)
	x1, y1 := dev(hi)
	r := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
	r = r.Inset(-pad).Intersect(image.Rect(0, 0, c.w, c.h))
	if r.Empty() {
		return r, nil
	}
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	at := func(q pt) (float32, float32) {
		x, y := dev(q)
		return float32(x - float64(r.Min.X)), float32(y - float64(r.Min.Y))
	}
	for i, s := range p.segs {
		ax, ay := at(s.pts[0])
		switch s.op {
		case 'm':
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(ax, ay)
		case 'l':
			z.LineTo(ax, ay)
		case 'c':
			bx, by := at(s.pts[1])
			dx, dy := at(s.pts[2])
			z.CubeTo(ax, ay, bx, by, dx, dy)
		}
	}
	z.ClosePath()
	z.DrawOp = draw.Src
	out := image.NewAlpha(image.Rect(0, 0, r.Dx(), r.Dy()))
	z.Draw(out, out.Rect, image.Opaque, image.Point{})
	return r, out.Pix
}
