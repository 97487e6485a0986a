package imageio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"io"

	"golang.org/x/image/webp"

	"pentimento/internal/ctxio"
)

// decodeGIF puts the first frame on the canvas; what it leaves bare is transparent.
func decodeGIF(r io.Reader, cfg image.Config) (image.Image, error) {
	frame, err := gif.Decode(r)
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, cfg.Width, cfg.Height)
	if frame.Bounds() == canvas {
		return frame, nil
	}
	if !frame.Bounds().In(canvas) {
		return nil, errBroken
	}
	out := image.NewNRGBA(canvas)
	draw.Draw(out, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return out, nil
}

// adobeMarker is an APP14 segment that says "four channels, CMYK".
var adobeMarker = []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")

// decodeRawCMYK reads a four-channel JPEG without Adobe marker, which
// image/jpeg refuses. It is told by a marker of ours that the channels are
// CMYK, stored inverted: so browsers and Pillow take such files too.
func decodeRawCMYK(r io.Reader) (image.Image, error) {
	var soi [2]byte
	if _, err := io.ReadFull(r, soi[:]); err != nil {
		return nil, err
	}
	return jpeg.Decode(io.MultiReader(bytes.NewReader(append(soi[:], adobeMarker...)), r))
}

// decodeFirstFrame decodes the first frame of an animated WebP and puts it on
// the canvas. x/image/webp reads no animation, so the frame's chunks are
// wrapped as a still picture.
func decodeFirstFrame(ctx context.Context, p probe) (image.Image, error) {
	b := p.firstFrame
	if len(b) < 16 {
		return nil, errors.New("the animation has no frame")
	}
	x, y := 2*uint24(b), 2*uint24(b[3:])
	w, h := 1+uint24(b[6:]), 1+uint24(b[9:])
	canvas := image.Rect(0, 0, p.canvas[0], p.canvas[1])
	place := image.Rect(x, y, x+w, y+h)
	if !place.In(canvas) {
		return nil, errors.New("a frame lies outside the canvas")
	}
	var body bytes.Buffer
	vp8x := make([]byte, 10)
	putUint24(vp8x[4:], w-1)
	putUint24(vp8x[7:], h-1)
	riffChunks(b[16:], func(id string, _ []byte) {
		if id == "ALPH" {
			vp8x[0] |= 16
		}
	})
	writeChunk(&body, "VP8X", vp8x)
	riffChunks(b[16:], func(id string, payload []byte) {
		if id == "ALPH" || id == "VP8 " || id == "VP8L" {
			writeChunk(&body, id, payload)
		}
	})
	var file bytes.Buffer
	writeChunk(&file, "RIFF", append([]byte("WEBP"), body.Bytes()...))
	frame, err := webp.Decode(ctxio.Reader(ctx, &file))
	if err != nil {
		return nil, err
	}
	if frame.Bounds().Size() != place.Size() {
		return nil, errBroken
	}
	if place == canvas {
		return frame, nil
	}
	straight, err := toNRGBA(ctx, WebP, frame, nil)
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(canvas)
	for row := range h {
		copy(out.Pix[out.PixOffset(x, y+row):][:4*w], straight.Pix[row*straight.Stride:])
	}
	return out, nil
}

func putUint24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }

func writeChunk(w *bytes.Buffer, id string, payload []byte) {
	w.WriteString(id)
	var n [4]byte
	binary.LittleEndian.PutUint32(n[:], uint32(len(payload)))
	w.Write(n[:])
	w.Write(payload)
	if len(payload)%2 == 1 {
		w.WriteByte(0)
	}
}
