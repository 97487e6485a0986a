package subroutines_test

import (
	"strings"
	"testing"

	. "pentimento/internal/subroutines"
)

// What was verified at one alpha is offered in its band alone; what a person activated, in all.
func TestOfferedInItsBands(t *testing.T) {
	fresh := removal("r1", "")
	fresh.State = Candidate
	one := fresh.VerifiedIn(Balanced, Evidence{}, nil, "it was", noon)
	two := one.VerifiedIn(ForSpeed, Evidence{Pass: Rate{5, 0}}, nil, "again", noon)
	if two.Pass != one.Pass || two.State != Active || two.Unknown(ForSpeed) || !two.Unknown(ForQuality) || one.Unknown(Balanced) || !one.Unknown(ForSpeed) {
		t.Errorf("%+v", two)
	}
	no := two.RejectedIn(ForQuality, "it loses quality", noon)
	if no.State != Active || no.Unknown(ForQuality) || !strings.Contains(no.History[len(no.History)-1].Reason, "not for quality: it loses quality") {
		t.Errorf("%+v", no)
	}
	if gone := fresh.RejectedIn(ForQuality, "it loses", noon); gone.State != Retired {
		t.Errorf("a candidate is %s after it was rejected", gone.State)
	}
	for _, c := range []struct {
		s    *Subroutine
		want string // offered at alpha 0, 0.49, 0.5, 1, 1.49, 1.5, 2
	}{{one, "no no yes yes yes no no"}, {two, "no no yes yes yes yes yes"}, {no, "no no yes yes yes yes yes"}, {removal("r1", ""), "yes yes yes yes yes yes yes"}} {
		var got []string
		for _, alpha := range []float64{0, 0.49, 0.5, 1, 1.49, 1.5, 2} {
			answer := "no"
			if index(t, c.s).Select(Query{Task: c.s.Task, Alpha: alpha, Slow: Slow{Seconds: 1000, Quality: 0.5}}).Taken != nil {
				answer = "yes"
			}
			got = append(got, answer)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("bands %v: %s, want %s", c.s.Bands, text, c.want)
		}
	}
	// Docs that changed void what was verified, in every band.
	docs := map[string]string{"seek": "1", "outline": "2", "fill": "3"}
	docked := fresh.VerifiedIn(Balanced, Evidence{}, docs, "it was", noon).Docked(map[string]string{"seek": "1"}, noon)
	if again := docked.VerifiedIn(ForQuality, Evidence{}, docs, "anew", noon); docked.State != Suspended || len(again.Bands) != 1 || again.Bands[0] != ForQuality {
		t.Errorf("%s, then %v", docked.State, again.Bands)
	}
	wrong := removal("r1", "")
	wrong.Bands = []Band{"fast"}
	if err := wrong.Check(); err == nil || !strings.Contains(err.Error(), "no band of alpha") {
		t.Error(err)
	}
}
