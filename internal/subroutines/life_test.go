package subroutines_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "pentimento/internal/subroutines"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func use(pass bool) Use {
	return Use{Pass: pass, Seconds: 2, Megapixels: 1, Timed: true, Quality: 0.9}
}

func TestUsesBecomeEvidence(t *testing.T) {
	s := removal("r1", "")
	s.SetOwn(Evidence{})
	before := removal("r1", "")
	before.SetOwn(Evidence{})
	got := s.Observed(use(true), noon).Observed(use(false), noon).
		Observed(Use{Pass: true, Seconds: 9, Megapixels: 1, Quality: math.NaN()}, noon).                         // from the cache, not measured
		Observed(Use{Pass: true, Seconds: math.Inf(1), Megapixels: math.NaN(), Timed: true, Quality: 1.5}, noon) // no numbers
	want := Evidence{Cost: NewCost(2, 1), Failing: NewCost(2, 1), Pass: Rate{3, 1}, Quality: Quality{1, 0.9}}
	if diff := cmp.Diff(want, got.Own()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, s); diff != "" {
		t.Errorf("what was given has changed: %s", diff)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
}

// fall is how many uses after its pass rate fell from .95 to .50 a rule is
// suspended; 0: it was suspended before, at most `most`.
func fall(r *rand.Rand, most int) int {
	s := removal("r1", "").Verified(Evidence{}, nil, "it was", noon)
	s.Pass = Rate{19, 1}
	for range 100 {
		if s = s.Observed(use(r.Float64() < 0.95), noon); s.State != Active {
			return 0
		}
	}
	for n := 1; n <= most; n++ {
		if s = s.Observed(use(r.Float64() < 0.5), noon); s.State != Active {
			return n
		}
	}
	return most
}

func TestARuleThatTurnedBadIsSuspended(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	runs, soon, early := 1000, 0, 0
	for range runs {
		switch n := fall(r, 16); {
		case n == 0:
			early++
		case n <= 15:
			soon++
		}
	}
	t.Logf("suspended within 15 uses in %d of %d runs, %d false alarms within 100 uses before", soon, runs-early, early)
	if soon < (runs-early)*95/100 || early > runs*6/100 {
		t.Errorf("%d of %d, %d false alarms", soon, runs-early, early)
	}
}

// bad is a rule whose first uses all fail.
func bad(t *testing.T) *Subroutine {
	t.Helper()
	s := removal("r1", "")
	for range 50 {
		if s = s.Observed(use(false), noon); s.State == Suspended {
			return s
		}
	}
	t.Fatal("it was never suspended")
	return nil
}

func TestASuspendedRuleIsTriedAgain(t *testing.T) {
	s := bad(t)
	last := s.History[len(s.History)-1]
	if s.Cause != ByWatch || last.To != Suspended || last.From != Active || !strings.Contains(last.Reason, "turned bad") {
		t.Errorf("%+v", last)
	}
	if s.Pass.Passed != 19*0.25 {
		t.Errorf("what was seen before an alarm still counts in full: %+v", s.Pass)
	}
	if s.Due(noon.Add(23*time.Hour)) || !s.Due(noon.Add(24*time.Hour)) {
		t.Error("a day has to pass")
	}
	passes, fails := make([]Use, TrialRuns), make([]Use, TrialRuns)
	for i := range passes {
		passes[i], fails[i] = use(true), use(i > 1)
	}
	back := s.Tried(passes, noon)
	if back.State != Active || back.Cause != "" || back.Watch.Sum != 0 || back.Trials != (Trials{}) || back.Pass.Passed != 19*0.25+8 {
		t.Errorf("%+v", back)
	}
	for i, wait := range []time.Duration{48 * time.Hour, 96 * time.Hour} {
		if s = s.Tried(fails, noon); s.State != Suspended || s.Due(noon.Add(wait-1)) || !s.Due(noon.Add(wait)) {
			t.Fatalf("after attempt %d: %s, next %v", i+1, s.State, s.Trials.Next)
		}
	}
	if s = s.Tried(fails, noon); s.State != Retired || s.Due(noon.Add(1e6*time.Hour)) {
		t.Errorf("after three attempts in vain it is %s", s.State)
	}
	if s.Tried(nil, noon).State == Active {
		t.Error("an attempt without runs proves nothing")
	}
}

func TestDocsSuspendAndBringBack(t *testing.T) {
	docs := map[string]string{"seek": "1", "outline": "2", "fill": "3", "other": "4"}
	s := removal("r1", "").Verified(Evidence{}, docs, "it was", noon)
	if diff := cmp.Diff(map[string]string{"seek": "1", "outline": "2", "fill": "3"}, s.Docs); diff != "" {
		t.Error(diff)
	}
	if s.Docked(docs, noon) != s {
		t.Error("nothing differs")
	}
	changed := map[string]string{"seek": "1", "outline": "5"}
	gone := s.Docked(changed, noon)
	if gone.State != Suspended || gone.Cause != ByDocs || gone.Stale(changed) != "not installed: fill; doc changed since it was measured: outline" {
		t.Errorf("%s: %s", gone.State, gone.Stale(changed))
	}
	if gone.Docked(changed, noon) != gone {
		t.Error("it is suspended once")
	}
	if back := gone.Docked(docs, noon); back.State != Active || back.Own() != s.Own() {
		t.Errorf("with the same docs again it is %s", back.State)
	}
	fresh := Evidence{Cost: NewCost(1, 1), Pass: Rate{10, 0}}
	if again := gone.Verified(fresh, map[string]string{"seek": "1", "outline": "5", "fill": "3"}, "anew", noon); again.State != Active || again.Own() != fresh {
		t.Errorf("what was measured with other tools is no evidence: %+v", again.Own())
	}
	off, err := s.Disabled("by you", noon)
	if err != nil || off.Docked(changed, noon) != off || off.Docked(docs, noon) != off {
		t.Errorf("what a person disabled stays so: %v", err)
	}
}

func TestPersonsSwitch(t *testing.T) {
	s := removal("r1", "")
	off, err := s.Disabled("by you", noon)
	if err != nil || off.State != Suspended || off.Cause != ByPerson || off.Due(noon.Add(1e6*time.Hour)) {
		t.Fatalf("%+v, %v", off, err)
	}
	if _, err := off.Disabled("by you", noon); err == nil || !strings.Contains(err.Error(), "disabled already") {
		t.Error(err)
	}
	docs := map[string]string{"seek": "", "outline": "", "fill": ""}
	on, err := off.Enabled(docs, "by you", noon)
	if err != nil || on.State != Active || on.Cause != "" || len(on.History) != 2 {
		t.Errorf("%+v, %v", on, err)
	}
	if _, err := on.Enabled(docs, "by you", noon); err == nil || !strings.Contains(err.Error(), "active already") {
		t.Error(err)
	}
	if _, err := off.Enabled(nil, "by you", noon); err == nil || !strings.Contains(err.Error(), "not installed: seek, outline, fill") {
		t.Error(err)
	}
	off.Cost = Cost{}
	if _, err := off.Enabled(docs, "by you", noon); err == nil || !strings.Contains(err.Error(), "no measured cost") {
		t.Error(err)
	}
	if _, err := off.Covered(Cover{By: "r2", Reason: "covered by r2"}, noon).Disabled("", noon); err == nil {
		t.Error("a retired one cannot be disabled")
	}
	if r := s.Rejected("B = +3 %", noon); r.State != Retired || r.Provenance.Verification != "B = +3 %" {
		t.Errorf("%+v", r)
	}
}

// The history stays bounded, its first entry is kept.
func TestHistoryIsBounded(t *testing.T) {
	s := removal("r1", "").Verified(Evidence{}, nil, "first", noon)
	docs := map[string]string{"seek": "", "outline": "", "fill": ""}
	for i := range 200 {
		if i%2 == 0 {
			s = s.Docked(nil, noon)
		} else {
			s = s.Docked(docs, noon)
		}
	}
	if len(s.History) != 100 || !strings.Contains(s.History[0].Reason, "first") {
		t.Errorf("%d entries, the first %+v", len(s.History), s.History[0])
	}
}
