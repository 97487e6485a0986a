package tui

import (
	"charm.land/lipgloss/v2"

	"pentimento/internal/tui/picture"
)

// theme are the colours by what they mean; nothing else names a colour.
type theme struct {
	text, faint, accent, good, bad, warn, rule, title, key, badge, selected, you lipgloss.Style
	ground                                                                       picture.RGB // under transparent pictures
}

// newTheme fits a dark or a light terminal. Good and bad differ in lightness
// and sign as well as in hue, so that no meaning hangs on telling red from green.
func newTheme(dark, safe bool) theme {
	pick := lipgloss.LightDark(dark)
	fg := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	t := theme{
		text:   lipgloss.NewStyle(),
		faint:  fg("#6f6f6f", "#8a8a8a"),
		accent: fg("#00658f", "#6cc7f0").Bold(true),
		good:   fg("#00785a", "#4fd1a5"),
		bad:    fg("#b03a00", "#ff8a5c").Bold(true),
		warn:   fg("#8a6100", "#f0c050"),
		rule:   fg("#c4c4c4", "#4a4a4a"),
		title:  fg("#444444", "#bcbcbc"),
		key:    fg("#00658f", "#6cc7f0"),
		you:    lipgloss.NewStyle().Bold(true),
		badge: lipgloss.NewStyle().Bold(true).
			Foreground(pick(lipgloss.Color("#ffffff"), lipgloss.Color("#10202a"))).Background(pick(lipgloss.Color("#00658f"), lipgloss.Color("#6cc7f0"))),
		selected: lipgloss.NewStyle().Background(pick(lipgloss.Color("#d6ecf8"), lipgloss.Color("#1f3a4a"))),
		ground:   picture.RGB{R: 40, G: 40, B: 40},
	}
	if safe { // blue and orange, which every eye tells apart (Okabe and Ito 2008)
		t.good, t.bad, t.warn = fg("#0072b2", "#56b4e9"), fg("#b04a00", "#e69f00").Bold(true), fg("#6b5b00", "#f0e442")
	}
	if !dark {
		t.ground = picture.RGB{R: 225, G: 225, B: 225}
	}
	return t
}
