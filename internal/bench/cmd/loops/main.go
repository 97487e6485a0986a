// Command loops times `agent run` over many photographs beside the plain loops that one would
// write in Python (ONNX Runtime, OpenCV) and for Node (onnxruntime-node, sharp): the same files,
// model, threads and JPEG settings, whole processes from start to end, contenders in turn. With -cores it
// times `agent run` on two cores beside itself on one. It prints the Markdown of docs/benchmarks.md.
// The loops (scripts/loops) are only for comparing; those that cannot be started are said to be absent.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"pentimento/internal/edit"
)

// settings are what the flags say.
type settings struct {
	agent, photos, models, work, scripts, python, node string
	count, side, rounds                                int
	cores                                              bool
	extra                                              []string // flags of agent run
	dir                                                string
}

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "loops:", err)
		os.Exit(1)
	}
}

func start() error {
	var s settings
	flag.StringVar(&s.agent, "agent", "bin/agent", "the program")
	flag.StringVar(&s.photos, "photos", "", "folder of photographs that are cut into as many as are asked for")
	flag.StringVar(&s.models, "models", "", "folder of the models")
	flag.StringVar(&s.work, "work", "style", "what is done: "+strings.Join(workNames(), ", "))
	flag.StringVar(&s.scripts, "scripts", "scripts/loops", "folder of the loops")
	flag.StringVar(&s.python, "python", "python3", "the Python that has onnxruntime and opencv")
	flag.StringVar(&s.node, "node", "node", "Node; NODE_MODULES names the folder whose node_modules has onnxruntime-node and sharp")
	flag.IntVar(&s.count, "count", 200, "photographs")
	flag.IntVar(&s.side, "side", 0, "longest side in pixels; 0: as the photographs are")
	flag.IntVar(&s.rounds, "rounds", 3, "rounds, each with every contender once")
	flag.BoolVar(&s.cores, "cores", false, "two cores beside one, instead of the loops")
	extra := flag.String("flags", "", "further flags of agent run")
	flag.Parse()
	s.extra = strings.Fields(*extra)
	w, ok := works[s.work]
	if !ok || s.photos == "" || s.models == "" || s.count < 1 || s.rounds < 1 {
		return &edit.UserError{Msg: "-photos, -models and one of the -work are needed, and at least one photograph and round", Hint: "loops -h"}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if s.agent, err = filepath.Abs(s.agent); err != nil {
		return err
	}
	if s.models, err = filepath.Abs(s.models); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "loops"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir) //nolint:errcheck // a leftover in the temporary folder harms nobody
	set, err := prepare(ctx, &s, w)
	if err != nil {
		return err
	}
	return compare(ctx, os.Stdout, &s, w, set)
}
