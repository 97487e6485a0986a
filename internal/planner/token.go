package planner

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pentimento/internal/edit"
)

// maxRequest bounds a request in bytes: far more than people write, little enough to plan in milliseconds.
const maxRequest = 4096

type tokenKind uint8

const (
	wordToken  tokenKind = iota
	quoteToken           // low and text hold what stands between the quotation marks
	stopToken            // . ; ! ? or a line break
	commaToken           // , or a dash between words
)

// token is a word of the request with its place in the normalised text.
type token struct {
	kind       tokenKind
	text       string // as written
	low        string // the form that is matched: lower case, spelling corrected
	form       word   // low as the docs' words are compared
	fixed      bool   // low is not what was written
	glued      bool   // a hyphen joins it to the word before
	start, end int    // bytes in the normalised request
}

func newToken(text, low string, start, end int) token {
	return token{text: text, low: low, form: wordOf(low), start: start, end: end}
}

// respelt is the token with its spelling corrected.
func (t token) respelt(low string) token {
	t.low, t.form, t.fixed = low, wordOf(low), true
	return t
}

func (t token) is(words ...string) bool {
	if t.kind != wordToken {
		return false
	}
	for _, w := range words {
		if t.low == w {
			return true
		}
	}
	return false
}

func (t token) in(set map[string]bool) bool { return t.kind == wordToken && set[t.low] }

// normalise puts a request into NFC with plain spaces and refuses characters
// that a reader cannot see: they have no use here except to deceive.
func normalise(request string) (string, error) {
	if len(request) > maxRequest {
		return "", &edit.UserError{Msg: fmt.Sprintf("the request is %d bytes long, at most %d are read", len(request), maxRequest), Hint: "split it into several edits"}
	}
	if !utf8.ValidString(request) {
		return "", &edit.UserError{Msg: "the request is not valid UTF-8 text", Hint: "type it again"}
	}
	var b strings.Builder
	for i, r := range norm.NFC.String(request) {
		switch {
		case r == '\n' || r == '\r':
			b.WriteByte('\n')
		case unicode.IsSpace(r) && r < 0x2028:
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == utf8.RuneError:
			return "", &edit.UserError{
				Msg:  fmt.Sprintf("the request has an invisible character (U+%04X) at byte %d", r, i),
				Hint: "remove it and try again",
			}
		default:
			b.WriteRune(r)
		}
	}
	s := strings.TrimSpace(plainLists(b.String()))
	if s == "" {
		return "", &edit.UserError{Msg: "the request is empty", Hint: "say in plain words what to do to the picture"}
	}
	return s, nil
}

// tokenise cuts normalised text into tokens.
func tokenise(s string) []token {
	var toks []token
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' || r == ';' || r == '!' || r == '?' || r == '.' && !digitAt(s, i+1):
			toks = append(toks, token{kind: stopToken, text: s[i : i+n], start: i, end: i + n})
			i += n
		case strings.HasPrefix(s[i:], "->") || strings.HasPrefix(s[i:], "=>") || r == '→' || r == '=':
			if n == 1 && i+1 < len(s) && s[i+1] == '>' {
				n = 2
			}
			toks = append(toks, newToken(s[i:i+n], "becomes", i, i+n))
			i += n
		case r == ':' && i+1 < len(s) && s[i+1] == ' ', r == ',' || r == '(' || r == ')' || r == '–' || r == '—' || r == '-' && (i+1 >= len(s) || s[i+1] == ' '):
			toks = append(toks, token{kind: commaToken, text: s[i : i+n], start: i, end: i + n})
			i += n
		case isQuote(r):
			if q, next, ok := readQuote(s, i, n, r); ok {
				toks = append(toks, q)
				i = next
				continue
			}
			i += n
		case isWordRune(r), minusAt(s, i):
			end := wordEnd(s, i+n)
			was := len(toks)
			toks = appendWord(toks, s, i, end)
			toks[was].glued = i > 1 && s[i-1] == '-' && was > 0 && toks[was-1].end == i-1
			i = end
			if m := pluralOwner(s, i); m > 0 {
				last := &toks[len(toks)-1]
				last.text, last.end = s[last.start:end+m], end+m
				i += m
			}
		default:
			i += n
		}
	}
	return toks
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// minusAt reports whether the sign of a negative number stands at i: "rotate -90 degrees".
func minusAt(s string, i int) bool {
	return s[i] == '-' && digitAt(s, i+1) && (i == 0 || s[i-1] == ' ')
}

// pluralOwner is the length of the apostrophe at i that ends a plural: "the runners' shoes".
func pluralOwner(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	next, _ := utf8.DecodeRuneInString(s[min(i+n, len(s)):])
	if i == 0 || s[i-1] != 's' || r != '\'' && r != '’' || next != ' ' {
		return 0
	}
	return n
}

func isQuote(r rune) bool { return strings.ContainsRune(`'"“”„‘’‚«»‹›`+"`", r) }

// closers lists the marks that may close a quotation; a mark not listed closes itself.
var closers = map[rune]string{'“': "”“\"", '„': "“”\"", '”': "”", '‘': "’‘'", '‚': "‘’'", '’': "’", '«': "»", '‹': "›", '»': "«»"}

