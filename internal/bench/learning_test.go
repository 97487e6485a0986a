package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pentimento/internal/bench"
	"pentimento/internal/simworld"
)

// Two grounds, and a tool that is quick and good on one of them only.
const learnWorld = `
name: small
assumed: {otherwise: [0.3], quality-noise: 0.01, cost-noise: 0.05}
tools:
  - {tool: sure, task: wipe, in: {image: image}, out: {image: image}, seconds: 10, quality: 0.95}
  - {tool: quick, task: wipe, in: {image: image}, out: {image: image}, seconds: 4, quality: 0.3}
rules:
  - {id: R, task: wipe, path: [quick], seconds: 4, quality: 0.99, when: {ground: [plain]}}
features:
  - {name: ground, values: {plain: 0.5, rough: 0.5}}
requests:
  lengths: {'1': 0.5, '2': 0.5}
  tasks: [{task: wipe, share: 1}]
`

// The program learns what is true in a small world, keeps its quality, and the
// same seed gives the same numbers.
func TestRunLearning(t *testing.T) {
	w, err := simworld.Load([]byte(learnWorld))
	if err != nil {
		t.Fatal(err)
	}
	o := bench.LearningOptions{World: w, Tasks: 120, Seeds: 1, Seed: 3, Alpha: 1}
	told := 0
	report, err := bench.RunLearning(context.Background(), o, func(bench.LearningProgress) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	if told != 5 {
		t.Errorf("%d of 5 runs were told", told)
	}
	if report.Fallback["120"] > report.OracleFallback+0.05 {
		t.Errorf("fallback %v, the oracle's %.3f", report.Fallback, report.OracleFallback)
	}
	if report.OracleSaving < 0.2 || report.SavingVsSlow < report.OracleSaving/2 || report.QualityLoss > 0.005 || report.EqualSaving < 0.2 || report.EqualLoss > 0.01 || report.VerifySeconds <= 0 {
		t.Errorf("%+v", report)
	}
	again, err := bench.RunLearning(context.Background(), o, nil)
	if err != nil || !reflect.DeepEqual(report, again) {
		t.Errorf("the same seed gives other numbers (%v)", err)
	}
	raw, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(raw), `"event":"done"`) || !strings.Contains(string(raw), `"oracle_saving_vs_slow":`) || !strings.Contains(report.String(), "measured elsewhere") {
		t.Errorf("%s (%v)", raw, err)
	}
}

func TestRunLearningRefusals(t *testing.T) {
	if _, err := bench.RunLearning(context.Background(), bench.LearningOptions{Seeds: 1}, nil); err == nil {
		t.Error("no tasks were taken for enough")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bench.RunLearning(ctx, bench.LearningOptions{Tasks: 1, Seeds: 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
