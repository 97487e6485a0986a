package tooldoc

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden reports a character that a reader of the doc cannot see or that turns
// the order of what is seen: controls, format characters (zero-width, bidi,
// tags, soft hyphen), variation selectors, fillers, line and paragraph
// separators, private use. Such characters could carry orders to a model that
// reads the doc while the person who approves it sees nothing.
func hidden(r rune) bool {
	if ' ' <= r && r <= '~' {
		return false // nearly all of every doc
	}
	return unicode.IsControl(r) ||
		unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co,
			unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func runeName(r rune) string {
	kind := "a hidden character"
	switch {
	case r == '\ufeff':
		kind = "a byte order mark"
	case unicode.IsControl(r):
		kind = "a control character"
	case unicode.Is(unicode.Bidi_Control, r):
		kind = "a bidirectional control"
	case r >= 0x200b && r <= 0x200d || r == 0x2060 || r == 0x00ad:
		kind = "a zero-width character"
	case unicode.Is(unicode.Variation_Selector, r):
		kind = "a variation selector"
	}
	return fmt.Sprintf("%s U+%04X", kind, r)
}

// split separates the front matter from the prose and cleans both for reading
// on: whatever it replaces it has reported. ok is false when there is nothing to read on.
func split(c *collector, src []byte) (front, prose string, ok bool) {
	if len(src) > MaxDocBytes {
		c.add(0, "", "the doc has %d bytes, at most %d are read", len(src), MaxDocBytes)
		return "", "", false
	}
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		c.add(1, "", "begins with a byte order mark (U+FEFF): save the file as UTF-8 without one")
		src = src[3:]
	}
	lines := strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
	if strings.TrimRight(lines[0], " ") != "---" {
		c.add(1, "", `no front matter: the first line must be "---"`)
		return "", "", false
	}
	end := 0
	for i := 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], " ") == "---" {
			end = i
			break
		}
	}
	if end == 0 {
		c.add(1, "", `the front matter has no end: a line "---" must close it`)
		return "", "", false
	}
	if end > maxFrontLines {
		c.add(1, "", "the front matter has %d lines, at most %d are read", end, maxFrontLines)
		return "", "", false
	}
	for i, line := range lines {
		lines[i] = cleanLine(c, line, i+1, i < end)
	}
	return strings.Join(lines[1:end], "\n") + "\n", strings.TrimSpace(strings.Join(lines[end+1:], "\n")), true
}

// cleanLine reports and replaces what may not stand in a line; each kind once per line.
func cleanLine(c *collector, line string, number int, yaml bool) string {
	if !utf8.ValidString(line) {
		c.add(number, "", "is not valid UTF-8")
		line = strings.ToValidUTF8(line, "?")
	}
	seen := make(map[rune]bool)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' && !yaml:
			return ' '
		case r == '\t':
			if !seen[r] {
				c.add(number, "", "holds a tab: YAML is indented by spaces")
			}
		case hidden(r):
			if !seen[r] {
				c.add(number, "", "holds %s: remove it", runeName(r))
			}
		default:
			return r
		}
		seen[r] = true
		return ' '
	}, line)
}
