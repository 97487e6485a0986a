// Package gallery runs a list of edits through the command line, as a person
// would type them, and lays out what came of each: before, mask and after, as
// one HTML page and as PNG sheets.
package gallery

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Suite is a list of edits, as a gallery file holds them.
type Suite struct {
	Version int    `json:"version"`
	Note    string `json:"note,omitempty"`
	Edits   []Edit `json:"edits"`
}

// Edit is one picture and one request.
type Edit struct {
	Image   string            `json:"image"` // file name, in the folder of pictures
	Request string            `json:"request"`
	Boxes   map[string][4]int `json:"boxes,omitempty"` // x0, y0, x1, y1 by object name
}

// Load reads a suite and sets its pictures' paths into the folder images.
func Load(file, images string) (Suite, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Suite{}, err
	}
	var s Suite
	if err := json.Unmarshal(data, &s); err != nil {
		return Suite{}, fmt.Errorf("%s: %w", file, err)
	}
	if s.Version != 1 || len(s.Edits) == 0 {
		return Suite{}, fmt.Errorf("%s: want version 1 with at least one edit, found version %d with %d", file, s.Version, len(s.Edits))
	}
	for i, e := range s.Edits {
		if e.Image == "" || e.Request == "" || !filepath.IsLocal(e.Image) {
			return Suite{}, fmt.Errorf("%s: edit %d needs an image inside the folder of pictures and a request", file, i+1)
		}
		s.Edits[i].Image = filepath.Join(images, e.Image)
	}
	return s, nil
}

// args are the arguments of `agent` that carry out the edit.
func (e Edit) args(output, mask string) []string {
	args := []string{"edit", e.Image, e.Request, "-o", output, "--show-mask", mask}
	names := make([]string, 0, len(e.Boxes))
	for name := range e.Boxes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b := e.Boxes[name]
		args = append(args, "--box", fmt.Sprintf("%s=%d,%d,%d,%d", name, b[0], b[1], b[2], b[3]))
	}
	return args
}

// shellLine writes a command as one would type it.
func shellLine(command string, args []string) string {
	words := []string{command}
	for _, a := range args {
		if strings.ContainsFunc(a, func(r rune) bool { return !strings.ContainsRune("-_./=,:", r) && !isWord(r) }) {
			a = strconv.Quote(a)
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
