package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/edit"
	"pentimento/internal/xmp"
)

func someTurn(request string) Turn {
	teal, _ := edit.ParseColor("teal")
	return Turn{
		Program: "pentimento test", Request: request, Planner: "grammar", Alpha: 1, Threshold: 0.8, Seed: 3, Device: "cpu",
		Input: Picture{Width: 4, Height: 3, SHA256: "ab"},
		Evidence: &Evidence{
			Boxes:  map[string][]edit.Box{"b <car>": {{X0: 1, Y0: 2, X1: 3, Y1: 4}}, "a": nil},
			Points: map[string]edit.Points{"cup": {{X: 1, Y: 2, Exclude: true}}},
			Mask:   &Picture{SHA256: "cd"}, With: map[string]Picture{"background": {SHA256: "ef"}},
		},
		Steps: []Step{{
			Subtask: edit.Subtask{ID: 1, Task: "t", Object: "red car & \"dog\"", Args: map[string]edit.Arg{"color": {Value: teal}, "scale": {Value: edit.Number(2)}}},
			Status:  edit.StatusDone,
			Toolpaths: []Toolpath{{
				Calls: []Call{{Tool: "a", Variant: 1, Params: map[string]any{"score": 0.5}, Digest: "12", Models: []string{"34"}}},
				Asked: []Call{{Tool: "b", Digest: "56"}},
			}},
		}},
		Output: Output{Format: "jpeg", Quality: 80},
	}
}

const noLimit = 1 << 20

func TestEmbedAndRead(t *testing.T) {
	var none *Recipe
	r := none.Add(someTurn("first"))
	packet, dropped, err := Embed(nil, r, Human, noLimit)
	if err != nil || dropped != 0 {
		t.Fatal(dropped, err)
	}
	again, _, err := Embed(nil, r, Human, noLimit)
	if err != nil || !bytes.Equal(packet, again) {
		t.Error("two runs differ")
	}
	got, err := Read(packet)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&r, got); diff != "" {
		t.Error(diff)
	}
	two := got.Add(someTurn("second"))
	both, _, err := Embed(packet, two, Enhanced, noLimit)
	if err != nil {
		t.Fatal(err)
	}
	got, err = Read(both)
	if err != nil || len(got.Turns) != 2 || got.Turns[1].Request != "second" {
		t.Errorf("%+v, %v", got, err)
	}
	if SourceOf(both) != Human {
		t.Errorf("the source became %s", SourceOf(both))
	}
	if n := strings.Count(string(both), "<pentimento:Recipe>"); n != 1 {
		t.Errorf("%d recipes", n)
	}
}

func TestEmbedKeepsWhatIsThere(t *testing.T) {
	d := xmp.New()
	d.Set(xmp.Property{Space: "http://purl.org/dc/elements/1.1/", Prefix: "dc", Name: "source", Value: "roll 7"},
		xmp.Property{Space: nsIPTC, Prefix: "iptc", Name: sourceField, Value: vocabulary + "digitalCapture"})
	var none *Recipe
	packet, _, err := Embed(d.Bytes(), none.Add(someTurn("x")), Trained, noLimit)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(packet), "roll 7") || SourceOf(packet) != Trained || strings.Contains(string(packet), "digitalCapture") {
		t.Errorf("%s", packet)
	}
	bare := Strip(packet, Trained)
	if strings.Contains(string(bare), "pentimento") {
		t.Errorf("a trace stayed: %s", bare)
	}
	if r, err := Read(bare); r != nil || err != nil || !strings.Contains(string(bare), "roll 7") || SourceOf(bare) != Trained {
		t.Errorf("stripped: %v, %v, %s", r, err, bare)
	}
	if bare := Strip(d.Bytes(), Trained); SourceOf(bare) != "" || !strings.Contains(string(bare), "roll 7") {
		t.Errorf("an untrue source stayed: %s", bare)
	}
	fresh, _, err := Embed(nil, none.Add(someTurn("x")), Trained, noLimit)
	if err != nil {
		t.Fatal(err)
	}
	d, err = xmp.Parse(fresh)
	if err != nil {
		t.Fatal(err)
	}
	d.Remove(nsIPTC, "*")
	if left := Strip(d.Bytes(), Trained); left != nil {
		t.Errorf("an empty packet stayed: %s", left)
	}
}

