package planner

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// TestShippedDocs plans the requests that the project must serve with the docs it ships.
func TestShippedDocs(t *testing.T) {
	g := New(shippedSpecs(t))
	for request, want := range map[string]string{
		"detect the dog and recolor the bench to pink":                  "object-detection(dog) object-recoloration(bench → pink)",
		"make the white truck teal":                                     "object-recoloration(white truck → teal)",
		"make the truck matte black and the wall behind it pale yellow": "object-recoloration(truck → matte black) object-recoloration(wall → pale yellow but not truck)",
		"recolor the airplane red and blur the background":              "object-recoloration(airplane → red) background-blur()",
		"recolor the yellow raft to purple":                             "object-recoloration(yellow raft → purple)",
		"make the red parrot blue":                                      "object-recoloration(red parrot → blue)",
		"recolor the red hat and scarf to blue":                         "object-recoloration(red hat and scarf → blue)",
		"remove the person on the right":                                "object-removal(person on the right)",
		"upscale 2x":                                                    "image-upscaling()",
		"recolor the cup to green":                                      "object-recoloration(cup → green)",
		"detect the text":                                               "text-detection()",
		"read the text on the sign":                                     "text-extraction()",
		"remove the giraffe and recolor the airplane red":               "object-removal(giraffe) object-recoloration(airplane → red)",
		"remove the banana":                                             "object-removal(banana)",
		"remove the person":                                             "object-removal(person)",
		"remove the background":                                         "background-removal()",
		"make the sky warmer, then upscale 2x":                          "temperature-adjustment(sky) image-upscaling()",
		"brighten the shadows and denoise":                              "shadow-recovery() image-denoising()",
		"deblur and sharpen, then increase the contrast a little":       "image-deblurring() image-deblurring() contrast-adjustment()",
		"recolor the laptop screen to white and estimate the depth":     "object-recoloration(laptop screen → white) depth-estimation()",
		"make the leaves greener but keep the bicycle as it is":         "color-shift(leaves but not bicycle)",
		"make the photo brighter and sharper":                           "exposure-adjustment() image-deblurring()",
		"make it twice as large":                                        "image-upscaling()",
		"convert the picture to black and white":                        "saturation-adjustment()",
		"rotate 90 degrees counterclockwise and flip vertically":        "image-rotation() image-flip()",
		"crop the image to a square":                                    "image-crop()",
		"crop to the dog":                                               "image-crop(dog)",
		"resize to 50%":                                                 "image-resize()",
		"remove the noise":                                              "image-denoising()",
		"blur the background a lot":                                     "background-blur()",
		"how good is this photo?":                                       "quality-assessment()",
		"what does the sign say?":                                       "text-extraction()",
		"what is written on the sign?":                                  "text-extraction()",
		"remove everything except the dog":                              "background-removal(dog)",
		"blur everything except the raft":                               "image-blur( but not raft)",
		"make everything but the dog grey":                              "object-recoloration( → grey but not dog)",
		"apply the mosaic style to the background only":                 "style-transfer(background)",
		"apply the mosaic style to everything except the dog":           "style-transfer( but not dog)",
		"replace the background with a soft grey gradient":              "background-gradient( → grey)",
		"replace the background with white but keep the bench":          "background-replacement( → white but not bench)",
		"replace the text 'Musee du LOUVRE' with 'Musee ORSAY'":         "text-replacement(Musee du LOUVRE → Musee ORSAY)",
		"redact the license plate and blur the faces if there are any":  "text-redaction(license plate) object-blur(faces if any)",
		"remove all people and the text on the signs":                   "object-removal(all people) text-removal(text)",
		"remove the dog and recolor the pot to blue":                    "object-removal(dog) object-recoloration(pot → blue)",
		"make the bench match the door":                                 "object-recoloration(bench like door)",
		"make the bench the same colour as the door":                    "object-recoloration(bench like door)",
		"blur the dog's face":                                           "object-blur(dog's face)",
		"denoise the wall":                                              "image-denoising(wall)",
		"brighten the dog":                                              "exposure-adjustment(dog)",
		"make the sky warmer without touching the clouds":               "temperature-adjustment(sky but not clouds)",
		"darken the background but not the bench":                       "exposure-adjustment(background but not bench)",
		"select the bench but not the dog":                              "object-segmentation(bench but not dog)",
		"make the car darker":                                           "color-shift(car)",
		"make the car a little redder":                                  "color-shift(car)",
		"make the sky less blue":                                        "color-shift(sky)",
		"make the picture darker":                                       "exposure-adjustment()",
		"make the shirt darker blue":                                    "object-recoloration(shirt → darker blue)",
		"detect the zebra crossing":                                     "object-detection(zebra crossing)",
	} {
		plan, err := planOf(t, g, request, edit.History{})
		got := ""
		for i, s := range plan.Subtasks {
			if i > 0 {
				got += " "
			}
			got += s.Task + "(" + s.Object
			if s.Target != "" {
				got += " → " + s.Target
			}
			if len(s.Except) > 0 {
				got += " but not " + strings.Join(s.Except, ", ")
			}
			if s.Like != "" {
				got += " like " + s.Like
			}
			if s.Optional {
				got += " if any"
			}
			got += ")"
		}
		if err != nil || got != want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", request, got, err, want)
		}
	}
}

