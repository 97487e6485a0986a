package session

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

// mention matches a region spoken of by its number: "3", "#3", "region 3", "the number 3".
var mention = regexp.MustCompile(`(?i)(?:\bthe\s+)?(?:#\s?|\b(?:region|number|object|no\.?)\s+#?)?\b(\d{1,3})\b`)

// units are words after a number that make it an amount.
var units = regexp.MustCompile(`(?i)^\s*(?:[.,:]\d|%|°|(?:x|×|by)\s*\d|x\b|×|px\b|pixels?\b|degrees?\b|deg\b|times\b|percent\b|steps?\b|stops?\b|mp\b|k\b|[a-z]*s\b)`)

// amounts are words before a bare number that make it an amount.
var amounts = regexp.MustCompile(`(?i)\b(?:by|to|of|about|level|strength|radius|sigma|factor|at|quality|over|under)\s*$|\d\s*[x×:]\s*$|\d[.,:]$|[+-]$`)

// Bound is a request in which numbers of regions are replaced by their
// phrases. Uses are the regions spoken of, in the request's order.
type Bound struct {
	Request string
	Uses    []Region
}

// Bind reads the numbers of regions in a request: "recolor 3 to pink" speaks of
// region 3 where there is one, "rotate by 3 degrees" does not.
func Bind(request string, regions []Region) Bound {
	var b strings.Builder
	out := Bound{}
	last := 0
	for _, m := range mention.FindAllStringSubmatchIndex(request, -1) {
		n, _ := strconv.Atoi(request[m[2]:m[3]]) // one to three digits
		i := slices.IndexFunc(regions, func(r Region) bool { return r.Number == n })
		bare := !strings.ContainsFunc(strings.TrimPrefix(strings.ToLower(request[m[0]:m[2]]), "the "), func(r rune) bool { return r != ' ' })
		if i < 0 || bare && (units.MatchString(request[m[1]:]) || amounts.MatchString(request[:m[0]])) || quoted(request, m[2]) {
			continue
		}
		b.WriteString(request[last:m[0]])
		b.WriteString("the " + regions[i].Phrase)
		last = m[1]
		out.Uses = append(out.Uses, regions[i])
	}
	b.WriteString(request[last:])
	out.Request = b.String()
	return out
}

// quoted reports whether a place of a text is between quotation marks: words to write, not to obey.
func quoted(s string, at int) bool {
	return strings.Count(s[:at], `"`)%2 == 1 || strings.Count(s[:at], "“") > strings.Count(s[:at], "”")
}

// Share is what of the numbered regions a subtask takes up.
type Share struct {
	Object *Region // what it is about; nil: no region
	// Beside are the regions that it names beside its object, by the plan's phrase: those
	// that it leaves alone, and the one whose colour it takes.
	Beside map[string][]Region
}

// Divide gives each region that a request speaks of to the subtasks that name it, by
// subtask id: the k-th mention of a phrase is the k-th place in the plan that has it (of
// one subtask: its object, what that is to look like, what is left alone), and the last
// one is also that of those that follow ("recolor 3 and blur it"). Mentions that are
// left over join those of the same phrase that are left alone: "all except 1 and 2".
func Divide(plan edit.Plan, uses []Region) (map[int]Share, error) {
	d := division{phrases: named(plan), uses: uses, taken: make([]bool, len(uses))}
	by := make(map[int]Share)
	for _, st := range plan.Subtasks {
		share := Share{Object: d.take(st.Object, nil)}
		for _, phrase := range append([]string{st.Like}, st.Except...) {
			if r := d.take(phrase, share.Object); r != nil {
				share.add(phrase, *r)
			}
		}
		if share.Object != nil || share.Beside != nil {
			by[st.ID] = share
		}
	}
	for i, r := range uses {
		if !d.taken[i] && !d.join(by, plan, r) && !slices.ContainsFunc(uses[:i], func(u Region) bool { return u.Number == r.Number }) {
			return nil, &edit.UserError{
				Msg:  fmt.Sprintf("the request speaks of number %d in a way that no subtask takes up", r.Number),
				Hint: fmt.Sprintf("ask for one thing at a time: \"remove %d\"", r.Number),
			}
		}
	}
	return by, nil
}

func (s *Share) add(phrase string, r Region) {
	if s.Beside == nil {
		s.Beside = make(map[string][]Region)
	}
	s.Beside[phrase] = append(s.Beside[phrase], r)
}

// division is the regions that a request speaks of on their way to subtasks.
type division struct {
	phrases []string // of all objects that the plan names
	uses    []Region
	taken   []bool
}

// named are the objects of a plan, those beside its subtasks' own included.
func named(plan edit.Plan) []string {
	var all []string
	for _, st := range plan.Subtasks {
		for _, phrase := range append([]string{st.Object, st.Like}, st.Except...) {
			all = append(all, edit.ParsePhrase(phrase).Text)
		}
	}
	return all
}

// take is the first region of a phrase that was not taken, else the last that was; nil
// for none, or where that is own.
func (d *division) take(phrase string, own *Region) *Region {
	last := -1
	for i := range d.uses {
		if !d.about(&d.uses[i], phrase) || own != nil && d.taken[i] && d.uses[i].Number == own.Number {
			continue
		}
		if last = i; !d.taken[i] {
			break
		}
	}
	if last < 0 {
		return nil
	}
	d.taken[last] = true
	return &d.uses[last]
}

// join has a region that is left over left alone with another of its phrase, and reports whether there is one.
func (d *division) join(by map[int]Share, plan edit.Plan, r Region) bool {
	for _, st := range plan.Subtasks {
		share := by[st.ID]
		for _, phrase := range st.Except {
			if d.about(&r, phrase) && len(share.Beside[phrase]) > 0 {
				share.add(phrase, r)
				return true
			}
		}
	}
	return false
}

// about reports whether an object of the plan is a region: by all its words where
// an object of the plan has them, else by its noun.
func (d *division) about(r *Region, object string) bool {
	phrase, o := edit.ParsePhrase(r.Phrase), edit.ParsePhrase(object)
	if slices.Contains(d.phrases, phrase.Text) {
		return o.Text == phrase.Text
	}
	return o.Head != "" && o.Head == phrase.Head
}
