package imageio

import (
	"bytes"
	"encoding/binary"
)

// Tags of a TIFF directory that matter here.
const (
	tagOrientation  = 0x0112
	tagExtraSamples = 0x0152
	tagICC          = 0x8773
	tagXMP          = 0x02bc
	tagIPTC         = 0x83bb
	tagC2PA         = 0xcd41
)

const (
	typeByte  = 1
	typeShort = 3
	typeLong  = 4
	typeBlob  = 7
	typeIFD   = 13
)

// maxEntries bounds a directory; cameras write a few dozen entries.
const maxEntries = 4096

// directory is one directory of a TIFF structure, which EXIF is too. Pointers to
// others are followed from the first one (IFD0) down known tags only, never in a
// circle, so none can loop.
type directory struct {
	data  []byte
	order binary.ByteOrder
	start int // of the first entry
	count int
	next  uint32 // offset of the following directory, 0 when last
}

// openDirectory finds IFD0. It reports false for anything that is not whole.
func openDirectory(data []byte) (directory, bool) {
	d := directory{data: data}
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")):
		d.order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		d.order = binary.BigEndian
	default:
		return d, false
	}
	if len(data) < 8 {
		return d, false
	}
	return directoryAt(data, d.order, int64(d.order.Uint32(data[4:])))
}

// find returns the type, the number of values and the four value bytes of an entry.
func (d directory) find(tag uint16) (kind uint16, count uint32, value []byte, ok bool) {
	for i := range d.count {
		e := d.data[d.start+12*i:][:12]
		if d.order.Uint16(e) == tag {
			return d.order.Uint16(e[2:]), d.order.Uint32(e[4:]), e[8:], true
		}
	}
	return 0, 0, nil, false
}

// number returns a single whole-number value.
func (d directory) number(tag uint16) (int64, bool) {
	kind, count, v, ok := d.find(tag)
	if !ok || count != 1 {
		return 0, false
	}
	switch kind {
	case typeByte:
		return int64(v[0]), true
	case typeShort:
		return int64(d.order.Uint16(v)), true
	case typeLong, typeIFD:
		return int64(d.order.Uint32(v)), true
	}
	return 0, false
}

// blob returns the bytes that an entry points to, nil when they do not lie inside the data.
func (d directory) blob(tag uint16) []byte {
	kind, count, v, ok := d.find(tag)
	if !ok || kind != typeBlob && kind != typeByte || count <= 4 {
		return nil
	}
	at := int64(d.order.Uint32(v))
	if at+int64(count) > int64(len(d.data)) {
		return nil
	}
	return d.data[at:][:count]
}

// exifOrientation reads the orientation 1 to 8 out of an EXIF block, with or
// without its "Exif\0\0" prefix. Absent, it is 1. whole is false when the block
// is damaged or the value makes no sense; then the orientation is 1 too.
func exifOrientation(exif []byte) (orientation int, whole bool) {
	d, ok := openDirectory(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
	if !ok {
		return 1, false
	}
	if _, _, _, present := d.find(tagOrientation); !present {
		return 1, true
	}
	v, ok := d.number(tagOrientation)
	if !ok || v < 1 || v > 8 {
		return 1, false
	}
	return int(v), true
}