// TestShippedExamples plans every example of every shipped doc as the doc says.
func TestShippedExamples(t *testing.T) {
	specs := shippedSpecs(t)
	g := New(specs)
	for _, s := range specs {
		for _, e := range s.Examples {
			want := e.Task
			if want == "" && len(s.Tasks) > 0 {
				want = s.Tasks[0].Task
			}
			plan, err := planOf(t, g, e.Request, edit.History{})
			if err != nil || len(plan.Subtasks) != 1 || plan.Subtasks[0].Task != want {
				t.Errorf("%s: %q is planned as %v (%v), want %s", s.Name, e.Request, plan.Subtasks, err, want)
				continue
			}
			got := plan.Subtasks[0]
			for port, value := range e.Arguments {
				if msg := differs(got, s, port, value); msg != "" {
					t.Errorf("%s: %q: %s", s.Name, e.Request, msg)
				}
			}
		}
	}
}

func differs(got edit.Subtask, s edit.ToolSpec, port string, value any) string {
	in, _ := s.Input(port)
	switch {
	case in.Slot() == edit.SlotObject:
		if got.Object != fmt.Sprint(value) {
			return fmt.Sprintf("object %q, want %q", got.Object, value)
		}
	case in.Kind == edit.KindColor:
		if c, ok := got.Args[port].Value.(edit.Color); !ok || c.String() != value {
			return fmt.Sprintf("%s %v, want %v", port, got.Args[port].Value, value)
		}
	case in.Kind == edit.KindNumber:
		var want float64
		if _, err := fmt.Sscan(fmt.Sprint(value), &want); err != nil {
			return err.Error()
		}
		if n, ok := got.Args[port].Value.(edit.Number); !ok || float64(n) != want {
			return fmt.Sprintf("%s %v, want %v", port, got.Args[port].Value, value)
		}
	}
	return ""
}

// TestDegreesScaleWhatIsSaid checks that "much" goes to the number whose word
// is said, of several that a task has, that the rest stay unsaid, and that a degree takes no side away.
func TestDegreesScaleWhatIsSaid(t *testing.T) {
	g := New(shippedSpecs(t))
	for request, want := range map[string]map[string]edit.Number{
		"make the car darker":             {"lightness": -0.45},
		"make the car much darker":        {"lightness": -0.9},
		"make the car a little redder":    {"redness": 0.2},
		"make the car slightly more blue": {"yellowness": -0.2},
		"make the leaves less green":      {"redness": 0.4},
		"extend it a bit on the left":     {"left": 25},
		"extend it a little to the right": {"right": 25},
	} {
		plan, err := planOf(t, g, request, edit.History{})
		if err != nil || len(plan.Subtasks) != 1 {
			t.Errorf("%s: %v, %v", request, plan, err)
			continue
		}
		got := map[string]edit.Number{}
		for name, a := range plan.Subtasks[0].Args {
			got[name], _ = a.Value.(edit.Number)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", request, got, want)
		}
	}
}
