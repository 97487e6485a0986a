package icc

import (
	"encoding/binary"
	"math"
)

// Build writes a version 2 RGB profile. primaries are the D50-adapted XYZ of
// full red, green and blue; curve holds the linear light of equidistant samples, of at
// most 4096 values; one value is a gamma.
func Build(red, green, blue [3]float64, curve ...float32) []byte {
	var m matrix
	for i := range 3 {
		m[i] = [3]float64{red[i], green[i], blue[i]}
	}
	return build(&m, curve)
}

// BuildGray writes a version 2 grey profile with such a curve.
func BuildGray(curve ...float32) []byte {
	return assemble(Gray, []tag{{"kTRC", curveData(curve)}})
}

func build(m *matrix, curve []float32) []byte {
	tags := []tag{{"rTRC", curveData(curve)}}
	tags = append(tags, tag{"gTRC", tags[0].data}, tag{"bTRC", tags[0].data})
	for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		tags = append(tags, tag{name, xyzData([3]float64{m[0][i], m[1][i], m[2][i]})})
	}
	return assemble(RGB, tags)
}

type tag struct {
	name string
	data []byte
}

// assemble puts a header and the tags that every profile needs around the given ones.
func assemble(model Model, tags []tag) []byte {
	tags = append(tags, tag{"wtpt", xyzData(d50)}, tag{"desc", descData("Pentimento")}, tag{"cprt", append([]byte("text\x00\x00\x00\x00"), "no copyright, use freely\x00"...)})
	out := make([]byte, 132+12*len(tags))
	binary.BigEndian.PutUint32(out[8:], 0x02400000)
	copy(out[12:], "mntr")
	copy(out[16:], model)
	copy(out[20:], "XYZ ")
	binary.BigEndian.PutUint16(out[24:], 2000) // a date is required; a fixed one keeps the bytes the same
	binary.BigEndian.PutUint16(out[26:], 1)
	binary.BigEndian.PutUint16(out[28:], 1)
	copy(out[36:], "acsp")
	copy(out[68:], xyzData(d50)[8:])
	binary.BigEndian.PutUint32(out[128:], uint32(len(tags)))
	places := make(map[*byte]int) // equal curves are stored once
	for i, t := range tags {
		at, ok := places[&t.data[0]]
		if !ok {
			at = len(out)
			places[&t.data[0]] = at
			out = append(out, t.data...)
			out = append(out, make([]byte, -len(out)&3)...)
		}
		e := out[132+12*i:]
		copy(e, t.name)
		binary.BigEndian.PutUint32(e[4:], uint32(at))
		binary.BigEndian.PutUint32(e[8:], uint32(len(t.data)))
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

func xyzData(v [3]float64) []byte {
	out := []byte("XYZ \x00\x00\x00\x00")
	for _, x := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(x*65536))))
	}
	return out
}

func curveData(v []float32) []byte {
	out := []byte("curv\x00\x00\x00\x00")
	if len(v) > 1 && len(v) > 4096 {
		dense := &curve{v: v}
		v = make([]float32, 4096)
		for i := range v {
			v[i] = dense.at(float32(i) / 4095)
		}
	}
	out = binary.BigEndian.AppendUint32(out, uint32(len(v)))
	if len(v) == 1 {
		return binary.BigEndian.AppendUint16(out, uint16(math.Round(float64(v[0])*256)))
	}
	for _, x := range v {
		out = binary.BigEndian.AppendUint16(out, uint16(min(max(x, 0), 1)*65535+0.5))
	}
	return out
}

// descData is a textDescriptionType with its empty Unicode and Macintosh parts.
func descData(s string) []byte {
	out := []byte("desc\x00\x00\x00\x00")
	out = binary.BigEndian.AppendUint32(out, uint32(len(s)+1))
	out = append(out, s...)
	return append(out, make([]byte, 1+4+4+2+1+67)...)
}
