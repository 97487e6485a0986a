// Package english knows which words are English, and how common they are.
//
// The words are those of SCOWL (Spell Checker Oriented Word Lists) up to its
// tier 60, American and British; COPYING holds its licence, and gen.go writes
// words.gz anew. They are unpacked at the first question, once in a process.
package english

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sort"
	"strings"
	"sync"
)

//go:embed words.gz
var packed []byte

// list holds the words in order, one after another; end[i] is the byte behind word i, tier[i] its tier in tens.
type list struct {
	text string
	end  []int32
	tier []uint8
}

var words = sync.OnceValue(func() list { return unpack(packed) })

// unpack reads words.gz: how many letters a word shares with the one before it
// (A: none), its other letters, its tier. It is written with the program, so
// that damage to it is a fault of the build.
func unpack(raw []byte) list {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		panic("english: words.gz: " + err.Error())
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("english: words.gz: " + err.Error())
	}
	const usual = 90_000
	l := list{end: make([]int32, 0, usual), tier: make([]uint8, 0, usual)}
	out := make([]byte, 0, 3*len(text))
	start := 0
	for i := 0; i < len(text); {
		shared := int(text[i] - 'A')
		rest := i + 1
		for i = rest; text[i] >= 'a'; i++ {
		}
		last := start
		start = len(out)
		out = append(out, out[last:last+shared]...)
		out = append(out, text[rest:i]...)
		l.end, l.tier = append(l.end, int32(len(out))), append(l.tier, text[i]-'0')
		i++
	}
	l.text = string(out)
	return l
}

func (l *list) at(i int) string {
	if i == 0 {
		return l.text[:l.end[0]]
	}
	return l.text[l.end[i-1]:l.end[i]]
}

// Tier is how rare a word is, 1 (the commonest) to 6; 0 for what is no word of
// the list. Words are compared as written, in lower case and without marks.
func Tier(w string) int {
	l := words()
	i := sort.Search(len(l.end), func(i int) bool { return l.at(i) >= w })
	if i == len(l.end) || l.at(i) != w {
		return 0
	}
	return int(l.tier[i])
}

// Known reports whether a word is in the list.
func Known(w string) bool { return Tier(w) > 0 }

// Verb reports whether a word is a verb in its plain form: the list has it with "-ing".
func Verb(w string) bool {
	if len(w) < 2 || !Known(w) {
		return false
	}
	if Known(w+"ing") || Known(w+w[len(w)-1:]+"ing") {
		return true
	}
	stem, ok := strings.CutSuffix(w, "e")
	return ok && Known(stem+"ing")
}
