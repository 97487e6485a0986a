package session

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/store"
)

// TestTilesComeBack packs tiles of any size and content and unpacks them.
func TestTilesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, tileSide).Draw(t, "w"), rapid.IntRange(1, 9).Draw(t, "h")
		kind, size := byte(kindTile8), 4*w*h
		if rapid.Bool().Draw(t, "deep") {
			kind, size = kindTile16, 8*w*h
		}
		step := rapid.Byte().Draw(t, "step")
		raw := appendHead(nil, kind, w, h)
		for i := range size {
			raw = append(raw, byte(i)*step+byte(i>>5)^step)
		}
		got, err := open(store.Chunk{Hash: hashOf(raw), Data: compress(raw)})
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("a tile of %d×%d came back as another: %v", w, h, err)
		}
	})
}

// FuzzDecompress must refuse or unpack whatever it is given, within bounds.
func FuzzDecompress(f *testing.F) {
	f.Add(compress(rawBytes([]byte("text"))))
	f.Add(compress(append(appendHead(nil, kindTile8, 2, 1), 1, 2, 3, 4, 5, 6, 7, 8)))
	f.Add([]byte{kindTile16, 0, 128, 0, 128, 0x28, 0xb5, 0x2f, 0xfd})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := decompress(b)
		if err == nil && raw[0] != kindBytes && len(raw) > tileHead+8*tileSide*tileSide {
			t.Errorf("a tile of %d bytes", len(raw))
		}
	})
}

// BenchmarkTile packs and unpacks one tile.
func BenchmarkTile(b *testing.B) {
	raw := appendHead(nil, kindTile8, tileSide, tileSide)
	seed := uint32(1)
	for i := range 4 * tileSide * tileSide {
		seed = seed*1664525 + 1013904223
		v := byte(i>>9) + byte(seed>>29)
		if i%4 == 3 {
			v = 255
		}
		raw = append(raw, v)
	}
	packed := compress(raw)
	b.SetBytes(int64(len(raw)))
	b.Run("compress", func(b *testing.B) {
		for b.Loop() {
			compress(raw)
		}
	})
	b.Run("open", func(b *testing.B) {
		c := store.Chunk{Hash: hashOf(raw), Data: packed}
		for b.Loop() {
			if _, err := open(c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
