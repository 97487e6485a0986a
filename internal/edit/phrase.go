package edit

import (
	"slices"
	"strconv"
	"strings"
)

// Position is a place word of an object phrase.
type Position string

// The positions a phrase may name. Largest and smallest compare areas.
const (
	Anywhere Position = ""
	Left     Position = "left"
	Right    Position = "right"
	Top      Position = "top"
	Bottom   Position = "bottom"
	Middle   Position = "middle"
	Largest  Position = "largest"
	Smallest Position = "smallest"
	Nearest  Position = "nearest"
	Farthest Position = "farthest"
)

// Phrase is an object phrase taken apart: "the two red cars on the left" has
// the head "car", the colour red, the position left and the count 2.
type Phrase struct {
	Text     string   // as written, without article
	Head     string   // singular noun phrase without attributes: "car", "street sign"
	Colors   []Color  // colour words of the object as it is now, in order
	Position Position // where it is among its kind
	Ordinal  int      // 1-based from the left ("the second car"), 0 when none
	Count    int      // how many are meant ("two cars"), 0 when not said
	All      bool     // "all cars", "every car", or a bare plural
	Plural   bool     // the head was written in the plural
}

// Singular reports whether the phrase means exactly one object.
func (p Phrase) Singular() bool { return !p.All && !p.Plural && p.Count <= 1 }

var (
	positionWords = map[string]Position{
		"left": Left, "leftmost": Left, "right": Right, "rightmost": Right,
		"top": Top, "topmost": Top, "upper": Top, "uppermost": Top,
		"bottom": Bottom, "bottommost": Bottom, "lower": Bottom, "lowest": Bottom,
		"middle": Middle, "center": Middle, "centre": Middle, "central": Middle,
		"largest": Largest, "biggest": Largest, "bigger": Largest, "larger": Largest,
		"smallest": Smallest, "smaller": Smallest,
		"nearest": Nearest, "closest": Nearest, "foremost": Nearest,
		"farthest": Farthest, "furthest": Farthest,
	}
	ordinalWords = []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	countWords   = []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	articles     = []string{"the", "a", "an", "this", "that", "these", "those", "my", "its", "his", "her", "their", "our", "your"}
	allWords     = []string{"all", "every", "each", "both", "any"}
	irregular    = map[string]string{
		"people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth",
		"mice": "mouse", "geese": "goose", "leaves": "leaf", "knives": "knife", "shelves": "shelf", "wolves": "wolf",
		"buses": "bus", "skis": "ski",
	}
	// Words that end in s and are singular, or that have no singular.
	notPlural = []string{
		"bus", "glass", "grass", "dress", "cactus", "compass", "canvas", "gas", "lens", "cross", "scissors", "skis",
		"sunglasses", "glasses", "jeans", "trousers", "pants", "shorts", "clothes", "sheep", "christmas", "tennis", "moss", "brass", "octopus", "chess", "mattress", "hippopotamus", "walrus",
	}
)

// Singularize returns the singular of an English noun and whether it was plural.
func Singularize(w string) (string, bool) {
	if s, ok := irregular[w]; ok {
		return s, true
	}
	switch {
	case len(w) < 4 || !strings.HasSuffix(w, "s") || strings.HasSuffix(w, "ss") || slices.Contains(notPlural, w):
		return w, false
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y", true
	case strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "oes") && w != "shoes":
		return w[:len(w)-2], true
	}
	return w[:len(w)-1], true
}

// ParsePhrase takes an object phrase apart. It never fails: words it does not
// know as an attribute belong to the head.
func ParsePhrase(s string) Phrase {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == ',' || r == '.' || r == '!' || r == '?' || r == '"'
	})
	var p Phrase
	words = trimArticles(words)
	p.Text = strings.Join(words, " ")
	words = cutTrailingPlace(words, &p)
	words = readLeading(words, &p)
	words = readColors(words, &p)
	words = readLeading(words, &p)
	if len(words) > 0 {
		last := len(words) - 1
		words[last], p.Plural = Singularize(words[last])
	}
	p.Head = strings.Join(words, " ")
	if p.Plural && p.Count == 0 && p.Ordinal == 0 {
		p.All = true
	}
	if p.Count > 1 {
		p.All = false
	}
	return p
}

func trimArticles(words []string) []string {
	for len(words) > 0 && slices.Contains(articles, words[0]) {
		words = words[1:]
	}
	return words
}

// cutTrailingPlace removes "on the left", "at the bottom", "to the right", "in the middle (of the picture)".
func cutTrailingPlace(words []string, p *Phrase) []string {
	for i := 1; i < len(words); i++ {
		if !slices.Contains([]string{"on", "at", "to", "in", "from"}, words[i]) {
			continue
		}
		rest := trimArticles(words[i+1:])
		if len(rest) == 0 {
			continue
		}
		pos, ok := positionWords[rest[0]]
		tail := rest[1:]
		if len(tail) > 0 && (tail[0] == "side" || tail[0] == "half" || tail[0] == "edge" || tail[0] == "corner") {
			tail = tail[1:]
		}
		if len(tail) > 0 && tail[0] == "of" {
			tail = trimArticles(tail[1:])
			if len(tail) > 0 && slices.Contains([]string{"image", "picture", "photo", "frame", "scene"}, tail[0]) {
				tail = tail[1:]
			}
		}
		if ok && len(tail) == 0 {
			p.Position = pos
			return words[:i]
		}
	}
	return words
}

// readLeading consumes quantifiers, counts, ordinals, articles and positions before the noun.
// A last word is never consumed: "make the bottom yellow" has the head "bottom".
func readLeading(words []string, p *Phrase) []string {
	for len(words) > 1 {
		w := words[0]
		switch {
		case slices.Contains(allWords, w):
			p.All = true
		case slices.Contains(articles, w) || w == "of":
		case slices.Index(countWords, w) > 0:
			p.Count = slices.Index(countWords, w)
		case slices.Index(ordinalWords, w) > 0:
			p.Ordinal = slices.Index(ordinalWords, w)
		case positionWords[w] != Anywhere:
			p.Position = positionWords[w]
		default:
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 || n > 1000 {
				return words
			}
			p.Count = n
		}
		words = words[1:]
	}
	return words
}

// readColors consumes colour words before the noun: "red and white", "dark green".
func readColors(words []string, p *Phrase) []string {
	for len(words) > 1 {
		if len(words) > 2 {
			if c, ok := ParseColor(words[0] + " " + words[1]); ok {
				p.Colors = append(p.Colors, c)
				words = words[2:]
				continue
			}
			if words[0] == "and" && len(p.Colors) > 0 {
				if _, ok := ParseColor(words[1]); ok {
					words = words[1:]
					continue
				}
			}
		}
		c, ok := ParseColor(words[0])
		if !ok {
			return words
		}
		p.Colors = append(p.Colors, c)
		words = words[1:]
	}
	return words
}
