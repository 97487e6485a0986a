package learn

import (
	"fmt"
	"slices"
	"testing"

	"pentimento/internal/features"
	"pentimento/internal/subroutines"
)

// attempted is an attempt by a path of one tool on a picture with a size and a light.
func attempted(tool, size, light string) done {
	word := func(w string) features.Value { return features.Value{Type: features.Category, Category: w} }
	path := subroutines.Path{{Tool: tool}}
	return done{path: path, key: path.String(), values: features.FromMap(map[string]features.Value{"size": word(size), "light": word(light), "share": {Type: features.Number, Number: 0.5}})}
}

// What the search did each of the last times on pictures of a kind is proposed with the condition that covers most of them, until
// an active rule says so; a change of mind, a detour, or too few pictures are no habit.
func TestHabitsOnPicturesOfAKind(t *testing.T) {
	var list []done
	for i := range 40 {
		light := []string{"day", "night", "dusk"}[i%3]
		if i%4 == 0 {
			list = append(list, attempted("broad", "small", light))
		} else {
			list = append(list, attempted("fine", "big", light))
		}
	}
	propose := func(list []done, active ...*subroutines.Subroutine) (out []string) {
		for _, p := range (habits{"wipe": list}).proposals(active) {
			out = append(out, fmt.Sprintf("%s when %s", p.Path, p.When))
		}
		return out
	}
	check := func(name string, got []string, want ...string) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	check("two kinds", propose(list), "broad when size in {small}", "fine when size in {big}")
	check("too few", propose(list[1:4]))
	known := &subroutines.Subroutine{Task: "wipe", Path: subroutines.Path{{Tool: "fine"}}}
	check("known already", propose(list, known), "broad when size in {small}")
	check("always", propose(append(list[:0:0], attempted("fine", "big", "day"), attempted("fine", "big", "day"), attempted("fine", "small", "day"), attempted("fine", "big", "day"), attempted("fine", "big", "day"))), "fine when always")
	detour := slices.Concat(list, []done{{values: list[0].values}})
	check("a detour on a small picture by day", propose(detour), "fine when size in {big}")
	other := attempted("fine", "small", "day")
	other.ruled = true // it tells nothing of what the search would have done
	check("a subroutine's answer", propose(slices.Concat(list, []done{other}), known), "broad when size in {small}")
}
