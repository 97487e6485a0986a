// Command streetscene writes the example picture and its masks:
//
//	go run ./internal/scene/cmd/streetscene -o DIR [-width 1280] [-height 853] [-seed 1] [-series N]
//
// DIR/street.png is the picture and DIR/street.NAME.png each object's mask, by
// object: car, car-paint, bench, tree, wall, sky, sign, road. A series is N streets
// of one seed after another, as DIR/street-SEED.png, without masks.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

func main() {
	dir := flag.String("o", "", "directory to write to; it is made if missing")
	width := flag.Int("width", scene.DefaultWidth, "pixels across, 16 to 8192")
	height := flag.Int("height", scene.DefaultHeight, "pixels down, 16 to 8192")
	seed := flag.Int64("seed", 1, "another number gives another sky, other bricks and leaves")
	series := flag.Int("series", 0, "so many streets of one seed after another, without masks; at most 1000")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *dir, *width, *height, *seed, *series)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "streetscene:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, width, height int, seed int64, series int) error {
	const least, most, longest = 16, 8192, 1000
	switch {
	case dir == "":
		return fmt.Errorf("say where to write, with -o DIR")
	case width < least || height < least || width > most || height > most:
		return fmt.Errorf("%d×%d is outside %d to %d pixels a side", width, height, least, most)
	case series < 0 || series > longest:
		return fmt.Errorf("a series of %d streets is outside 0 to %d", series, longest)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for n := range int64(series) {
		path := filepath.Join(dir, fmt.Sprintf("street-%d.png", seed+n))
		picture, _ := scene.Render(width, height, seed+n)
		if err := imageio.Save(ctx, path, picture, imageio.Options{}); err != nil {
			return err
		}
		fmt.Println(path)
	}
	if series > 0 {
		return nil
	}
	picture, masks := scene.Render(width, height, seed)
	path := filepath.Join(dir, "street.png")
	if err := imageio.Save(ctx, path, picture, imageio.Options{}); err != nil {
		return err
	}
	fmt.Println(path)
	for _, name := range scene.Names() {
		path := filepath.Join(dir, "street."+name+".png")
		if err := imageio.SaveMask(ctx, path, masks[name]); err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}
