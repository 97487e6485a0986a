package features

import (
	"math"

	"pentimento/internal/pixel"
)

// workPixels is the most pixels that regions are measured on.
const workPixels = 400_000

// edgeStep is the change of colour per working pixel, as an OKLab distance,
// from which a pixel lies on an edge.
const edgeStep = 0.04

// work is the picture at working size with what every region is measured by.
type work struct {
	w, h  int
	lab   []pixel.Lab
	clear []bool    // more transparent than opaque; nil: none is
	rough []float32 // lightness minus its 7×7 mean
	edge  []bool
}

func workSize(w, h int) (int, int) {
	f := min(1, math.Sqrt(workPixels/(float64(w)*float64(h))))
	return max(1, int(float64(w)*f)), max(1, int(float64(h)*f))
}

// newWork reduces the picture by means of whole blocks of pixels, of stored
// samples, and measures lightness about its surroundings and edges once.
func newWork(m *pixel.Image) *work {
	w, h := workSize(m.W, m.H)
	k := &work{w: w, h: h, lab: make([]pixel.Lab, w*h), rough: make([]float32, w*h), edge: make([]bool, w*h)}
	if m.HasAlpha {
		k.clear = make([]bool, w*h)
	}
	light := pixel.NewPlane(w, h)
	cuts := make([]int, w+1) // where the blocks of a row begin
	for x := range cuts {
		cuts[x] = x * m.W / w
	}
	pixel.Rows(h, func(y0, y1 int) {
		sums := make([][5]int, w)
		for y := y0; y < y1; y++ {
			k.reduceRow(m, y, cuts, sums)
			for x, c := range k.lab[y*w : (y+1)*w] {
				light.V[y*w+x] = c.L
			}
		}
	})
	mean := pixel.BoxBlur(light, 3)
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range w {
				i := y*w + x
				k.rough[i] = light.V[i] - mean.V[i]
				k.edge[i] = k.step(x, y) > edgeStep
			}
		}
	})
	return k
}

// reduceRow fills one row: cuts are where the blocks of a row begin, sums holds red, green, blue, alpha and the count of each block.
func (k *work) reduceRow(m *pixel.Image, y int, cuts []int, sums [][5]int) {
	clear(sums)
	from, to := y*m.H/k.h, (y+1)*m.H/k.h
	for sy := from; sy < to; sy++ {
		row := m.Pix[4*sy*m.W : 4*(sy+1)*m.W]
		for x := range sums {
			s, a, b := &sums[x], cuts[x], cuts[x+1]
			for i := 4 * a; i < 4*b; i += 4 {
				p := row[i : i+4 : i+4]
				s[0], s[1], s[2], s[3] = s[0]+int(p[0]), s[1]+int(p[1]), s[2]+int(p[2]), s[3]+int(p[3])
			}
			s[4] += b - a
		}
	}
	for x, s := range sums {
		half := s[4] / 2
		k.lab[y*k.w+x] = pixel.ToLab(uint8((s[0]+half)/s[4]), uint8((s[1]+half)/s[4]), uint8((s[2]+half)/s[4]))
		if k.clear != nil {
			k.clear[y*k.w+x] = 2*s[3] < 255*s[4]
		}
	}
}

// step is the change of colour per pixel at a place: central differences, one-sided at the border.
func (k *work) step(x, y int) float64 {
	x0, x1, y0, y1 := max(0, x-1), min(k.w-1, x+1), max(0, y-1), min(k.h-1, y+1)
	var gx, gy float64
	if x1 > x0 {
		gx = k.lab[y*k.w+x1].Dist(k.lab[y*k.w+x0]) / float64(x1-x0)
	}
	if y1 > y0 {
		gy = k.lab[y1*k.w+x].Dist(k.lab[y0*k.w+x]) / float64(y1-y0)
	}
	return math.Sqrt(gx*gx + gy*gy)
}

// reduceMask brings a matte to working size by the same blocks.
func reduceMask(m *pixel.Mask, w, h int) *pixel.Mask {
	out := pixel.NewMask(w, h)
	pixel.Rows(h, func(y0, y1 int) {
		sums := make([]int, w)
		for y := y0; y < y1; y++ {
			clear(sums)
			from, to := y*m.H/h, (y+1)*m.H/h
			for sy := from; sy < to; sy++ {
				row := m.Pix[sy*m.W : (sy+1)*m.W]
				for x := range sums {
					for _, v := range row[x*m.W/w : (x+1)*m.W/w] {
						sums[x] += int(v)
					}
				}
			}
			for x, s := range sums {
				n := (to - from) * ((x+1)*m.W/w - x*m.W/w)
				out.Pix[y*w+x] = uint8((s + n/2) / n)
			}
		}
	})
	return out
}

// visible lists the pixels of a region that can be seen; nil stands for the whole picture.
func (k *work) visible(region *pixel.Mask) []int32 {
	var out []int32
	for i := range k.lab {
		if (region == nil || region.Pix[i] >= pixel.Half) && (k.clear == nil || !k.clear[i]) {
			out = append(out, int32(i))
		}
	}
	return out
}

// texture is the root mean square roughness of the pixels, edges the share on an edge.
func (k *work) texture(at []int32) (texture, edges float64) {
	var sq, n float64
	for _, i := range at {
		r := float64(k.rough[i])
		sq += r * r
		if k.edge[i] {
			n++
		}
	}
	return math.Sqrt(sq / float64(len(at))), n / float64(len(at))
}

func (k *work) colors(at []int32) []pixel.Lab {
	out := make([]pixel.Lab, len(at))
	for j, i := range at {
		out[j] = k.lab[i]
	}
	return out
}
