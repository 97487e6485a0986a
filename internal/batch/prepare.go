package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// Prepared are the plans of requests, each made once however many pictures there are.
type Prepared struct {
	plans map[string]*agent.Planned
	USD   float64 // spent on them
}

// Planned is the plan of an item's request, nil where it carries subtasks of its own.
func (p *Prepared) Planned(it *Item) *agent.Planned { return p.plans[it.Spec.Request] }

// Prepare checks before anything runs that every job can be done here: its device is there, its
// request is understood, its tools and models are installed, its pins are tools that can do it. All that
// is wrong is listed in one *Invalid; a tool that is missing and a device that is not there are errors of their own.
// What is wrong with a single picture is no problem of the plan.
func Prepare(ctx context.Context, kit func(device string) (*agent.Kit, error), items []Item) (*Prepared, error) {
	p := &Prepared{plans: make(map[string]*agent.Planned)}
	checked := make(map[string]bool)
	var problems []string
	var missing error
	for i := range items {
		it := &items[i]
		same, err := json.Marshal([]any{it.Job, it.Spec.Request})
		if err != nil {
			return nil, err
		}
		if checked[string(same)] {
			continue
		}
		k, err := kit(it.Spec.Device)
		if err == nil {
			err = k.SettleDevice(ctx)
		}
		if err != nil {
			return nil, err
		}
		settled, err := p.check(ctx, k, it)
		checked[string(same)] = settled
		var none *NoToolError
		var unplanned *agent.PlanError
		var usage *agent.UsageError
		switch {
		case err == nil:
		case errors.As(err, &none):
			missing = errors.Join(missing, fmt.Errorf("job %d: %w", it.Job, err))
		case errors.As(err, &unplanned), errors.As(err, &usage):
			problems = append(problems, fmt.Sprintf("job %d: %v", it.Job, err))
		default:
			return nil, err
		}
	}
	if len(problems) > 0 {
		return nil, &Invalid{"", problems}
	}
	return p, missing
}

// NoToolError says that no installed tool can do what a job asks for.
type NoToolError struct{ Reason string }

// Error implements error.
func (e *NoToolError) Error() string { return e.Reason }

// check plans an item's request and looks, by a dry run on its picture, whether tools can do it. settled is
// false where the picture is at fault, and another is to be asked.
func (p *Prepared) check(ctx context.Context, k *agent.Kit, it *Item) (settled bool, err error) {
	plan := edit.Plan{Subtasks: it.Spec.Subtasks, Alternatives: it.Spec.Alternatives}
	if request := it.Spec.Request; request != "" {
		planned := p.plans[request]
		if planned == nil {
			made, err := k.PlanWith(ctx, request, edit.History{}, nil)
			p.USD += made.Used.USD
			if err != nil {
				if planFault(err) {
					return true, &agent.PlanError{Err: err}
				}
				return true, err
			}
			made.Used = zero(made.Used) // it is paid for once
			planned = &made
			p.plans[request] = planned
		}
		plan = planned.Plan
	} else if err := k.Validate(plan); err != nil {
		return true, &agent.PlanError{Err: err}
	}
	if err := pinned(k, it.Spec.Pins, plan); err != nil {
		return true, err
	}
	r := Runner{DryRun: true, Planned: p.Planned}
	job := (&running{Runner: &r}).fileJob(it)
	out, err := k.EditFile(ctx, job, func(edit.Event) {})
	if err != nil {
		var usage *agent.UsageError
		if ctx.Err() != nil || errors.As(err, &usage) && len(it.Spec.Boxes) == 0 {
			return true, err
		}
		return false, nil // its item will say what is wrong with the picture
	}
	for _, st := range out.Summary.Subtasks {
		if st.Status == edit.StatusNoTool {
			return true, &NoToolError{fmt.Sprintf("%s: %s", st.Task, st.Reason)}
		}
	}
	return true, nil
}

// planFault reports whether the request is at fault, not the model that was to plan it.
func planFault(err error) bool { return classify(err) == Permanent && !isStatus(err) }

func zero[T any](T) (z T) { return z }

// pinned refuses pins to what is no subtask of the plan, or no tool for it.
func pinned(k *agent.Kit, pins map[string][]string, plan edit.Plan) error {
	for _, of := range slices.Sorted(maps.Keys(pins)) {
		task := ""
		for _, st := range plan.Subtasks {
			if st.Task == of || fmt.Sprint(st.ID) == of {
				task = st.Task
			}
		}
		if task == "" {
			return &agent.PlanError{Err: fmt.Errorf("pins: the plan has no subtask %s", of)}
		}
		for _, tool := range pins[of] {
			n := slices.IndexFunc(k.Engine.Specs, func(s edit.ToolSpec) bool { return s.Name == tool })
			if n < 0 {
				return &agent.PlanError{Err: fmt.Errorf("pins: there is no tool %s", tool)}
			}
			if _, ok := k.Engine.Specs[n].Claim(task); !ok {
				return &agent.PlanError{Err: fmt.Errorf("pins: %s does no %s", tool, task)}
			}
		}
	}
	return nil
}
