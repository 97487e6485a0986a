package imageio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"github.com/HugoSmits86/nativewebp"
	libwebp "github.com/gen2brain/webp"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Bounds of WebP. The format ends at 16383 pixels a side; the encoders hold
// some 60 bytes for each pixel, so that larger pictures than this do not fit beside the rest.
const (
	webpLongestSide = 16383
	webpMaxPixels   = 40e6
)

// encodeWebP writes WebP: without loss when no quality is given, colours
// beneath transparent pixels included, else with loss (libwebp as WebAssembly). Metadata go
// into an extended file.
func encodeWebP(ctx context.Context, w io.Writer, m *pixel.Image, opt Options) error {
	switch {
	case m.W > webpLongestSide || m.H > webpLongestSide:
		return edit.Userf("a WebP picture has at most %d pixels a side, this one is %d×%d; write a PNG", webpLongestSide, m.W, m.H)
	case m.W*m.H > webpMaxPixels:
		return edit.Userf("%d×%d pixels are more than %.0f million, too many for WebP here; write a PNG or a JPEG", m.W, m.H, webpMaxPixels/1e6)
	case opt.Quality < 0 || opt.Quality > 100:
		return edit.Userf("WebP quality %d is outside 1 to 100", opt.Quality)
	}
	type result struct {
		file []byte
		err  error
	}
	done := make(chan result, 1) // so that the goroutine ends where nobody waits for it any more
	go func() {
		file, err := contain(func() ([]byte, error) { return codeWebP(m, opt.Quality) })
		done <- result{file, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-done:
		if r.err != nil {
			return fmt.Errorf("writing WebP: %w", r.err)
		}
		return rewrapWebP(w, r.file, m, opt)
	}
}

// codeWebP codes the samples; the encoders do not know of a context.
func codeWebP(m *pixel.Image, quality int) ([]byte, error) {
	var file bytes.Buffer
	var err error
	if quality == 0 {
		err = nativewebp.Encode(&file, straight{m.NRGBA()}, nil)
	} else {
		wasmOnly()
		err = libwebp.Encode(&file, m.NRGBA(), libwebp.Options{Quality: quality, Method: 4})
	}
	return file.Bytes(), err
}

// rewrapWebP puts the coded picture and the metadata into one file.
func rewrapWebP(w io.Writer, file []byte, m *pixel.Image, opt Options) error {
	if len(file) < 12 {
		return errors.New("writing WebP: the encoder gave no picture")
	}
	type chunk struct {
		id   string
		body []byte
	}
	var picture []chunk
	alpha := false
	riffChunks(file[12:], func(id string, body []byte) {
		switch id {
		case "ALPH", "VP8 ", "VP8L":
			picture = append(picture, chunk{id, body})
			// A lossless bit stream says in its 5-byte header whether it uses alpha.
			alpha = alpha || id == "ALPH" || id == "VP8L" && len(body) > 4 && body[4]&0x10 != 0
		}
	})
	exif, packet := opt.exif(m.W, m.H), settleXMP(opt.XMP, m.W, m.H)
	var body bytes.Buffer
	body.WriteString("WEBP")
	if alpha && len(picture) > 1 || len(opt.ICC) > 0 || exif != nil || packet != nil {
		vp8x := make([]byte, 10)
		for _, flag := range []struct {
			on  bool
			bit byte
		}{{len(opt.ICC) > 0, 0x20}, {alpha, 0x10}, {exif != nil, 0x08}, {packet != nil, 0x04}} {
			if flag.on {
				vp8x[0] |= flag.bit
			}
		}
		putUint24(vp8x[4:], m.W-1)
		putUint24(vp8x[7:], m.H-1)
		writeChunk(&body, "VP8X", vp8x)
	}
	optional := func(id string, data []byte) {
		if len(data) > 0 {
			writeChunk(&body, id, data)
		}
	}
	optional("ICCP", opt.ICC)
	for _, c := range picture {
		writeChunk(&body, c.id, c.body)
	}
	optional("EXIF", exif)
	optional("XMP ", packet)
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(body.Len()))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := body.WriteTo(w)
	return err
}

// straight hands straight samples to an encoder that copies its picture with
// image/draw into straight samples again. That goes by way of premultiplied
// 16-bit values, in which colours beneath thin alpha are lost; straight gives
// for each sample the value that comes out of that arithmetic as it was.
type straight struct{ *image.NRGBA }

// RGBA64At implements image.RGBA64Image.
func (s straight) RGBA64At(x, y int) color.RGBA64 {
	p := s.Pix[s.PixOffset(x, y):][:4]
	a := uint32(p[3]) * 0x101
	up := func(v uint8) uint16 {
		if a == 0 || a == 0xffff {
			return uint16(v) * 0x101
		}
		// (c × 0xffff ÷ a) >> 8 is v for the least c that reaches v × 256.
		return uint16((uint32(v)*256*a + 0xfffe) / 0xffff)
	}
	return color.RGBA64{R: up(p[0]), G: up(p[1]), B: up(p[2]), A: uint16(a)}
}
