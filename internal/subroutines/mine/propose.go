package mine

import (
	"encoding/json"
	"fmt"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/subroutines"
)

// Proposal is a rule that someone thought of: a language model, a person, a
// swap of tools. Only what it says is to be done counts; what it claims of cost
// and quality is not read.
type Proposal struct {
	Task     string           `json:"task"`
	Path     subroutines.Path `json:"path"`
	When     subroutines.Rule `json:"when,omitempty"`
	Proposer string           `json:"-"`
}

// maxProposals and maxText bound what one answer can make work for.
const (
	maxProposals = 64
	maxText      = 1 << 20
	maxSteps     = 32
)

// ParseProposals reads a JSON list of {"task", "path": [{"tool", "inputs"}], "when": ["feature >= 1"]}.
// Further fields are passed over. What of the list cannot be used is told, and the rest returned.
func ParseProposals(text []byte, proposer string) (good []Proposal, refused []error) {
	var list []json.RawMessage
	if len(text) > maxText {
		return nil, []error{edit.Userf("the proposals are %d bytes long; at most %d are read", len(text), maxText)}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, []error{edit.Userf("the proposals are no JSON list: %v", err)}
	}
	for i, raw := range list {
		if len(good) == maxProposals {
			refused = append(refused, edit.Userf("only the first %d proposals are looked at", maxProposals))
			break
		}
		p := Proposal{}
		err := json.Unmarshal(raw, &p)
		p.Proposer = proposer
		if err == nil {
			err = p.check()
		}
		if err != nil {
			refused = append(refused, edit.Userf("proposal %d: %v", i+1, err))
			continue
		}
		good = append(good, p)
	}
	return good, refused
}

func (p *Proposal) check() error {
	if p.Task == "" || len(p.Path) == 0 || len(p.Path) > maxSteps {
		return fmt.Errorf("it needs a task and a path of 1 to %d calls", maxSteps)
	}
	if _, err := pathKeys(p.Path); err != nil {
		return err
	}
	when, ok := p.When.Canonical()
	if !ok {
		return fmt.Errorf("nothing meets %q", p.When)
	}
	p.When = when
	return nil
}

// swaps are the paths with one tool replaced by another like it that was seen
// in its place: on the same inputs, where it passed at least as surely as a
// rule must. Such a path has no evidence as a whole; only a replay can tell.
func (k *task) swaps(c *Candidate, o *Options) []Proposal {
	if o.Alike == nil {
		return nil
	}
	path := c.Subroutine.Path
	keys, err := pathKeys(path)
	if err != nil {
		return nil
	}
	var out []Proposal
	for _, other := range k.stepsSeen() {
		for i, step := range path {
			if step.Tool == other.Tool || !o.Alike(step.Tool, other.Tool) {
				continue
			}
			swapped := slices.Clone(path)
			swapped[i].Tool, swapped[i].Variant, swapped[i].Params = other.Tool, other.Variant, other.Params
			changed, err := pathKeys(swapped)
			if err != nil || len(k.tries[changed[len(changed)-1]]) > 0 {
				continue // it speaks for itself
			}
			was, is := k.step(keys[i]), k.step(changed[i])
			if is.tried >= o.Least && is.rate() >= o.MinPass && is.seconds < was.seconds {
				out = append(out, Proposal{Task: k.name, Path: swapped, When: c.Subroutine.When, Proposer: "swap"})
			}
		}
	}
	return out
}

// stepsSeen are the calls of the paths that completed the task, each once.
func (k *task) stepsSeen() []subroutines.PathStep {
	var out []subroutines.PathStep
	seen := make(map[string]bool)
	for _, key := range k.pathKeys() {
		for _, s := range k.paths[key] {
			if id, err := stepKey(s.Tool, s.Variant, s.Params, nil); err == nil && !seen[id] {
				seen[id] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// stepTally is how a step with all it rests on did.
type stepTally struct {
	tried, passed int
	seconds       float64 // mean
}

func (s stepTally) rate() float64 { return float64(s.passed) / float64(max(s.tried, 1)) }

func (k *task) step(key string) (s stepTally) {
	for _, t := range k.tries[key] {
		s.tried++
		s.seconds += t.seconds
		if t.pass {
			s.passed++
		}
	}
	s.seconds /= float64(max(s.tried, 1))
	return s
}
