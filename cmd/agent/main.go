// Command agent edits images from requests in plain words: it plans, searches
// the optimal toolpath, runs it and says what was done.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
)

// version is set at build time by the Makefile.
var version = "dev"

func main() {
	os.Exit(run())
}

// run is main without the exit; testscript calls it too.
func run() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx, stop := withInterrupts(ctx, cancel)
	defer stop()
	s := systemStreams()
	root := newRoot(s)
	err := fang.Execute(ctx, root,
		fang.WithVersion(version),
		fang.WithErrorHandler(func(_ io.Writer, _ fang.Styles, err error) { report(s, root, err) }),
	)
	if err == nil {
		return int(exitOK)
	}
	return int(codeOf(plain(err)))
}

// report prints the error of a command: to standard error for people, and as
// an event on standard output where --json was given.
func report(s *streams, root *cobra.Command, err error) {
	err = plain(err)
	if err.Error() == "" {
		return
	}
	asJSON, _ := root.PersistentFlags().GetBool("json")
	if asJSON || slices.Contains(os.Args, "--json") { // flags after a wrong one were not read
		_ = s.json(map[string]any{"event": "error", "message": err.Error(), "code": int(codeOf(err))})
		return
	}
	_, _ = fmt.Fprintln(s.err, s.red("agent:"), err)
	var usage usageError
	if errors.As(err, &usage) {
		cmd, _, _ := root.Find(os.Args[1:])
		_, _ = fmt.Fprintln(s.err, s.faint("see: "+cmd.CommandPath()+" --help"))
	}
}

// plain words a stop as a person would.
func plain(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return codeError{exitCancelled, "stopped by you"}
	case errors.Is(err, context.DeadlineExceeded):
		return codeError{exitBudget, "the time limit was reached"}
	}
	if strings.HasPrefix(err.Error(), "unknown command") {
		return usageError{err}
	}
	return err
}

func newRoot(s *streams) *cobra.Command {
	opts := &options{settings: settingsOnce()}
	root := &cobra.Command{
		Use:   "agent",
		Short: "Edit images from requests in plain words",
		Long: "agent splits a request into subtasks, finds for each the toolpath that is cheapest for its quality,\n" +
			"runs it with built-in tools and ONNX models, and says what was done. The original is never written to.",
		Example: `  agent edit street.jpg "recolor the red car to teal, then remove the bench" -o out.png
  agent plan street.jpg "remove all people" > plan.json
  agent run plan.json
  agent doctor`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		msg, _, _ := strings.Cut(err.Error(), ": strconv.") // Go's own words help nobody
		return usageError{errors.New(msg)}
	})
	f := root.PersistentFlags()
	f.BoolVar(&opts.json, "json", false, "print one JSON object per line, each with an event")
	f.StringVar(&opts.device, "device", "auto", "where models run: auto, cpu, cuda, webgpu, coreml or directml")
	f.StringVar(&opts.ortLib, "ort-lib", "", "file of ONNX Runtime's shared library, for GPU builds")
	f.StringVar(&opts.toolDocs, "tooldocs", "", "folder of your own tool docs, overlaying the shipped ones")
	f.StringVar(&opts.models, "models", "", "folder of model files")
	root.AddCommand(
		newEdit(s, opts), newPlan(s, opts), newRun(s, opts), newWorker(s, opts), newShow(s, opts), newReplay(s, opts),
		newTools(s, opts), newModels(s, opts), newBench(s, opts), newDoctor(s, opts),
		newTraces(s, opts), newCalibrate(s, opts), newSubroutines(s, opts), newSessions(s, opts), newConfig(s, opts),
	)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return applySettings(cmd, opts) }
	return root
}

// args checks the number of arguments as a usage error that shows the form.
func args(n int, form string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if len(got) != n {
			err := fmt.Errorf("%s takes %s, got %d arguments", cmd.CommandPath(), form, len(got))
			if n > 1 && len(got) > n {
				err = fmt.Errorf("%w (put what holds spaces in quotes)", err)
			}
			return usageError{err}
		}
		return nil
	}
}

// group makes cmd one that only holds others: alone it shows its help, and a
// word that names none of them is an error.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, got []string) error {
		if len(got) > 0 {
			return usageError{fmt.Errorf("unknown command %q for %q", got[0], cmd.CommandPath())}
		}
		return cmd.Help()
	}
	return cmd
}
