// Package icc reads ICC colour profiles (ICC.1:2001-04 and ICC.1:2022-05, that
// is version 2 and 4) and makes the conversions between their colours and sRGB.
// A profile comes from a file, so it counts as hostile: every offset, count and
// size is checked, nothing is set aside that the profile's own bytes do not
// back, and a profile that makes no sense is an error, never a panic.
package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxSize is the largest profile that Parse takes; CMYK profiles have up to about 3 MiB.
const MaxSize = 8 << 20

// maxTags bounds the tag table; profiles have up to about 40.
const maxTags = 200

// Model is the kind of samples that a profile is for.
type Model string

// The models that pictures have, by their signature in a profile.
const (
	Gray Model = "GRAY"
	RGB  Model = "RGB "
	CMYK Model = "CMYK"
)

// Channels is the number of samples of one pixel.
func (m Model) Channels() int {
	switch m {
	case Gray:
		return 1
	case CMYK:
		return 4
	case RGB:
	}
	return 3
}

// Profile is a profile whose structure is whole. Its tags are read when a conversion is made of it.
type Profile struct {
	model Model
	lab   bool // the connection space is Lab, else XYZ
	major int  // version
	raw   []byte
	tags  map[string][]byte
}

var errShort = errors.New("a tag is cut off")

// Parse reads the header and the tag table. It keeps data, which must not be changed afterwards.
func Parse(data []byte) (*Profile, error) {
	switch {
	case len(data) < 132:
		return nil, errors.New("it is too short for a profile")
	case len(data) > MaxSize:
		return nil, fmt.Errorf("it is larger than %d MiB", MaxSize>>20)
	case string(data[36:40]) != "acsp":
		return nil, errors.New("it has no profile signature")
	}
	p := &Profile{model: Model(data[16:20]), lab: string(data[20:24]) == "Lab ", major: int(data[8]), raw: data}
	switch p.model {
	case Gray, RGB, CMYK:
	default:
		return nil, fmt.Errorf("it is for %q samples", string(p.model))
	}
	switch class := string(data[12:16]); class {
	case "scnr", "mntr", "prtr", "spac":
	default:
		return nil, fmt.Errorf("its class is %q", class)
	}
	if pcs := string(data[20:24]); pcs != "Lab " && pcs != "XYZ " {
		return nil, fmt.Errorf("it connects through %q", pcs)
	}
	n := binary.BigEndian.Uint32(data[128:])
	if n > maxTags || 132+12*int(n) > len(data) {
		return nil, errors.New("its tag table is damaged")
	}
	p.tags = make(map[string][]byte, n)
	for i := range int(n) {
		e := data[132+12*i:]
		at, size := uint64(binary.BigEndian.Uint32(e[4:])), uint64(binary.BigEndian.Uint32(e[8:]))
		if at+size > uint64(len(data)) || size < 8 {
			continue // a damaged tag matters only when it is needed
		}
		p.tags[string(e[:4])] = data[at : at+size]
	}
	return p, nil
}

// Model tells which samples the profile is for.
func (p *Profile) Model() Model { return p.model }

// xyz reads the first colour of an XYZ tag.
func (p *Profile) xyz(name string) (v [3]float64, err error) {
	t := p.tags[name]
	if len(t) < 20 || string(t[:4]) != "XYZ " {
		return v, fmt.Errorf("its %s tag is missing or damaged", name)
	}
	for i := range v {
		v[i] = fixed(t[8+4*i:])
	}
	return v, nil
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// curveTag reads a tone curve.
func (p *Profile) curveTag(name string) (*curve, error) {
	t, ok := p.tags[name]
	if !ok {
		return nil, fmt.Errorf("it has no %s tag", name)
	}
	c, _, err := parseCurve(t)
	if err != nil {
		return nil, fmt.Errorf("its %s tag: %w", name, err)
	}
	return c, nil
}
