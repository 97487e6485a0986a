package imageio

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// DefaultQuality is the JPEG quality where Options names none.
const DefaultQuality = 92

// Options say how a picture is written. The zero value is a good final file.
type Options struct {
	Quality int  // 1 to 100; 0: DefaultQuality for JPEG, without loss for WebP
	Fast    bool // PNG: quick rather than small, for pictures that will be read again soon
	// ICC is the colour profile to put in, as Meta.ICC holds it; nil for none. It is left out
	// where it is not true of the samples written; stored samples bring their own.
	ICC []byte
	// Gray writes one grey channel, as Meta.Gray says the file had, where the picture is grey still.
	Gray bool
	// EXIF and XMP are put in as Meta holds them; nil for none. The picture is
	// written upright: the block's orientation, its size and its thumbnail are put right.
	EXIF, XMP []byte
	// Notice, where not nil, is told what the format could not keep.
	Notice func(string)
}

// Encode writes a picture as PNG, JPEG, TIFF or WebP. The samples written are the stored ones where the picture has
// them (16 bits in PNG and TIFF), with their colour profile. PNG, TIFF, and WebP without a quality, keep every sample, the colour
// beneath transparent pixels included. JPEG has no alpha: the picture is laid
// on white, and Notice is told when that shows.
func Encode(w io.Writer, m *pixel.Image, f Format, opt Options) error {
	return EncodeContext(context.Background(), w, m, f, opt)
}

// EncodeContext is Encode that ends with ctx, with its error, within moments. The WebP encoders cannot be stopped: there
// the call returns at once and the encoder runs on to its end behind it, reading m, its result unused.
func EncodeContext(ctx context.Context, w io.Writer, m *pixel.Image, f Format, opt Options) error {
	if !f.Writable() {
		return edit.Userf("%s cannot be written; PNG, JPEG, TIFF and WebP can", f.Title())
	}
	s := settle(m, f, &opt)
	w = &ctxWriter{ctx, w}
	switch f {
	case JPEG:
		return encodeJPEG(w, s, opt)
	case WebP:
		return encodeWebP(ctx, w, s.Image, opt)
	case TIFF:
		return encodeTIFF(w, s, opt)
	case PNG, GIF, BMP:
	}
	return encodePNG(w, s, opt)
}

func encodePNG(w io.Writer, s settled, opt Options) error {
	return newPNGEncoder(s, opt.Fast).encode(inject(w, PNG, s.Image, opt))
}

func encodeJPEG(w io.Writer, s settled, opt Options) error {
	m := s.Image
	const longestSide = 65535
	if m.W > longestSide || m.H > longestSide {
		return edit.Userf("a JPEG picture has at most %d pixels a side, this one is %d×%d; write a PNG", longestSide, m.W, m.H)
	}
	q := opt.Quality
	if q == 0 {
		q = DefaultQuality
	}
	if q < 1 || q > 100 {
		return edit.Userf("JPEG quality %d is outside 1 to 100", q)
	}
	if s.gray {
		return encodePlainJPEG(inject(w, JPEG, m, opt), oneOfFour(m.Pix), m.W, m.H, true, q)
	}
	if !m.NRGBA().Opaque() {
		if opt.Notice != nil {
			opt.Notice("JPEG has no transparency: transparent parts were laid on white; write a PNG to keep them")
		}
		m = pixel.Flatten(m, 255, 255, 255)
	}
	return encodePlainJPEG(inject(w, JPEG, m, opt), m.Pix, m.W, m.H, false, q)
}

// Save writes a picture to a file whole or not at all, in the format that its
// extension names. A file of that name is replaced and keeps its permissions.
// Errors name the file; a cancelled ctx leaves everything as it was.
func Save(ctx context.Context, path string, m *pixel.Image, opt Options) error {
	f, err := FormatForPath(path)
	if err != nil {
		return err
	}
	return WriteFile(ctx, path, func(w io.Writer) error { return EncodeContext(ctx, w, m, f, opt) })
}