func TestEmbedDropsTheOldest(t *testing.T) {
	var r Recipe
	for i := range MaxTurns + 5 {
		r = r.Add(someTurn(fmt.Sprint("turn ", i)))
	}
	if len(r.Turns) != MaxTurns || r.Earlier != 5 {
		t.Fatalf("%d turns, %d earlier", len(r.Turns), r.Earlier)
	}
	packet, dropped, err := Embed(nil, r, Human, 20_000)
	if err != nil || len(packet) > 20_000 || dropped == 0 {
		t.Fatalf("%d bytes, %d dropped, %v", len(packet), dropped, err)
	}
	got, err := Read(packet)
	if err != nil || got.Earlier != 5+dropped || got.Turns[len(got.Turns)-1].Request != fmt.Sprint("turn ", MaxTurns+4) {
		t.Errorf("%v, %d earlier", err, got.Earlier)
	}
	if packet, _, err := Embed(nil, r, Human, 500); packet != nil || err != nil {
		t.Errorf("%d bytes in 500, %v", len(packet), err)
	}
}

func TestWeights(t *testing.T) {
	for _, tc := range []struct{ a, b, want Source }{
		{"digitalCapture", Enhanced, Enhanced},
		{Human, Enhanced, Human},
		{Trained, Human, Trained},
		{Human, Trained, Trained},
		{"trainedAlgorithmicMedia", Trained, "trainedAlgorithmicMedia"},
		{"digitalCreation", Human, "digitalCreation"},
		{"digitalCreation", Composite, Composite},
		{"", Enhanced, Enhanced},
	} {
		if got := tc.a.Heavier(tc.b); got != tc.want {
			t.Errorf("%q and %q: %q, want %q", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                                 "damaged",
		"{}":                               "version 0",
		`{"version":2,"turns":[{}],"x":1}`: "version 2",
		`{"version":1,"turns":[]}`:         "0 turns",
		`{"version":1,"turns":[{"x":1}]}`:  "unknown field",
		`{"version":1,"turns":[{}]} {}`:    "damaged",
		`{"version":1,"turns":[{}],"earlier":-1}`:                         "damaged",
		`{"version":1,"turns":[` + strings.Repeat("{},", 200) + `{}]}`:    "201 turns",
		`{"version":1,"turns":[{"request":"` + strings.Repeat("x", 2<<20): "too large",
	} {
		d := xmp.New()
		d.Set(xmp.Property{Space: Namespace, Prefix: "p", Name: property, Value: text})
		_, err := Read(d.Bytes())
		var user *edit.UserError
		if !errors.As(err, &user) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v, want %q", text, err, says)
		}
	}
	if r, err := Read(nil); r != nil || err != nil {
		t.Error("nothing is not a recipe")
	}
	if r, err := Read(xmp.New().Bytes()); r != nil || err != nil {
		t.Error("an empty packet holds no recipe")
	}
}

func FuzzRead(f *testing.F) {
	var none *Recipe
	packet, _, err := Embed(nil, none.Add(someTurn("x")), Human, noLimit)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packet)
	f.Fuzz(func(t *testing.T, packet []byte) {
		r, err := Read(packet)
		if err != nil || r == nil {
			return
		}
		out, _, err := Embed(packet, r.Add(someTurn("y")), Human, noLimit)
		if err != nil || out == nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if again, err := Read(out); err != nil || again.Turns[len(again.Turns)-1].Request != "y" {
			t.Fatalf("%v", err)
		}
	})
}
