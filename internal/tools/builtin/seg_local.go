package builtin

import (
	"math"

	"pentimento/internal/pixel"
)

// Colours alone cannot keep a white beak apart from a white spot elsewhere in
// the picture. So after the first cut the colour models get a sense of place:
// the frame is laid out in tiles, and around each tile the colours inside and
// outside are counted. Where a colour is rare near a pixel the global models speak.
const (
	localTiles = 7 // tiles along the longer side
	// Coarse colour bins: they are filled by few pixels.
	localLight  = 21
	localChroma = 24
	localBins   = localLight * localChroma * localChroma
	lightWide   = 5.0 // feature units per bin
	chromaWide  = 3.0
	// localTrust is the number of pixels of a colour at which the count weighs as much as the global models.
	localTrust = 100
	// labelShare is how far the last cut is believed against the first evidence when colours are counted.
	labelShare = 0.6
)

// placed are the colour counts of every tile.
type placed struct {
	cols, rows int
	size       float32   // side of a tile in pixels
	width      int       // of the frame the counts are of
	in, out    []float32 // localBins per tile
}

func wideBin(f feature) int {
	l := bin(f[0], lightWide, localLight)
	a := bin(f[1]+chromaWide*localChroma/2, chromaWide, localChroma)
	b := bin(f[2]+chromaWide*localChroma/2, chromaWide, localChroma)
	return (l*localChroma+a)*localChroma + b
}

// countPlaces counts the colours around each tile by belief.
func countPlaces(fr *frame, ev *evidence, label []float32) *placed {
	size := float32(max(fr.w, fr.h)) / localTiles
	p := &placed{size: size, width: fr.w, cols: int(float32(fr.w)/size) + 1, rows: int(float32(fr.h)/size) + 1}
	p.in = make([]float32, p.cols*p.rows*localBins)
	p.out = make([]float32, len(p.in))
	for i, f := range fr.f {
		if ev.ignore[i] {
			continue
		}
		b := labelShare*label[i] + (1-labelShare)*ev.seed[i]
		if ev.fixed[i] != unknown {
			b = label[i]
		}
		t := (int(float32(i/fr.w)/size)*p.cols + int(float32(i%fr.w)/size)) * localBins
		k := t + wideBin(f)
		w := max(ev.trust[i], leastTrust)
		p.in[k] += b * w
		p.out[k] += (1 - b) * w
	}
	p.in, p.out = p.spread(p.in), p.spread(p.out)
	p.level()
	return p
}

// level makes both sides of a tile weigh the same, up to a factor: that an
// object is thin is no evidence against its colour.
func (p *placed) level() {
	const most = 2
	for t := range p.cols * p.rows {
		in, out := p.in[t*localBins:(t+1)*localBins], p.out[t*localBins:(t+1)*localBins]
		var a, b float32
		for k := range in {
			a += in[k]
			b += out[k]
		}
		half := (a + b) / 2
		fa, fb := min(half/max(a, 1), most), min(half/max(b, 1), most)
		for k := range in {
			in[k] *= fa
			out[k] *= fb
		}
	}
}

// scaledTo returns the counts for a frame of another scale.
func (p *placed) scaledTo(width int) *placed {
	q := *p
	q.size, q.width = p.size*float32(width)/float32(p.width), width
	return &q
}

// spread adds half of the four neighbour tiles' counts, and blurs each tile's colours by one bin.
func (p *placed) spread(v []float32) []float32 {
	wide := make([]float32, len(v))
	pixel.Rows(p.rows*p.cols*16, func(from, to int) { // 16 parts a tile, so that the bands are even
		for t := (from + 15) / 16; t < (to+15)/16; t++ {
			r, c := t/p.cols, t%p.cols
			dst := wide[t*localBins : (t+1)*localBins]
			for _, d := range [5][3]int{{0, 0, 2}, {1, 0, 1}, {-1, 0, 1}, {0, 1, 1}, {0, -1, 1}} {
				y, x := r+d[0], c+d[1]
				if y < 0 || x < 0 || y >= p.rows || x >= p.cols {
					continue
				}
				for k, n := range v[(y*p.cols+x)*localBins : (y*p.cols+x+1)*localBins] {
					dst[k] += n * float32(d[2]) / 2
				}
			}
			blurBins(dst)
		}
	})
	return wide
}

// blurBins smooths a colour histogram by 1-2-1 along its three axes, in place.
func blurBins(v []float32) {
	for _, axis := range [3][2]int{{1, localChroma}, {localChroma, localChroma}, {localChroma * localChroma, localLight}} {
		step, n := axis[0], axis[1]
		for i := range v {
			if i/step%n != 0 {
				continue
			}
			var before float32
			for k := range n {
				j := i + k*step
				here := v[j]
				sum := 2*here + before
				if k < n-1 {
					sum += v[j+step]
				}
				v[j], before = sum/4, here
			}
		}
	}
}

// odds is the log odds at a place: the counts of the four nearest tiles, with
// the global odds as what is expected where nothing was counted.
func (p *placed) odds(x, y int, f feature, global float32) float32 {
	k := wideBin(f)
	fx, fy := (float32(x)+0.5)/p.size-0.5, (float32(y)+0.5)/p.size-0.5
	x0, y0 := int(math.Floor(float64(fx))), int(math.Floor(float64(fy)))
	ax, ay := fx-float32(x0), fy-float32(y0)
	var in, out float32
	for dy, wy := range [2]float32{1 - ay, ay} {
		for dx, wx := range [2]float32{1 - ax, ax} {
			c, r := min(max(x0+dx, 0), p.cols-1), min(max(y0+dy, 0), p.rows-1)
			t := (r*p.cols+c)*localBins + k
			in += wx * wy * p.in[t]
			out += wx * wy * p.out[t]
		}
	}
	q := 1 / (1 + math.Exp(-float64(global)))
	prior := float64(localTrust)
	return float32(math.Log((float64(in) + prior*q + 1e-3) / (float64(out) + prior*(1-q) + 1e-3)))
}
