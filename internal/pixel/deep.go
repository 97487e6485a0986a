package pixel

// Deep holds the samples of a file that 8-bit sRGB cannot: those of 16 bits, or
// of another colour space. An Image that has one carries it beside Pix, and Pix
// is its 8-bit sRGB rendering, the one that tools look at.
type Deep struct {
	Pix   []uint16 // 4*W*H straight RGBA in the file's own space; 8-bit samples are stored times 257
	Bits  int      // of the file: 8 or 16
	Space Space    // nil: sRGB
}

// Space is a colour space of the file: how its RGB samples map to sRGB and back.
// Values are encoded (not linear) in [0,1]; sRGB values outside it are colours that sRGB lacks.
type Space interface {
	ToSRGB(r, g, b float32) (sr, sg, sb float32)
	FromSRGB(sr, sg, sb float32) (r, g, b float32)
}
