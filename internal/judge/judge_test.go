package judge_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// falls fails the test unless the scores fall from each to the next, to a rounding's slack.
func falls(t *testing.T, name string, good judge.Verdict, spoiled []judge.Verdict) {
	t.Helper()
	if !good.Pass {
		t.Errorf("%s: the good result fails with %.2f: %s", name, good.Score, good.Reason)
	}
	last := good.Score
	for level, v := range spoiled {
		if math.IsNaN(v.Score) || v.Score < 0 || v.Score > 1 {
			t.Fatalf("%s level %d: score %v", name, level+1, v.Score)
		}
		if v.Score > last+1e-9 {
			t.Errorf("%s level %d: the score rises from %.3f to %.3f", name, level+1, last, v.Score)
		}
		last = v.Score
	}
	if v := spoiled[len(spoiled)-1]; v.Pass {
		t.Errorf("%s: the worst spoil passes with %.2f", name, v.Score)
	}
}

func TestDetectFallsWithScoreAndAgreement(t *testing.T) {
	box := edit.Box{X0: 100, Y0: 100, X1: 200, Y1: 220, Score: 0.95, Label: "dog"}
	run := func(change func(b edit.Box, second *edit.Box) (edit.Box, *edit.Box)) judge.Verdict {
		second := box
		b, s := change(box, &second)
		return judge.Detect(judge.DetectInput{
			Width: 400, Height: 300, Boxes: edit.Boxes{Picked: []edit.Box{b}}, Second: &edit.Boxes{Picked: []edit.Box{*s}},
			Precision: [][2]float64{{0.2, 0.1}, {0.5, 0.7}, {0.9, 0.97}},
		})
	}
	good := run(func(b edit.Box, s *edit.Box) (edit.Box, *edit.Box) { return b, s })
	var byScore, byShift, bySize []judge.Verdict
	for level := 1.0; level <= 5; level++ {
		byScore = append(byScore, run(func(b edit.Box, s *edit.Box) (edit.Box, *edit.Box) {
			b.Score -= 0.14 * level
			return b, s
		}))
		byShift = append(byShift, run(func(b edit.Box, s *edit.Box) (edit.Box, *edit.Box) {
			s.X0, s.X1 = s.X0+18*level, s.X1+18*level
			return b, s
		}))
		bySize = append(bySize, run(func(b edit.Box, s *edit.Box) (edit.Box, *edit.Box) {
			b.X1 = b.X0 + 8 - 1.5*level
			return b, &b
		}))
	}
	falls(t, "score", good, byScore)
	falls(t, "disagreement", good, byShift)
	falls(t, "sliver", good, bySize)
	if v := run(func(b edit.Box, s *edit.Box) (edit.Box, *edit.Box) { b.X0 = math.NaN(); return b, s }); v.Pass || v.Score != 0 {
		t.Errorf("a box that is not a number scores %v", v.Score)
	}
}

func TestPrecisionIsLinearBetweenPairs(t *testing.T) {
	pairs := [][2]float64{{0.2, 0.1}, {0.6, 0.5}, {1, 0.9}}
	for _, c := range [][2]float64{{0, 0.1}, {0.4, 0.3}, {0.8, 0.7}, {2, 0.9}} {
		if got := judge.Precision(pairs, c[0]); math.Abs(got-c[1]) > 1e-9 {
			t.Errorf("score %v: precision %v, want %v", c[0], got, c[1])
		}
	}
}

func TestMissingToolsAreSaidAndNotCounted(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	hole := pixel.Grow(pixel.Threshold(masks["car"], 1), 3)
	after := img.Clone()
	v, err := judge.Removal(context.Background(), judge.RemovalInput{Before: img, After: after, Hole: hole, Phrase: "car"})
	if err != nil {
		t.Fatal(err)
	}
	if v.Pass || !strings.Contains(v.Reason, "not measured: whether a detector still finds it") {
		t.Errorf("an untouched picture: pass %v, %q", v.Pass, v.Reason)
	}
	if _, counted := v.Measures["detected"]; counted {
		t.Error("a detector that is not there was counted")
	}
}

