package mine

import (
	"fmt"

	"pentimento/internal/subroutines"
)

// Options say what is worth proposing. DefaultOptions are meant to be changed field by field.
type Options struct {
	Alpha float64 // the dial that value is measured at, in [0,2]
	// Seed parts the pictures into folds.
	Seed uint64
	// Folds is into how many parts pictures are put, at least 2. Each is held out once:
	// rules are found on the others and measured on it (cross-fitting, Chernozhukov et al. 2018).
	Folds int
	// Least is how many attempts of a path a rule needs among the pictures it is
	// found on, LeastIn those among them on which its conditions hold, which a test has
	// told from chance, and LeastHeld how many among the others.
	Least, LeastIn, LeastHeld int
	// MinPass is the least pass rate of a rule, in [0,1], and MinGain the least
	// expected share of f that it saves; 0: it must not lose.
	MinPass, MinGain float64
	// Conditions is the most a rule may have, and Penalty the share of f that each must save to be worth having.
	Conditions int
	Penalty    float64
	// Beam is how many rules are kept at each length, and PerPath the most that are proposed for one toolpath.
	Beam, PerPath int
	// Error bounds how many conditions on something that means nothing one table
	// of traces gives on average in each fold, before the held-out pictures refute most of
	// them: at 0.2 one came through in 4 % of tables of noise.
	Error float64
	// Alike reports whether one tool may stand for another: the same kinds in
	// and out. nil: no tool is swapped.
	Alike func(tool, other string) bool
	// Proposals are further rules to be measured, such as a language model's.
	Proposals []Proposal
}

// DefaultOptions mine at α = 1.
func DefaultOptions() Options {
	return Options{
		Alpha: 1, Folds: 5, Least: 6, LeastIn: 3, LeastHeld: 3, MinPass: 0.7, Conditions: 3, Penalty: 0.005,
		Beam: 4, PerPath: 3, Error: 0.15,
	}
}

// Check says what is wrong with the options.
func (o Options) Check() error {
	share := func(v float64) bool { return v >= 0 && v <= 1 }
	switch {
	case !(o.Alpha >= 0 && o.Alpha <= 2):
		return fmt.Errorf("alpha is %v; it goes from 0 to 2", o.Alpha)
	case !(o.Error > 0 && o.Error < 1):
		return fmt.Errorf("the error, %v, must lie between 0 and 1", o.Error)
	case o.Folds < 2 || o.Folds > 16:
		return fmt.Errorf("%d folds; there must be 2 to 16", o.Folds)
	case o.Least < 1, o.LeastIn < 1, o.LeastHeld < 0, o.Conditions < 0, o.Beam < 1, o.PerPath < 1:
		return fmt.Errorf("least %d, held %d, conditions %d, beam %d, per path %d: too small", o.Least, o.LeastHeld, o.Conditions, o.Beam, o.PerPath)
	case !share(o.MinPass), !(o.Penalty >= 0), !(o.MinGain >= -1 && o.MinGain <= 1):
		return fmt.Errorf("pass rate %v, penalty %v and gain %v are out of range", o.MinPass, o.Penalty, o.MinGain)
	}
	return nil
}

// Evidence is what a set of traces says of a rule.
type Evidence struct {
	Pictures int     `json:"pictures"` // traces whose features meet the rule
	Tried    int     `json:"tried"`    // of those, traces that tried the path
	Passed   int     `json:"passed"`   // of those, traces where it passed
	Gain     float64 `json:"gain"`     // expected share of f saved against the slow path, at the rate seen; below 0 it loses
}

// Candidate is a rule that is worth verifying.
type Candidate struct {
	// Subroutine is the rule in state candidate, with version 1. Its evidence is
	// that of the held-out pictures alone: what chose a rule says too much good of it.
	Subroutine subroutines.Subroutine
	Found      Evidence // on the pictures that it was found on
	Held       Evidence // on the others
	// Looked is how many conditions were looked at for this path, which P is corrected for.
	Looked int
	// P is the probability of evidence as strong for the rule's least certain
	// condition if that condition meant nothing, corrected; 0 without conditions.
	P float64
	// Replay are the ids of held-out traces that meet the rule, for verification: those that tried the path first.
	Replay []int64
	// Score is what candidates are ordered by: the share of the task's f that the rule is expected to save at least.
	Score float64

	few bool // the held-out pictures of the folds that it was found without are too few to measure it, so far
}
