package planner

import (
	"context"
	"slices"
	"testing"

	"pentimento/internal/edit"
)

// TestPlain: what is said first, last or apart is planned as the plain order is, and served as it was said.
func TestPlain(t *testing.T) {
	g := New(shippedSpecs(t))
	for request, want := range map[string][]string{
		"Tractor out, two horses in, roof red.":                                   {"object-removal", "object-addition", "object-recoloration"},
		"4x upscale and denoise":                                                  {"image-upscaling", "image-denoising"},
		"The candles I don't want anymore. Paint the wall blue.":                  {"object-removal", "object-recoloration"},
		"And the gate, could that be swapped for a stone wall?":                   {"object-replacement"},
		"Could we have a snowman, with the roof in dark red?":                     {"object-addition", "object-recoloration"},
		"chairs removed, walls white, lamp replaced with a candle":                {"object-removal", "object-recoloration", "object-replacement"},
		"Give me a mask of the bench and of the dog as well":                      {"object-segmentation", "object-segmentation"},
		"Find the text and to read it":                                            {"text-detection", "text-extraction"},
		"Make the picture wider, it was cropped too tight, and to delete the man": {"outpainting", "object-removal"},
		"depth map. bounding boxes for dogs. no captions.":                        {"depth-estimation", "object-detection"},
		"Remove the sofa and sharpen the picture, it came out shaky":              {"object-removal", "image-deblurring"},
		"Sharpen the picture so that I can frame it":                              {"image-deblurring"},
		"My sister knitted this jumper. Could you make it teal?":                  {"object-recoloration"},
		"My uncle wants to look like a king. Remove the dog.":                     {"object-removal"},
		"Remove the dog. Everything else is perfect!":                             {"object-removal"},
		"The source must stay anonymous: redact the phone number":                 {"text-redaction"},
		"Take out the bench, which ruins the view, and remove the dog":            {"object-removal", "object-removal"},
		`The text "Size M" is wrong, it should read "Size L".`:                    {"text-replacement"},
		`Our caption reads "Two dogs". Check that it fits the photo.`:             {"caption-consistency-check"},
		"What is this monument, what does the plaque underneath say?":             {"landmark-detection", "text-extraction"},
		"ged rid of the dog": {"object-removal"},
	} {
		plan, err := g.Plan(context.Background(), request, edit.History{})
		if err != nil {
			t.Errorf("%q: %v", request, err)
			continue
		}
		var tasks []string
		for _, s := range plan.Subtasks {
			tasks = append(tasks, s.Task)
		}
		if !slices.Equal(tasks, want) {
			t.Errorf("%q: %v, want %v", request, tasks, want)
		}
	}
	for _, request := range []string{"the lamps must be xylographed", "no captions", "the cat should be anonymous"} {
		if plan, err := g.Plan(context.Background(), request, edit.History{}); err == nil {
			t.Errorf("%q is planned as %+v", request, plan.Subtasks)
		}
	}
}
