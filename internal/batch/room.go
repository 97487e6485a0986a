package batch

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"pentimento/internal/imageio"
)

// Room is what the items will take: looked up in the pictures' headers.
type Room struct {
	Largest int64            // pixels of the largest picture
	Outputs map[string]int64 // least bytes of results by the folder that exists above them
}

// leastBytes is what a pixel of a result takes at least, by format: photographs take more, so that
// who lacks this has no chance.
var leastBytes = map[imageio.Format]float64{imageio.PNG: 0.5, imageio.TIFF: 0.5, imageio.WebP: 0.05, imageio.JPEG: 0.05}

// Measure looks up the room that items need. A picture whose header cannot be read
// needs none: its item will say so.
func Measure(ctx context.Context, items []Item) (Room, error) {
	r := Room{Outputs: make(map[string]int64)}
	sizes, folders := make(map[string]int64), make(map[string]string)
	for i := range items {
		it := &items[i]
		pixels, ok := sizes[it.Input]
		if !ok {
			if w, h, err := imageio.Size(ctx, it.Input, imageio.Limits{}); err == nil {
				pixels = int64(w) * int64(h)
			}
			if ctx.Err() != nil {
				return r, ctx.Err()
			}
			sizes[it.Input] = pixels
		}
		r.Largest = max(r.Largest, pixels)
		if _, err := os.Lstat(it.Output); it.Output == "" || err == nil {
			continue // a result that is there has its room
		}
		if f, err := imageio.FormatForPath(it.Output); err == nil {
			r.Outputs[existing(folders, filepath.Dir(it.Output))] += int64(leastBytes[f] * float64(pixels))
		}
	}
	return r, nil
}

// existing is the nearest folder above a path that exists.
func existing(known map[string]string, dir string) string {
	if at, ok := known[dir]; ok {
		return at
	}
	at := dir
	if st, err := os.Stat(dir); (err != nil || !st.IsDir()) && filepath.Dir(dir) != dir {
		at = existing(known, filepath.Dir(dir))
	}
	known[dir] = at
	return at
}

// Short lists the disks on which there is too little room for the results.
func (r Room) Short() (problems []string) {
	for dir, need := range r.Outputs {
		if have, err := free(dir); err == nil && have < need {
			problems = append(problems, fmt.Sprintf("the results take %d MB at least, and the disk of %s has %d MB left", need/1e6, dir, have/1e6))
		}
	}
	return problems
}

// What an item holds while it is worked on: the picture with what is made of it, and what
// a model computes with.
const (
	bytesPerPixel = 96
	bytesPerModel = 384 << 20
)

// Jobs is how many items to work on at once: one a core, as far as half the
// memory that is free holds them.
func (r Room) Jobs() int {
	cores := runtime.GOMAXPROCS(0)
	memory := freeMemory("/")
	if memory <= 0 {
		return cores
	}
	return int(max(1, min(int64(cores), memory/2/(bytesPerModel+bytesPerPixel*r.Largest))))
}

// freeMemory is what can be had without swapping, in bytes, within the limit of a container; 0 where that is not told.
func freeMemory(root string) int64 {
	available := int64(0)
	if text, err := os.ReadFile(filepath.Join(root, "proc/meminfo")); err == nil {
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			if f := strings.Fields(lines.Text()); len(f) > 1 && f[0] == "MemAvailable:" {
				n, _ := strconv.ParseInt(f[1], 10, 64) // 0 is told as unknown
				available = n << 10
			}
		}
	}
	limit, used := number(filepath.Join(root, "sys/fs/cgroup/memory.max")), number(filepath.Join(root, "sys/fs/cgroup/memory.current"))
	if limit > 0 && (available == 0 || limit-used < available) {
		available = max(limit-used, 1)
	}
	return available
}

// number is that in a file, 0 where there is none.
func number(path string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is no number, and no limit
	return n
}
