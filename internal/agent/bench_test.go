package agent

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

// BenchmarkEdit times detect → mask → recolour from file to file on a 1280×1280
// photograph where the shared models are at hand, and colour region → recolour
// on the example picture everywhere. It reports, per edit: the time inside
// tools, in decode and encode together and each apart, the engine's overhead
// beyond all these in percent, and the process's peak memory.
func BenchmarkEdit(b *testing.B) {
	b.Run("scene-1280x853", func(b *testing.B) {
		img, _ := scene.Render(1280, 853, 1)
		path := filepath.Join(b.TempDir(), "street.png")
		if err := imageio.Save(context.Background(), path, img, imageio.Options{}); err != nil {
			b.Fatal(err)
		}
		benchEdit(b, openKit(b, false), path, "recolor the red car to teal")
	})
	b.Run("photo-1280x1280", func(b *testing.B) {
		dir := shared(b)
		benchEdit(b, openKit(b, true), filepath.Join(dir, "images", "market_dog.jpg"), "recolor the dog to blue")
	})
}

func benchEdit(b *testing.B, kit *Kit, input, request string) {
	ctx := context.Background()
	job := FileJob{Input: input, Output: filepath.Join(b.TempDir(), "out.jpg"), Request: request, Alpha: 1, Threshold: 0.8}
	run := func() (edit.Summary, time.Duration) {
		start := time.Now()
		out, err := kit.EditFile(ctx, job, func(edit.Event) {})
		if err != nil {
			b.Fatal(err)
		}
		if r := out.Summary.Subtasks[0]; r.Status != edit.StatusDone {
			b.Fatalf("%s: %s", r.Status, r.Reason)
		}
		return out.Summary, time.Since(start)
	}
	run() // loads the models: a session's first edit is another matter
	var wall, tool, io float64
	for b.Loop() {
		s, d := run()
		wall += d.Seconds()
		tool += s.ToolSeconds + s.LoadSeconds
		io += s.IOSeconds
	}
	n := float64(b.N)
	b.ReportMetric(1000*tool/n, "tool-ms/op")
	b.ReportMetric(1000*io/n, "io-ms/op")
	b.ReportMetric(100*(wall-tool-io)/wall, "overhead-%")
	decode, encode := codec(b, job)
	b.ReportMetric(decode, "decode-ms")
	b.ReportMetric(encode, "encode-ms")
	b.ReportMetric(peakMB(), "peak-MB")
}

// codec times one decode of the job's input and one encode of its size, in milliseconds.
func codec(b *testing.B, job FileJob) (decode, encode float64) {
	start := time.Now()
	img, _, err := imageio.Load(context.Background(), job.Input, imageio.Limits{})
	decode = 1000 * time.Since(start).Seconds()
	if err != nil {
		b.Fatal(err)
	}
	start = time.Now()
	if err := imageio.Save(context.Background(), job.Output, img, imageio.Options{}); err != nil {
		b.Fatal(err)
	}
	return decode, 1000 * time.Since(start).Seconds()
}

// peakMB is the process's largest resident set so far, in megabytes; 0 where the system does not tell.
func peakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
