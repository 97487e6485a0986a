package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/farm"
)

// runFlags are those of agent run.
type runFlags struct {
	by                                      plannerFlags
	farm                                    farmFlags
	jobs, gpuJobs, maxFailures              int
	report                                  string
	sheets                                  []string
	frozen, fresh, noLearning, forget       bool
	noSubroutines                           bool
	dryRun, schema, stripMetadata, noRecipe bool
	maxSeconds, maxUSD                      float64
}

func newRun(s *streams, opts *options) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run PLAN.json",
		Short: "Run the jobs of a plan file",
		Long: "run edits every picture of a plan file (docs/batch.md). Everything is checked before anything runs: the plan, the files, tools\n" +
			"and models, room on the disk; two results in one file, or a result over an input, are refused. A picture that fails does\n" +
			"not stop the others; the exit code is then 3.\n\n" +
			"Progress outlives the process: after ctrl-c, a crash or a full disk the same command does what is missing, and only that.\n" +
			"A picture counts as done while its input, the request, the tools and models that made it, and the bytes of its result are as\n" +
			"they were. ctrl-c once finishes the pictures under way, twice stops them.\n\n" +
			"PLAN.json may be a report: what failed is then run again. - reads a plan from standard input.",
		Example: "  agent run plan.json\n  agent run plan.json --frozen --sheet sheet.html\n  agent run plan.json --engine temporal://127.0.0.1:7233 --storage /mnt/farm\n  agent run plan.json --report report.json || agent run report.json\n  agent run --schema > plan.schema.json",
		Args: func(cmd *cobra.Command, a []string) error {
			if f.schema {
				return nil
			}
			return args(1, "PLAN.json")(cmd, a)
		},
		RunE: func(cmd *cobra.Command, a []string) error {
			if f.schema {
				b, err := batch.Schema()
				if err == nil {
					s.printf("%s\n", b)
				}
				return err
			}
			return runPlan(cmd.Context(), s, opts, &f, a[0])
		},
	}
	fl := cmd.Flags()
	f.by.add(fl)
	f.by.addVision(fl)
	fl.IntVar(&f.jobs, "jobs", 0, "pictures worked on at once; 0: one a core, as far as the memory holds them")
	fl.IntVar(&f.gpuJobs, "gpu-jobs", 0, "models that compute on a GPU at once; 0: two")
	fl.StringVar(&f.report, "report", "", "write the report to this file too")
	fl.StringArrayVar(&f.sheets, "sheet", nil, "write a contact sheet, before and after, to this .html or .png file; repeatable")
	fl.BoolVar(&f.frozen, "frozen", false, "rank the toolpaths of all pictures, of this run and those that resume it, by the estimates and rules of one moment")
	fl.BoolVar(&f.fresh, "fresh", false, "do every picture again, done or not, and take the estimates of --frozen anew")
	fl.BoolVar(&f.noSubroutines, "no-subroutines", false, "search the toolpath of every subtask, use no mined one")
	fl.BoolVar(&f.noLearning, "no-learning", false, "mine and verify no subroutines between pictures")
	fl.BoolVar(&f.forget, "no-memory", false, "use no stored results or estimates, and store none")
	fl.IntVar(&f.maxFailures, "max-failures", 0, "begin no picture once so many have failed (exit code 10); 0: no limit")
	fl.Float64Var(&f.maxSeconds, "max-seconds", 0, "begin no picture after so many seconds (exit code 10); 0: no limit")
	fl.Float64Var(&f.maxUSD, "max-usd", -1, "spend at most so many dollars in all (exit code 10); negative: no limit")
	fl.BoolVar(&f.dryRun, "dry-run", false, "validate, plan and search; write nothing")
	fl.BoolVar(&f.stripMetadata, "strip-metadata", false, "write no EXIF, GPS, XMP or recipe, whatever the plan says")
	fl.BoolVar(&f.noRecipe, "no-recipe", false, "write no recipes, whatever the plan says")
	f.farm.add(fl, "", "hand the pictures to workers by way of this Temporal server, temporal://HOST:PORT/NAMESPACE; left out: work here")
	fl.BoolVar(&f.schema, "schema", false, "print the JSON Schema of plan files")
	return cmd
}

