package trial_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pentimento/internal/subroutines/trial"
)

// alarmAfter is the first of so many uses at which the detector alarms, 0 for none.
func alarmAfter(d trial.Detector, r *rand.Rand, sum, pass float64, uses int) (at int, end float64) {
	for n := 1; n <= uses; n++ {
		var alarm bool
		if sum, alarm = d.Next(sum, r.Float64() < pass); alarm {
			return n, sum
		}
	}
	return 0, sum
}

// A rule whose pass rate falls from .95 to .50 after 100 uses is suspended
// within 15 more in 95 % of 1,000 runs; at .95, 1,000 uses give a false alarm
// in about 28 % of them, 100 uses in 3 %.
func TestDetector(t *testing.T) {
	const runs = 1000
	d := trial.NewDetector(0.95)
	r := rand.New(rand.NewPCG(3, 3))
	soon, early, alarms := 0, 0, 0
	var delays []int
	for range runs {
		at, sum := alarmAfter(d, r, 0, 0.95, 100)
		if at > 0 { // it was suspended, found sound again, and begins anew
			early, sum = early+1, 0
		}
		at, _ = alarmAfter(d, r, sum, 0.5, 1000)
		delays = append(delays, at)
		if at > 0 && at <= 15 {
			soon++
		}
		if at, _ := alarmAfter(d, r, 0, 0.95, 1000); at > 0 {
			alarms++
		}
	}
	slices.Sort(delays)
	t.Logf("found within 15 uses in %d of %d runs, median %d; false alarms: %d within 100 uses, %d within 1,000", soon, runs, delays[runs/2], early, alarms)
	if soon < runs*95/100 {
		t.Errorf("a fall to .50 was found within 15 uses in %d of %d runs", soon, runs)
	}
	if alarms > runs*31/100 || early > runs*4/100 {
		t.Errorf("false alarms in %d of %d runs of 1,000 uses, %d of 100", alarms, runs, early)
	}
}

// A better base than .95 is watched as .95, and no pass rate is unusable.
func TestDetectorBases(t *testing.T) {
	for _, base := range []float64{-1, 0, 0.3, 0.6, 0.8, 0.95, 0.999, 1, math.NaN()} {
		d := trial.NewDetector(base)
		if !(d.Bad > 0 && d.Bad < d.Base && d.Base >= 0.6 && d.Base <= 0.95) {
			t.Errorf("base %v gives %+v", base, d)
		}
		sum, fails := 0.0, 0
		for alarm := false; !alarm && fails < 100; fails++ {
			sum, alarm = d.Next(sum, false)
		}
		if fails < 3 || fails > 12 {
			t.Errorf("base %v: %d failures in a row are an alarm", base, fails)
		}
		if sum, alarm := d.Next(0, true); sum != 0 || alarm {
			t.Errorf("base %v: a pass gives %v, %v", base, sum, alarm)
		}
	}
}
