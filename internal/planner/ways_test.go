package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/planner"
)

// TestWays plans requests that say what the docs know in other words.
func TestWays(t *testing.T) {
	g := planner.New(shipped(t))
	for request, want := range map[string]string{
		"removethe dog":                                     "object-removal(dog,)",
		"add a tent by the river":                           "object-addition(tent,)",
		"outline the horse as a mask":                       "object-segmentation(horse,)",
		"turn the summer landscape into a winter landscape": "changing-scenery(,winter landscape)",
		"make it night":                                     "changing-scenery(,night)",
		"swap the background for a snowy village":           "changing-scenery(,snowy village)",
		"recolor the tent so that it is bright orange":      "object-recoloration(tent,bright orange)",
		"recolor the sneakers to wite":                      "object-recoloration(sneakers,white)",
		"upscale this thumbnail":                            "image-upscaling(,)",
		"segment the closest bottle":                        "object-segmentation(closest bottle,)",
		"black out the bank details":                        "text-redaction(bank details,)",
		"detect the owls and remove the biggest":            "object-detection(owls,) object-removal(biggest owl,)",
		"remove the bus and caption what is left":           "object-removal(bus,) image-captioning(,)",
		"the old chair can be removed":                      "object-removal(old chair,)",
	} {
		plan, err := g.Plan(t.Context(), request, edit.History{})
		var got []string
		for _, s := range plan.Subtasks {
			got = append(got, fmt.Sprintf("%s(%s,%s)", s.Task, s.Object, s.Target))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v (%v), want %s", request, got, err, want)
		}
	}
	// An order that leans on a check is done in any case, and the plan says so.
	plan, err := g.Plan(t.Context(), "Check whether the caption 'a red tram' fits the photo. If so, recolor the tram to green.", edit.History{})
	if err != nil || len(plan.Subtasks) != 2 || !strings.Contains(strings.Join(plan.Notices, "\n"), "not weighed") {
		t.Errorf("planned %+v, %q, %v", plan.Subtasks, plan.Notices, err)
	}
}