// SaveMask writes a matte as an 8-bit grey PNG; the name must end in .png.
func SaveMask(ctx context.Context, path string, m *pixel.Mask) error {
	f, err := FormatForPath(path)
	if err != nil {
		return err
	}
	if f != PNG {
		return &edit.UserError{Msg: path + ": a mask is written without loss", Hint: "name it .png"}
	}
	e := &pngEncoder{w: m.W, h: m.H, kind: pngGray, bits: 8, channels: 1, level: levelSmall}
	e.row = func(dst []byte, y int) { copy(dst, m.Pix[y*m.W:(y+1)*m.W]) }
	return WriteFile(ctx, path, e.encode)
}

// LoadMask reads a matte for a w×h picture from any picture file: its alpha
// channel where that is not opaque everywhere, else its brightness, white
// inside. A mask of another size but of the picture's shape (sides within one
// pixel of it) is resized; any other size is an edit.UserError that gives both.
// The notices say what was done and what looks wrong: resized, empty, or full.
func LoadMask(ctx context.Context, path string, w, h int, lim Limits) (*pixel.Mask, []string, error) {
	img, meta, err := Load(ctx, path, lim)
	if err != nil {
		return nil, nil, err
	}
	notices := meta.Notices
	m := img.Alpha()
	if !img.HasAlpha || m.Count(255) == len(m.Pix) {
		m = pixel.MaskOf(img.Luma())
	}
	if m.W != w || m.H != h {
		if !sameShape(m.W, m.H, w, h) {
			return nil, nil, &edit.UserError{
				Msg:  fmt.Sprintf("%s: the mask is %d×%d and the picture %d×%d, which is another shape", path, m.W, m.H, w, h),
				Hint: "give a mask of the picture's size",
			}
		}
		notices = append(notices, fmt.Sprintf("the mask was resized from %d×%d to %d×%d", m.W, m.H, w, h))
		m = pixel.ResizeMask(m, w, h)
	}
	switch m.Count(1) {
	case 0:
		notices = append(notices, "the mask is empty: nothing is inside it")
	case len(m.Pix):
		notices = append(notices, "the mask covers the whole picture")
	}
	return m, notices, nil
}

// sameShape reports whether scaling w×h to one side of w2×h2 gives the other within a pixel.
func sameShape(w, h, w2, h2 int) bool {
	d := w*h2 - w2*h
	return max(d, -d) <= max(w, h, w2, h2)
}

// inject returns a writer that slips the metadata and the colour profile into the stream of
// the standard encoders: after PNG's IHDR chunk, or after JPEG's first marker.
func inject(w io.Writer, f Format, m *pixel.Image, opt Options) io.Writer {
	j := &injector{w: w, at: 2}
	switch f {
	case PNG:
		j.at = 8 + 12 + 13
		if len(opt.ICC) > 0 {
			j.extra = pngICC(opt.ICC)
		}
		j.extra = append(j.extra, pngMetadata(opt, m.W, m.H)...)
	default:
		j.extra = jpegMetadata(opt, m.W, m.H)
		if len(opt.ICC) > 0 {
			j.extra = append(j.extra, jpegICC(opt.ICC)...)
		}
	}
	return j
}

// injector writes extra after the first at bytes.
type injector struct {
	w     io.Writer
	at    int
	extra []byte
}

// Write implements io.Writer.
func (j *injector) Write(p []byte) (int, error) {
	if len(j.extra) == 0 {
		return j.w.Write(p)
	}
	if len(p) < j.at {
		n, err := j.w.Write(p)
		j.at -= n
		return n, err
	}
	head, tail := p[:j.at], p[j.at:]
	whole := bytes.Join([][]byte{head, j.extra, tail}, nil)
	j.extra = nil
	if _, err := j.w.Write(whole); err != nil {
		return 0, err
	}
	return len(p), nil
}