func (f *runFlags) check(opts *options) error {
	switch {
	case f.jobs < 0 || f.jobs > 1024:
		return usageError{fmt.Errorf("--jobs %d is outside 0..1024", f.jobs)}
	case f.gpuJobs < 0 || f.gpuJobs > 64:
		return usageError{fmt.Errorf("--gpu-jobs %d is outside 0..64", f.gpuJobs)}
	case f.maxFailures < 0:
		return usageError{fmt.Errorf("--max-failures %d is negative", f.maxFailures)}
	case !(f.maxSeconds >= 0 && f.maxSeconds <= 1e9):
		return usageError{fmt.Errorf("--max-seconds %v is outside 0..1000000000", f.maxSeconds)}
	case !(f.maxUSD <= 1e6):
		return usageError{fmt.Errorf("--max-usd %v is above 1000000", f.maxUSD)}
	}
	for _, path := range f.sheets {
		if ext := strings.ToLower(filepath.Ext(path)); ext != ".html" && ext != ".png" {
			return usageError{fmt.Errorf("--sheet %s: a sheet is a .html or a .png file", path)}
		}
	}
	for _, path := range append(f.sheets, f.report) {
		if st, err := os.Stat(filepath.Dir(path)); path != "" && (err != nil || !st.IsDir()) {
			return usageError{fmt.Errorf("the folder of %s does not exist", path)}
		}
	}
	return opts.check()
}

// planRun is a run of a plan from its file to its report.
type planRun struct {
	s       *streams
	opts    *options
	flags   *runFlags
	path    string
	plan    batch.Plan
	items   []batch.Item
	journal *batch.Journal
	kits    map[string]*agent.Kit
	jobs    int
	view    *runView
	farm    *farm.Farm // nil: the pictures are worked on here
	spent   float64    // seconds of tools
	learned float64    // seconds of verification
}

// heapFloor is counted as in use by the collector of garbage and never touched, so that it takes no memory: beside
// the few megabytes that a batch holds, collecting after as many again costs more than some garbage lying about.
const heapFloor = 64 << 20

func runPlan(ctx context.Context, s *streams, opts *options, f *runFlags, path string) (err error) {
	if err := f.check(opts); err != nil {
		return err
	}
	floor := make([]byte, heapFloor)
	defer runtime.KeepAlive(floor)
	p := &planRun{s: s, opts: opts, flags: f, path: path, kits: make(map[string]*agent.Kit)}
	defer func() {
		for _, k := range p.kits {
			k.Close()
		}
		if p.farm != nil {
			p.farm.Close()
		}
		if p.journal != nil {
			err = errors.Join(err, p.journal.Close())
		}
	}()
	if err := p.read(ctx); err != nil {
		return err
	}
	if err := p.dial(ctx); err != nil {
		return err
	}
	prepared, err := p.prepare(ctx)
	if err != nil {
		return err
	}
	r, err := p.runner(ctx, prepared)
	if err != nil {
		return err
	}
	p.view.begin(p)
	report, err := r.Run(ctx, p.items)
	report.Plan = path
	report.USD += prepared.USD
	if plain := p.conclude(ctx, report); plain != nil && err == nil {
		err = plain
	}
	if err != nil {
		return err
	}
	return asError(runCode(report))
}

// read reads the plan and lists its items; the journal of earlier runs says which files are their results.
func (p *planRun) read(ctx context.Context) error {
	r, dir := p.s.in, "."
	if p.path != "-" {
		file, err := os.Open(p.path)
		if err != nil {
			return &edit.UserError{Msg: "the plan cannot be opened", Err: err}
		}
		defer func() { _ = file.Close() }()
		r, dir = file, filepath.Dir(p.path)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("reading plan %s: %w", p.path, err)
	}
	if p.plan, err = batch.Read(p.path, strings.NewReader(string(text))); err != nil {
		return err
	}
	if p.journal, err = p.openJournal(ctx, text); err != nil {
		return err
	}
	if p.items, err = p.plan.Items(dir, p.journal.Made); err != nil {
		return p.named(err)
	}
	for i := range p.items {
		spec := &p.items[i].Spec
		spec.StripMetadata = spec.StripMetadata || p.flags.stripMetadata
		spec.NoRecipe = spec.NoRecipe || p.flags.noRecipe
		if spec.Device == p.opts.device {
			spec.Device = ""
		}
	}
	return nil
}

// named puts the plan's name into what is wrong with it.
func (p *planRun) named(err error) error {
	var invalid *batch.Invalid
	if errors.As(err, &invalid) {
		invalid.Path = p.path
	}
	return err
}

// openJournal opens the folder of the plan's progress: a plan is known by where its file lies, one from
// standard input by its text and the folder.
func (p *planRun) openJournal(ctx context.Context, text []byte) (*batch.Journal, error) {
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Abs(p.path)
	if p.path == "-" {
		name, err = filepath.Abs(".")
		name += "\n" + string(text)
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(name))
	return batch.OpenJournal(ctx, filepath.Join(dirs.Data, "jobs", hex.EncodeToString(sum[:8])))
}

