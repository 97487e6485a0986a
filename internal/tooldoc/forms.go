package tooldoc

import (
	"regexp"
	"strings"
)

// A form is a rule for the spelling of a text field, by the name its tag gives.
type form struct {
	pattern string
	most    int // characters
	says    string
	re      *regexp.Regexp
}

var forms = map[string]form{
	"name":   newForm(`^[a-z0-9]+(-[a-z0-9]+)*$`, 64, "want lower-case letters, digits and single hyphens"),
	"task":   newForm(`^[a-z0-9]+(-[a-z0-9]+)*$`, 64, "want kebab case, such as object-removal"),
	"port":   newForm(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, 32, "want a short lower-case name of letters, digits and hyphens"),
	"phrase": newForm(`^[^\sA-Z]+( [^\sA-Z]+)*$`, 40, "want lower-case words separated by single spaces"),
	"list":   newForm(`^[a-z0-9][a-z0-9._-]*\.txt$`, 64, "want the name of a .txt file in labels/"),
	"file":   newForm(`^[A-Za-z0-9][A-Za-z0-9._-]*$`, 128, "want a plain file name: letters, digits, dot, hyphen, underscore, no folder"),
	"sha256": newForm(`^[0-9a-f]{64}$`, 64, "want 64 lower-case hex digits"),
}

func newForm(pattern string, most int, says string) form {
	return form{pattern: pattern, most: most, says: says, re: regexp.MustCompile(pattern)}
}

// reservedSuffixes end the names of files that the model store keeps for itself.
var reservedSuffixes = []string{".part", ".lock", ".stamp"}

func (d decoder) form(s, path, name string) {
	f := forms[name]
	switch {
	case len([]rune(s)) > f.most && name != "sha256":
		d.at(path, "has %d characters, at most %d are taken", len([]rune(s)), f.most)
	case !f.re.MatchString(s):
		d.at(path, "%q: %s", clip(s), f.says)
	case name == "file":
		for _, suffix := range reservedSuffixes {
			if strings.HasSuffix(s, suffix) {
				d.at(path, "%q: names ending in %s are the model store's own", clip(s), suffix)
			}
		}
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
