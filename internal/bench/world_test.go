package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"pentimento/internal/bench"
)

func runWorld(t *testing.T, o bench.WorldOptions) (bench.WorldReport, []bench.WorldCell) {
	t.Helper()
	var cells []bench.WorldCell
	report, err := bench.RunWorld(context.Background(), o, func(c bench.WorldCell) { cells = append(cells, c) })
	if err != nil {
		t.Fatal(err)
	}
	return report, cells
}

// Ours spends less, fails no more and is no worse; every request on which it
// spent more is told with a reason; and the same seed gives the same table.
func TestRunWorld(t *testing.T) {
	o := bench.WorldOptions{Requests: 12, Warm: 8, Seed: 5, Alphas: []float64{1}}
	report, cells := runWorld(t, o)
	if len(cells) != 3 {
		t.Fatalf("%d cells, want one for each assumed quality", len(cells))
	}
	eager, cold, learned := report.Total[bench.ArmEager], report.Total[bench.ArmCold], report.Total[bench.ArmLearned]
	if cold.ToolSeconds > 0.9*eager.ToolSeconds || learned.ToolSeconds > 0.9*eager.ToolSeconds || cold.ToolRuns >= eager.ToolRuns {
		t.Errorf("eager %+v, cold %+v, learned %+v", eager, cold, learned)
	}
	if cold.Failed > eager.Failed || learned.Failed > eager.Failed || cold.True < eager.True-0.01 || learned.True < eager.True-0.01 {
		t.Errorf("the saving is bought: eager %+v, cold %+v, learned %+v", eager, cold, learned)
	}
	sum := 0.0
	for _, c := range cells {
		sum += c.Arms[bench.ArmCold].ToolSeconds
		for _, m := range c.More {
			if m.Seconds <= m.Eager || m.Reason == "" || !strings.Contains(report.String(), m.Reason) {
				t.Errorf("%+v", m)
			}
		}
	}
	if math.Abs(sum-cold.ToolSeconds) > 1e-6 {
		t.Errorf("the cells add up to %v s, the total is %v", sum, cold.ToolSeconds)
	}
	again, _ := runWorld(t, o)
	if !reflect.DeepEqual(report, again) {
		t.Error("the same seed gives another table")
	}
	raw, err := json.Marshal(cells[0])
	if err != nil || !strings.Contains(string(raw), `"event":"row"`) || !strings.Contains(string(raw), `"ratio":{`) {
		t.Errorf("%s (%v)", raw, err)
	}
}

func TestRunWorldRefusals(t *testing.T) {
	if _, err := bench.RunWorld(context.Background(), bench.WorldOptions{}, nil); err == nil {
		t.Error("no requests were taken for enough")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bench.RunWorld(ctx, bench.WorldOptions{Requests: 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
