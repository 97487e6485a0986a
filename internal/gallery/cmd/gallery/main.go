// Command gallery runs a suite of edits through the agent program and writes an
// HTML page and PNG sheets of before, mask and after. `make pictures` calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"pentimento/internal/gallery"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func start() error {
	agent := flag.String("agent", "bin/agent", "the program that edits")
	suite := flag.String("suite", "", "JSON list of edits; none: only those over the example scene")
	images := flag.String("images", "", "folder of the suite's pictures")
	example := flag.String("scene", "", "the example scene's picture, edited too; empty: not")
	dir := flag.String("o", "gallery", "folder to write to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return run(ctx, *agent, *suite, *images, *example, *dir)
}

func run(ctx context.Context, agent, suite, images, example, dir string) error {
	var s gallery.Suite
	if suite != "" {
		var err error
		if s, err = gallery.Load(suite, images); err != nil {
			return err
		}
	}
	if example != "" {
		s.Edits = append(s.Edits, gallery.SceneEdits(example)...)
	}
	failed := 0
	results, err := gallery.Run(ctx, agent, dir, s, func(r gallery.Result) {
		fmt.Printf("%-28s exit %d %6.1f s  %s\n", filepath.Base(r.Image), r.Exit, r.Seconds, r.Request)
		if r.Exit != 0 {
			failed++
		}
	})
	if err != nil {
		return err
	}
	shown, err := gallery.Layout(ctx, dir, results)
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "index.html"))
	if err != nil {
		return err
	}
	if err := gallery.WritePage(f, "Pentimento: gallery", shown); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Printf("%d edits, %d of them not wholly done; see %s\n", len(results), failed, filepath.Join(dir, "index.html"))
	return nil
}
