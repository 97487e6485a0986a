// Command fill measures the filling of holes in photographs against OpenCV's
// Telea and Navier-Stokes methods, on the same holes in one run:
//
//	go run ./internal/bench/cmd/fill --images DIR [--rivals scripts/fill_rivals.py] [--keep DIR]
//
// Without --rivals (which needs Python with OpenCV) only a smooth fill is compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"pentimento/internal/bench"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/tools/patchmatch"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

func start() error {
	images := flag.String("images", "", "folder of photographs")
	rivals := flag.String("rivals", "", "Python script that fills with OpenCV")
	keep := flag.String("keep", "", "save holes and fills to this folder, to be looked at")
	n := flag.Int("holes", 40, "number of holes")
	seed := flag.Uint64("seed", 1, "where the holes are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return run(ctx, *images, *rivals, *keep, *n, *seed)
}

func run(ctx context.Context, images, rivals, keep string, n int, seed uint64) error {
	photos, err := bench.LoadPhotos(ctx, images)
	if err != nil {
		return err
	}
	holes := bench.SampleHoles(photos, n, seed)
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "fill"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
	} else if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- pictures for anybody
		return err
	}
	at := 0
	saved := func(name string, fill func(context.Context, *pixel.Image, *pixel.Mask) (*pixel.Image, error)) bench.Filler {
		return bench.Filler{Name: name, Fill: func(ctx context.Context, img *pixel.Image, hole *pixel.Mask) (*pixel.Image, error) {
			out, err := fill(ctx, img, hole)
			if err == nil && keep != "" {
				err = save(filepath.Join(dir, fmt.Sprintf("%02d-%s.png", at, name)), out)
			}
			return out, err
		}}
	}
	fillers := []bench.Filler{saved("ours", func(ctx context.Context, img *pixel.Image, hole *pixel.Mask) (*pixel.Image, error) {
		return patchmatch.Fill(ctx, img, hole, patchmatch.Options{})
	})}
	if rivals == "" {
		fillers = append(fillers, saved("smooth", bench.SmoothFill))
	} else {
		if err := runRivals(ctx, rivals, dir, holes); err != nil {
			return err
		}
		for _, name := range []string{"telea", "ns"} {
			fillers = append(fillers, bench.Filler{Name: name, Fill: func(ctx context.Context, _ *pixel.Image, _ *pixel.Mask) (*pixel.Image, error) {
				out, _, err := imageio.Load(ctx, filepath.Join(dir, fmt.Sprintf("%02d-%s.png", at, name)), imageio.Limits{})
				return out, err
			}})
		}
	}
	report, err := bench.RunFill(ctx, holes, fillers, func(done, total int) {
		at = done
		fmt.Fprintf(os.Stderr, "\r%d of %d holes", done, total)
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	fmt.Print(report)
	return nil
}

// runRivals writes NN-image.png and NN-mask.png per hole and has the script write NN-telea.png and NN-ns.png.
func runRivals(ctx context.Context, script, dir string, holes []bench.FillHole) error {
	for i, h := range holes {
		if err := save(filepath.Join(dir, fmt.Sprintf("%02d-image.png", i)), h.Blanked()); err != nil {
			return err
		}
		mask := pixel.NewImage(h.Mask.W, h.Mask.H)
		for k, v := range h.Mask.Pix {
			copy(mask.Pix[4*k:], []uint8{v, v, v, 255})
		}
		if err := save(filepath.Join(dir, fmt.Sprintf("%02d-mask.png", i)), mask); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "python3", script, dir) // #nosec G204 -- the script the person names
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", script, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func save(path string, m *pixel.Image) error {
	f, err := os.Create(path) // #nosec G304 -- the folder the person names
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	return errors.Join(enc.Encode(f, m.NRGBA()), f.Close())
}