// readQuote reads quoted text. The closing mark must end a word, so that the
// apostrophe of "the baker's" inside single quotes does not end them.
func readQuote(s string, i, n int, open rune) (q token, next int, ok bool) {
	ends := closers[open]
	if ends == "" {
		ends = string(open)
	}
	for j, r := range s[i+n:] {
		if !strings.ContainsRune(ends, r) || j == 0 {
			continue
		}
		at := i + n + j
		after, _ := utf8.DecodeRuneInString(s[at+utf8.RuneLen(r):])
		if isWordRune(after) {
			continue
		}
		text := strings.TrimSpace(s[i+n : at])
		if text == "" {
			return token{}, 0, false
		}
		end := at + utf8.RuneLen(r)
		if strings.HasPrefix(text, "#") && isColorWord(text) {
			return newToken(text, strings.ToLower(text), i, end), end, true // quoted for the shell
		}
		return token{kind: quoteToken, text: text, low: text, start: i, end: end}, end, true
	}
	return token{}, 0, false
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || strings.ContainsRune("#%°&+_", r)
}

// wordEnd finds the end of the word that begins at i. An apostrophe, a point
// before a digit, a comma in "1,000" and a colon in "16:9" belong to the word.
func wordEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		inner := false
		switch r {
		case '\'', '’':
			next, _ := utf8.DecodeRuneInString(s[i+n:])
			inner = unicode.IsLetter(next)
		case '.', ':':
			inner = digitAt(s, i-1) && digitAt(s, i+1)
		case ',':
			inner = digitAt(s, i-1) && digitAt(s, i+1) && digitAt(s, i+2) && digitAt(s, i+3) && !digitAt(s, i+4)
		case '×':
			inner = true
		}
		if !inner && !isWordRune(r) {
			return i
		}
		i += n
	}
	return i
}

// appendWord adds a word, its contraction taken apart: "don't" → do not, "car's" → car 's.
func appendWord(toks []token, s string, start, end int) []token {
	text := s[start:end]
	low := strings.ReplaceAll(strings.ToLower(text), "’", "'")
	if full, short := shortForms[low]; short {
		return append(toks, newToken(text, full, start, end))
	}
	if parts := takenApart(low); parts != nil {
		for _, p := range parts {
			toks = append(toks, newToken(text, p, start, end))
		}
		return toks
	}
	if stem, ok := strings.CutSuffix(low, "'s"); ok {
		cut := start + len(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(text, "s"), "S"), "'"))
		cut = min(cut, end)
		if strings.HasSuffix(s[start:cut], "’") {
			cut -= len("’")
		}
		return append(toks,
			newToken(s[start:cut], stem, start, cut),
			newToken(s[cut:end], possessive, cut, end))
	}
	return append(toks, newToken(text, low, start, end))
}

// ends of words that are words of their own, as they are spoken.
var clitics = []struct{ end, word string }{{"'re", "are"}, {"'ve", "have"}, {"'ll", "will"}, {"'d", "would"}, {"n't", "not"}}

// takenApart is the words of a contraction, nil for what is none.
func takenApart(low string) []string {
	if parts, known := contractions[low]; known {
		return parts
	}
	for _, c := range clitics {
		stem, ok := strings.CutSuffix(low, c.end)
		switch {
		case !ok:
		case c.word == "not" && (auxiliaries[stem] || statives[stem] || finite[stem]), c.word != "not" && nominatives[stem]:
			return []string{stem, c.word}
		}
	}
	return nil
}

// join writes tokens as the person did: one space between words unless they
// were written together or with a hyphen.
func join(src string, toks []token) string { return joined(src, toks, false) }

// spelt is join with what was misspelt as it is understood.
func spelt(src string, toks []token) string { return joined(src, toks, true) }

func joined(src string, toks []token, mended bool) string {
	var b strings.Builder
	for i, t := range toks {
		if i > 0 {
			prev := toks[i-1]
			if prev.start == t.start && prev.end == t.end {
				continue // the second half of a contraction
			}
			gap := " "
			made := prev.start == prev.end || t.start == t.end // words of the planner's own
			if !made && prev.end <= t.start && t.start-prev.end <= 1 && t.start <= len(src) {
				gap = strings.ReplaceAll(src[prev.end:t.start], "\n", " ")
			}
			if gap == "" && mended && prev.fixed && t.fixed {
				gap = " " // "infront"
			}
			b.WriteString(gap)
		}
		switch {
		case t.kind == quoteToken && t.end <= len(src):
			b.WriteString(src[t.start:t.end])
		case !mended && t.low != possessive && t.start < t.end && t.end <= len(src) && len(t.text) != t.end-t.start:
			b.WriteString(src[t.start:t.end]) // two words that the docs write as one
		case t.fixed && mended:
			b.WriteString(t.low)
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// lows lists the matched forms, for messages and evidence.
func lows(toks []token) []string {
	out := make([]string, 0, len(toks))
	for _, t := range toks {
		if t.kind == wordToken || t.kind == quoteToken {
			out = append(out, t.low)
		}
	}
	return out
}

var (
	bullet     = regexp.MustCompile(`(^|\n) *[-*•·] +`)
	enumerated = regexp.MustCompile(`(^|\s)\d{1,2}[.)] +`)
)

// plainLists takes the marks off lists, one order a line or numbered, so that
// only stops are left between the orders.
func plainLists(s string) string {
	s = bullet.ReplaceAllString(s, "$1")
	if at := enumerated.FindStringIndex(s); at != nil && at[0] == 0 {
		s = enumerated.ReplaceAllString(s, "\n")
	}
	return s
}
