package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// pngICC packs a profile into an iCCP chunk.
func pngICC(icc []byte) []byte {
	var body bytes.Buffer
	body.WriteString("icc\x00\x00") // name, NUL, method 0
	z := zlib.NewWriter(&body)
	z.Write(icc) //nolint:errcheck,gosec // a bytes.Buffer does not fail
	z.Close()    //nolint:errcheck,gosec // nor does this
	return pngChunk("iCCP", body.Bytes())
}

// pngChunk frames a chunk: length, kind, body, checksum.
func pngChunk(kind string, body []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	chunk = append(append(chunk, kind...), body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// jpegICC splits a profile over APP2 segments, as ICC.1 annex B.4 says; one
// too large for 255 of them (16 MiB) is left out, and no reader takes such.
func jpegICC(icc []byte) []byte {
	const room = 65535 - 2 - 14
	parts := (len(icc) + room - 1) / room
	if parts > 255 {
		return nil
	}
	var out []byte
	for i := range parts {
		part := icc[i*room : min((i+1)*room, len(icc))]
		out = append(out, 0xff, 0xe2)
		out = binary.BigEndian.AppendUint16(out, uint16(2+14+len(part)))
		out = append(out, "ICC_PROFILE\x00"...)
		out = append(out, byte(i+1), byte(parts))
		out = append(out, part...)
	}
	return out
}
