package artifact

import (
	"fmt"

	"pentimento/internal/edit"
	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// maxSide and maxPixels bound the rasters that are stored; pictures are read up to 100 megapixels.
const (
	maxSide   = 1 << 20
	maxPixels = 1 << 28
)

// check reports why an artifact is not whole.
func check(a edit.Artifact) error {
	switch a := a.(type) {
	case *pixel.Image:
		return checkImage(a)
	case *pixel.Mask:
		return checkMask(a)
	case *pixel.Classes:
		if a == nil {
			return errNil
		}
		if err := checkSize(a.W, a.H); err != nil {
			return err
		}
		for _, l := range a.Layers {
			if l.Mask == nil {
				continue
			}
			if err := checkMask(l.Mask); err != nil {
				return fmt.Errorf("class %q: %w", l.Label, err)
			}
		}
		return nil
	case *pixel.Depth:
		if a == nil {
			return errNil
		}
		return checkSamples(a.W, a.H, len(a.V), 1)
	case edit.Boxes, edit.Points, edit.Text, edit.Spans, edit.Color, edit.Number:
		return nil
	}
	return fmt.Errorf("%T is no artifact that can be stored", a)
}

func checkImage(m *pixel.Image) error {
	if m == nil {
		return errNil
	}
	if err := checkSamples(m.W, m.H, len(m.Pix), 4); err != nil || m.Deep == nil {
		return err
	}
	if m.Deep.Bits < 1 || m.Deep.Bits > 16 {
		return fmt.Errorf("samples of %d bits", m.Deep.Bits)
	}
	if s, ok := m.Deep.Space.(*icc.Space); m.Deep.Space != nil && (!ok || s == nil || len(profile(s)) == 0) {
		return fmt.Errorf("a colour space of type %T has no profile to store", m.Deep.Space)
	}
	return checkSamples(m.W, m.H, len(m.Deep.Pix), 4)
}

func checkMask(m *pixel.Mask) error {
	if m == nil {
		return errNil
	}
	return checkSamples(m.W, m.H, len(m.Pix), 1)
}

func checkSamples(w, h, n, channels int) error {
	if err := checkSize(w, h); err != nil {
		return err
	}
	if n != w*h*channels {
		return fmt.Errorf("%d×%d with %d samples", w, h, n)
	}
	return nil
}

func checkSize(w, h int) error {
	if w < 0 || h < 0 || w > maxSide || h > maxSide || w*h > maxPixels {
		return fmt.Errorf("a size of %d×%d", w, h)
	}
	return nil
}

// profile is what rebuilds a colour space: nil for sRGB.
func profile(s pixel.Space) []byte {
	p, ok := s.(*icc.Space)
	switch {
	case !ok:
		return nil
	case p.GrayICC() != nil:
		return p.GrayICC()
	}
	return p.ICC()
}
