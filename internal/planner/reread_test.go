package planner

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// What asks for nothing is left out, said in a notice, and the orders beside it are planned.
func TestReread(t *testing.T) {
	g := New(shippedSpecs(t))
	for request, want := range map[string]struct {
		tasks []string
		left  string
	}{
		"We're putting our flat on the market and the hall looks tired. Paint the walls white.": {[]string{"object-recoloration"}, "We're putting our flat on the market"},
		"The board still says 'soup: leek'. Please change 'leek' to 'pumpkin'.":                 {[]string{"text-replacement"}, "The board still says"},
		"Upscale the image, buyers keep complaining its too small.":                             {[]string{"image-upscaling"}, "buyers keep complaining"},
		"Remove the dog. It would be great if the wall were blue":                               {[]string{"object-removal", "object-recoloration"}, ""},
		"Remove the dog. He'd be thrilled.":                                                     {[]string{"object-removal"}, "He'd be thrilled"},
		"If you could also remove the dog, I'd be grateful.":                                    {[]string{"object-removal"}, ""},
		"um remove the dog and uh make the wall yellow":                                         {[]string{"object-removal", "object-recoloration"}, ""},
		"Dear computer, we were there in May. Upscale the photo.":                               {[]string{"image-upscaling"}, "Dear computer"},
	} {
		plan, ex, err := g.PlanExplained(context.Background(), request, edit.History{})
		if err != nil {
			t.Errorf("%q: %v", request, err)
			continue
		}
		var tasks []string
		for _, s := range plan.Subtasks {
			tasks = append(tasks, s.Task)
		}
		said := want.left == "" || slices.ContainsFunc(plan.Notices, func(n string) bool { return strings.Contains(n, want.left) })
		if !slices.Equal(tasks, want.tasks) || !said {
			t.Errorf("%q: %v, %q", request, tasks, plan.Notices)
		}
		if plan.Request != request || ex.Request != request {
			t.Errorf("%q became %q", request, plan.Request)
		}
	}
}

// An order that is not understood is never left out.
func TestRereadKeepsOrders(t *testing.T) {
	g := New(shippedSpecs(t))
	for _, request := range []string{
		"Frobnicate the cat. Remove the dog.",
		"Remove the dog and please frobnicate our neighbours.",
		"Remove the dog if the cat is there.",
		"Remove the dog. It would be nice to frobnicate the cat.",
		"frobnicate this image and upscale it by 2x",
		"Could you frobnicate the photo and remove the dog?",
		"The castle was nice. Also please gedd ridd off the tourists and remove the dog.",
		"Remove the dog, we want the bench frobnicated.",
	} {
		if plan, err := g.Plan(context.Background(), request, edit.History{}); err == nil {
			t.Errorf("%q is planned as %+v, %q", request, plan.Subtasks, plan.Notices)
		}
	}
}
