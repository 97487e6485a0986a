package session

import (
	"slices"
	"testing"

	"pentimento/internal/edit"
)

func TestBind(t *testing.T) {
	regions := []Region{{Number: 1, Phrase: "dog"}, {Number: 2, Phrase: "red car"}, {Number: 3, Phrase: "bench"}, {Number: 90, Phrase: "tree"}}
	for _, c := range []struct {
		in, want string
		uses     []int
	}{
		{"recolor 3 to pink", "recolor the bench to pink", []int{3}},
		{"remove 1 and blur number 2", "remove the dog and blur the red car", []int{1, 2}},
		{"remove #3, then make region 2 teal", "remove the bench, then make the red car teal", []int{3, 2}},
		{"blur 1, 2 and the 3", "blur the dog, the red car and the bench", []int{1, 2, 3}},
		{"make object 1 darker", "make the dog darker", []int{1}},
		{"rotate by 3 degrees", "rotate by 3 degrees", nil},
		{"rotate 90 degrees", "rotate 90 degrees", nil},
		{"make it 2 times larger", "make it 2 times larger", nil},
		{"upscale 2x", "upscale 2x", nil},
		{"resize to 2 x 3", "resize to 2 x 3", nil},
		{"blur it by 3 pixels", "blur it by 3 pixels", nil},
		{"make it 1.5 times brighter", "make it 1.5 times brighter", nil},
		{"remove the 2 dogs", "remove the 2 dogs", nil},
		{"remove 7", "remove 7", nil},
		{`replace the text with "gate 3"`, `replace the text with "gate 3"`, nil},
	} {
		got := Bind(c.in, regions)
		var uses []int
		for _, r := range got.Uses {
			uses = append(uses, r.Number)
		}
		if got.Request != c.want || len(uses) != len(c.uses) {
			t.Errorf("%q: %q %v, want %q %v", c.in, got.Request, uses, c.want, c.uses)
			continue
		}
		for i := range uses {
			if uses[i] != c.uses[i] {
				t.Errorf("%q: regions %v, want %v", c.in, uses, c.uses)
			}
		}
	}
}

func TestDivideGivesEachRegionToItsSubtask(t *testing.T) {
	plan := func(objects ...string) (p edit.Plan) {
		for i, o := range objects {
			p.Subtasks = append(p.Subtasks, edit.Subtask{ID: i + 1, Object: o})
		}
		return p
	}
	region := func(n int, phrase string) Region { return Region{Number: n, Phrase: phrase} }
	for _, c := range []struct {
		plan edit.Plan
		uses []Region
		want map[int]int
	}{
		{plan("dog", "bench", "dog"), []Region{region(4, "dog"), region(2, "dog")}, map[int]int{1: 4, 3: 2}},
		{plan("dog", "dog"), []Region{region(4, "dog")}, map[int]int{1: 4, 2: 4}},             // recolor 4 and blur it
		{plan("blue car", "red car"), []Region{region(2, "red car")}, map[int]int{2: 2}},      // the blue car is another
		{plan("car"), []Region{region(2, "red car")}, map[int]int{1: 2}},                      // a planner that shortens
		{plan("dog"), []Region{region(9, "kite")}, nil},                                       // taken up by none
		{plan("dog", "cat"), []Region{region(1, "dog"), region(1, "dog")}, map[int]int{1: 1}}, // said twice
	} {
		got, err := Divide(c.plan, c.uses)
		if (err != nil) != (c.want == nil) || len(got) != len(c.want) {
			t.Errorf("%v: %v, %v", c.uses, got, err)
		}
		for id, n := range c.want {
			if got[id].Object == nil || got[id].Object.Number != n {
				t.Errorf("%v: subtask %d has %+v, want %d", c.uses, id, got[id].Object, n)
			}
		}
	}
}

// TestDivideBesideTheObject: what is left alone and what lends its colour are regions
// as what is edited is, also where all of them are called the same.
func TestDivideBesideTheObject(t *testing.T) {
	dogs := []Region{{Number: 1, Phrase: "dog"}, {Number: 2, Phrase: "dog"}, {Number: 3, Phrase: "dog"}}
	for _, c := range []struct {
		name   string
		st     edit.Subtask
		uses   []Region
		object int
		beside []int
	}{
		{"recolor 2 like 3", edit.Subtask{Object: "dog", Like: "dog"}, []Region{dogs[1], dogs[2]}, 2, []int{3}},
		{"blur everything except 3", edit.Subtask{Except: []string{"dog"}}, dogs[2:], 0, []int{3}},
		{"blur everything except 1, 2 and 3", edit.Subtask{Except: []string{"dog"}}, dogs, 0, []int{1, 2, 3}},
		{"blur 1, but not 3", edit.Subtask{Object: "dog", Except: []string{"dog"}}, []Region{dogs[0], dogs[2]}, 1, []int{3}},
		{"blur 1, but not a dog that has no number", edit.Subtask{Object: "dog", Except: []string{"dog"}}, dogs[:1], 1, nil},
	} {
		c.st.ID = 1
		got, err := Divide(edit.Plan{Subtasks: []edit.Subtask{c.st}}, c.uses)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		share, object := got[1], 0
		if share.Object != nil {
			object = share.Object.Number
		}
		var beside []int
		for _, r := range share.Beside["dog"] {
			beside = append(beside, r.Number)
		}
		if object != c.object || !slices.Equal(beside, c.beside) {
			t.Errorf("%s: the object is %d and beside it are %v, want %d and %v", c.name, object, beside, c.object, c.beside)
		}
	}
}
