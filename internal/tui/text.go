package tui

import (
	"fmt"
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// fit cuts or pads a line to exactly w cells.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := ansi.StringWidth(s)
	if n > w {
		s = ansi.Truncate(s, w, "…")
		n = ansi.StringWidth(s)
	}
	return s + strings.Repeat(" ", w-n)
}

// wrap breaks text into lines of at most w cells; further lines begin with indent.
func wrap(s string, w int, indent string) []string {
	if w < 4 {
		return []string{fit(s, w)}
	}
	lines := strings.Split(ansi.Wrap(s, w, " /→"), "\n")
	if len(lines) == 1 || indent == "" {
		return lines
	}
	rest := strings.TrimSpace(strings.Join(lines[1:], " "))
	out := []string{lines[0]}
	for _, l := range strings.Split(ansi.Wrap(rest, w-len(indent), " /→"), "\n") {
		out = append(out, indent+l)
	}
	return out
}

// paragraph wraps a text behind a lead, every line in the style: a break in a
// styled text would end its style.
func paragraph(lead string, style lipgloss.Style, text string, w int) []string {
	indent := strings.Repeat(" ", width(lead))
	lines := wrap(text, max(4, w-width(lead)), "")
	for i := range lines {
		lines[i] = style.Render(strings.TrimRight(lines[i], " "))
		if i == 0 {
			lines[i] = lead + lines[i]
		} else {
			lines[i] = indent + lines[i]
		}
	}
	return lines
}

// block makes lines exactly h lines of w cells.
func block(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = fit(lines[i], w)
		} else {
			out[i] = strings.Repeat(" ", max(0, w))
		}
	}
	return out
}

// clean takes out of a text from elsewhere what would move the cursor or paint.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, ansi.Strip(s))
}

func secondsText(s float64) string {
	switch {
	case s < 0.005:
		return "0 s"
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	case s < 90:
		return fmt.Sprintf("%.0f s", s)
	}
	return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
}

func bar(fraction float64, w int) string {
	n := int(min(max(fraction, 0), 1)*float64(w) + 0.5)
	return strings.Repeat("━", n) + strings.Repeat("─", w-n)
}

func width(s string) int { return ansi.StringWidth(s) }
