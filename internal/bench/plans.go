package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// PlanCase is a request with the subtasks that a right plan has; none: the
// planner should refuse it.
type PlanCase struct {
	Request  string         `json:"request"`
	Expected []ExpectedStep `json:"expected_subtasks"`
	// History is what earlier turns did, for requests that lean on them.
	History edit.History `json:"history,omitzero"`
	Note    string       `json:"note,omitempty"`
}

// ExpectedStep is one subtask of a right plan, in the order of execution.
type ExpectedStep struct {
	Task   string `json:"task"`
	Object string `json:"object,omitempty"`
	Target string `json:"target,omitempty"`

	region string   // what a plan says apart of where or which its object is
	except []string // what a plan says apart of what it leaves alone
}

// PlanScore is how a planner did on one case.
type PlanScore struct {
	Event    string         `json:"event"` // always "plan"
	Request  string         `json:"request"`
	Expected []ExpectedStep `json:"expected"`
	Planned  []ExpectedStep `json:"planned"`
	// Exact: the same subtasks, none missing and none invented, and those that depend on others after them.
	Exact   bool   `json:"exact"`
	Matched int    `json:"matched"`
	Pairs   int    `json:"pairs"`   // subtasks of which one depends on the other
	Ordered int    `json:"ordered"` // those of them in the right order
	Error   string `json:"error,omitempty"`
}

// PlansReport is what `agent bench plans` ends with.
type PlansReport struct {
	Event     string  `json:"event"` // always "done"
	Planner   string  `json:"planner"`
	Plans     int     `json:"plans"`
	Exact     float64 `json:"exact"`     // share of the plans
	Precision float64 `json:"precision"` // share of the planned subtasks that are expected
	Recall    float64 `json:"recall"`    // share of the expected subtasks that are planned
	Order     float64 `json:"order"`     // share of the dependent pairs that are in order
}

// String is the report for a person.
func (r PlansReport) String() string {
	return fmt.Sprintf("%d requests, planner %s: exact %.1f %%, precision %.3f, recall %.3f, order %.3f",
		r.Plans, r.Planner, 100*r.Exact, r.Precision, r.Recall, r.Order)
}

// Planner makes a plan of a request.
type Planner func(ctx context.Context, request string, h edit.History) (edit.Plan, error)

// maxPlansBytes bounds a file of plan cases: it holds words only.
const maxPlansBytes = 16 << 20

// OpenPlans reads a file of plan cases.
func OpenPlans(path string) ([]PlanCase, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &edit.UserError{Msg: "the file of requests cannot be read", Hint: "name a JSON file", Err: err}
	}
	defer func() { _ = f.Close() }() // opened for reading only
	raw, err := io.ReadAll(io.LimitReader(f, maxPlansBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxPlansBytes {
		return nil, &edit.UserError{Msg: fmt.Sprintf("%s has more than %d bytes", path, maxPlansBytes), Hint: "split it"}
	}
	return ReadPlans(path, raw)
}

// ReadPlans reads plan cases from JSON; unknown fields are ignored, so that a file may carry more.
func ReadPlans(path string, raw []byte) ([]PlanCase, error) {
	var cases []PlanCase
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&cases); err != nil {
		return nil, &edit.UserError{Msg: path + " is no list of requests", Hint: `want [{"request": "...", "expected_subtasks": [{"task": "...", "object": "...", "target": "..."}]}]`, Err: err}
	}
	for i, c := range cases {
		if strings.TrimSpace(c.Request) == "" {
			return nil, &edit.UserError{Msg: fmt.Sprintf("%s: entry %d has no request", path, i+1), Hint: "every entry needs one"}
		}
		if slices.ContainsFunc(c.Expected, func(s ExpectedStep) bool { return taskKey(s.Task) == "" }) {
			return nil, &edit.UserError{Msg: fmt.Sprintf("%s: entry %d expects a subtask without a task", path, i+1), Hint: "every expected subtask needs one"}
		}
	}
	return cases, nil
}

