package subroutines_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "pentimento/internal/subroutines"
)

// paying is an active rule that was verified at balanced and costs what its toll says.
func paying(id string, t Toll) *Subroutine {
	s := removal(id, "")
	s.State = Candidate
	return s.VerifiedIn(Balanced, Evidence{}, nil, "it was", noon).Charged(Balanced, t)
}

// tolled draws a table; rules may lose, gain, or show nothing.
func tolled(r *rand.Rand) []*Subroutine {
	all := make([]*Subroutine, 1+r.IntN(12))
	for i := range all {
		all[i] = paying(fmt.Sprintf("r%d", i), Toll{Pairs: 5 + r.IntN(40), Lost: 0.05*r.Float64() - 0.015, Width: 0.03 * r.Float64(), Saved: 10 * r.Float64(), Share: 0.3 * r.Float64()})
	}
	return all
}

func ids(list []*Subroutine) (out []string) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

// The losses of what is offered never exceed the budget at their upper bounds, what loses nothing is always offered, what is left out
// would not fit, the order of the table does not matter, and a rule that is taken away leaves its share to others.
func TestBudgetIsKept(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 2000 {
		all := tolled(r)
		done := Budget(all, Balanced, QualityBudget)
		spent := 0.0
		for _, s := range done.In {
			spent += s.Tolls[Balanced].Most()
		}
		if spent > QualityBudget+1e-12 || spent != done.Spent || len(done.In)+len(done.Out) != len(all) {
			t.Fatalf("%v of %v spent, said to be %v; %d in, %d out of %d", spent, QualityBudget, done.Spent, len(done.In), len(done.Out), len(all))
		}
		for _, s := range done.Out {
			if toll := s.Tolls[Balanced]; !toll.Loses() || spent+toll.Most() <= QualityBudget {
				t.Fatalf("%+v is left out where %v of %v is spent", toll, spent, QualityBudget)
			}
		}
		mixed := slices.Clone(all)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if again := Budget(mixed, Balanced, QualityBudget); !slices.Equal(ids(again.In), ids(done.In)) {
			t.Fatalf("in another order %v are in, not %v", ids(again.In), ids(done.In))
		}
		if len(done.In) == 0 {
			continue
		}
		gone := done.In[r.IntN(len(done.In))]
		rest := Budget(slices.DeleteFunc(slices.Clone(all), func(s *Subroutine) bool { return s == gone }), Balanced, QualityBudget)
		before := spent - gone.Tolls[Balanced].Most()
		if rest.Spent > QualityBudget+1e-12 || rest.Spent < before-1e-12 {
			t.Fatalf("without %s %v is spent, %v by those that were in beside it", gone.ID, rest.Spent, before)
		}
		if other := Budget(all, ForSpeed, QualityBudget); len(other.In)+len(other.Out) > 0 {
			t.Fatal("a band is charged for what was verified in another")
		}
	}
}

// The quality goes to the rule that saves most for it, and comes back when that rule falls.
func TestBudgetGoesWhereItSavesMost(t *testing.T) {
	cheap := paying("cheap", Toll{Pairs: 20, Lost: 0.02, Width: 0.01, Saved: 3, Share: 0.12}) // 0.0036
	dear := paying("dear", Toll{Pairs: 20, Lost: 0.025, Width: 0.01, Saved: 2, Share: 0.1})   // 0.0035
	even := paying("even", Toll{Pairs: 5, Lost: 0.01, Width: 0.03, Saved: 1, Share: 0.5})     // no more than chance
	done := Budget([]*Subroutine{dear, even, cheap}, Balanced, QualityBudget)
	if got := ids(done.In); !slices.Equal(got, []string{"even", "cheap"}) || !slices.Equal(ids(done.Out), []string{"dear"}) {
		t.Fatalf("in %v, out %v", got, ids(done.Out))
	}
	if text := done.Why(dear, false); !strings.Contains(text, "at most 0.035 (20 pairs): 0.0035 in the mean") || !strings.Contains(text, "0.005, 0.0036 is spent") {
		t.Error(text)
	}
	out := dear.Afforded(Balanced, false, done.Why(dear, false), noon)
	if out.State != Suspended || out.Cause != ByBudget || len(out.Bands) != 0 || out.Check() != nil || dear.State != Active {
		t.Fatalf("%+v", out)
	}
	if again := Budget([]*Subroutine{out, even, cheap}, Balanced, QualityBudget); !slices.Equal(ids(again.Out), []string{"dear"}) || out.Afforded(Balanced, false, "", noon) != out {
		t.Error("what is left out is not looked at, or changes, while there is no room")
	}
	fallen, err := cheap.Disabled("for a test", noon)
	if err != nil {
		t.Fatal(err)
	}
	room := Budget([]*Subroutine{out, even, fallen}, Balanced, QualityBudget)
	if !slices.Equal(ids(room.In), []string{"even", "dear"}) {
		t.Fatalf("in %v once there is room", ids(room.In))
	}
	back := out.Afforded(Balanced, true, room.Why(out, true), noon)
	if back.State != Active || !slices.Equal(back.Bands, []Band{Balanced}) || len(back.Dear) != 0 {
		t.Errorf("%+v", back)
	}
}

// A rule without room stays what it is in other bands, keeps its place when its tools come and go, and is offered on a person's word.
func TestDearRulesLiveOn(t *testing.T) {
	docs := map[string]string{"seek": "1", "outline": "2", "fill": "3"}
	fresh := removal("r1", "")
	fresh.State = Candidate
	one := fresh.VerifiedIn(Balanced, Evidence{}, docs, "it was", noon).Charged(Balanced, Toll{Pairs: 9, Lost: 0.02, Width: 0.01, Saved: 1, Share: 0.5})
	two := one.VerifiedIn(ForSpeed, Evidence{}, docs, "again", noon).Afforded(Balanced, false, "no room", noon)
	if two.State != Active || two.Unknown(Balanced) || !slices.Equal(two.Bands, []Band{ForSpeed}) {
		t.Errorf("%+v", two)
	}
	out := one.Afforded(Balanced, false, "no room", noon)
	gone := out.Docked(map[string]string{"seek": "1"}, noon)
	if gone.Cause != ByDocs {
		t.Errorf("%s by %s without its tools", gone.State, gone.Cause)
	}
	if back := gone.Docked(docs, noon); back.State != Suspended || back.Cause != ByBudget {
		t.Errorf("%s by %s with its tools", back.State, back.Cause)
	}
	beside := out.Covered(Cover{By: "r2", Reason: "wider"}, noon).Uncovered(noon)
	if beside.State != Suspended || beside.Cause != ByBudget {
		t.Errorf("%s by %s after its coverer fell", beside.State, beside.Cause)
	}
	out.Cost = NewCost(2, 1)
	on, err := out.Enabled(docs, "a person wants it", noon)
	if err != nil || on.State != Active || !slices.Equal(on.Bands, []Band{Balanced}) {
		t.Fatalf("%v: %+v", err, on)
	}
	if done := Budget([]*Subroutine{on}, Balanced, QualityBudget); len(done.In)+len(done.Out) > 0 {
		t.Error("a person's word costs budget")
	}
}
