package imageio

import "testing"

// The parser neither panics nor answers outside 1 to 8, whatever it is given.
func FuzzEXIFOrientation(f *testing.F) {
	f.Add([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x08\x00\x00\x00"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x08"))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, whole := exifOrientation(data)
		if o < 1 || o > 8 || !whole && o != 1 {
			t.Fatalf("orientation %d, whole %v", o, whole)
		}
		d, ok := openDirectory(data)
		if ok && len(d.blob(tagICC)) > len(data) {
			t.Fatal("a blob is larger than the file")
		}
	})
}
