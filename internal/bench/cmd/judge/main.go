// Command judge measures how often the checks of package judge err: on good
// results over photographs and on the same results spoiled by code.
//
//	go run ./internal/bench/cmd/judge -shared DIR [-only TEXT] [-each]
//
// DIR holds images/ with the photographs and images/masks/ with their outlines
// (PHOTO.OBJECT.png). The pass marks were set on half of the cases, chosen by the
// hash of their name; the rates printed are those of the other half. Beside
// each compiled mark stands the one that the tuning half would give now.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"pentimento/internal/judge/judgetest"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func start() error {
	shared := flag.String("shared", os.Getenv("PENTIMENTO_SHARED"), "folder with images/ and images/masks/")
	only := flag.String("only", "", "only cases whose name contains this")
	each := flag.Bool("each", false, "print every case with the scores of its spoils, level by level")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	photos, err := load(ctx, *shared)
	if err != nil {
		return err
	}
	var rows []row
	err = judgetest.Each(ctx, photos, runner(), func(name string) bool { return strings.Contains(name, *only) }, func(c judgetest.Case) error {
		r, err := measure(ctx, c)
		if err != nil {
			return err
		}
		if *each {
			r.print(os.Stdout)
		} else {
			fmt.Fprintf(os.Stderr, "\r%d cases", len(rows)+1)
		}
		rows = append(rows, r)
		return nil
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	report(os.Stdout, rows)
	return nil
}
