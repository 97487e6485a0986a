package imageio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Limits bound what Decode takes on; a zero field means its default.
type Limits struct {
	MaxPixels int64 // width × height, default 100 million; half for 16-bit and progressive pictures, which need twice the memory
	MaxBytes  int64 // of the file, default 256 MiB
}

func (l Limits) withDefaults() Limits {
	if l.MaxPixels <= 0 {
		l.MaxPixels = 100e6
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = 256 << 20
	}
	return l
}

// Meta is what a file says beside its samples.
type Meta struct {
	Format      Format
	Orientation int    // EXIF orientation 1 to 8 as stored; the picture handed out is already upright
	BitDepth    int    // bits per sample in the file: 1, 2, 4, 8 or 16
	HasAlpha    bool   // the file carries an alpha channel or a transparent colour
	Gray        bool   // the file has grey samples only
	ICC         []byte // the colour profile of the samples as they are handed out; nil when there is none, or it does not fit or is damaged
	EXIF        []byte // the EXIF block, a TIFF structure without the "Exif" prefix, as stored; nil when there is none or it is damaged
	XMP         []byte // the XMP packet, XML in UTF-8, as stored; nil when there is none or it is damaged
	// Lost is what the file says that Encode cannot or must not write again, each a clause for the person.
	Lost    []string
	Notices []string // what a person should know, each a clause without the file's name
}

func (m *Meta) notice(format string, args ...any) {
	m.Notices = append(m.Notices, fmt.Sprintf(format, args...))
}

// Load reads a picture from a regular file; see Decode. Anything else than a
// regular file (a directory, a pipe, a device) is refused without being read.
func Load(ctx context.Context, path string, lim Limits) (*pixel.Image, Meta, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, Meta{}, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	m, meta, err := Decode(ctx, f, path, lim)
	if want, ok := extensions[strings.ToLower(filepath.Ext(path))]; err == nil && ok && want != meta.Format {
		meta.notice("the name says %s but the content is %s", want.Title(), meta.Format.Title())
	}
	return m, meta, err
}

func checkRegular(info os.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return &edit.UserError{Msg: "is a directory, not a picture", Hint: "name the files in it"}
	case !info.Mode().IsRegular():
		return &edit.UserError{Msg: "is a pipe or a device, not a file", Hint: "use - to read a picture from standard input"}
	}
	return nil
}

// fileError puts the file's name before a problem and makes it one for the person.
func fileError(name string, err error) error {
	var user *edit.UserError
	if errors.As(err, &user) {
		return &edit.UserError{Msg: name + ": " + user.Msg, Hint: user.Hint, Err: user.Err}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", name, err)
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err // without the operation and a second copy of the name
	}
	return &edit.UserError{Msg: name, Err: err}
}

// Decode reads one picture: its first frame or page, upright, as straight
// 8-bit sRGB samples, and with its own samples in Deep where they have 16 bits
// or another colour space. CMYK becomes sRGB. name is the file's name for messages. At most
// lim.MaxBytes are read, and no memory is set aside for samples before the
// header has passed lim. All errors name the file; those about its content are
// edit.UserErrors, and a cancelled ctx gives an error that wraps ctx.Err().
func Decode(ctx context.Context, r io.Reader, name string, lim Limits) (*pixel.Image, Meta, error) {
	m, meta, err := decode(ctx, r, lim.withDefaults())
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, Meta{}, fileError(name, err)
	}
	return m, meta, nil
}

func decode(ctx context.Context, r io.Reader, lim Limits) (*pixel.Image, Meta, error) {
	data, err := readAll(ctx, r, lim)
	if err != nil {
		return nil, Meta{}, err
	}
	format, title := sniff(data)
	if format == "" {
		return nil, Meta{}, unreadable(title)
	}
	p, err := contain(func() (probe, error) { return probeFile(format, data), nil })
	if err != nil {
		return nil, Meta{}, describe(format, err)
	}
	cfg, err := contain(func() (image.Config, error) { return decodeConfig(format, data, p) })
	if err != nil {
		return nil, Meta{}, describe(format, err)
	}
	if err := p.check(format, cfg, int64(len(data)), lim); err != nil {
		return nil, Meta{}, err
	}
	src, err := contain(func() (image.Image, error) { return decodeSamples(ctx, format, data, p, cfg) })
	if err != nil {
		return nil, Meta{}, describe(format, err)
	}
	meta := Meta{Format: format, Orientation: 1, BitDepth: max(p.bitDepth, 1)}
	if p.bitDepth == 0 {
		meta.BitDepth = 8
	}
	m, err := contain(func() (*pixel.Image, error) { return toImage(ctx, format, src, p, &meta) })
	if err != nil {
		return nil, Meta{}, describe(format, err)
	}
	m = finish(m, p, &meta)
	return m, meta, nil
}

