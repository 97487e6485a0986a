// Command streetscene writes the example picture and its masks:
//
//	go run ./internal/scene/cmd/streetscene -o DIR [-width 1280] [-height 853] [-seed 1]
//
// DIR/street.png is the picture and DIR/street.NAME.png each object's mask, by
// object: car, car-paint, bench, tree, wall, sky, sign, road.
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *dir, *width, *height, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "streetscene:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, width, height int, seed int64) error {
	const least, most = 16, 8192
	switch {
	case dir == "":
		return fmt.Errorf("say where to write, with -o DIR")
	case width < least || height < least || width > most || height > most:
		return fmt.Errorf("%d×%d is outside %d to %d pixels a side", width, height, least, most)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
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
