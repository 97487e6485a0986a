package simworld_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/simworld"
	"pentimento/internal/tools"
)

// drive runs a plan on a simulated picture through the agent.
func drive(t *testing.T, r *simworld.Runner, picture uint64, alpha float64, subtasks ...edit.Subtask) edit.Summary {
	t.Helper()
	for i := range subtasks {
		subtasks[i].ID = i + 1
	}
	e := agent.Engine{Specs: simworld.Specs(), Runners: map[string]tools.Runner{simworld.Kind: r}, Now: r.Clock.Now, Judge: r.Judge}
	out, err := e.Run(context.Background(), agent.Job{
		Image: simworld.Picture(picture), Plan: edit.Plan{Subtasks: subtasks}, Alpha: alpha, Threshold: 0.8,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Summary
}

// The agent completes what the world lets it complete, takes the detector that
// knows the object, and counts the seconds that the clock does.
func TestAgentInTheWorld(t *testing.T) {
	done, failed := 0, 0
	paths := make(map[string]int)
	for n := range uint64(60) {
		r := simworld.NewRunner(7, simworld.Published().Assume(0.3))
		s := drive(t, r, n, 1,
			edit.Subtask{Task: "object-removal", Object: "car"},
			edit.Subtask{Task: "object-recoloration", Object: "bench", Target: "red"},
			edit.Subtask{Task: "text-removal"},
			edit.Subtask{Task: "image-upscaling"})
		if clock := r.Clock.Elapsed().Seconds(); clock < s.ToolSeconds*(1-1e-9) || clock > s.ToolSeconds*(1+1e-9) {
			t.Errorf("picture %d: %v s of tools, the clock says %v", n, s.ToolSeconds, clock)
		}
		for _, st := range s.Subtasks {
			if st.Status == edit.StatusDone {
				done++
				paths[fmt.Sprint(st.Task, st.Toolpath)]++
				if st.Quality < 0.6 {
					t.Errorf("picture %d: %s is done with quality %v", n, st.Task, st.Quality)
				}
			} else {
				failed++
			}
		}
		if last := s.Subtasks[3]; last.Status != edit.StatusDone || last.Toolpath[0] != "real-esrgan" {
			t.Errorf("picture %d: upscaling ended as %+v", n, last)
		}
		again := simworld.NewRunner(7, simworld.Published().Assume(0.3))
		if s2 := drive(t, again, n, 1, edit.Subtask{Task: "object-removal", Object: "car"}); !reflect.DeepEqual(s2.Subtasks[0].Toolpath, s.Subtasks[0].Toolpath) {
			t.Errorf("picture %d: %v, then %v", n, s.Subtasks[0].Toolpath, s2.Subtasks[0].Toolpath)
		}
	}
	t.Logf("%d done, %d failed: %v", done, failed, paths)
	if done < 120 || failed == 0 || len(paths) < 7 {
		t.Errorf("%d subtasks done and %d failed by %d paths", done, failed, len(paths))
	}
}