// finish applies the orientation and says what was left behind.
func finish(m *pixel.Image, p probe, meta *Meta) *pixel.Image {
	meta.HasAlpha = m.HasAlpha
	switch {
	case p.frames > 1 && p.animated:
		meta.notice("is animated; only its first frame is used")
	case p.frames > 1:
		meta.notice("has several pages; only the first is used")
	case p.cut:
		meta.notice("the file ends early; the picture itself is whole")
	}
	readMeta(p, meta)
	if meta.Orientation == 1 {
		return m
	}
	return pixel.Orient(m, meta.Orientation)
}

// check refuses a header's size where the limits or the file's own length do not allow it.
func (p probe) check(f Format, cfg image.Config, size int64, lim Limits) error {
	w, h := int64(cfg.Width), int64(cfg.Height)
	if w < 1 || h < 1 {
		return edit.Userf("its header gives it no pixels (%d×%d)", w, h)
	}
	limit := lim.MaxPixels
	if p.progressive || p.bitDepth == 16 {
		limit /= 2
	}
	// Divided rather than multiplied: the product of hostile sides may overflow.
	if w > limit || h > limit/w {
		kind := ""
		if limit != lim.MaxPixels {
			kind = map[bool]string{true: " for progressive pictures", false: " for 16-bit pictures"}[p.progressive]
		}
		return &edit.UserError{
			Msg:  fmt.Sprintf("is %d×%d pixels, more than the limit of %.0f million%s", w, h, float64(limit)/1e6, kind),
			Hint: "make it smaller first",
		}
	}
	// Deflate packs at most 1032 to 1, so a PNG's samples cannot be more than that.
	if f == PNG && w*h*int64(max(p.bitDepth, 1))/8 > 1032*size {
		return edit.Userf("its header promises %d×%d pixels, more than the file can hold", w, h)
	}
	return nil
}

func decodeConfig(f Format, data []byte, p probe) (image.Config, error) {
	r := bytes.NewReader(data)
	switch f {
	case PNG:
		return png.DecodeConfig(r)
	case JPEG:
		return jpeg.DecodeConfig(r)
	case GIF:
		return gif.DecodeConfig(r)
	case WebP:
		if p.animated {
			return image.Config{Width: p.canvas[0], Height: p.canvas[1]}, nil
		}
		return webp.DecodeConfig(r)
	case BMP:
		return bmp.DecodeConfig(r)
	case TIFF:
		return tiff.DecodeConfig(r)
	}
	return image.Config{}, errBroken
}

// decodeSamples runs the format's decoder and holds it to the header's size.
func decodeSamples(ctx context.Context, f Format, data []byte, p probe, cfg image.Config) (image.Image, error) {
	m, err := decodeBody(ctx, f, data, p, cfg)
	if err != nil {
		return nil, err
	}
	if b := m.Bounds(); b.Dx() != cfg.Width || b.Dy() != cfg.Height {
		return nil, fmt.Errorf("the header says %d×%d pixels and the body has %d×%d", cfg.Width, cfg.Height, b.Dx(), b.Dy())
	}
	return m, nil
}

func decodeBody(ctx context.Context, f Format, data []byte, p probe, cfg image.Config) (image.Image, error) {
	r := ctxio.Reader(ctx, bytes.NewReader(data))
	switch f {
	case PNG:
		if m, err := decodePlainPNG(ctx, data, cfg.Width, cfg.Height); err == nil || ctx.Err() != nil {
			return m, err
		}
		return png.Decode(r)
	case JPEG:
		if p.rawCMYK {
			return decodeRawCMYK(r)
		}
		if m, err := decodePlainJPEG(ctx, data, cfg.Width, cfg.Height); err == nil || ctx.Err() != nil {
			return m, err
		}
		return jpeg.Decode(r)
	case GIF:
		return decodeGIF(r, cfg)
	case WebP:
		if p.animated {
			return decodeFirstFrame(ctx, p)
		}
		return webp.Decode(r)
	case BMP:
		return bmp.Decode(r)
	case TIFF:
		// The TIFF decoder jumps about, so it is given the bytes themselves.
		return tiff.Decode(bytes.NewReader(data))
	}
	return nil, errBroken
}

// contain turns a decoder's panic into an error.
func contain[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (the decoder gave up: %v)", errBroken, r)
		}
	}()
	return f()
}

// describe makes a decoder's error one for the person.
func describe(f Format, err error) error {
	var user *edit.UserError
	switch {
	case errors.As(err, &user), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return edit.Userf("the %s file ends before the picture does: it is cut off", f.Title())
	}
	return &edit.UserError{Msg: "is a damaged or unsupported " + f.Title() + " picture", Err: err}
}
