package learn

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/subroutines/trial"
)

// This file tries toolpaths on pictures that the search did not try them on.
// The search turns to a path after others failed, or never: what traces tell of
// it is of pictures chosen by that. A sample of pictures that was chosen by
// nothing tells what it is good for.

const (
	// sample is how many pictures of a task type each toolpath is known on, and
	// large how many where the budget suffices for that after all.
	sample, large = 20, 60
	// worthwhile is the share of f that a path must save where it passes to be explored.
	worthwhile = 0.1
)

// exploredKey begins the statistics that hold the steps of explored paths by trace and path.
const exploredKey = "explored/"

// explored are the steps of paths that were tried on a trace's picture, by trace id and path.
type explored map[int64]map[string][]store.Step

// beside are those of one trace, in a fixed order.
func (e explored) beside(id int64) (all [][]store.Step) {
	for _, key := range slices.Sorted(maps.Keys(e[id])) {
		all = append(all, e[id][key])
	}
	return all
}

func (e explored) add(id int64, path string, steps []store.Step) {
	if e[id] == nil {
		e[id] = make(map[string][]store.Step)
	}
	e[id][path] = steps
}

// tried reads what was explored. What cannot be read is tried again.
func (l *Learner) tried(ctx context.Context) (explored, error) {
	all, err := l.Engine.Store.Statistics(ctx, exploredKey)
	out := make(explored)
	for key, text := range all {
		var id int64
		var path string
		var steps []store.Step
		if n, _ := fmt.Sscanf(key, exploredKey+"%d/%s", &id, &path); n == 2 && json.Unmarshal(text, &steps) == nil {
			out.add(id, path, steps)
		}
	}
	return out, err
}

// pathKnown is what the traces of a task type tell of one toolpath.
type pathKnown struct {
	path    subroutines.Path
	key     string
	tries   int
	seconds float64 // of all tries; of one, as the doc says, where there are none
	on      map[int64]bool
	field   *field // that it is tried on
}

// value is f of one try that passes.
func (p *pathKnown) value(o mine.Options) float64 {
	return trial.Arm{Seconds: p.each(), Quality: 1}.Value(o.Alpha)
}

// field is one task type's pictures and paths.
type field struct {
	pictures []replay // to find rules on, in an order that has nothing to do with what became of them
	value    float64  // sum of f of the attempts
	n        float64
	paths    map[string]*pathKnown
}

// Explore tries the toolpaths that completed a task type, or were meant to, on a
// sample of its pictures, until the budget in seconds of tools is spent. It
// returns the seconds spent. Mining takes what came of it into account.
func (l *Learner) Explore(ctx context.Context, budget float64) (spent float64, err error) {
	done, err := l.tried(ctx)
	if err != nil {
		return 0, err
	}
	fields, err := l.fields(ctx)
	if err != nil {
		return 0, err
	}
	paths := promising(fields, l.Options)
	for _, size := range [...]int{sample, large} {
		for _, p := range paths {
			for _, c := range p.field.pictures[:min(size, len(p.field.pictures))] {
				if spent >= budget {
					return spent, nil
				}
				if p.on[c.trace.ID] || done[c.trace.ID][p.key] != nil {
					continue
				}
				p.on[c.trace.ID] = true
				seconds, err := l.explore(ctx, p, c)
				spent += seconds
				if err != nil {
					return spent, err
				}
			}
		}
	}
	return spent, nil
}

// promising are the paths that are worth exploring, those first that would save
// most, were they always to pass, for a second of trying.
func promising(fields map[string]*field, o mine.Options) (all []*pathKnown) {
	promise := make(map[*pathKnown]float64)
	for _, task := range slices.Sorted(maps.Keys(fields)) {
		f := fields[task]
		for _, p := range f.worth(o) {
			p.field = f
			promise[p] = (f.value - f.n*p.value(o)) / max(p.each(), edit.MinSeconds)
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *pathKnown) int { return cmp.Compare(promise[b], promise[a]) })
	return all
}

// fields reads the traces.
func (l *Learner) fields(ctx context.Context) (map[string]*field, error) {
	out := make(map[string]*field)
	seen := make(map[string]bool)
	_, err := l.each(ctx, "", func(t store.Trace) {
		c, ok := replayOf(&t)
		if !ok || t.Shown || seen[c.key] || t.Outcome != edit.StatusDone && t.Outcome != edit.StatusFailed {
			return
		}
		seen[c.key] = true
		f := out[t.Subtask.Task]
		if f == nil {
			f = &field{paths: make(map[string]*pathKnown)}
			out[t.Subtask.Task] = f
		}
		quality := 0.0
		if t.Outcome == edit.StatusDone && t.Quality.Measured() {
			quality = float64(t.Quality)
		}
		f.value += trial.Arm{Seconds: t.Seconds, Quality: quality}.Value(l.Options.Alpha)
		f.n++
		f.pictures = append(f.pictures, c)
		for n, s := range t.Steps {
			if l.claims(s.Tool, t.Subtask.Task) && s.Verdict != store.Unjudged {
				f.enter(&t, n)
			}
		}
	})
	for task, f := range out {
		l.swap(f, task)
		slices.SortFunc(f.pictures, func(a, b replay) int { return cmp.Compare(a.key, b.key) })
	}
	return out, err
}

