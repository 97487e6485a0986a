package edit

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestParsePhrase(t *testing.T) {
	red, _ := ParseColor("red")
	yellow, _ := ParseColor("yellow")
	white, _ := ParseColor("white")
	black, _ := ParseColor("black")
	for in, want := range map[string]Phrase{
		"the red car":                    {Text: "red car", Head: "car", Colors: []Color{red}},
		"person on the right":            {Text: "person on the right", Head: "person", Position: Right},
		"the leftmost dog":               {Text: "leftmost dog", Head: "dog", Position: Left},
		"all people":                     {Text: "all people", Head: "person", All: true, Plural: true},
		"cars":                           {Text: "cars", Head: "car", All: true, Plural: true},
		"the two yellow cars":            {Text: "two yellow cars", Head: "car", Colors: []Color{yellow}, Count: 2, Plural: true},
		"second bus from the left":       {Text: "second bus from the left", Head: "bus", Ordinal: 2, Position: Left},
		"black and white cat":            {Text: "black and white cat", Head: "cat", Colors: []Color{black, white}},
		"red hat and scarf":              {Text: "red hat and scarf", Head: "hat and scarf", Colors: []Color{red}},
		"parrot at the top of the image": {Text: "parrot at the top of the image", Head: "parrot", Position: Top},
		"dog on the bench":               {Text: "dog on the bench", Head: "dog on the bench"},
		"the glass":                      {Text: "glass", Head: "glass"},
		"every red umbrella":             {Text: "every red umbrella", Head: "umbrella", Colors: []Color{red}, All: true},
		"orange":                         {Text: "orange", Head: "orange"},
		"the bottom":                     {Text: "bottom", Head: "bottom"},
		"":                               {},
	} {
		if diff := cmp.Diff(want, ParsePhrase(in), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("ParsePhrase(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestParsePhraseNeverPanicsAndIsStable(t *testing.T) {
	word := rapid.SampledFrom([]string{"the", "red", "car", "on", "left", "two", "all", "and", "second", "right", "of", "dark", "green", "bus", "3", "in"})
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, w := range rapid.SliceOfN(word, 0, 9).Draw(t, "words") {
			s += w + " "
		}
		p := ParsePhrase(s)
		if again := ParsePhrase(p.Text); again.Head != p.Head || again.Position != p.Position {
			t.Fatalf("%q: parsing its own text gives %+v, not %+v", s, again, p)
		}
		if p.Text != "" && p.Head == "" {
			t.Fatalf("%q: no head in %+v", s, p)
		}
	})
}

func TestLabelsFind(t *testing.T) {
	l := NewLabels([]string{"person", "dog", "hot dog", "traffic light", "cup"},
		map[string][]string{"person": {"man", "woman"}, "dog": {"puppy"}}, []string{"object", "everything"})
	for word, want := range map[string]int{
		"dog": 1, "dogs": 1, "puppy": 1, "hot dog": 2, "woman": 0, "sleeping dog": 1, "traffic light": 3, "object": -1,
	} {
		if got, ok := l.Find(word); !ok || got != want {
			t.Errorf("Find(%q) = %d, %v; want %d", word, got, ok, want)
		}
	}
	for _, word := range []string{"dog on the cup", "cat and dog", "dog house", "cup of coffee", "wall", ""} {
		if got, ok := l.Find(word); ok {
			t.Errorf("Find(%q) = %d; the word must not be known", word, got)
		}
	}
}

func TestParseColor(t *testing.T) {
	for in, hex := range map[string]string{"teal": "#008080", "Dark-Green": "#0b5d1e", "#0f8": "#00ff88", "#00ffAA": "#00ffaa", "light  blue": "#8ec5f0", "royal blue": "#4169e1"} {
		if c, ok := ParseColor(in); !ok || c.Hex() != hex {
			t.Errorf("ParseColor(%q) = %s, %v; want %s", in, c.Hex(), ok, hex)
		}
	}
	for _, in := range []string{"", "car", "#12", "#1234567", "#ggg", "dark"} {
		if c, ok := ParseColor(in); ok {
			t.Errorf("ParseColor(%q) = %s; want none", in, c.Hex())
		}
	}
}

// TestColorNames: everyday names are known, each once, and a name that says of which colour it is a shade is near to it.
func TestColorNames(t *testing.T) {
	for _, name := range strings.Fields("lilac terracotta blonde blond auburn mauve taupe ochre vermilion cerulean periwinkle apricot mahogany sage jade ruby sapphire ginger anthracite") {
		if c, ok := ParseColor(name); !ok || c.Name != name {
			t.Errorf("ParseColor(%q) = %+v, %v", name, c, ok)
		}
	}
	strongest := map[string]func(c Color) bool{
		"red":   func(c Color) bool { return c.R > c.G && c.R > c.B },
		"green": func(c Color) bool { return c.G >= c.R && c.G >= c.B },
		"blue":  func(c Color) bool { return c.B > c.R },
		"pink":  func(c Color) bool { return c.R > c.G && c.B > 100 },
		"brown": func(c Color) bool { return c.R > c.G && c.G >= c.B },
	}
	seen := map[string]bool{}
	for line := range strings.Lines(colorList) {
		_, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		for name := range strings.SplitSeq(names, ",") {
			name = strings.TrimSpace(name)
			if seen[name] && strings.HasPrefix(line, "#") {
				t.Errorf("%q is listed twice", name)
			}
			seen[name] = true
			c, _ := ParseColor(name)
			shade, base, two := strings.Cut(name, " ")
			if is := strongest[base]; two && is != nil && !is(c) {
				t.Errorf("%s %s is %s", shade, base, c.Hex())
			}
		}
	}
}

func TestSubtaskRoundTrips(t *testing.T) {
	teal, _ := ParseColor("teal")
	want := Subtask{
		ID: 2, Task: "object-recoloration", Object: "red car", Target: "teal", After: []int{1},
		Args: map[string]Arg{"color": {teal}, "scale": {Number(2)}, "text": {Text("OPEN")}},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Subtask
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", b, diff)
	}
	if err := json.Unmarshal([]byte(`{"id":1,"task":"x","args":{"color":"color:nocolour"}}`), &got); err == nil {
		t.Error("a colour that is none was accepted")
	}
}

func TestBox(t *testing.T) {
	b := Box{X0: 50, Y0: -10, X1: 20, Y1: 30}.Clip(40, 20)
	if b.X0 != 20 || b.Y0 != 0 || b.X1 != 40 || b.Y1 != 20 {
		t.Errorf("Clip = %v", b)
	}
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.Custom(func(t *rapid.T) Box {
			x, y := rapid.Float64Range(-50, 50).Draw(t, "x"), rapid.Float64Range(-50, 50).Draw(t, "y")
			return Box{X0: x, Y0: y, X1: x + rapid.Float64Range(0.1, 60).Draw(t, "w"), Y1: y + rapid.Float64Range(0.1, 60).Draw(t, "h")}
		})
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		u := a.IoU(b)
		if u < 0 || u > 1+1e-9 || u != b.IoU(a) {
			t.Fatalf("IoU(%v, %v) = %v, reversed %v", a, b, u, b.IoU(a))
		}
		if self := a.IoU(a); self < 1-1e-9 {
			t.Fatalf("IoU of %v with itself is %v", a, self)
		}
	})
}

func TestSlot(t *testing.T) {
	for _, tc := range []struct {
		name string
		kind Kind
		want string
	}{{"image", KindImage, "image"}, {"background", KindImage, "background:image"}, {"mask", KindMask, "mask:mask"}, {"hole", KindMask, "hole:mask"}, {"detections", KindBoxes, "boxes"}, {"object", KindText, "object:text"}} {
		if got := Slot(tc.name, tc.kind); got != tc.want {
			t.Errorf("Slot(%s, %s) = %s, want %s", tc.name, tc.kind, got, tc.want)
		}
	}
}

// TestSubtaskJSON checks that what a plan file says of exceptions and likenesses is read as it was written.
func TestSubtaskJSON(t *testing.T) {
	in := Subtask{ID: 1, Task: "paint", Object: "bench", Except: []string{"dog", "left cat"}, Like: "door", Optional: true}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Subtask
	if err := json.Unmarshal(b, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%s is read as %+v (%v)", b, out, err)
	}
	if b, err = json.Marshal(Subtask{ID: 1, Task: "paint"}); err != nil || string(b) != `{"id":1,"task":"paint"}` {
		t.Errorf("a plain subtask is written as %s (%v)", b, err)
	}
}
