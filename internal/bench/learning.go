package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/simworld"
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
)

func learningArms() []string { return []string{LearnOurs, LearnSlow, LearnEager, LearnOracle} }

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
	arms := learningArms()
	runs := make([]learningRun, o.Seeds*len(arms))
	if err := eachRun(ctx, len(runs), func(ctx context.Context, i int) (err error) {
		seed, arm := o.Seed+int64(i/len(arms)), arms[i%len(arms)]
		if runs[i], err = runLearningArm(ctx, &o, seed, arm); err != nil {
			return fmt.Errorf("seed %d, %s: %w", seed, arm, err)
		}
		return nil
	}, tell); err != nil {
		return LearningReport{}, err
	}
	report := LearningReport{Event: "done", Tasks: o.Tasks, Seeds: o.Seeds, Seed: o.Seed, Assumed: o.Assumed, Alpha: o.Alpha}
	report.fill(slices.Collect(slices.Chunk(runs, len(arms))))
	return report, nil
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
