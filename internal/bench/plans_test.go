package bench

import (
	"context"
	"errors"
	"testing"

	"pentimento/internal/edit"
)

func TestSamePhrase(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"the red car", "Red Car", true},
		{"car", "red car", true},
		{"car", "small old red car", false}, // three words apart
		{"car", "truck", false},
		{"car", "", false},
		{"", "", true},
		{"red car", "blue car", false},
		{"police car", "car", true},
		{"person on the left", "person", true},
		{"person in the middle", "person in middle", true},
		{"pink", "hot pink", true},
	} {
		if got := samePhrase(c.a, c.b); got != c.same {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.same)
		}
		if samePhrase(c.a, c.b) != samePhrase(c.b, c.a) {
			t.Errorf("%q and %q: not symmetric", c.a, c.b)
		}
	}
}

func TestRunPlans(t *testing.T) {
	st := func(id int, task, object, target string, after ...int) edit.Subtask {
		return edit.Subtask{ID: id, Task: task, Object: object, Target: target, After: after}
	}
	plans := map[string][]edit.Subtask{
		"right":    {st(1, "object-removal", "the red car", ""), st(2, "object-recoloration", "dog", "pink")},
		"order":    {st(1, "object-recoloration", "hat", "red"), st(2, "object-addition", "hat", "")},
		"invented": {st(1, "object-removal", "dog", ""), st(2, "object-removal", "cat", "")},
		"the one":  {{ID: 1, Task: "object-removal", Object: "all the cyclists", Except: []string{"cyclist in the polka-dot jersey"}}},
		"another":  {{ID: 1, Task: "object-removal", Object: "all the suitcases", Except: []string{"red suitcase"}}},
		"except":   {{ID: 1, Task: "object-removal", Object: "people", Except: []string{"child on the left"}}},
		"nothing":  {{ID: 1, Task: "object-removal", Object: "people"}},
		"region":   {{ID: 1, Task: "object-removal", Object: "man", Region: "in the blue shirt"}},
	}
	cases := []PlanCase{
		{Request: "right", Expected: []ExpectedStep{{Task: "Object Recoloration", Object: "dog", Target: "pink"}, {Task: "object removal", Object: "car"}}},
		{Request: "order", Expected: []ExpectedStep{{Task: "Object Addition", Object: "hat"}, {Task: "Object Recoloration", Object: "hat", Target: "red"}}},
		{Request: "invented", Expected: []ExpectedStep{{Task: "Object-Removal", Object: "dog"}}},
		{Request: "the one", Expected: []ExpectedStep{{Task: "Object Removal", Object: "all the cyclists except the one in the polka-dot jersey"}}},
		{Request: "another", Expected: []ExpectedStep{{Task: "Object Removal", Object: "all the suitcases except the yellow one"}}},
		{Request: "except", Expected: []ExpectedStep{{Task: "Object Removal", Object: "people except the child on the left"}}},
		{Request: "nothing", Expected: []ExpectedStep{{Task: "Object Removal", Object: "people except the child"}}},
		{Request: "region", Expected: []ExpectedStep{{Task: "Object Removal", Object: "man in the blue shirt"}}},
		{Request: "refused"},
		{Request: "refused too", Expected: []ExpectedStep{{Task: "Outpainting"}}},
	}
	exact := map[string]bool{}
	report, err := RunPlans(context.Background(), "test", func(_ context.Context, request string, _ edit.History) (edit.Plan, error) {
		if p, ok := plans[request]; ok {
			return edit.Plan{Subtasks: p}, nil
		}
		return edit.Plan{}, errors.New("not understood")
	}, cases, func(s PlanScore) { exact[s.Request] = s.Exact })
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]bool{"right": true, "order": false, "invented": false, "region": true, "except": true, "the one": true, "another": false, "nothing": false, "refused": true, "refused too": false} {
		if exact[request] != want {
			t.Errorf("%s: exact %v, want %v", request, exact[request], want)
		}
	}
	want := PlansReport{Event: "done", Planner: "test", Plans: 10, Exact: 0.5, Precision: 8.0 / 11, Recall: 8.0 / 11, Order: 0}
	if report != want {
		t.Errorf("%+v, want %+v", report, want)
	}
}

func TestReadPlans(t *testing.T) {
	for name, raw := range map[string]string{
		"no list":    `{"request": "x"}`,
		"no request": `[{"expected_subtasks": []}]`,
		"no task":    `[{"request": "x", "expected_subtasks": [{"object": "dog"}]}]`,
	} {
		var ue *edit.UserError
		if _, err := ReadPlans("f.json", []byte(raw)); !errors.As(err, &ue) || ue.Hint == "" {
			t.Errorf("%s: %v, want a UserError with a hint", name, err)
		}
	}
}
