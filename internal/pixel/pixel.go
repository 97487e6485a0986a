// Package pixel holds rasters, masks and their algebra, OKLab and resampling.
// It is pure: no files, no clock, no goroutines that outlive a call.
package pixel

import (
	"bytes"
	"image"
	"slices"

	"pentimento/internal/edit"
)

// Image is a raster of straight (not premultiplied) 8-bit sRGB samples, RGBA,
// row-major without padding: pixel (x,y) begins at Pix[4*(y*W+x)]. An Image is
// never written to once it has been handed on; tools make a Clone.
type Image struct {
	W, H int
	Pix  []uint8 // 4*W*H
	// HasAlpha says that the source carries an alpha channel; without one every A is 255.
	HasAlpha bool
	// Deep holds the stored samples of a picture with more than 8 bits or another
	// colour space than sRGB; nil where Pix is all there is.
	Deep *Deep
}

// NewImage returns an opaque black w×h raster.
func NewImage(w, h int) *Image {
	m := &Image{W: w, H: h, Pix: make([]uint8, 4*w*h)}
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	return m
}

// Kind implements edit.Artifact.
func (*Image) Kind() edit.Kind { return edit.KindImage }

// Clone copies the raster.
func (m *Image) Clone() *Image {
	c := *m
	c.Pix = append([]uint8(nil), m.Pix...)
	return &c
}

// Same reports whether two pictures have the same samples, the stored ones included.
func (m *Image) Same(o *Image) bool {
	if m.W != o.W || m.H != o.H || !bytes.Equal(m.Pix, o.Pix) || (m.Deep == nil) != (o.Deep == nil) {
		return false
	}
	return m.Deep == nil || slices.Equal(m.Deep.Pix, o.Deep.Pix)
}

// Megapixels is W×H in units of 10^6 pixels.
func (m *Image) Megapixels() float64 { return float64(m.W) * float64(m.H) / 1e6 }

// At returns the samples of one pixel.
func (m *Image) At(x, y int) (r, g, b, a uint8) {
	i := 4 * (y*m.W + x)
	return m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]
}

// Set writes one pixel.
func (m *Image) Set(x, y int, r, g, b, a uint8) {
	i := 4 * (y*m.W + x)
	m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = r, g, b, a
}

// NRGBA views the raster as a standard image that shares its samples.
func (m *Image) NRGBA() *image.NRGBA {
	return &image.NRGBA{Pix: m.Pix, Stride: 4 * m.W, Rect: image.Rect(0, 0, m.W, m.H)}
}

// FromNRGBA takes over a standard image; its samples are shared when it has no row padding.
func FromNRGBA(n *image.NRGBA, hasAlpha bool) *Image {
	w, h := n.Rect.Dx(), n.Rect.Dy()
	if n.Stride == 4*w && len(n.Pix) == 4*w*h {
		return &Image{W: w, H: h, Pix: n.Pix, HasAlpha: hasAlpha}
	}
	m := &Image{W: w, H: h, Pix: make([]uint8, 0, 4*w*h), HasAlpha: hasAlpha}
	for y := range h {
		m.Pix = append(m.Pix, n.Pix[y*n.Stride:y*n.Stride+4*w]...)
	}
	return m
}

// Mask is an 8-bit matte, row-major: 0 outside, 255 inside, between them a soft border.
type Mask struct {
	W, H int
	Pix  []uint8 // W*H
}

// NewMask returns an empty w×h mask.
func NewMask(w, h int) *Mask { return &Mask{W: w, H: h, Pix: make([]uint8, w*h)} }

// Kind implements edit.Artifact.
func (*Mask) Kind() edit.Kind { return edit.KindMask }

// Clone copies the mask.
func (m *Mask) Clone() *Mask {
	return &Mask{W: m.W, H: m.H, Pix: append([]uint8(nil), m.Pix...)}
}

// At returns the matte at one pixel.
func (m *Mask) At(x, y int) uint8 { return m.Pix[y*m.W+x] }

// Layer is one class of a Classes map.
type Layer struct {
	Label   string
	Aliases []string // other words for the class, lower case
	Mask    *Mask    // at the picture's size, usually coarse
}

// Classes are labelled mattes of the whole picture, one layer per class seen;
// the background is not a layer.
type Classes struct {
	W, H   int
	Layers []Layer
}

// Kind implements edit.Artifact.
func (*Classes) Kind() edit.Kind { return edit.KindClasses }

// Depth is relative inverse depth at the picture's size: larger is nearer, not metric.
type Depth struct {
	W, H int
	V    []float32 // W*H
}

// Kind implements edit.Artifact.
func (*Depth) Kind() edit.Kind { return edit.KindDepth }
