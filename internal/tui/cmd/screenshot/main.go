// Command screenshot draws a captured terminal screen as a PNG file:
//
//	tmux capture-pane -ep | go run ./internal/tui/cmd/screenshot -o screen.png
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"pentimento/internal/tui/screen"
)

func main() {
	out := flag.String("o", "screen.png", "the picture to write")
	cols := flag.Int("cols", 0, "width of the screen in cells; 0: its longest line")
	rows := flag.Int("rows", 0, "height of the screen in cells; 0: its lines")
	flag.Parse()
	if err := run(os.Stdin, *out, *cols, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out string, cols, rows int) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if rows == 0 {
		rows = len(lines)
	}
	if cols == 0 {
		for _, l := range lines {
			cols = max(cols, ansi.StringWidth(l))
		}
	}
	if cols < 1 || rows < 1 || cols > 1000 || rows > 1000 {
		return fmt.Errorf("a screen of %d×%d cells cannot be drawn", cols, rows)
	}
	img, err := screen.Draw(string(text), cols, rows)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, img); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644) //nolint:gosec // a picture to be looked at
}