// swap adds paths that were never tried: the one tried most with one of its
// tools replaced by another that takes the same and makes the same. The last must claim the task.
func (l *Learner) swap(f *field, task string) {
	var most *pathKnown
	for _, key := range slices.Sorted(maps.Keys(f.paths)) {
		if p := f.paths[key]; most == nil || p.tries > most.tries {
			most = p
		}
	}
	if most == nil {
		return
	}
	for n, step := range most.path {
		old := l.spec(step.Tool)
		for i := range l.Engine.Specs {
			spec := &l.Engine.Specs[i]
			if spec.Name == step.Tool || !l.alike(step.Tool, spec.Name) || n == len(most.path)-1 && !l.claims(spec.Name, task) {
				continue
			}
			path := slices.Clone(most.path)
			path[n] = subroutines.PathStep{Tool: spec.Name, Inputs: step.Inputs}
			if key := pathKey(task, path); f.paths[key] == nil {
				f.paths[key] = &pathKnown{path: path, key: key, on: make(map[int64]bool), seconds: most.each() + spec.Cost.Seconds - old.Cost.Seconds}
			}
		}
	}
}

// spec is a tool's doc; nil where it is not installed.
func (l *Learner) spec(tool string) *edit.ToolSpec {
	if i := slices.IndexFunc(l.Engine.Specs, func(s edit.ToolSpec) bool { return s.Name == tool }); i >= 0 {
		return &l.Engine.Specs[i]
	}
	return nil
}

// alike reports whether one tool may stand for another: both are installed, take the same and make the same.
func (l *Learner) alike(tool, other string) bool {
	a, b := l.spec(tool), l.spec(other)
	return a != nil && b != nil && slices.Equal(slots(a.Inputs), slots(b.Inputs)) && slices.Equal(slots(a.Outputs), slots(b.Outputs))
}

// slots are those of some ports, sorted.
func slots(ports []edit.Port) (all []string) {
	for _, p := range ports {
		all = append(all, p.Slot())
	}
	slices.Sort(all)
	return all
}

// each is what one try takes, in seconds.
func (p *pathKnown) each() float64 { return p.seconds / float64(max(p.tries, 1)) }

// pathKey names a path of a task in few letters.
func pathKey(task string, path subroutines.Path) string {
	sum := sha256.Sum256([]byte((&subroutines.Subroutine{Task: task, Path: path}).Key()))
	return hex.EncodeToString(sum[:8])
}

// claims reports whether a tool's doc says that it completes the task.
func (l *Learner) claims(tool, task string) bool {
	return slices.ContainsFunc(l.Engine.Specs, func(s edit.ToolSpec) bool {
		return s.Name == tool && slices.ContainsFunc(s.Tasks, func(c edit.TaskClaim) bool { return c.Task == task })
	})
}

// enter adds an attempt at a path.
func (f *field) enter(t *store.Trace, n int) {
	path, err := mine.PathOf(t.Steps, n)
	if err != nil {
		return
	}
	key := pathKey(t.Subtask.Task, path)
	p := f.paths[key]
	if p == nil {
		p = &pathKnown{path: path, key: key, on: make(map[int64]bool)}
		f.paths[key] = p
	}
	p.tries++
	p.on[t.ID] = true
	for _, s := range t.Steps {
		if slices.ContainsFunc(path, func(c subroutines.PathStep) bool { return c.Call().ID() == s.Call }) {
			p.seconds += s.Seconds
		}
	}
}

// worth are the paths to be explored: where a pass of one would save something,
// and of those that end in the same call and take about as long the one tried most.
func (f *field) worth(o mine.Options) (out []*pathKnown) {
	if int(f.n) < o.Least || len(f.paths) < 2 { // where there is one way there is nothing to choose
		return nil
	}
	all := make([]*pathKnown, 0, len(f.paths))
	for _, key := range slices.Sorted(maps.Keys(f.paths)) {
		if p := f.paths[key]; p.value(o) < (1-worthwhile)*f.value/f.n {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *pathKnown) int { return cmp.Compare(b.tries, a.tries) })
	for _, p := range all {
		if !slices.ContainsFunc(out, p.like) {
			out = append(out, p)
		}
	}
	return out
}

// like reports whether two paths end in the same call and take about as long.
func (p *pathKnown) like(q *pathKnown) bool {
	return p.path[len(p.path)-1].Call().ID() == q.path[len(q.path)-1].Call().ID() && math.Abs(p.each()-q.each()) <= worthwhile*max(p.each(), q.each())
}

// explore tries a path on one picture and keeps what came of it. It returns the seconds of tools spent.
func (l *Learner) explore(ctx context.Context, p *pathKnown, c replay) (float64, error) {
	img, ok, err := l.Picture(ctx, c.picture)
	if err != nil || !ok {
		return 0, err
	}
	rule := &subroutines.Subroutine{ID: "explored", Task: c.subtask.Task, Version: 1, Path: p.path, Provenance: subroutines.Provenance{Proposer: "explored"}}
	out, err := l.Engine.Run(ctx, agent.Job{
		Image: img, Plan: edit.Plan{Request: c.trace.Request, Subtasks: []edit.Subtask{c.subtask}},
		Alpha: l.Options.Alpha, Threshold: c.trace.Threshold, Trial: true, Only: true, Rules: []*subroutines.Subroutine{rule},
	}, nil)
	if err != nil {
		return out.Summary.ToolSeconds, err
	}
	steps := out.Steps[c.subtask.ID]
	if steps == nil {
		steps = []store.Step{} // it cannot be followed there, which need not be found out again
	}
	text, err := json.Marshal(steps)
	if err == nil {
		err = l.Engine.Store.Update(ctx, exploredKey+strconv.FormatInt(c.trace.ID, 10)+"/"+p.key, func([]byte) []byte { return text })
	}
	return out.Summary.ToolSeconds, err
}
