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

// What only repeats the search is offered where the search is about to do just that, until more is known of it.
func TestShortcutsAreOfferedWhereTheyRepeat(t *testing.T) {
	fresh := removal("r1", "")
	fresh.State = Candidate
	short := fresh.RepeatsIn(Balanced, Evidence{}, nil, "it repeats", noon)
	both := short.VerifiedIn(ForSpeed, Evidence{}, nil, "it saves", noon)
	full := both.VerifiedIn(Balanced, Evidence{}, nil, "it saves", noon)
	no := short.RejectedIn(Balanced, "it fails elsewhere", noon)
	also := fresh.VerifiedIn(ForSpeed, Evidence{}, nil, "it saves", noon).RepeatsIn(Balanced, Evidence{}, nil, "it repeats", noon)
	for _, c := range []struct {
		name               string
		s                  *Subroutine
		limited, waits     bool
		elsewhere, atSpeed bool // offered where the search goes another way, at alpha 1 and 2
	}{
		{"a shortcut", short, true, true, false, false},
		{"verified in another band", both, false, true, false, true},
		{"verified", full, false, false, true, true},
		{"rejected elsewhere", no, true, false, false, false},
		{"a shortcut in another band", also, false, true, false, true},
	} {
		q := Query{Task: c.s.Task, Alpha: 1, Slow: Slow{Seconds: 1000, Quality: 0.5}}
		x := index(t, c.s)
		taken := func(alpha float64) bool { q.Alpha = alpha; return x.Select(q).Taken != nil }
		if c.s.State != Active || c.s.Limited() != c.limited || c.s.Unknown(Balanced) != c.waits || taken(1) != c.elsewhere || taken(2) != c.atSpeed {
			t.Errorf("%s: %s, shortcut %v, bands %v, taken %v and %v", c.name, c.s.State, c.s.Shortcut, c.s.Bands, taken(1), taken(2))
		}
		q.Same = func(*Subroutine) bool { return true }
		if !taken(1) {
			t.Errorf("%s: passed over where the search is about to do the same", c.name)
		}
		if err := c.s.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
