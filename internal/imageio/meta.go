package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"

	"pentimento/internal/xmp"
)

// What a file may carry that is not written again.
const (
	lostC2PA     = "its signed history (C2PA) was left out: a changed picture breaks the signature"
	lostIPTC     = "its IPTC-IIM captions (Photoshop's block) were left out; what XMP says of them is kept"
	lostExtended = "the second part of its XMP was left out: cameras keep depth maps and pictures from before the edit there"
	lostPictures = "the further pictures in the file (preview, gain map) were left out: they show it before the edit"
	lostText     = "its PNG text notes were left out"
	lostMaker    = "the camera maker's private notes were left out, since they point to places in the original file"
)

func (p *probe) lose(what string) {
	if !slices.Contains(p.lost, what) {
		p.lost = append(p.lost, what)
	}
}

var (
	xmpPrefix      = []byte("http://ns.adobe.com/xap/1.0/\x00")
	extendedPrefix = []byte("http://ns.adobe.com/xmp/extension/\x00")
)

// pngKeyword names the iTXt chunk that holds the XMP packet.
const pngKeyword = "XML:com.adobe.xmp"

// jpegMeta reads the segments APP1, APP2, APP11 and APP13.
func (p *probe) jpegMeta(marker byte, body []byte) {
	switch {
	case marker == 0xe2: // multi-picture format
		p.lose(lostPictures)
	case marker == 0xeb && bytes.HasPrefix(body, []byte("JP")): // JUMBF
		p.lose(lostC2PA)
	case marker == 0xed && bytes.HasPrefix(body, []byte("Photoshop 3.0\x00")) && bytes.Contains(body, []byte("8BIM\x04\x04")):
		p.lose(lostIPTC)
	case marker == 0xe1 && p.xmp == nil && bytes.HasPrefix(body, xmpPrefix):
		p.xmp = body[len(xmpPrefix):]
	case marker == 0xe1 && bytes.HasPrefix(body, extendedPrefix):
		p.lose(lostExtended)
	}
}

// pngText reads a text chunk: the XMP packet, or a note.
func (p *probe) pngText(kind string, body []byte) {
	name, rest, _ := bytes.Cut(body, []byte{0})
	if kind != "iTXt" || string(name) != pngKeyword {
		p.lose(lostText)
		return
	}
	if len(rest) < 2 {
		return
	}
	packed := rest[0] == 1
	_, rest, _ = bytes.Cut(rest[2:], []byte{0}) // language
	_, text, ok := bytes.Cut(rest, []byte{0})   // translated keyword
	if !ok {
		return
	}
	p.xmp = text
	if packed {
		p.xmp = inflate(text, xmp.MaxBytes)
	}
}

// inflate unpacks a zlib stream of at most limit bytes; nil when it is broken or longer.
func inflate(packed []byte, limit int64) []byte {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil || int64(len(out)) > limit {
		return nil
	}
	return out
}

// tiffMeta reads the tags of a TIFF file that stand for metadata.
func (p *probe) tiffMeta(d directory) {
	p.xmp = d.blob(tagXMP)
	if _, _, _, ok := d.find(tagIPTC); ok {
		p.lose(lostIPTC)
	}
	if _, _, _, ok := d.find(tagC2PA); ok {
		p.lose(lostC2PA)
	}
	if sub, ok := d.sub(tagExifIFD); ok {
		if _, _, _, ok := sub.find(tagMakerNote); ok {
			p.lose(lostMaker)
		}
	}
}

// readMeta takes over what the file says beside its samples, and tells what is damaged.
func readMeta(p probe, meta *Meta) {
	meta.Lost = p.lost
	if len(p.exif) > 0 {
		o, whole := exifOrientation(p.exif)
		meta.Orientation = o
		switch block := bytes.TrimPrefix(p.exif, exifPrefix); {
		case !whole, meta.Format != TIFF && len(block) > maxEXIF:
			meta.notice("its EXIF data are damaged and were skipped")
		case meta.Format == TIFF:
			if d, ok := openDirectory(block); ok {
				meta.EXIF = readMetadata(d).block()
			}
		default:
			meta.EXIF = bytes.Clone(block) // not a window on the whole file
		}
	}
	if len(p.xmp) > 0 {
		if _, err := xmp.Parse(p.xmp); err != nil {
			meta.notice("its XMP data are damaged and were skipped")
		} else {
			meta.XMP = bytes.Clone(p.xmp)
		}
	}
}

// settleXMP puts right what a packet says of a picture written upright at w×h
// pixels. It is nil for a packet that is damaged or says nothing.
func settleXMP(packet []byte, w, h int) []byte {
	if len(packet) == 0 {
		return nil
	}
	d, err := xmp.Parse(packet)
	if err != nil {
		return nil
	}
	d.Settle(w, h)
	if d.Empty() {
		return nil
	}
	return d.Bytes()
}

// maxSegment is what a JPEG segment holds beside its marker and length.
const maxSegment = 65535 - 2

// jpegMetadata are the APP1 segments for the EXIF block and the XMP packet. What is larger than
// a segment is left out, and opt.Notice told.
func jpegMetadata(opt Options, w, h int) []byte {
	var out []byte
	segment := func(prefix, body []byte, name string) {
		if len(body) == 0 {
			return
		}
		if len(prefix)+len(body) > maxSegment {
			opt.say("the " + name + " data are larger than a JPEG can hold and were left out")
			return
		}
		out = append(out, 0xff, 0xe1)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(prefix)+len(body)))
		out = append(append(out, prefix...), body...)
	}
	segment(exifPrefix, opt.exif(w, h), "EXIF")
	segment(xmpPrefix, settleXMP(opt.XMP, w, h), "XMP")
	return out
}

// pngMetadata are the eXIf and iTXt chunks for the EXIF block and the XMP packet.
func pngMetadata(opt Options, w, h int) []byte {
	var out []byte
	if block := opt.exif(w, h); block != nil {
		out = append(out, pngChunk("eXIf", block)...)
	}
	if packet := settleXMP(opt.XMP, w, h); packet != nil {
		// keyword, NUL, not packed, method 0, no language, no translated keyword
		out = append(out, pngChunk("iTXt", append([]byte(pngKeyword+"\x00\x00\x00\x00\x00"), packet...))...)
	}
	return out
}

// exif is the EXIF block put right for the picture; nil when there is none that can be kept.
func (o Options) exif(w, h int) []byte {
	if len(o.EXIF) == 0 {
		return nil
	}
	block, ok := settleEXIF(o.EXIF, w, h)
	if !ok {
		o.say("its EXIF data are tangled up with its thumbnail and were left out")
		return nil
	}
	return block
}

func (o Options) say(notice string) {
	if o.Notice != nil {
		o.Notice(notice)
	}
}
