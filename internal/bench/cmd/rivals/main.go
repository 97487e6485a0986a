// Command rivals times decode, resize, encode, GrabCut, filling and recolouring
// beside Pillow, OpenCV and libvips: same pictures, one run, contenders in turn.
// It prints the Markdown table of docs/benchmarks.md. The rivals run in Python
// (scripts/rivals.py); those that are not installed are said to be absent.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

func start() error {
	photo := flag.String("photo", "", "photograph to work on; none: the example scene")
	box := flag.String("box", "", "object in it, x0,y0,x1,y1; none: the middle third")
	rounds := flag.Int("rounds", 9, "rounds, each with every contender once")
	cpu := flag.Bool("cpu", false, "measure the time of all cores together, for a machine that is busy")
	only := flag.String("only", "", "only the operations whose name contains this")
	script := flag.String("script", "scripts/rivals.py", "the rivals' side")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "rivals")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover in the temporary folder harms nobody
	set, err := prepare(ctx, dir, *photo, *box)
	if err != nil {
		return err
	}
	set = slices.DeleteFunc(set, func(o operation) bool { return !strings.Contains(o.name, *only) })
	others, err := startRivals(ctx, *script)
	if err != nil {
		return err
	}
	defer others.close()
	return compare(ctx, os.Stdout, set, others, *rounds, *cpu)
}
