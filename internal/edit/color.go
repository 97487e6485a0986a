package edit

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Color is an opaque sRGB colour with the word the person used for it.
type Color struct {
	R, G, B uint8
	Name    string // "teal", "#00ffaa"; empty when computed
}

// Hex is the colour as #rrggbb.
func (c Color) Hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// String is the person's word, or the hex form.
func (c Color) String() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Hex()
}

// MarshalText implements encoding.TextMarshaler.
func (c Color) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Color) UnmarshalText(b []byte) error {
	got, ok := ParseColor(string(b))
	if !ok {
		return fmt.Errorf("%q is no colour: use a name such as teal, or #rrggbb", b)
	}
	*c = got
	return nil
}

//go:embed colors.txt
var colorList string

var colorTable = sync.OnceValue(func() map[string]Color {
	t := make(map[string]Color)
	for line := range strings.Lines(colorList) {
		hex, names, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(hex, "//") {
			continue
		}
		c, _ := parseHex(hex)
		for name := range strings.SplitSeq(names, ",") {
			name = strings.TrimSpace(name)
			c.Name = name
			t[name] = c
		}
	}
	return t
})

// ColorNames lists every colour word that ParseColor knows, sorted; some are of two words.
func ColorNames() []string { return slices.Clone(colorNames()) }

var colorNames = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(colorTable())) })

// ParseColor reads a colour name ("teal", "dark green", "Light Blue") or #rgb / #rrggbb.
func ParseColor(s string) (Color, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "-", " ")), " "))
	if strings.HasPrefix(s, "#") {
		return parseHex(s)
	}
	if c, ok := colorTable()[s]; ok {
		return c, true
	}
	c, ok := colorTable()[strings.ReplaceAll(s, " ", "")]
	if ok {
		c.Name = s
	}
	return c, ok
}

func parseHex(s string) (Color, bool) {
	h := strings.TrimPrefix(s, "#")
	if len(h) == 3 {
		h = string([]byte{h[0], h[0], h[1], h[1], h[2], h[2]})
	}
	v, err := strconv.ParseUint(h, 16, 32)
	if err != nil || len(h) != 6 {
		return Color{}, false
	}
	return Color{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), Name: s}, true
}
