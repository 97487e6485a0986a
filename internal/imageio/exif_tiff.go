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

// directories writes the EXIF and GPS directories for a little-endian file in
// which they begin at offset at, which is even. It returns what the main directory
// says, the pointers to those two among it.
func (m metadata) directories(at uint32) (entries []tiffEntry, data []byte) {
	for _, f := range m.main {
		entries = append(entries, f.entry())
	}
	for _, sub := range []struct {
		tag    uint16
		fields []field
	}{{tagExifIFD, m.exif}, {tagGPSIFD, m.gps}} {
		if len(sub.fields) == 0 {
			continue
		}
		var body []tiffEntry
		for _, f := range sub.fields {
			body = append(body, f.entry())
		}
		here := at + uint32(len(data))
		entries = append(entries, tiffEntry{tag: sub.tag, kind: typeLong, numbers: []uint32{here}})
		data = append(data, directoryBytes(body, here)...)
	}
	slices.SortFunc(entries, func(a, b tiffEntry) int { return int(a.tag) - int(b.tag) })
	return entries, data
}

func (f field) entry() tiffEntry {
	return tiffEntry{tag: f.tag, kind: f.kind, bytes: f.value, count: int(f.count)}
}

// block writes the directories as an EXIF block; nil when they say nothing.
func (m metadata) block() []byte {
	if m.empty() {
		return nil
	}
	entries, data := m.directories(8)
	at := uint32(8 + len(data))
	out := binary.LittleEndian.AppendUint32([]byte("II*\x00"), at)
	return append(append(out, data...), directoryBytes(entries, at)...)
}

// tiffMetadata is what the EXIF block of Options puts into a TIFF file beside
// the picture's own tags: entries for its directory, and further directories,
// to be written at offset at, which is even.
func tiffMetadata(opt Options, w, h int, at uint32) (entries []tiffEntry, data []byte) {
	block := opt.exif(w, h)
	if block == nil {
		return nil, nil
	}
	d, ok := openDirectory(block)
	if !ok {
		return nil, nil
	}
	if sub, ok := d.sub(tagExifIFD); ok {
		if _, _, _, ok := sub.find(tagMakerNote); ok {
			opt.say(lostMaker)
		}
	}
	return readMetadata(d).directories(at)
}
