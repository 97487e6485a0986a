package imageio_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

const somePacket = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6">
<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>`

const thumbnail = "\xff\xd8\xff\xe0 a small picture of what is to be removed \xff\xd9"

// tag is one entry of a directory under construction.
type tag struct {
	id, kind uint16
	count    uint32
	value    []byte
}

// fullEXIF is a camera's block: a maker, orientation 6, sizes, a place, the
// maker's note with a preview, and a thumbnail in IFD1.
func fullEXIF(order binary.AppendByteOrder) []byte {
	short := func(v uint16) []byte { return order.AppendUint16(nil, v) }
	long := func(v uint32) []byte { return order.AppendUint32(nil, v) }
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	// directory appends one at the end of b with its values behind it and returns where the link to the next stands.
	directory := func(tags []tag) int {
		b = order.AppendUint16(b, uint16(len(tags)))
		after := len(b) + 12*len(tags) + 4
		var values []byte
		for _, t := range tags {
			b = order.AppendUint16(b, t.id)
			b = order.AppendUint16(b, t.kind)
			b = order.AppendUint32(b, t.count)
			if len(t.value) <= 4 {
				b = append(b, append(slices.Clone(t.value), make([]byte, 4-len(t.value))...)...)
				continue
			}
			b = order.AppendUint32(b, uint32(after+len(values)))
			values = append(values, t.value...)
			values = append(values, make([]byte, len(values)&1)...)
		}
		link := len(b)
		b = append(append(b, 0, 0, 0, 0), values...)
		return link
	}

	ifd0 := []tag{
		{0x010f, 2, 5, []byte("Acme\x00")},
		{0x0112, 3, 1, short(6)},
		{0x8769, 4, 1, long(0)},
		{0x8825, 4, 1, long(0)},
	}
	link := directory(ifd0)
	patch := func(id uint16, v uint32) {
		for i := range ifd0 {
			e := b[10+12*i:]
			if order.String() == "BigEndian" {
				if binary.BigEndian.Uint16(e) == id {
					binary.BigEndian.PutUint32(e[8:], v)
				}
			} else if binary.LittleEndian.Uint16(e) == id {
				binary.LittleEndian.PutUint32(e[8:], v)
			}
		}
	}
	patch(0x8769, uint32(len(b)))
	note := []byte("ACME" + thumbnail + "end of note ")
	directory([]tag{
		{0x9003, 2, 20, []byte("2020:01:02 03:04:05\x00")},
		{0x927c, 7, uint32(len(note)), note},
		{0xa002, 3, 1, short(48)},
		{0xa003, 4, 1, long(32)},
	})
	patch(0x8825, uint32(len(b)))
	var degrees []byte
	for _, v := range []uint32{48, 1, 30, 1, 1000, 100} {
		degrees = order.AppendUint32(degrees, v)
	}
	directory([]tag{{0x0001, 2, 2, []byte("N\x00")}, {0x0002, 5, 3, degrees}})
	copy(b[link:], long(uint32(len(b))))
	at := len(b) + 2 + 2*12 + 4
	directory([]tag{{0x0201, 4, 1, long(uint32(at))}, {0x0202, 4, 1, long(uint32(len(thumbnail)))}})
	return append(b, thumbnail...)
}

// told reads what a block says, by directory and tag: "34853/2" is the latitude.
func told(t *testing.T, block []byte) map[string]string {
	t.Helper()
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(block, []byte("MM")) {
		order = binary.BigEndian
	}
	out := make(map[string]string)
	var walk func(prefix string, at uint32)
	walk = func(prefix string, at uint32) {
		n := int(order.Uint16(block[at:]))
		for i := range n {
			e := block[int(at)+2+12*i:]
			id, kind, count := order.Uint16(e), order.Uint16(e[2:]), order.Uint32(e[4:])
			size := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[kind] * count
			v := e[8:]
			if size > 4 {
				v = block[order.Uint32(e[8:]):]
			}
			key := fmt.Sprint(prefix, id)
			switch {
			case id == 0x8769 || id == 0x8825:
				walk(fmt.Sprint(id, "/"), order.Uint32(e[8:]))
			case kind == 2 || kind == 7:
				out[key] = string(v[:size])
			case kind == 3:
				out[key] = fmt.Sprint(order.Uint16(v))
			case kind == 4:
				out[key] = fmt.Sprint(order.Uint32(v))
			case kind == 5:
				for k := range 2 * count {
					out[key] += fmt.Sprint(order.Uint32(v[4*k:]), " ")
				}
			}
		}
		if prefix == "" {
			out["next"] = fmt.Sprint(order.Uint32(block[int(at)+2+12*n:]))
		}
	}
	walk("", order.Uint32(block[4:]))
	return out
}

// Every format's metadata go into every format: put right, without the pictures from before.
func TestMetadataCrossFormats(t *testing.T) {
	q := quartered(48, 32)
	big := binary.BigEndian
	itxt := []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00" + somePacket)
	sources := map[string][]byte{
		"jpeg": jpegSegment(jpegSegment(jpegOf(t, q), 0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), somePacket...)), 0xe1, append([]byte("Exif\x00\x00"), fullEXIF(big)...)),
		"png":  pngChunk(pngChunk(pngOf(t, q), "iTXt", itxt), "eXIf", fullEXIF(binary.LittleEndian)),
		"webp": webpChunk(webpChunk(testdata(t, "alpha.webp"), "EXIF", fullEXIF(big)), "XMP ", []byte(somePacket)),
	}
	{ // a TIFF file as this program writes it, turned by its tag
		var b bytes.Buffer
		opt := imageio.Options{EXIF: fullEXIF(big), XMP: []byte(somePacket)}
		if err := imageio.Encode(&b, pixel.FromNRGBA(q, false), imageio.TIFF, opt); err != nil {
			t.Fatal(err)
		}
		sources["tiff"] = tiffTag(b.Bytes(), 6)
	}
	for from, data := range sources {
		m, meta, err := decodeBytes(data)
		if err != nil {
			t.Fatal(from, err)
		}
		if m.W != 32 || meta.EXIF == nil || meta.XMP == nil {
			t.Fatalf("%s: %d wide, EXIF %v, XMP %v, %q", from, m.W, meta.EXIF != nil, meta.XMP != nil, meta.Notices)
		}
		for _, to := range []imageio.Format{imageio.JPEG, imageio.PNG, imageio.WebP, imageio.TIFF} {
			t.Run(from+" to "+string(to), func(t *testing.T) {
				var b bytes.Buffer
				if err := imageio.Encode(&b, m, to, imageio.Options{EXIF: meta.EXIF, XMP: meta.XMP}); err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(b.Bytes(), []byte("a small picture")) {
					t.Error("a picture from before the edit is in the file")
				}
				again, got, err := decodeBytes(b.Bytes())
				if err != nil || again.W != 32 || got.Orientation != 1 || len(got.Notices) > 0 {
					t.Fatalf("%v, %+v", err, got)
				}
				says := told(t, got.EXIF)
				for key, want := range map[string]string{
					"271": "Acme\x00", "34665/36867": "2020:01:02 03:04:05\x00", "34665/40962": "32", "34665/40963": "48",
					"34853/1": "N\x00", "34853/2": "48 1 30 1 1000 100 ", "next": "0",
				} {
					if says[key] != want {
						t.Errorf("%s says %q, want %q", key, says[key], want)
					}
				}
				if o := says["274"]; o != "1" && o != "" {
					t.Errorf("orientation %s", o)
				}
				if from != "tiff" && to != imageio.TIFF && !strings.HasPrefix(says["34665/37500"], "ACME\x00") {
					t.Errorf("the maker's note is %q", says["34665/37500"])
				}
				if !bytes.Contains(got.XMP, []byte("Ada")) || !bytes.Contains(got.XMP, []byte(`tiff:Orientation="1"`)) {
					t.Errorf("XMP %s", got.XMP)
				}
			})
		}
	}
}

func TestLostIsTold(t *testing.T) {
	q := quartered(8, 8)
	j := jpegOf(t, q)
	for name, tc := range map[string]struct {
		data []byte
		says string
	}{
		"extended XMP": {jpegSegment(j, 0xe1, []byte("http://ns.adobe.com/xmp/extension/\x00"+strings.Repeat("A", 40)+"data")), "second part of its XMP"},
		"IPTC":         {jpegSegment(j, 0xed, []byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x00")), "IPTC-IIM"},
		"C2PA":         {jpegSegment(j, 0xeb, []byte("JP\x00\x01\x00\x00\x00\x01")), "C2PA"},
		"C2PA in PNG":  {pngChunk(pngOf(t, q), "caBX", []byte("jumb")), "C2PA"},
		"MPF":          {jpegSegment(j, 0xe2, []byte("MPF\x00II*\x00")), "further pictures"},
		"notes":        {pngChunk(pngOf(t, q), "tEXt", []byte("Author\x00Ada")), "text notes"},
	} {
		_, meta, err := decodeBytes(tc.data)
		if err != nil || len(meta.Lost) != 1 || !strings.Contains(meta.Lost[0], tc.says) || len(meta.Notices) > 0 {
			t.Errorf("%s: %v, lost %q, notices %q", name, err, meta.Lost, meta.Notices)
		}
	}
}

func TestDamagedAndHugeMetadata(t *testing.T) {
	q := quartered(8, 8)
	m := pixel.FromNRGBA(q, false)
	packed := []byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00not zlib")
	for name, data := range map[string][]byte{
		"XMP that is no XML": pngChunk(pngOf(t, q), "iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00<a")),
		"XMP bomb of depth":  jpegSegment(jpegOf(t, q), 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+strings.Repeat("<a>", 5000))),
		"huge EXIF in PNG":   pngChunk(pngOf(t, q), "eXIf", append(exifBlock(binary.BigEndian, 6), make([]byte, 5<<20)...)),
	} {
		_, meta, err := decodeBytes(data)
		if err != nil || len(meta.Notices) != 1 || meta.EXIF != nil || meta.XMP != nil {
			t.Errorf("%s: %v, %+v", name, err, meta.Notices)
		}
	}
	if _, meta, err := decodeBytes(pngChunk(pngOf(t, q), "iTXt", packed)); err != nil || meta.XMP != nil {
		t.Errorf("a broken packed packet: %v, %v", err, meta.XMP != nil)
	}
	// What a JPEG segment cannot hold is left out of it, and said.
	var said []string
	opt := imageio.Options{
		XMP:    []byte(strings.Replace(somePacket, "Ada", strings.Repeat("Ada ", 20_000), 1)),
		EXIF:   append(exifBlock(binary.LittleEndian, 6), bytes.Repeat([]byte("x"), 70_000)...),
		Notice: func(s string) { said = append(said, s) },
	}
	var b bytes.Buffer
	if err := imageio.Encode(&b, m, imageio.JPEG, opt); err != nil || len(said) != 2 {
		t.Errorf("%v, said %q", err, said)
	}
	if _, meta, err := decodeBytes(b.Bytes()); err != nil || meta.EXIF != nil || meta.XMP != nil {
		t.Errorf("%v, %+v", err, meta)
	}
	// A thumbnail that is said to lie over the directory takes the block with it.
	tangled := fullEXIF(binary.LittleEndian)
	link := 8 + 2 + 4*12
	ifd1 := binary.LittleEndian.Uint32(tangled[link:])
	binary.LittleEndian.PutUint32(tangled[ifd1+2+8:], 8)
	said = nil
	b.Reset()
	opt = imageio.Options{EXIF: tangled, Notice: opt.Notice}
	if err := imageio.Encode(&b, m, imageio.PNG, opt); err != nil || len(said) != 1 || bytes.Contains(b.Bytes(), []byte("Acme")) {
		t.Errorf("%v, said %q", err, said)
	}
}

func TestInspect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	data := pngChunk(pngOf(t, quartered(4, 4)), "eXIf", fullEXIF(binary.LittleEndian))
	if err := os.WriteFile(path, data[:len(data)-40], 0o600); err != nil { // the samples are not read
		t.Fatal(err)
	}
	meta, err := imageio.Inspect(t.Context(), path, imageio.Limits{})
	if err != nil || meta.Orientation != 6 || meta.EXIF == nil {
		t.Errorf("%v, %+v", err, meta)
	}
	if err := os.WriteFile(path, []byte("dear diary"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = imageio.Inspect(t.Context(), path, imageio.Limits{})
	mustRefuse(t, err, path, "text file")
	_, err = imageio.Inspect(t.Context(), filepath.Dir(path), imageio.Limits{})
	mustRefuse(t, err, filepath.Dir(path), "directory")
}

// Whatever a block or packet holds, writing it neither fails nor loops, and what is written is whole.
func FuzzMetadata(f *testing.F) {
	f.Add(fullEXIF(binary.LittleEndian), []byte(somePacket))
	f.Add(fullEXIF(binary.BigEndian), []byte{})
	f.Add(exifBlock(binary.BigEndian, 6), []byte("<a/>"))
	m := pixel.FromNRGBA(image.NewNRGBA(image.Rect(0, 0, 2, 3)), true)
	f.Fuzz(func(t *testing.T, exif, packet []byte) {
		for _, to := range []imageio.Format{imageio.PNG, imageio.TIFF, imageio.WebP} {
			var b bytes.Buffer
			if err := imageio.Encode(&b, m, to, imageio.Options{EXIF: exif, XMP: packet}); err != nil {
				t.Fatal(err)
			}
			got, meta, err := decodeBytes(b.Bytes())
			if err != nil || got.W != 2 || meta.Orientation != 1 {
				t.Fatalf("%s: %v, orientation %d", to, err, meta.Orientation)
			}
		}
	})
}
