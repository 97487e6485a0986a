package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/simworld"
	"pentimento/internal/subroutines"
)

// LearningOptions says what is measured of learning from task to task.
type LearningOptions struct {
	World   *simworld.World // nil: the published one
	Tasks   int             // requests of each seed, at least 1
	Seeds   int             // at least 1
	Seed    int64           // the first of them
	Assumed float64         // quality of a step whose conditions do not hold, in [0,1]; 0: the first that the world assumes
	Alpha   float64         // the dial
	// Verify is how many seconds of tools verification may take after each mining; 0: DefaultVerify.
	Verify float64
}

// DefaultVerify are the seconds of tools that verification may take after each mining.
const DefaultVerify = 700

// The arms of the comparison, on the same requests with shared random draws.
const (
	LearnOurs   = "ours"   // the program, with subroutines
	LearnSlow   = "slow"   // the program without them: it searches lazily on what it learned
	LearnEager  = "eager"  // the published control flow, on the docs' estimates
	LearnOracle = "oracle" // the program with the true rules from the start
	LearnEqual  = "equal"  // the same without the rules that lose most quality against the slow path, so that it loses 0.005 at most
)

func learningArms() []string {
	return []string{LearnOurs, LearnSlow, LearnEager, LearnOracle, LearnEqual}
}

// lastTasks are those over which savings are measured, window those before a milestone over which fallback is.
const (
	lastTasks = 50
	window    = 20
)

// learningTask is what one arm did in one task.
type learningTask struct {
	subtasks, fast, failed int     // fast: done by a subroutine
	seconds                float64 // of tools
	truth                  float64 // sum over subtasks, 0 where one failed
	verify                 float64 // seconds of tools that verification took after it
}

// LearningProgress tells how far it is.
type LearningProgress struct{ Done, Of int } // arms of seeds

// RunLearning measures how the program learns from task to task.
func RunLearning(ctx context.Context, o LearningOptions, tell func(LearningProgress)) (LearningReport, error) {
	if o.Tasks < 1 || o.Seeds < 1 {
		return LearningReport{}, edit.Userf("%d tasks and %d seeds: at least one of each is needed", o.Tasks, o.Seeds)
	}
	if o.World == nil {
		o.World = simworld.Published()
	}
	if len(o.World.Requests.Tasks) == 0 {
		return LearningReport{}, edit.Userf("nothing is asked for in the world %q: it has no requests", o.World.Name)
	}
	if o.Assumed == 0 && len(o.World.Assumed.Otherwise) > 0 {
		o.Assumed = o.World.Assumed.Otherwise[0]
	}
	if o.Verify == 0 {
		o.Verify = DefaultVerify
	}
	runs, err := runLearningArms(ctx, &o, tell)
	if err != nil {
		return LearningReport{}, err
	}
	report := LearningReport{Event: "done", Tasks: o.Tasks, Seeds: o.Seeds, Seed: o.Seed, Assumed: o.Assumed, Alpha: o.Alpha}
	report.fill(slices.Collect(slices.Chunk(runs, len(learningArms()))))
	return report, nil
}

// runLearningArms drives all arms through all seeds; the runs come by seed, then by arm. The last
// arm waits for the others: what it may do hangs on what the slow path came to.
func runLearningArms(ctx context.Context, o *LearningOptions, tell func(LearningProgress)) ([]learningRun, error) {
	arms := learningArms()
	runs, free := make([]learningRun, o.Seeds*len(arms)), len(arms)-1
	do := func(ctx context.Context, seed, arm int) (err error) {
		var rules []*subroutines.Subroutine
		if arm == free {
			slow := runs[seed*len(arms)+slices.Index(arms, LearnSlow)]
			rules = equalRules(trueRules(o.World, o.Assumed), slow.seen, o.Alpha)
		}
		if runs[seed*len(arms)+arm], err = runLearningArm(ctx, o, o.Seed+int64(seed), arms[arm], rules); err != nil {
			return fmt.Errorf("seed %d, %s: %w", o.Seed+int64(seed), arms[arm], err)
		}
		return nil
	}
	before := 0
	told := func(p LearningProgress) {
		if tell != nil {
			tell(LearningProgress{before + p.Done, len(runs)})
		}
	}
	if err := eachRun(ctx, o.Seeds*free, func(ctx context.Context, i int) error { return do(ctx, i/free, i%free) }, told); err != nil {
		return nil, err
	}
	before = o.Seeds * free
	return runs, eachRun(ctx, o.Seeds, func(ctx context.Context, i int) error { return do(ctx, i, free) }, told)
}

// eachRun does all of n runs, as many at a time as there are processors; the first error ends it.
func eachRun(ctx context.Context, n int, run func(ctx context.Context, i int) error, tell func(LearningProgress)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var lock sync.Mutex
	var first error
	next, done := 0, 0
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				lock.Lock()
				i := next
				next++
				lock.Unlock()
				if i >= n || ctx.Err() != nil {
					return
				}
				err := run(ctx, i)
				lock.Lock()
				done++
				switch {
				case err != nil:
					if first == nil {
						first = err
					}
					stop()
				case tell != nil:
					tell(LearningProgress{done, n})
				}
				lock.Unlock()
			}
		})
	}
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}