// RunPlans scores a planner on the cases and tells each score as it comes.
func RunPlans(ctx context.Context, name string, plan Planner, cases []PlanCase, tell func(PlanScore)) (PlansReport, error) {
	r := PlansReport{Event: "done", Planner: name, Plans: len(cases)}
	var exact, matched, planned, expected, pairs, ordered int
	for _, c := range cases {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		p, err := plan(ctx, c.Request, c.History)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		s := scorePlan(c, p, err)
		if tell != nil {
			tell(s)
		}
		if s.Exact {
			exact++
		}
		matched, planned, expected = matched+s.Matched, planned+len(s.Planned), expected+len(s.Expected)
		pairs, ordered = pairs+s.Pairs, ordered+s.Ordered
	}
	r.Exact = fraction(exact, len(cases))
	r.Precision, r.Recall, r.Order = fraction(matched, planned), fraction(matched, expected), fraction(ordered, pairs)
	return r, nil
}

// fraction is n of all, 1 where there is nothing to share.
func fraction(n, all int) float64 {
	if all == 0 {
		return 1
	}
	return float64(n) / float64(all)
}

func scorePlan(c PlanCase, p edit.Plan, err error) PlanScore {
	s := PlanScore{Event: "plan", Request: c.Request, Expected: c.Expected}
	if err != nil {
		s.Error = err.Error()
		p.Subtasks = nil
	}
	for _, t := range p.Subtasks {
		s.Planned = append(s.Planned, ExpectedStep{Task: t.Task, Object: t.Object, Target: t.Target, region: t.Region, except: t.Except})
	}
	pairing := pair(s.Planned, c.Expected)
	for _, e := range pairing {
		if e >= 0 {
			s.Matched++
		}
	}
	s.Pairs, s.Ordered = inOrder(p.Subtasks, c.Expected, pairing)
	s.Exact = s.Matched == len(s.Planned) && s.Matched == len(s.Expected) && s.Ordered == s.Pairs
	return s
}

// pair matches planned with expected subtasks one to one, as many as can be
// (augmenting paths), and returns the expected index of each planned one, -1 for none.
func pair(planned, expected []ExpectedStep) []int {
	owner := make([]int, len(expected)) // 1 + planned index
	var find func(i int, seen []bool) bool
	find = func(i int, seen []bool) bool {
		for j := range expected {
			if seen[j] || !sameStep(planned[i], expected[j]) {
				continue
			}
			seen[j] = true
			if owner[j] == 0 || find(owner[j]-1, seen) {
				owner[j] = i + 1
				return true
			}
		}
		return false
	}
	for i := range planned {
		find(i, make([]bool, len(expected)))
	}
	out := make([]int, len(planned))
	for i := range out {
		out[i] = -1
	}
	for j, i := range owner {
		if i > 0 {
			out[i-1] = j
		}
	}
	return out
}

// inOrder counts the pairs of matched subtasks of which one depends on the
// other - the plan says so, or the expected one works on what the other works
// on or makes - and those that stand in the expected order.
func inOrder(planned []edit.Subtask, expected []ExpectedStep, pairing []int) (pairs, ordered int) {
	after := closure(planned)
	for i := range planned {
		for k := range i {
			a, b := pairing[k], pairing[i] // k stands before i in the plan
			if a < 0 || b < 0 || !after[i][k] && !after[k][i] && !bears(expected[min(a, b)], expected[max(a, b)]) {
				continue
			}
			pairs++
			if a < b {
				ordered++
			}
		}
	}
	return pairs, ordered
}

// bears reports whether an earlier expected step bears on a later one.
func bears(first, then ExpectedStep) bool {
	return samePhrase(first.Object, then.Object) && first.Object != "" || samePhrase(first.Target, then.Object) && then.Object != ""
}

// closure tells which subtask comes after which by what the plan says, by index.
func closure(subtasks []edit.Subtask) [][]bool {
	index := make(map[int]int, len(subtasks))
	for i, s := range subtasks {
		index[s.ID] = i
	}
	after := make([][]bool, len(subtasks))
	var visit func(from, i int)
	visit = func(from, i int) {
		for _, id := range subtasks[i].After {
			if k, ok := index[id]; ok && !after[from][k] {
				after[from][k] = true
				visit(from, k)
			}
		}
	}
	for i := range subtasks {
		after[i] = make([]bool, len(subtasks))
		visit(i, i)
	}
	return after
}

