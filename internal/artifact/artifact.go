// Package artifact gives every artifact an identity and a stored form: Hash is
// what caches key on, Encode and Decode are lossless for every edit.Kind. It is
// pure, and Decode takes its input for hostile.
package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Digest is the identity of an artifact: equal digests mean equal samples,
// values and colour space. The zero Digest means that there is none.
type Digest [sha256.Size]byte

// IsZero reports that an artifact has no identity: it must not key a cache.
func (d Digest) IsZero() bool { return d == Digest{} }

// String is the digest in hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Digest) UnmarshalText(b []byte) error {
	got, err := ParseDigest(string(b))
	if err != nil {
		return err
	}
	*d = got
	return nil
}

// ParseDigest reads what String writes.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if b, err := hex.DecodeString(s); err != nil || copy(d[:], b) != len(d) || len(b) != len(d) {
		return Digest{}, fmt.Errorf("%q is no digest: it has %d hex digits", s, 2*len(d))
	}
	return d, nil
}

// hashDomain begins all that is hashed; another meaning of the bytes after it needs another number.
const hashDomain = "pentimento artifact 1\x00"

// Hash is the sha256 over a canonical form: the kind, the size, every stored
// sample, those of pixel.Deep and the colour under full transparency included,
// and the colour profile. It does not depend on how Encode packs, nor on the
// byte order of the machine. An artifact that is not whole (samples that do
// not fill its size, a foreign type or colour space) has the zero Digest.
func Hash(a edit.Artifact) Digest {
	if check(a) != nil {
		return Digest{}
	}
	h := sha256.New()
	w := &writer{b: []byte(hashDomain)}
	w.u8(kindCode(a.Kind()))
	switch a := a.(type) {
	case *pixel.Image:
		hashImage(h, w, a)
	case *pixel.Mask:
		hashMask(h, w, a)
	case *pixel.Classes:
		w.size(a.W, a.H)
		w.count(len(a.Layers), a.Layers == nil)
		for _, l := range a.Layers {
			writeLabels(w, l)
			w.flag(l.Mask != nil)
			if l.Mask != nil {
				hashMask(h, w, l.Mask)
			}
		}
	case *pixel.Depth:
		w.size(a.W, a.H)
		w.flush(h)
		hashFloats(h, a.V)
	default:
		writeSmall(w, a)
	}
	w.flush(h)
	return Digest(h.Sum(nil))
}

func hashImage(h hash.Hash, w *writer, m *pixel.Image) {
	w.size(m.W, m.H)
	writeImageHead(w, m)
	w.flush(h)
	h.Write(m.Pix)
	if m.Deep != nil {
		hash16(h, m.Deep.Pix)
	}
}

func hashMask(h hash.Hash, w *writer, m *pixel.Mask) {
	w.size(m.W, m.H)
	w.flush(h)
	h.Write(m.Pix)
}

// hashPiece is how many samples are laid out for the hash at a time: they stay within a core's own cache.
const hashPiece = 8 << 10

// hash16 hashes 16-bit samples, low byte first.
func hash16(h hash.Hash, v []uint16) {
	buf := make([]byte, 2*hashPiece)
	for len(v) > 0 {
		n := min(hashPiece, len(v))
		b, s := buf[:2*n], v[:n]
		for len(s) >= 4 && len(b) >= 8 { // a word at a time: as fast as the hash takes it
			le.PutUint64(b, uint64(s[0])|uint64(s[1])<<16|uint64(s[2])<<32|uint64(s[3])<<48)
			s, b = s[4:], b[8:]
		}
		for i, x := range s {
			le.PutUint16(b[2*i:], x)
		}
		h.Write(buf[:2*n])
		v = v[n:]
	}
}

// hashFloats hashes the bits of 32-bit floats, low byte first.
func hashFloats(h hash.Hash, v []float32) {
	buf := make([]byte, 4*hashPiece)
	for len(v) > 0 {
		n := min(hashPiece, len(v))
		for i, x := range v[:n] {
			le.PutUint32(buf[4*i:], math.Float32bits(x))
		}
		h.Write(buf[:4*n])
		v = v[n:]
	}
}

// kindCode is the byte that stands for a kind in hashes and stored files; codes are never used again for another.
func kindCode(k edit.Kind) uint8 {
	for i, known := range codes {
		if known == k {
			return uint8(i)
		}
	}
	return 0
}

// codes holds the kinds by their code; 0 is none.
var codes = [...]edit.Kind{
	1: edit.KindImage, edit.KindMask, edit.KindClasses, edit.KindBoxes, edit.KindPoints,
	edit.KindText, edit.KindSpans, edit.KindDepth, edit.KindColor, edit.KindNumber,
}
