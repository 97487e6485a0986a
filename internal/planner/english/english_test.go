package english

import "testing"

func TestTier(t *testing.T) {
	for w, want := range map[string]bool{"cushion": true, "skirt": true, "boots": true, "colour": true, "color": true, "hoodie": true, "cusion": false, "skrit": false, "": false, "a": false, "aa": false, "zzz": false, "Paris": false} {
		if got := Known(w); got != want {
			t.Errorf("Known(%q) = %v", w, got)
		}
	}
	if a, b := Tier("house"), Tier("wheelbarrow"); a >= b {
		t.Errorf("house is of tier %d, wheelbarrow of %d", a, b)
	}
	l := words()
	for i := 1; i < len(l.end); i++ {
		if l.at(i-1) >= l.at(i) || l.tier[i] < 1 || l.tier[i] > 6 {
			t.Fatalf("%q (%d) stands before %q (%d)", l.at(i-1), l.tier[i-1], l.at(i), l.tier[i])
		}
	}
	if n := len(l.end); n < 70_000 {
		t.Errorf("%d words", n)
	}
}

func TestVerb(t *testing.T) {
	for w, want := range map[string]bool{"love": true, "visit": true, "get": true, "take": true, "happy": false, "oven": false, "skrit": false} {
		if got := Verb(w); got != want {
			t.Errorf("Verb(%q) = %v", w, got)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		unpack(packed)
	}
}
