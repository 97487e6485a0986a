package batch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func TestRoom(t *testing.T) {
	dir := files(t, "broken.png")
	for name, side := range map[string]int{"a.png": 40, "b.jpg": 100} {
		if err := imageio.Save(t.Context(), filepath.Join(dir, name), pixel.NewImage(side, side), imageio.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	items, err := plan(Job{Inputs: []string{"*.*"}, Request: "x", Output: "far/away/{rel}/{stem}-{ext}.png"}).Items(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	room, err := Measure(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	if room.Largest != 10_000 || room.Outputs[dir] != (1600+10_000)/2 {
		t.Errorf("room %+v", room)
	}
	if short := room.Short(); len(short) > 0 {
		t.Errorf("short of room: %q", short)
	}
	if err := os.MkdirAll(filepath.Join(dir, "far/away"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(items[0].Output, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if left, err := Measure(t.Context(), items); err != nil || left.Outputs[filepath.Dir(items[0].Output)] != 10_000/2 {
		t.Errorf("with one result there: %+v, %v", left, err)
	}
	room.Outputs[dir] = 1 << 62
	if short := room.Short(); len(short) != 1 || !strings.Contains(short[0], dir) {
		t.Errorf("a disk without room: %q", short)
	}
	room.Largest = 1 << 40
	if n := room.Jobs(); n != 1 && freeMemory("/") > 0 {
		t.Errorf("%d pictures of a terapixel at once", n)
	}
}

func TestFreeMemory(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := freeMemory(root); got != 0 {
		t.Errorf("of nothing known: %d", got)
	}
	write("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    4096 kB\n")
	write("sys/fs/cgroup/memory.max", "max\n")
	if got := freeMemory(root); got != 4<<20 {
		t.Errorf("without a limit: %d", got)
	}
	write("sys/fs/cgroup/memory.max", "3145728\n")
	write("sys/fs/cgroup/memory.current", "1048576\n")
	if got := freeMemory(root); got != 2<<20 {
		t.Errorf("in a container: %d", got)
	}
}
