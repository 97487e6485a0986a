package onnx

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vocab maps the pieces of a BERT vocabulary to their numbers.
type vocab map[string]int64

// The marks that every BERT vocabulary holds.
const (
	pieceUnknown = "[UNK]"
	pieceBegin   = "[CLS]"
	pieceEnd     = "[SEP]"
	pieceInner   = "##" // before a piece that continues a word
)

// longestWord is how many characters a word may have to be cut into pieces.
const longestWord = 100

// parseVocab reads a vocabulary: one piece a line, numbered from 0.
func parseVocab(b []byte) (vocab, error) {
	v := make(vocab)
	var n int64
	for line := range bytes.Lines(b) {
		v[string(bytes.TrimRight(line, "\r\n"))] = n
		n++
	}
	for _, mark := range []string{pieceUnknown, pieceBegin, pieceEnd, "."} {
		if _, ok := v[mark]; !ok {
			return nil, fmt.Errorf("is no vocabulary of word pieces: it lacks %q", mark)
		}
	}
	return v, nil
}

// pieces are the numbers of a text's pieces as BERT's uncased tokenizer gives
// them, without the marks around it: lower case, accents dropped, cut at spaces
// and signs, each word into the longest pieces that the vocabulary holds.
func (v vocab) pieces(text string) []int64 {
	var ids []int64
	for _, w := range basicWords(text) {
		ids = append(ids, v.word(w)...)
	}
	return ids
}

func (v vocab) word(w string) []int64 {
	unknown := []int64{v[pieceUnknown]}
	r := []rune(w)
	if len(r) > longestWord {
		return unknown
	}
	var ids []int64
	for start := 0; start < len(r); {
		end := len(r)
		for ; end > start; end-- {
			piece := string(r[start:end])
			if start > 0 {
				piece = pieceInner + piece
			}
			if id, ok := v[piece]; ok {
				ids = append(ids, id)
				break
			}
		}
		if end == start {
			return unknown
		}
		start = end
	}
	return ids
}

// basicWords cuts a text into words, signs and ideographs.
func basicWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case r == 0 || r == unicode.ReplacementChar || unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		case isSign(r) || unicode.Is(unicode.Han, r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Fields(b.String())
}

// isSign is BERT's notion of punctuation: that of Unicode, and every ASCII sign.
func isSign(r rune) bool {
	return r < 128 && r > 32 && !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.IsPunct(r)
}
