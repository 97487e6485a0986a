package gallery

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"path/filepath"
	"sort"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// Shown is a result with the picture before the edit beside the page.
type Shown struct {
	Result
	Before string // file name of the copy that the page shows
}

// The sheet's layout in pixels.
const (
	cell   = 480 // longest side of a picture on the sheet
	margin = 12
	line   = 18 // height of a line of text
	perRow = 3  // before, mask, after
	rows   = 6  // edits on one sheet
)

// Layout saves what the page needs beside the results and the sheets
// (sheet-1.png and on): every edit as a row of before, mask and after.
func Layout(ctx context.Context, dir string, results []Result) ([]Shown, error) {
	var shown []Shown
	for first := 0; first < len(results); first += rows {
		part := results[first:min(first+rows, len(results))]
		sheet := image.NewNRGBA(image.Rect(0, 0, perRow*(cell+margin)+margin, len(part)*(cell+2*line+2*margin)+margin))
		draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
		for i, r := range part {
			before, _, err := imageio.Load(ctx, r.Image, imageio.Limits{})
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%02d-before.png", first+i+1)
			if err := imageio.Save(ctx, filepath.Join(dir, name), before, imageio.Options{}); err != nil {
				return nil, err
			}
			shown = append(shown, Shown{Result: r, Before: name})
			if err := drawRow(ctx, sheet, i, fmt.Sprintf("%d. ", first+i+1), before, r); err != nil {
				return nil, err
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("sheet-%d.png", first/rows+1))
		if err := imageio.Save(ctx, path, pixel.FromNRGBA(sheet, false), imageio.Options{}); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func drawRow(ctx context.Context, sheet *image.NRGBA, row int, number string, before *pixel.Image, r Result) error {
	y := margin + row*(cell+2*line+2*margin)
	for i, text := range []string{number + filepath.Base(r.Image) + ": " + r.Request, outcome(r)} {
		if err := write(sheet, margin, y+(i+1)*line-5, perRow*(cell+margin)-margin, text); err != nil {
			return err
		}
	}
	put(sheet, margin, y+2*line, before)
	for i, path := range []string{r.Mask, r.Output} {
		if path == "" {
			continue
		}
		m, _, err := imageio.Load(ctx, path, imageio.Limits{})
		if err != nil {
			return err
		}
		put(sheet, margin+(i+1)*(cell+margin), y+2*line, m)
	}
	return nil
}

// outcome says in one line how the edit's subtasks ended.
func outcome(r Result) string {
	s := fmt.Sprintf("exit %d, %.1f s", r.Exit, r.Seconds)
	for _, t := range r.Subtasks {
		s += "; " + t.Task + ": " + t.Status
	}
	return s
}

// put draws a picture into a cell, whole and no larger than it is.
func put(sheet *image.NRGBA, x, y int, m *pixel.Image) {
	scale := min(1, float64(cell)/float64(max(m.W, m.H)))
	w, h := max(1, int(float64(m.W)*scale)), max(1, int(float64(m.H)*scale))
	small := pixel.Resize(m, w, h, pixel.Lanczos)
	at := image.Rect(x, y, x+w, y+h)
	for cy := at.Min.Y; cy < at.Max.Y; cy++ { // a chequerboard under transparency
		for cx := at.Min.X; cx < at.Max.X; cx++ {
			v := uint8(255 - 48*((cx/8+cy/8)%2))
			sheet.SetNRGBA(cx, cy, color.NRGBA{R: v, G: v, B: v, A: 255})
		}
	}
	draw.Draw(sheet, at, small.NRGBA(), image.Point{}, draw.Over)
}

// lettering is what sheets are written with; it has the arrows of toolpaths.
var lettering = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

// write writes a line that begins at x and ends before the width is used up.
func write(sheet *image.NRGBA, x, y, width int, text string) error {
	f, err := lettering()
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 13, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: sheet, Src: image.Black, Face: face, Dot: fixed.P(x, y)}
	if runes := []rune(text); d.MeasureString(text).Ceil() > width {
		fits := sort.Search(len(runes), func(n int) bool { return d.MeasureString(string(runes[:n])+"…").Ceil() > width })
		text = string(runes[:max(0, fits-1)]) + "…"
	}
	d.DrawString(text)
	return nil
}