// prepare checks the rest of what the run needs before it begins.
func (p *planRun) prepare(ctx context.Context) (*batch.Prepared, error) {
	room, err := batch.Measure(ctx, p.items)
	if err != nil {
		return nil, err
	}
	if short := room.Short(); len(short) > 0 && !p.flags.dryRun {
		return nil, &edit.UserError{Msg: strings.Join(short, "\n"), Hint: "free some space, or write elsewhere"}
	}
	if p.jobs = p.flags.jobs; p.jobs == 0 {
		p.jobs = room.Jobs()
	}
	p.jobs = max(1, min(p.jobs, len(p.items)))
	p.view = newRunView(p.s, p.opts.json, len(p.items) == 1)
	prepared, err := batch.Prepare(ctx, func(device string) (*agent.Kit, error) { return p.kit(ctx, device) }, p.items)
	return prepared, p.named(err)
}

// kit is the one of a device, opened once.
func (p *planRun) kit(ctx context.Context, device string) (*agent.Kit, error) {
	if k := p.kits[device]; k != nil {
		return k, nil
	}
	opts := *p.opts
	if device != "" {
		opts.device = device
	}
	opts.threads, opts.atOnce, opts.atOnceGPU = max(1, runtime.GOMAXPROCS(0)/p.jobs), p.jobs, p.flags.gpuJobs
	k, err := openPlanned(ctx, &opts, &p.flags.by)
	if err != nil {
		return nil, err
	}
	if p.farm != nil { // the pictures that traces name lie where the workers kept them
		k.Options.Calls = farm.Calls{Storage: p.farm.Storage}
	}
	if k.Options.Forget = p.flags.forget; !p.flags.forget {
		if err := k.OpenStore(ctx, p.view.note); err != nil {
			p.view.note(fmt.Sprintf("nothing of these edits is remembered: %v", err))
			k.Options.Forget = true
		}
	}
	p.kits[device] = k
	return k, nil
}

// runner puts the run together.
func (p *planRun) runner(ctx context.Context, prepared *batch.Prepared) (*batch.Runner, error) {
	f := p.flags
	versions := make(map[string]*agent.Versions)
	for device, k := range p.kits {
		versions[device] = k.Versions()
	}
	r := &batch.Runner{
		Editor: func(device string) (batch.Editor, error) { return p.kits[device], nil },
		Versions: func(ctx context.Context, device string, tools ...string) string {
			return versions[device].Of(ctx, tools...)
		},
		Journal: p.journal, AtOnce: p.jobs, DryRun: f.dryRun, NoSubroutines: f.noSubroutines, Planned: prepared.Planned, Limits: p.limits(prepared.USD),
		Now: time.Now, After: time.After, Emit: p.view.event, Ended: p.ended,
	}
	if bounded := slices.ContainsFunc(p.items, func(it batch.Item) bool { return it.Spec.MaxSeconds > 0 }); !bounded && p.farm == nil && r.Limits == (batch.Limits{}) {
		r.Ahead = 1 // a limit counts pictures that were begun, and seconds at work
	}
	if p.farm != nil {
		if err := p.onFarm(ctx, r); err != nil {
			return nil, err
		}
	}
	stop := make(chan struct{})
	r.Stop = stop
	onFirstInterrupt(ctx, func() {
		p.view.note("the pictures under way are finished; ctrl-c again stops at once")
		close(stop)
	})
	if f.fresh && !f.dryRun {
		if err := p.journal.Forget(ctx); err != nil {
			return nil, err
		}
	}
	if f.frozen {
		var err error
		if r.Frozen, err = p.snapshot(ctx); err != nil {
			return nil, err
		}
	}
	if !f.frozen && !f.noLearning && !f.forget && !f.dryRun {
		r.Learn, r.LearnAfter = p.learn, learnAfter
	}
	return r, nil
}

// limits are the plan's, unless a flag says otherwise.
func (p *planRun) limits(spent float64) batch.Limits {
	var l batch.Limits
	if p.plan.Limits != nil {
		l = *p.plan.Limits
	}
	if p.flags.maxSeconds > 0 {
		l.Seconds = p.flags.maxSeconds
	}
	if p.flags.maxFailures > 0 {
		l.Failures = p.flags.maxFailures
	}
	if p.flags.maxUSD >= 0 {
		l.USD = &p.flags.maxUSD
	}
	if l.USD != nil {
		rest := max(0, *l.USD-spent)
		l.USD = &rest
	}
	return l
}

// snapshot is what frozen runs of the plan rank by: kept at the first, so that those that resume it rank alike.
func (p *planRun) snapshot(ctx context.Context) (*agent.Snapshot, error) {
	kept, err := p.journal.Snapshot()
	if err != nil {
		return nil, err
	}
	if len(kept) > 0 {
		return agent.ReadSnapshot(kept)
	}
	k, err := p.kit(ctx, p.items[0].Spec.Device)
	if err != nil {
		return nil, err
	}
	s, err := k.Engine.Snapshot(ctx)
	if err != nil || p.flags.dryRun {
		return s, err
	}
	text, err := s.JSON()
	if err != nil {
		return nil, err
	}
	return s, p.journal.KeepSnapshot(ctx, text)
}
