package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/config"
	"pentimento/internal/farm"
)

// farmFlags say where pictures are carried out elsewhere.
type farmFlags struct{ engine, storage string }

const farmAddress = "temporal://127.0.0.1:7233"

func (f *farmFlags) add(fl *pflag.FlagSet, engine, use string) {
	fl.StringVar(&f.engine, "engine", engine, use)
	f.addStorage(fl)
}

func (f *farmFlags) addStorage(fl *pflag.FlagSet) {
	fl.StringVar(&f.storage, "storage", "", "folder that this machine and the workers share, or s3://BUCKET/PREFIX; left out: farm in the data folder, for workers on this machine")
}

// open reads the address of the server and opens the storage.
func (f *farmFlags) open(ctx context.Context) (farm.Address, farm.Storage, error) {
	a, err := farm.ParseAddress(f.engine)
	if err != nil {
		return a, nil, usageError{fmt.Errorf("--engine: %w", err)}
	}
	s, err := openStorage(ctx, f.storage)
	return a, s, err
}

// openStorage opens the storage at an address; "" is that of workers on this machine.
func openStorage(ctx context.Context, address string) (farm.Storage, error) {
	if address == "" {
		dirs, err := config.Find(os.Getenv)
		if err != nil {
			return nil, err
		}
		address = filepath.Join(dirs.Data, "farm")
	}
	return farm.Open(ctx, address, os.Getenv)
}

// dial connects a run with the server, where the plan is not run on this machine.
func (p *planRun) dial(ctx context.Context) error {
	f := &p.flags.farm
	if f.engine == "" && f.storage != "" {
		return usageError{errors.New("--storage is for runs beyond this machine: say which server with --engine, or leave it out")}
	}
	if f.engine == "" || p.flags.dryRun {
		return nil
	}
	a, storage, err := f.open(ctx)
	if err != nil {
		return err
	}
	fm := &farm.Farm{Storage: storage, Notice: func(text string) { p.view.note(text) }}
	if p.flags.fresh {
		fm.Again = time.Now().UTC().Format(time.RFC3339Nano)
	}
	if err := fm.Dial(ctx, a); err != nil {
		return err
	}
	p.farm = fm
	return nil
}

// onFarm has a runner's items carried out by workers.
func (p *planRun) onFarm(ctx context.Context, r *batch.Runner) error {
	k, err := p.kit(ctx, p.items[0].Spec.Device)
	if err != nil {
		return err
	}
	p.farm.Make, p.farm.Engine = farm.Make(version, k.Engine), k.Engine
	versions := r.Versions
	p.farm.Versions = func(ctx context.Context, device string) string { return versions(ctx, p.spoken(device)) }
	r.Editor = func(device string) (batch.Editor, error) {
		if device == "" {
			device = p.opts.device
		}
		return p.farm.Editor(device), nil
	}
	r.Remote = true
	if p.flags.jobs == 0 {
		r.AtOnce = max(1, min(farmAtOnce, len(p.items)))
	}
	return nil
}

// farmAtOnce is how many pictures are handed to the workers at a time where --jobs does not say.
const farmAtOnce = 64

// spoken is a device as the items of the plan name it: "" for the command's own.
func (p *planRun) spoken(device string) string {
	if device == p.opts.device {
		return ""
	}
	return device
}

func newWorker(s *streams, opts *options) *cobra.Command {
	var f farmFlags
	var kind string
	var jobs, gpuJobs int
	var b storageBounds
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Carry out pictures that agent run hands to a Temporal server",
		Long: "worker takes pictures from a queue of a Temporal server and carries them out, until it is stopped: ctrl-c once finishes those\n" +
			"under way, twice hands them to other workers (docs/batch.md). The queue cpu holds pictures whose models run on the CPU,\n" +
			"gpu those for which agent run or the plan names another device. A worker is handed pictures by commands of its own\n" +
			"version and tool docs only. Models must be installed; a language model is not needed, since requests are planned before.",
		Example: "  agent worker --queue cpu\n  agent worker --queue gpu --engine temporal://farm:7233/pictures --storage s3://bucket/farm",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case !slices.Contains(farm.Kinds, kind):
				return usageError{fmt.Errorf("--queue %s is none of %s", kind, strings.Join(farm.Kinds, ", "))}
			case jobs < 0 || jobs > 1024:
				return usageError{fmt.Errorf("--jobs %d is outside 0..1024", jobs)}
			case gpuJobs < 0 || gpuJobs > 64:
				return usageError{fmt.Errorf("--gpu-jobs %d is outside 0..64", gpuJobs)}
			}
			if jobs == 0 {
				jobs = runtime.GOMAXPROCS(0)
			}
			bounds, err := b.bounds()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), s, opts, &f, kind, jobs, gpuJobs, bounds)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&kind, "queue", "cpu", "cpu or gpu")
	fl.IntVar(&jobs, "jobs", 0, "pictures worked on at once; 0: one a core")
	fl.IntVar(&gpuJobs, "gpu-jobs", 0, "models that compute on a GPU at once; 0: two")
	f.add(fl, farmAddress, "Temporal server, temporal://HOST:PORT/NAMESPACE")
	b.add(fl)
	cmd.AddCommand(newWorkerGC(s, opts))
	return cmd
}

// serve runs a worker.
func serve(ctx context.Context, s *streams, opts *options, f *farmFlags, kind string, jobs, gpuJobs int, bounds farm.Bounds) error {
	address, storage, err := f.open(ctx)
	if err != nil {
		return err
	}
	kits := &workerKits{opts: *opts, storage: storage, kits: make(map[string]*agent.Kit)}
	kits.opts.threads, kits.opts.atOnce, kits.opts.atOnceGPU = max(1, runtime.GOMAXPROCS(0)/jobs), jobs, gpuJobs
	defer kits.close()
	k, err := kits.of(opts.device)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	tell := func(format string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		text := fmt.Sprintf(format, a...)
		if opts.json {
			_ = s.json(map[string]any{"event": "worker", "message": text})
			return
		}
		_, _ = fmt.Fprintln(s.err, text)
	}
	w := &farm.Worker{
		Address: address, Kind: kind, Make: farm.Make(version, k.Engine), Name: fmt.Sprintf("%s:%d", host, os.Getpid()),
		Storage: storage, Kit: kits.of, Scratch: filepath.Join(k.Options.Dirs.Cache, "farm"), AtOnce: jobs, Bounds: bounds, Tell: tell,
	}
	stop := make(chan struct{})
	onFirstInterrupt(ctx, func() {
		tell("the pictures under way are finished; ctrl-c again hands them to other workers")
		close(stop)
	})
	tell("worker %s serves %s at %s, %d at once (version and tool docs %s, storage %s)", w.Name, kind, address, jobs, w.Make, storage)
	return w.Run(ctx, stop)
}

// workerKits are a worker's kits by device, each opened when a picture first asks for it.
type workerKits struct {
	opts    options
	storage farm.Storage
	mu      sync.Mutex
	kits    map[string]*agent.Kit
}

func (w *workerKits) of(device string) (*agent.Kit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.kits[device]; k != nil {
		return k, nil
	}
	opts := w.opts
	opts.device = device
	k, err := open(&opts)
	if err != nil {
		return nil, err
	}
	k.Options.Calls = farm.Calls{Storage: w.storage}
	k.Options.Planning.Mode = agent.PlanGrammar
	w.kits[device] = k
	return k, nil
}

func (w *workerKits) close() {
	for _, k := range w.kits {
		k.Close()
	}
}
