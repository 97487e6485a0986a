package simworld

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"pentimento/internal/edit"
)

// Requests says what is asked in a world.
type Requests struct {
	Lengths   map[string]float64 // shares by number of subtasks
	WithText  float64            `yaml:"with-text"` // share of requests that are about text too
	Assumed   bool
	Objects   []string
	Tasks     []TaskShare
	TextTasks []TaskShare `yaml:"text-tasks"`
}

// TaskShare is how often a task is asked for.
type TaskShare struct {
	Task   string
	Share  float64
	Object bool // it is about an object
}

// Request is a simulated picture and what is to be done to it.
type Request struct {
	Picture uint64 // for Picture
	Plan    edit.Plan
}

// Draw draws n requests, on pictures 1 to n. Equal seeds give equal requests,
// and fewer of them are the first of more.
func (w *World) Draw(seed int64, n int) []Request {
	requests := make([]Request, n)
	for i := range requests {
		picture := uint64(i) + 1
		r := rand.New(rand.NewPCG(uint64(seed), hash(picture, hashText(w.Name))))
		length, _ := strconv.Atoi(drawn(r, slices.Sorted(maps.Keys(w.Requests.Lengths)), func(k string) float64 { return w.Requests.Lengths[k] }))
		text := r.Float64() < w.Requests.WithText
		objects := slices.Clone(w.Requests.Objects)
		r.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		requests[i] = Request{Picture: picture, Plan: edit.Plan{Request: "request " + strconv.Itoa(i+1), Planner: "file"}}
		for id := range length {
			from := w.Requests.Tasks
			if text && r.IntN(2) == 0 {
				from = w.Requests.TextTasks
			}
			task := drawn(r, from, func(t TaskShare) float64 { return t.Share })
			st := edit.Subtask{ID: id + 1, Task: task.Task}
			if task.Object {
				st.Object = objects[id%len(objects)]
			}
			requests[i].Plan.Subtasks = append(requests[i].Plan.Subtasks, st)
		}
	}
	return requests
}

// drawn picks one of a list by its shares.
func drawn[T any](r *rand.Rand, list []T, share func(T) float64) T {
	left := r.Float64()
	for _, v := range list {
		if left -= share(v); left < 0 {
			return v
		}
	}
	return list[len(list)-1]
}

// checkRequests refuses what nothing can be drawn from. A world may have no requests.
func (w *World) checkRequests() error {
	q := &w.Requests
	if len(q.Lengths) == 0 && len(q.Tasks) == 0 {
		return nil
	}
	total := 0.0
	for length, share := range q.Lengths {
		if n, err := strconv.Atoi(length); err != nil || n < 1 || n > 100 || !(share >= 0) {
			return edit.Userf("requests of %q subtasks with a share of %v", length, share)
		}
		total += share
	}
	if math.Abs(total-1) > 1e-9 {
		return edit.Userf("the shares of the lengths of requests add up to %v", total)
	}
	if !(q.WithText >= 0 && q.WithText <= 1) || q.WithText > 0 && len(q.TextTasks) == 0 || len(q.Tasks) == 0 {
		return edit.Userf("requests need tasks, and text tasks for a share of %v with text", q.WithText)
	}
	for _, list := range [][]TaskShare{q.Tasks, q.TextTasks} {
		total := 0.0
		for _, t := range list {
			total += t.Share
			if !(t.Share >= 0) || t.Object && len(q.Objects) == 0 {
				return edit.Userf("requests for %s: a share of %v, of %d objects", t.Task, t.Share, len(q.Objects))
			}
			if !slices.ContainsFunc(w.Tools, func(tool Tool) bool { return tool.Task == t.Task }) {
				return edit.Userf("requests for %s, which no tool completes", t.Task)
			}
		}
		if len(list) > 0 && math.Abs(total-1) > 1e-9 {
			return edit.Userf("the shares of the tasks asked for add up to %v", total)
		}
	}
	return nil
}
