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

// Divide gives each region that a request speaks of to the subtask that it is
// about, by subtask id: the k-th mention of a phrase is the k-th subtask with that
// object, and the last one is also that of those that follow ("recolor 3 and blur it").
func Divide(plan edit.Plan, uses []Region) (map[int]Region, error) {
	by := make(map[int]Region)
	taken := make([]bool, len(uses))
	for _, st := range plan.Subtasks {
		last := -1
		for i := range uses {
			if about(plan, &uses[i], st.Object) {
				if last = i; !taken[i] {
					break
				}
			}
		}
		if last >= 0 {
			by[st.ID], taken[last] = uses[last], true
		}
	}
	for i, r := range uses {
		if !taken[i] && !slices.ContainsFunc(uses[:i], func(u Region) bool { return u.Number == r.Number }) {
			return nil, &edit.UserError{
				Msg:  fmt.Sprintf("the request speaks of number %d in a way that no subtask takes up", r.Number),
				Hint: fmt.Sprintf("ask for one thing at a time: \"remove %d\"", r.Number),
			}
		}
	}
	return by, nil
}

// about reports whether an object of the plan is a region: by all its words where
// an object of the plan has them, else by its noun.
func about(plan edit.Plan, r *Region, object string) bool {
	phrase, o := edit.ParsePhrase(r.Phrase), edit.ParsePhrase(object)
	if slices.ContainsFunc(plan.Subtasks, func(st edit.Subtask) bool { return edit.ParsePhrase(st.Object).Text == phrase.Text }) {
		return o.Text == phrase.Text
	}
	return o.Head != "" && o.Head == phrase.Head
}
