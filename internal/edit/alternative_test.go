package edit

import (
	"reflect"
	"testing"
)

func TestDecompositions(t *testing.T) {
	sub := func(id int, after ...int) Subtask { return Subtask{ID: id, After: after} }
	p := Plan{
		Subtasks: []Subtask{sub(1), sub(2, 1), sub(3, 2)},
		Alternatives: []Alternative{
			{Instead: []int{1, 2}, Subtasks: []Subtask{sub(11)}},
			{Instead: []int{2}, Subtasks: []Subtask{sub(21, 1), sub(22, 21)}},
			{Instead: []int{3}, Subtasks: []Subtask{sub(31, 2)}},
		},
	}
	type shape struct {
		subtasks []Subtask
		instead  []int
	}
	want := []shape{
		{[]Subtask{sub(1), sub(2, 1), sub(3, 2)}, nil},
		{[]Subtask{sub(11), sub(3, 11)}, []int{1, 2}},
		{[]Subtask{sub(1), sub(21, 1), sub(22, 21), sub(3, 21, 22)}, []int{2}},
		{[]Subtask{sub(1), sub(2, 1), sub(31, 2)}, []int{3}},
		{[]Subtask{sub(11), sub(31, 11)}, []int{1, 2, 3}},
		{[]Subtask{sub(1), sub(21, 1), sub(22, 21), sub(31, 21, 22)}, []int{2, 3}},
	}
	got := Decompositions(p)
	if len(got) != len(want) {
		t.Fatalf("%d decompositions, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := (shape{got[i].Plan.Subtasks, got[i].Instead}); !reflect.DeepEqual(g, w) {
			t.Errorf("%d: %+v, want %+v", i, g, w)
		}
	}
	if !reflect.DeepEqual(p.Subtasks, []Subtask{sub(1), sub(2, 1), sub(3, 2)}) {
		t.Errorf("the plan itself was changed: %+v", p.Subtasks)
	}
}