// sameStep compares a planned subtask with an expected one; "the man" who is "in the blue shirt" is the man in the blue shirt. An
// expected object says "people" or "people except the child" for the same step, and what it excepts must be planned so.
func sameStep(a, b ExpectedStep) bool {
	object, others, excepts := strings.Cut(b.Object, " except ")
	if excepts && !samePhrase(strings.Join(a.except, " "), standIn(others, object)) {
		return false
	}
	same := samePhrase(a.Object, object) || a.Object != "" && a.region != "" && samePhrase(a.Object+" "+a.region, object)
	return taskKey(a.Task) == taskKey(b.Task) && same && samePhrase(a.Target, b.Target)
}

// standIn puts the noun of an object for "one" in what it excepts: of "all the dogs", "the brown one" is "the brown dog".
func standIn(others, object string) string {
	noun := phraseWords(object)
	if len(noun) == 0 {
		return others
	}
	words := strings.Fields(others)
	if i := slices.IndexFunc(words, func(w string) bool { return w == "one" || w == "ones" }); i >= 0 {
		words[i] = phraseHead(noun)
	}
	return strings.Join(words, " ")
}

// taskKey is a task's name without case, spaces and hyphens.
func taskKey(name string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(name))
}

// maxApart is how many words one phrase may have more than another that means the same.
const maxApart = 2

// samePhrase compares phrases in lower case and without articles: equal, or of
// one head with the words of one among those of the other, neither empty and at most two words apart.
func samePhrase(a, b string) bool {
	x, y := phraseWords(a), phraseWords(b)
	if slices.Equal(x, y) {
		return true
	}
	if len(x) == 0 || len(y) == 0 || phraseHead(x) != phraseHead(y) {
		return false
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > maxApart {
		return false
	}
	return !slices.ContainsFunc(x, func(w string) bool { return !slices.Contains(y, w) })
}

func phraseWords(s string) []string {
	var out []string
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if w = strings.Trim(w, `.,;:!?'"“”‘’`); w != "" && w != "the" && w != "a" && w != "an" {
			out = append(out, w)
		}
	}
	return out
}

// afterHead are words that begin what only describes the noun before them.
var afterHead = strings.Fields("on in at with near by behind before under over beside between from to next that who which holding wearing standing sitting")

// phraseHead is the noun of a phrase, in the singular; where it has none of its own ("red"), its last word.
func phraseHead(words []string) string {
	if i := slices.IndexFunc(words, func(w string) bool { return slices.Contains(afterHead, w) }); i > 0 {
		words = words[:i]
	}
	head := strings.Fields(edit.ParsePhrase(strings.Join(words, " ")).Head)
	if len(head) == 0 {
		return words[len(words)-1]
	}
	return head[len(head)-1]
}

// String is the score for a person: the request, what is missing and what is too much.
func (s PlanScore) String() string {
	var b strings.Builder
	mark := "ok   "
	if !s.Exact {
		mark = "WRONG"
	}
	fmt.Fprintf(&b, "%s %s", mark, s.Request)
	if s.Exact {
		return b.String()
	}
	pairing := pair(s.Planned, s.Expected)
	for i, e := range pairing {
		if e < 0 {
			fmt.Fprintf(&b, "\n      planned   %s", s.Planned[i])
		}
	}
	for j, e := range s.Expected {
		if !slices.Contains(pairing, j) {
			fmt.Fprintf(&b, "\n      expected  %s", e)
		}
	}
	if s.Ordered < s.Pairs {
		fmt.Fprintf(&b, "\n      %d of %d dependent pairs in order", s.Ordered, s.Pairs)
	}
	if s.Error != "" {
		fmt.Fprintf(&b, "\n      error     %s", s.Error)
	}
	return b.String()
}

// String is "Object Recoloration: car → red".
func (e ExpectedStep) String() string {
	out := e.Task
	if e.Object != "" {
		out += ": " + e.Object
	}
	if e.Target != "" {
		out += " → " + e.Target
	}
	return out
}
