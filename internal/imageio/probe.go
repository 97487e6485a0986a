package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// probe is what a walk over a file's containers tells, before any sample is decoded.
type probe struct {
	exif, icc   []byte
	badICC      bool // there is a colour profile, but it is damaged or too large
	xmp         []byte
	lost        []string // what the file says that Encode does not write again, as clauses
	bitDepth    int      // per sample; 0 when the format has one only
	progressive bool     // JPEG: all coefficients must be held at once
	rawCMYK     bool     // JPEG: four channels that no Adobe marker explains
	frames      int      // pictures in the file, counted to 2 or more; 0 unknown
	animated    bool     // they are an animation, not pages
	alpha       bool     // the header promises an alpha channel
	cut         bool     // the container ends before it says it does
	canvas      [2]int   // WebP animation: size of the canvas
	firstFrame  []byte   // WebP animation: the ANMF payload
}

var errBroken = errors.New("the file's structure is damaged")

// maxICC bounds an inflated colour profile; real ones are below 4 MiB.
const maxICC = 8 << 20

func probeFile(f Format, data []byte) probe {
	switch f {
	case PNG:
		return probePNG(data)
	case JPEG:
		return probeJPEG(data)
	case GIF:
		return probeGIF(data)
	case WebP:
		return probeWebP(data)
	case TIFF:
		return probeTIFF(data)
	case BMP:
	}
	return probe{}
}

func probePNG(data []byte) (p probe) {
	for rest := data[8:]; ; {
		if len(rest) < 12 {
			p.cut = true
			return p
		}
		n := int64(binary.BigEndian.Uint32(rest))
		kind := string(rest[4:8])
		if n+12 > int64(len(rest)) {
			p.cut = true
			return p
		}
		body := rest[8 : 8+n]
		rest = rest[12+n:]
		switch kind {
		case "IHDR":
			if n >= 13 {
				p.bitDepth = int(body[8])
				p.alpha = body[9]&4 != 0
			}
		case "tRNS":
			p.alpha = true
		case "eXIf":
			p.exif = body
		case "iTXt", "tEXt", "zTXt":
			p.pngText(kind, body)
		case "caBX":
			p.lose(lostC2PA)
		case "iCCP":
			p.icc = inflateICC(body)
			p.badICC = p.icc == nil
		case "acTL":
			if n >= 8 {
				p.frames = int(min(binary.BigEndian.Uint32(body), 2))
				p.animated = true
			}
		case "IEND":
			return p
		}
	}
}

// inflateICC unpacks an iCCP chunk: name, NUL, method, zlib stream. It returns nil for a broken or huge one.
func inflateICC(body []byte) []byte {
	i := bytes.IndexByte(body, 0)
	if i < 0 || i+2 > len(body) {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(body[i+2:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxICC+1))
	if err != nil || len(icc) > maxICC {
		return nil
	}
	return icc
}

func probeJPEG(data []byte) (p probe) {
	var adobe bool
	parts := 0
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			i++ // the decoder skips stray bytes too
			continue
		}
		marker := data[i+1]
		if marker == 0xff || marker == 0 || marker >= 0xd0 && marker <= 0xd8 {
			i++
			continue
		}
		if marker == 0xda || marker == 0xd9 { // start of scan, end of image
			break
		}
		n := int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) {
			break
		}
		body := data[i+4 : i+2+n]
		i += 2 + n
		switch {
		case marker == 0xe1 && p.exif == nil && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			p.exif = body
		case marker == 0xe1, marker == 0xe2 && bytes.HasPrefix(body, []byte("MPF\x00")), marker == 0xeb, marker == 0xed:
			p.jpegMeta(marker, body)
		case marker == 0xe2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")) && len(body) > 14:
			if parts++; int(body[12]) == parts && len(p.icc)+len(body) <= maxICC {
				p.icc = append(p.icc, body[14:]...)
			} else {
				p.badICC = true
			}
		case marker == 0xee && bytes.HasPrefix(body, []byte("Adobe")):
			adobe = true
		case marker >= 0xc0 && marker <= 0xc2 && len(body) >= 6:
			p.bitDepth = int(body[0])
			p.progressive = marker == 0xc2
			p.rawCMYK = body[5] == 4
		}
	}
	p.rawCMYK = p.rawCMYK && !adobe
	if p.badICC {
		p.icc = nil // some of it is missing
	}
	return p
}

func probeGIF(data []byte) (p probe) {
	p.cut = true // until the trailer is met
	if len(data) < 13 {
		return p
	}
	i := 13
	if f := data[10]; f&0x80 != 0 {
		i += 3 << (f&7 + 1)
	}
	for i < len(data) {
		switch data[i] {
		case 0x3b:
			p.cut = false
			return p
		case 0x21: // extension
			i = skipBlocks(data, i+2)
		case 0x2c: // picture
			if i+10 > len(data) {
				return p
			}
			if p.frames++; p.frames > 1 {
				p.animated, p.cut = true, false
				return p
			}
			f := data[i+9]
			i += 10
			if f&0x80 != 0 {
				i += 3 << (f&7 + 1)
			}
			i = skipBlocks(data, i+1)
		default:
			return p
		}
	}
	return p
}

// skipBlocks passes a chain of GIF sub-blocks and returns where it ends.
func skipBlocks(data []byte, i int) int {
	for i < len(data) && data[i] != 0 {
		i += 1 + int(data[i])
	}
	return i + 1
}

// riffChunks calls f for each chunk of a RIFF body; it returns false when the body ends early.
func riffChunks(body []byte, f func(id string, payload []byte)) bool {
	for len(body) >= 8 {
		n := int64(binary.LittleEndian.Uint32(body[4:]))
		if 8+n > int64(len(body)) {
			return false
		}
		f(string(body[:4]), body[8:8+n])
		body = body[min(8+n+n&1, int64(len(body))):]
	}
	return len(body) == 0
}

func probeWebP(data []byte) (p probe) {
	if len(data) < 12 {
		p.cut = true
		return p
	}
	end := int64(binary.LittleEndian.Uint32(data[4:])) + 8
	p.cut = end > int64(len(data))
	whole := riffChunks(data[12:min(max(end, 12), int64(len(data)))], func(id string, body []byte) {
		switch id {
		case "VP8X":
			if len(body) >= 10 {
				p.animated = body[0]&2 != 0
				p.alpha = body[0]&16 != 0
				p.canvas = [2]int{1 + uint24(body[4:]), 1 + uint24(body[7:])}
			}
		case "EXIF":
			p.exif = body
		case "XMP ":
			p.xmp = body
		case "C2PA":
			p.lose(lostC2PA)
		case "ICCP":
			p.icc = body
		case "ANMF":
			if p.frames++; p.frames == 1 {
				p.firstFrame = body
			}
		}
	})
	p.cut = p.cut || !whole
	return p
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func probeTIFF(data []byte) (p probe) {
	d, ok := openDirectory(data)
	if !ok {
		return p
	}
	p.exif = data
	p.icc = d.blob(tagICC)
	p.tiffMeta(d)
	p.frames = 1
	if d.next != 0 {
		p.frames = 2
	}
	_, _, _, p.alpha = d.find(tagExtraSamples)
	return p
}
