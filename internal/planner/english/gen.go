//go:build ignore

// Gen writes words.gz from the lists of SCOWL (Debian's package scowl):
//
//	apt-get download scowl && dpkg-deb -x scowl_*.deb x
//	go run gen.go x/usr/share/dict/scowl
//
// A word is written as how many letters it shares with the one before it (a
// capital letter, A for none), its other letters, and its tier in tens.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

var (
	variants = []string{"english", "american", "british", "british_z"}
	tiers    = []int{10, 20, 35, 40, 50, 55, 60}
	plain    = regexp.MustCompile(`^[a-z]{2,}$`)
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen.go FOLDER-OF-SCOWL-LISTS")
	}
	words := map[string]int{}
	for _, tier := range tiers {
		for _, variant := range variants {
			add(words, filepath.Join(os.Args[1], fmt.Sprintf("%s-words.%d", variant, tier)), tier)
		}
	}
	var text bytes.Buffer
	last := ""
	for _, w := range slices.Sorted(maps.Keys(words)) {
		n := 0
		for n < min(len(w), len(last), 25) && w[n] == last[n] {
			n++
		}
		fmt.Fprintf(&text, "%c%s%d", 'A'+n, w[n:], words[w]/10)
		last = w
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	check(err)
	_, err = z.Write(text.Bytes())
	check(err)
	check(z.Close())
	check(os.WriteFile("words.gz", out.Bytes(), 0o644))
	fmt.Printf("%d words, %d bytes\n", len(words), out.Len())
}

// add takes over the plain words of a list that no commoner tier has; some lists do not exist.
func add(words map[string]int, path string, tier int) {
	raw, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	check(err)
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		if w := lines.Text(); plain.MatchString(w) && words[w] == 0 {
			words[w] = tier
		}
	}
	check(lines.Err())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
