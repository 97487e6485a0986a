package agent

import (
	"context"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// TestAlphaChoosesAmongTools turns the dial on a real photograph, where two
// detectors, two outliners and two upscalers of different cost and quality
// compete: each setting takes other tools, and more cost buys more quality.
func TestAlphaChoosesAmongTools(t *testing.T) {
	img := photograph(t, "dog_bench.png")
	kit := openKit(t, true)
	plan, err := kit.Plan(context.Background(), "recolor the dog red; upscale it 2x")
	if err != nil {
		t.Fatal(err)
	}
	type taken struct {
		tools         string
		cost, quality float64
	}
	var by []taken
	for _, alpha := range []float64{0, 1, 2} {
		job := Job{Image: img, Plan: plan, Alpha: alpha, Threshold: 0.5, Frozen: true}
		dry := job
		dry.DryRun = true
		planned, err := kit.Engine.Run(context.Background(), dry, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := kit.Engine.Run(context.Background(), job, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := taken{quality: 1}
		var tools []string
		for i, s := range out.Summary.Subtasks {
			if s.Status != edit.StatusDone {
				t.Errorf("α = %v: subtask %d ended as %s: %s", alpha, s.ID, s.Status, s.Reason)
			}
			tools = append(tools, strings.Join(s.Toolpath, " → "))
			now.cost += planned.Summary.Subtasks[i].Seconds
			now.quality *= planned.Summary.Subtasks[i].Quality
		}
		now.tools = strings.Join(tools, "; ")
		t.Logf("α = %v: %s (estimated %.2f s at quality %.2f)", alpha, now.tools, now.cost, now.quality)
		for _, before := range by {
			if now.tools == before.tools {
				t.Errorf("α = %v takes the tools that another α took: %s", alpha, now.tools)
			}
			if now.cost >= before.cost || now.quality >= before.quality {
				t.Errorf("α = %v: %.2f s at quality %.2f, with less weight on cost %.2f s at %.2f", alpha, now.cost, now.quality, before.cost, before.quality)
			}
		}
		by = append(by, now)
	}
}
