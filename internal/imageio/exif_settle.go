package imageio

import (
	"bytes"
	"encoding/binary"
)

// Tags of EXIF that an edit makes untrue, and pointers to further directories.
const (
	tagImageWidth  = 0x0100
	tagImageLength = 0x0101
	tagStrips      = 0x0111
	tagStripBytes  = 0x0117
	tagThumb       = 0x0201
	tagThumbBytes  = 0x0202
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
	tagInteropIFD  = 0xa005
	tagMakerNote   = 0x927c
	tagPixelX      = 0xa002
	tagPixelY      = 0xa003
)

// maxEXIF bounds an EXIF block; in a JPEG it is below 64 KiB.
const maxEXIF = 4 << 20

// settleEXIF returns a copy of an EXIF block that is true of a picture written
// upright at w×h pixels: the orientation is 1, sizes are put right, and the
// thumbnail, which shows the picture before the edit, is blanked, as are
// previews inside the maker's note. Values are changed where they stand, so
// that notes which point into the block stay whole. It reports false, and the block
// must be left out, when that cannot be done soundly.
func settleEXIF(block []byte, w, h int) ([]byte, bool) {
	block = bytes.Clone(bytes.TrimPrefix(block, exifPrefix))
	ifd0, ok := openDirectory(block)
	if !ok || len(block) > maxEXIF {
		return nil, false
	}
	ifd0.put(tagOrientation, 1)
	ifd0.put(tagImageWidth, uint32(w))
	ifd0.put(tagImageLength, uint32(h))
	dirs := []directory{ifd0}
	if sub, ok := ifd0.sub(tagExifIFD); ok {
		sub.put(tagPixelX, uint32(w))
		sub.put(tagPixelY, uint32(h))
		dirs = append(dirs, sub)
		if inter, ok := sub.sub(tagInteropIFD); ok {
			dirs = append(dirs, inter)
		}
	}
	if gps, ok := ifd0.sub(tagGPSIFD); ok {
		dirs = append(dirs, gps)
	}
	var blank [][2]int
	if ifd0.next != 0 {
		if thumb, ok := directoryAt(block, ifd0.order, int64(ifd0.next)); ok {
			blank = thumb.pictures()
		}
		if end := ifd0.start + 12*ifd0.count; end+4 <= len(block) {
			ifd0.order.PutUint32(block[end:], 0)
		}
	}
	end := len(block)
	for _, span := range append(blank, embeddedJPEGs(block)...) {
		for _, d := range dirs {
			if d.overlaps(span) {
				return nil, false
			}
		}
		clear(block[span[0]:span[1]])
		if span[1] == len(block) {
			end = min(end, span[0])
		}
	}
	return block[:end], true
}

var exifPrefix = []byte("Exif\x00\x00")

// directoryAt opens the directory at an offset of a TIFF structure.
func directoryAt(data []byte, order binary.ByteOrder, at int64) (directory, bool) {
	d := directory{data: data, order: order}
	if at < 8 || at+2 > int64(len(data)) {
		return d, false
	}
	d.start, d.count = int(at)+2, int(order.Uint16(data[at:]))
	end := d.start + 12*d.count
	if d.count > maxEntries || end > len(data) {
		return d, false
	}
	if end+4 <= len(data) {
		d.next = order.Uint32(data[end:])
	}
	return d, true
}

// sub opens the directory that a tag points to. One that is the same as d does not count.
func (d directory) sub(tag uint16) (directory, bool) {
	at, ok := d.number(tag)
	if !ok {
		return directory{}, false
	}
	s, ok := directoryAt(d.data, d.order, at)
	return s, ok && s.start != d.start
}

// put gives a tag that holds one whole number another value, in place.
func (d directory) put(tag uint16, v uint32) {
	for i := range d.count {
		e := d.data[d.start+12*i:][:12]
		if d.order.Uint16(e) != tag || d.order.Uint32(e[4:]) != 1 {
			continue
		}
		switch kind := d.order.Uint16(e[2:]); {
		case kind == typeShort && v <= 0xffff:
			clear(e[8:])
			d.order.PutUint16(e[8:], uint16(v))
		case kind == typeByte, kind == typeShort, kind == typeLong, kind == typeIFD:
			d.order.PutUint16(e[2:], typeLong)
			d.order.PutUint32(e[8:], v)
		}
	}
}

// pictures are the parts of the data where a directory keeps its samples.
func (d directory) pictures() [][2]int {
	var spans [][2]int
	for _, pair := range [][2]uint16{{tagThumb, tagThumbBytes}, {tagStrips, tagStripBytes}} {
		at, ok := d.number(pair[0])
		n, ok2 := d.number(pair[1])
		if ok && ok2 && at >= 8 && at < int64(len(d.data)) && n > 0 {
			spans = append(spans, [2]int{int(at), int(min(at+n, int64(len(d.data))))})
		}
	}
	return spans
}

// overlaps reports whether a part of the data holds entries of the directory or their values, the maker's note apart.
func (d directory) overlaps(span [2]int) bool {
	meets := func(from, to int) bool { return span[0] < to && from < span[1] }
	if meets(0, 8) || meets(d.start-2, d.start+12*d.count+4) {
		return true
	}
	for i := range d.count {
		e := d.data[d.start+12*i:][:12]
		n := typeSize(d.order.Uint16(e[2:])) * int64(d.order.Uint32(e[4:]))
		if n <= 4 || d.order.Uint16(e) == tagMakerNote {
			continue
		}
		if at := int64(d.order.Uint32(e[8:])); at+n <= int64(len(d.data)) && meets(int(at), int(at+n)) {
			return true
		}
	}
	return false
}

// embeddedJPEGs finds whole JPEG pictures inside other data: start of image to end of image.
func embeddedJPEGs(data []byte) [][2]int {
	var spans [][2]int
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("\xff\xd8\xff"))
		if i < 0 {
			return spans
		}
		start := at + i
		n := bytes.Index(data[start:], []byte("\xff\xd9"))
		if n < 0 {
			return spans
		}
		at = start + n + 2
		spans = append(spans, [2]int{start, at})
	}
}

// typeSize is the number of bytes of one value of a TIFF type; 0 for types that TIFF lacks.
func typeSize(kind uint16) int64 {
	sizes := [...]int64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4}
	if int(kind) >= len(sizes) {
		return 0
	}
	return sizes[kind]
}
