package imageio

import (
	"context"
	"image"
	"io"

	"pentimento/internal/ctxio"
)

// headBytes hold the header of nearly every picture.
const headBytes = 256 << 10

// Size reads a picture's width and height in pixels, as stored, from its header.
func Size(ctx context.Context, path string, lim Limits) (w, h int, err error) {
	f, err := openRegular(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	lim = lim.withDefaults()
	var data []byte
	for _, most := range []int64{headBytes, lim.MaxBytes} { // the header may lie behind a long profile
		rest, err := io.ReadAll(io.LimitReader(ctxio.Reader(ctx, f), most-int64(len(data))))
		if err != nil {
			return 0, 0, fileError(path, err)
		}
		data = append(data, rest...)
		format, title := sniff(data)
		if format == "" {
			return 0, 0, fileError(path, unreadable(title))
		}
		cfg, err := contain(func() (image.Config, error) { return decodeConfig(format, data, probeFile(format, data)) })
		if err == nil {
			return cfg.Width, cfg.Height, nil
		}
		if len(rest) == 0 || most == lim.MaxBytes {
			return 0, 0, fileError(path, describe(format, err))
		}
	}
	return 0, 0, nil
}