func TestRemovalAsksTheDetector(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	hole := pixel.Grow(pixel.Threshold(masks["car"], 1), 3)
	r := masks["car"].Bounds(pixel.Half)
	box := edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y), Score: 0.9}
	var scores []float64
	for _, still := range []float64{0, 0.3, 0.5, 0.7, 0.9} {
		v, err := judge.Removal(context.Background(), judge.RemovalInput{
			Before: img, After: pixel.BlurImage(img, 9, pixel.Encoded), Hole: hole, Phrase: "car", FoundBefore: []edit.Box{box},
			Detect: func(context.Context, *pixel.Image, string) (edit.Boxes, error) {
				if still == 0 {
					return edit.Boxes{}, &edit.NotFoundError{Phrase: "car"}
				}
				b := box
				b.Score = still
				return edit.Boxes{Picked: []edit.Box{b}}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v.Measures["detected"] != still {
			t.Errorf("measured %v, want %v", v.Measures["detected"], still)
		}
		scores = append(scores, v.Measures["joint"])
	}
	for i := 1; i < len(scores); i++ {
		if scores[i] > scores[i-1] {
			t.Errorf("the score rises with the detection: %v", scores)
		}
	}
}

func TestStepChoosesByTaskAndOutput(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	car := masks["car"]
	r := car.Bounds(pixel.Half)
	carBox := edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y)}
	nan := &pixel.Depth{W: img.W, H: img.H, V: make([]float32, img.W*img.H)}
	nan.V[7] = float32(math.NaN())
	for _, c := range []struct {
		name, check string
		step        judge.Step
	}{
		{"unknown task", "generic", judge.Step{Task: "no-such-task", Completes: true, Before: img, After: pixel.BlurImage(img, 1, pixel.Encoded)}},
		{"removal", "removal", judge.Step{Task: "object-removal", Completes: true, Before: img, After: img, Inputs: map[string]edit.Artifact{"hole:mask": car}}},
		{"mask of a box", "segment", judge.Step{Task: "object-removal", Before: img, Inputs: map[string]edit.Artifact{edit.SlotBoxes: edit.Boxes{Picked: []edit.Box{carBox}}}, Outputs: map[string]edit.Artifact{edit.SlotMask: car}}},
		{"mask of stuff", "place", judge.Step{Task: "object-removal", Before: img, Outputs: map[string]edit.Artifact{edit.SlotMask: car}}},
		{"grown mask", "place", judge.Step{Task: "object-removal", Before: img, Inputs: map[string]edit.Artifact{edit.SlotMask: car}, Outputs: map[string]edit.Artifact{"hole:mask": pixel.Grow(car, 4)}}},
		{"boxes", "detect", judge.Step{Task: "object-removal", Before: img, Outputs: map[string]edit.Artifact{edit.SlotBoxes: edit.Boxes{}}}},
		{"depth", "depth", judge.Step{Task: "depth-estimation", Completes: true, Before: img, Outputs: map[string]edit.Artifact{"depth": nan}}},
		{"nothing", "generic", judge.Step{Task: "object-removal", Before: img}},
	} {
		v, err := judge.Judge{}.Step(context.Background(), c.step)
		if err != nil {
			t.Fatal(err)
		}
		if v.Check != c.check {
			t.Errorf("%s got the check %q, want %q", c.name, v.Check, c.check)
		}
		if !strings.HasSuffix(v.Reason, ".") || v.Reason == "." {
			t.Errorf("%s: the reason is no sentence: %q", c.name, v.Reason)
		}
		if c.name == "depth" && v.Score != 0 {
			t.Errorf("a depth map with NaN scores %v", v.Score)
		}
	}
}

func TestUntouchedPictureFailsEverywhere(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	spec := &edit.ToolSpec{Inputs: []edit.Port{{Name: "mask", Kind: edit.KindMask}}}
	red := edit.Color{R: 20, G: 140, B: 130, Name: "teal"}
	for _, task := range []string{
		"object-recoloration", "color-shift", "object-removal", "background-removal", "background-replacement", "background-blur",
		"text-removal", "object-redaction", "image-deblurring", "style-transfer", "exposure-adjustment", "image-upscaling", "outpainting", "image-crop", "no-such-task",
	} {
		v, err := judge.Judge{}.Step(context.Background(), judge.Step{
			Task: task, Completes: true, Spec: spec, Before: img, After: img.Clone(),
			Inputs: map[string]edit.Artifact{edit.SlotMask: masks["car"], edit.SlotColor: red, "lightness:number": edit.Number(0.3)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v.Pass {
			t.Errorf("%s: an untouched picture passes with %.2f: %s", task, v.Score, v.Reason)
		}
	}
}

func TestStepStopsWhenCancelled(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := judge.Judge{}.Step(ctx, judge.Step{Task: "object-removal", Completes: true, Before: img, After: img, Inputs: map[string]edit.Artifact{"hole:mask": masks["car"]}})
	if err == nil {
		t.Error("a cancelled check gave a verdict")
	}
}

func TestTextIsReadBack(t *testing.T) {
	img, _ := scene.Render(320, 214, 1)
	place := pixel.RectMask(320, 214, pixel.RectMask(320, 214, img.NRGBA().Bounds()).Bounds(1).Inset(70))
	after := pixel.KeepOutside(img, pixel.BlurImage(img, 3, pixel.Encoded), place)
	var last float64 = 2
	for _, read := range []string{"CLOSED", "CLOSEQ", "CL0SQQ", "CQQQQQ", ""} {
		v, err := judge.WrittenText(context.Background(), judge.TextInput{
			Before: img, After: after, Place: place, Old: "OPEN", New: "closed",
			Read: func(context.Context, *pixel.Image) (edit.Spans, error) {
				return edit.Spans{{Text: read, Quad: [4]edit.Point{{X: 80, Y: 80}, {X: 200, Y: 80}, {X: 200, Y: 120}, {X: 80, Y: 120}}}}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v.Measures["joint"] >= last {
			t.Errorf("reading %q scores %v, no less than before (%v)", read, v.Measures["joint"], last)
		}
		last = v.Measures["joint"]
	}
}
