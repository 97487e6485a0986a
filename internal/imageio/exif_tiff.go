package imageio

import (
	"encoding/binary"
	"slices"
)

// In a TIFF file the tags of EXIF stand among those of the picture itself.
// These are the ones that say something beside the samples.
var describing = []uint16{
	0x010e, // ImageDescription
	0x010f, // Make
	0x0110, // Model
	0x011a, // XResolution
	0x011b, // YResolution
	0x0128, // ResolutionUnit
	0x0131, // Software
	0x0132, // DateTime
	0x013b, // Artist
	0x8298, // Copyright
	0x4746, // Rating
	0x9c9b, // XPTitle
	0x9c9c, // XPComment
	0x9c9d, // XPAuthor
	0x9c9e, // XPKeywords
	0x9c9f, // XPSubject
}

// field is one entry of a directory with its values, little-endian.
type field struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

// fields reads a directory's entries for which want holds. Entries whose values do not
// lie inside the data are left out, as are pointers to directories.
func (d directory) fields(want func(tag uint16) bool) []field {
	var all []field
	total := 0
	for i := range d.count {
		e := d.data[d.start+12*i:][:12]
		f := field{tag: d.order.Uint16(e), kind: d.order.Uint16(e[2:]), count: d.order.Uint32(e[4:])}
		size := typeSize(f.kind)
		n := size * int64(f.count)
		switch f.tag {
		case tagExifIFD, tagGPSIFD, tagInteropIFD:
			continue
		}
		if n < 1 || n > int64(len(d.data)) || !want(f.tag) {
			continue
		}
		raw := e[8:]
		if n > 4 {
			at := int64(d.order.Uint32(e[8:]))
			if at+n > int64(len(d.data)) {
				continue
			}
			raw = d.data[at:]
		}
		if total += int(n); total > maxEXIF {
			break
		}
		f.value = littleEndian(raw[:n], f.kind, d.order)
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b field) int { return int(a.tag) - int(b.tag) })
	return slices.CompactFunc(all, func(a, b field) bool { return a.tag == b.tag })
}

// littleEndian copies values, turning each round where they are big-endian.
func littleEndian(raw []byte, kind uint16, order binary.ByteOrder) []byte {
	out := slices.Clone(raw)
	word := int(typeSize(kind))
	if kind == 5 || kind == 10 { // a fraction is two numbers
		word = 4
	}
	if word > 1 && order.String() == binary.BigEndian.String() {
		for ; len(raw) >= word; raw = raw[word:] {
			at := len(out) - len(raw)
			slices.Reverse(out[at : at+word])
		}
	}
	return out
}

// metadata are the directories of EXIF as values.
type metadata struct{ main, exif, gps []field }

// readMetadata collects what a TIFF structure, be it an EXIF block or a TIFF
// file, says beside the samples. The maker's note is not among it: it may point
// to places in the file it was in.
func readMetadata(ifd0 directory) metadata {
	var m metadata
	m.main = ifd0.fields(func(tag uint16) bool { return slices.Contains(describing, tag) })
	if sub, ok := ifd0.sub(tagExifIFD); ok {
		m.exif = sub.fields(func(tag uint16) bool { return tag != tagMakerNote })
	}
	if sub, ok := ifd0.sub(tagGPSIFD); ok {
		m.gps = sub.fields(func(uint16) bool { return true })
	}
	return m
}

func (m metadata) empty() bool { return len(m.main)+len(m.exif)+len(m.gps) == 0 }

// directories writes the EXIF and GPS directories, and the values of the main
// one, for a little-endian file in which they begin at offset at, which is
// even. It returns the entries of the main directory, 12 bytes each and sorted.
func (m metadata) directories(at uint32) (entries [][12]byte, data []byte) {
	place := func(f field) [12]byte {
		var e [12]byte
		le := binary.LittleEndian
		le.PutUint16(e[:], f.tag)
		le.PutUint16(e[2:], f.kind)
		le.PutUint32(e[4:], f.count)
		if len(f.value) <= 4 {
			copy(e[8:], f.value)
			return e
		}
		le.PutUint32(e[8:], at+uint32(len(data)))
		data = append(data, f.value...)
		if len(data)%2 == 1 {
			data = append(data, 0)
		}
		return e
	}
	directory := func(tag uint16, fields []field) {
		if len(fields) == 0 {
			return
		}
		var body [][12]byte
		for _, f := range fields {
			body = append(body, place(f))
		}
		pointer := binary.LittleEndian.AppendUint32(nil, at+uint32(len(data)))
		entries = append(entries, place(field{tag: tag, kind: typeLong, count: 1, value: pointer}))
		data = appendDirectory(data, body)
	}
	for _, f := range m.main {
		entries = append(entries, place(f))
	}
	directory(tagExifIFD, m.exif)
	directory(tagGPSIFD, m.gps)
	slices.SortFunc(entries, func(a, b [12]byte) int {
		return int(binary.LittleEndian.Uint16(a[:])) - int(binary.LittleEndian.Uint16(b[:]))
	})
	return entries, data
}

// appendDirectory writes the last directory of a file, little-endian.
func appendDirectory(data []byte, entries [][12]byte) []byte {
	data = binary.LittleEndian.AppendUint16(data, uint16(len(entries)))
	for _, e := range entries {
		data = append(data, e[:]...)
	}
	return binary.LittleEndian.AppendUint32(data, 0)
}

// block writes the directories as an EXIF block; nil when they say nothing.
func (m metadata) block() []byte {
	if m.empty() {
		return nil
	}
	entries, data := m.directories(8)
	out := []byte("II*\x00")
	out = binary.LittleEndian.AppendUint32(out, uint32(8+len(data)))
	return appendDirectory(append(out, data...), entries)
}

// tiffMetadata is what Options put into a TIFF file beside the picture's own
// tags: entries for its directory, 12 bytes each, little-endian and sorted by tag, and
// the data that they point to, to be written at offset at, which is even.
func tiffMetadata(opt Options, w, h int, at uint32) (entries [][12]byte, data []byte) {
	var m metadata
	if len(opt.EXIF) > 0 {
		if block, ok := settleEXIF(opt.EXIF, w, h); ok {
			if d, ok := openDirectory(block); ok {
				m = readMetadata(d)
			}
		}
	}
	if packet := settleXMP(opt.XMP, w, h); packet != nil {
		m.main = append(m.main, field{tag: tagXMP, kind: typeByte, count: uint32(len(packet)), value: packet})
	}
	return m.directories(at)
}
