package learn

import (
	"slices"
	"testing"

	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// A rule that is active in one band of alpha is verified for another by pairs of its own.
func TestVerifiedInAnotherBand(t *testing.T) {
	l := pupil(t, 120)
	id := propose(t, l, "wipe", "quick", "ground in {plain}").ID
	if v := verify(t, l, id, 1e9); !slices.Equal(v.Subroutine.Bands, []subroutines.Band{subroutines.Balanced}) {
		t.Fatalf("%s: bands %v", v.Text, v.Subroutine.Bands)
	}
	if todo, err := l.Pending(t.Context()); err != nil || len(todo) != 0 {
		t.Errorf("%d wait, %v", len(todo), err)
	}
	l.Options.Alpha = 2
	if todo, err := l.Pending(t.Context()); err != nil || len(todo) != 1 || todo[0].ID != id {
		t.Fatalf("%d wait, %v", len(todo), err)
	}
	v := verify(t, l, id, 1e9)
	if v.Verdict != trial.Accepted || v.Trial.Plan.Alpha != 2 || !slices.Equal(v.Subroutine.Bands, []subroutines.Band{subroutines.Balanced, subroutines.ForSpeed}) {
		t.Errorf("%s: bands %v, alpha %v", v.Text, v.Subroutine.Bands, v.Trial.Plan.Alpha)
	}
	if todo, err := l.Pending(t.Context()); err != nil || len(todo) != 0 {
		t.Errorf("%d wait, %v", len(todo), err)
	}
}
