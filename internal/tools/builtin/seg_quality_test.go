package builtin

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

var updateMasks = flag.Bool("update", false, "rewrite testdata/masks.json with what is measured")

// qualityCase is a hand-checked mask of a photograph.
type qualityCase struct {
	photo, object string
	// label is the object's in the recorded boxes, "" for parts that no detector
	// knows; pick its index there.
	label string
	pick  int
	// drawn is the person's box of objects.json, the picture's whole for parts without one.
	drawn edit.Box
	// unbounded says that MASKS.md leaves the border, or but for unscored the
	// whole of it, out of boundary scores.
	unbounded bool
	// part says that the object's outline is much that of another case: its tight box is enough.
	part     bool
	unscored [4]int // a rectangle left out of the boundary score
}

var qualityCases = []qualityCase{
	{photo: "dog_bench.png", object: "bench", label: "bench", drawn: edit.Box{X0: 28, Y0: 222, X1: 474, Y1: 485}},
	{photo: "dog_bench.png", object: "dog", label: "dog", drawn: edit.Box{X0: 178, Y0: 118, X1: 310, Y1: 462}},
	{photo: "truck.jpg", object: "truck", label: "truck", drawn: edit.Box{X0: 95, Y0: 275, X1: 1710, Y1: 850}},
	{photo: "truck.jpg", object: "truck-paint", part: true},
	{photo: "kodim20_airplane.png", object: "airplane", label: "airplane", drawn: edit.Box{X0: 60, Y0: 65, X1: 768, Y1: 490}},
	{photo: "person_wall_signs.jpg", object: "person-right", label: "person", pick: 1, drawn: edit.Box{X0: 430, Y0: 555, X1: 535, Y1: 885}},
	{photo: "kodim14_rafting.png", object: "raft", drawn: edit.Box{X0: 8, Y0: 205, X1: 655, Y1: 440}, unbounded: true},
	{photo: "kodim23_parrots.png", object: "red-parrot", label: "bird", drawn: edit.Box{X0: 395, Y0: 105, X1: 768, Y1: 512}},
	{photo: "kodim04_woman_red_hat.png", object: "hat-and-scarf", part: true},
	{photo: "kodim04_woman_red_hat.png", object: "person", label: "person", drawn: edit.Box{X0: 0, Y0: 0, X1: 511, Y1: 767}},
}

// maskScore is what is pinned of one mask.
type maskScore struct {
	IoU    float64 `json:"iou"`
	Border float64 `json:"border"` // median distance of the borders in pixels, -1 where it is not scored
}

// row is a line of the table.
type row struct {
	object, from string
	maskScore
}

// jitters move a box's sides by a share of its size: right, bigger, smaller.
var jitters = []struct {
	name           string
	x0, y0, x1, y1 float64
}{
	{"box", 0, 0, 0, 0},
	{"box +3%", -0.03, -0.03, 0.03, 0.03},
	{"box -3%", 0.03, 0.03, -0.03, -0.03},
}

// TestMaskQuality measures masks from boxes alone, without any model, and from
// boxes with the recorded class maps ("network"), against hand-checked masks and against
// the drawn street's exact ones, and compares with what was pinned after a
// person had looked at the overlays (PENTIMENTO_OVERLAYS=DIR). It prints a table.
func TestMaskQuality(t *testing.T) {
	shared(t, "")
	rows := make([][]row, len(qualityCases)+1)
	t.Run("cases", func(t *testing.T) { // side by side; the table keeps their order
		for i, c := range qualityCases {
			t.Run(c.object, func(t *testing.T) {
				t.Parallel()
				rows[i] = c.measure(t)
			})
		}
		t.Run("scene", func(t *testing.T) {
			t.Parallel()
			rows[len(qualityCases)] = measureScene(t)
		})
	})
	measured := make(map[string]maskScore)
	var table bytes.Buffer
	tw := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(tw, "mask\tfrom\tIoU\tborder px\t")
	for _, r := range slices.Concat(rows...) {
		measured[r.object+" "+r.from] = r.maskScore
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%.3f\t%.2f\t\n", r.object, r.from, r.IoU, r.Border)
	}
	summarise(tw, measured)
	if err := tw.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	pinMasks(t, measured)
}

// measure scores one photograph's object from every kind of evidence.
func (c *qualityCase) measure(t *testing.T) []row {
	img := readPicture(t, shared(t, "images/"+c.photo))
	stem, _, _ := strings.Cut(c.photo, ".")
	truth := readMask(t, shared(t, "images/masks/"+stem+"."+c.object+".png"))
	scale := 1.0
	if img.W > qualityWidth {
		scale = 0.5
		img, truth = halved(img), halvedTruth(truth)
	}
	scaled := func(b edit.Box) edit.Box {
		b.X0, b.Y0, b.X1, b.Y1 = b.X0*scale, b.Y0*scale, b.X1*scale, b.Y1*scale
		return b
	}
	tight := tightBox(truth)
	var rows []row
	run := func(from, op string, in map[string]edit.Artifact) {
		in["image"] = img
		start := time.Now()
		m := pixel.NewMask(img.W, img.H) // a refusal counts as nothing found
		if resp, err := New().Run(t.Context(), requestOf(op, in)); err == nil {
			m, _ = resp.Outputs["mask"].(*pixel.Mask)
		}
		t.Logf("%s %s: %.2f s", c.object, from, time.Since(start).Seconds())
		saveOverlay(t, img, m, "quality_"+c.object+"_"+strings.ReplaceAll(from, " ", "_"))
		s := maskScore{IoU: round3(pixel.IoU(m, truth, pixel.IgnoreGrey)), Border: -1}
		if !c.unbounded {
			s.Border = round3(borderError(m, truth, c.unscored))
		}
		rows = append(rows, row{c.object, from, s})
	}
	for _, j := range jitters {
		if c.part && j.x0 != 0 {
			break
		}
		b := tight
		b.X0, b.X1 = tight.X0+j.x0*tight.W(), tight.X1+j.x1*tight.W()
		b.Y0, b.Y1 = tight.Y0+j.y0*tight.H(), tight.Y1+j.y1*tight.H()
		run(j.name, "grabcut-box", map[string]edit.Artifact{"boxes": edit.Boxes{Picked: []edit.Box{b}}})
	}
	if !c.part {
		run("drawn box", "grabcut-box", map[string]edit.Artifact{"boxes": edit.Boxes{Picked: []edit.Box{scaled(c.drawn)}}})
	}
	if c.label != "" {
		boxes := picked(t, c.photo, c.label, c.pick)
		for _, list := range [][]edit.Box{boxes.Picked, boxes.Others} {
			for i := range list {
				list[i] = scaled(list[i])
			}
		}
		run("network", "grabcut-classes", map[string]edit.Artifact{
			"boxes": boxes, "object": edit.Text(c.label), "classes": classesOf(t, img),
		})
	}
	return rows
}

// qualityWidth is that of the widest photograph measured in full; a wider one is
// halved, for its masks' quality is that of the cut, which is made on fewer pixels anyway.
const qualityWidth = 1200

func halved(img *pixel.Image) *pixel.Image { return pixel.Resize(img, img.W/2, img.H/2, pixel.Box) }

// halvedTruth keeps what all four pixels agree on; the rest is 128, not to be scored.
func halvedTruth(m *pixel.Mask) *pixel.Mask {
	out := pixel.NewMask(m.W/2, m.H/2)
	for i := range out.Pix {
		x, y := 2*(i%out.W), 2*(i/out.W)
		out.Pix[i] = m.At(x, y)
		if v := out.Pix[i]; m.At(x+1, y) != v || m.At(x, y+1) != v || m.At(x+1, y+1) != v {
			out.Pix[i] = pixel.Half
		}
	}
	return out
}

// tightBox is the box of what is surely the object; 128 is no part of it.
func tightBox(truth *pixel.Mask) edit.Box {
	b := truth.Bounds(255)
	return edit.Box{X0: float64(b.Min.X), Y0: float64(b.Min.Y), X1: float64(b.Max.X), Y1: float64(b.Max.Y)}
}

// sceneObjects are the drawn street's things that have a box.
var sceneObjects = []string{"car", "bench", "tree", "sign"}

// measureScene scores the drawn street's things from their boxes, the others known.
func measureScene(t *testing.T) []row {
	var rows []row
	img, truths := scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
	for _, name := range sceneObjects {
		var boxes edit.Boxes
		for _, other := range sceneObjects {
			b := boxOf(truths[other], other)
			b.Score = 0
			if other == name {
				boxes.Picked = append(boxes.Picked, b)
			} else {
				boxes.Others = append(boxes.Others, b)
			}
		}
		m := segmented(t, "grabcut-box", map[string]edit.Artifact{"image": img, "boxes": boxes})
		saveOverlay(t, img, m, "quality_scene_"+name)
		rows = append(rows, row{"scene " + name, "box", maskScore{
			IoU: round3(pixel.IoU(m, truths[name], nil)), Border: round3(borderError(m, truths[name], [4]int{})),
		}})
	}
	return rows
}

// summarise adds the mean overlap, and the median of the median border errors, of each kind of evidence.
func summarise(tw *tabwriter.Writer, measured map[string]maskScore) {
	kinds := []string{"drawn box", "network"}
	for _, j := range jitters {
		kinds = append(kinds, j.name)
	}
	for _, kind := range append(kinds, "scene") {
		var sum float64
		var borders []float64
		n := 0
		for key, s := range measured {
			from := "scene"
			if !strings.HasPrefix(key, "scene ") {
				_, from, _ = strings.Cut(key, " ") // no object's name has a blank
			}
			if from != kind {
				continue
			}
			sum += s.IoU
			n++
			if s.Border >= 0 {
				borders = append(borders, s.Border)
			}
		}
		slices.Sort(borders)
		if n > 0 && len(borders) > 0 {
			_, _ = fmt.Fprintf(tw, "mean of %d\t%s\t%.3f\t%.2f\t\n", n, kind, sum/float64(n), borders[len(borders)/2])
		}
	}
}

// unsureBand is the width in pixels up to which a band of 128 is a border's; wider ones are places nobody could call.
const unsureBand = 5

// borderError is the median distance in pixels between the borders of a mask
// and of its truth, from each to the other. The truth's border runs through the
// middle of its 128 band; what lies in wider bands, in the rectangle skip
// and along the picture's own border is not counted.
func borderError(m, truth *pixel.Mask, skip [4]int) float64 {
	in, out := pixel.NewMask(truth.W, truth.H), pixel.NewMask(truth.W, truth.H)
	for i, v := range truth.Pix {
		switch {
		case v > pixel.Half:
			in.Pix[i] = 255
		case v < pixel.Half:
			out.Pix[i] = 255
		}
	}
	toIn, toOut := pixel.Distance(in, pixel.Half), pixel.Distance(out, pixel.Half)
	side := pixel.NewMask(truth.W, truth.H)
	unsure := func(i int) bool {
		x, y := i%truth.W, i/truth.W
		if x >= skip[0] && x < skip[2] && y >= skip[1] && y < skip[3] {
			return true
		}
		return in.Pix[i] == 0 && out.Pix[i] == 0 && toIn.V[i]+toOut.V[i] > unsureBand
	}
	for i := range side.Pix {
		if toIn.V[i] < toOut.V[i] {
			side.Pix[i] = 255
		}
	}
	truthEdge, edge := borderOf(side), borderOf(m)
	toTruth, toEdge := pixel.Distance(truthEdge, pixel.Half), pixel.Distance(edge, pixel.Half)
	var all []float64
	for i := range edge.Pix {
		if unsure(i) {
			continue
		}
		if edge.Pix[i] > 0 {
			all = append(all, float64(toTruth.V[i]))
		}
		if truthEdge.Pix[i] > 0 {
			all = append(all, float64(toEdge.V[i]))
		}
	}
	if edge.Empty() {
		return -1
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// borderOf are the inside pixels that have an outside neighbour.
func borderOf(m *pixel.Mask) *pixel.Mask {
	out := pixel.NewMask(m.W, m.H)
	for y := range m.H {
		for x := range m.W {
			if m.At(x, y) < pixel.Half {
				continue
			}
			for _, d := range [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				if u, v := x+d[0], y+d[1]; u >= 0 && v >= 0 && u < m.W && v < m.H && m.At(u, v) < pixel.Half {
					out.Pix[y*m.W+x] = 255
				}
			}
		}
	}
	return out
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }

// pinMasks compares the measurements with the pinned ones, or rewrites those.
func pinMasks(t *testing.T, measured map[string]maskScore) {
	path := filepath.Join("testdata", "masks.json")
	if *updateMasks {
		b, err := json.MarshalIndent(measured, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pinned := make(map[string]maskScore)
	if err := json.Unmarshal(b, &pinned); err != nil {
		t.Fatal(err)
	}
	for key, want := range pinned {
		got, ok := measured[key]
		if !ok || math.Abs(got.IoU-want.IoU) > 0.01 || math.Abs(got.Border-want.Border) > 1 {
			t.Errorf("%s: measured %+v, pinned %+v: look at the overlay, then pin it with -update", key, got, want)
		}
	}
	if len(pinned) != len(measured) {
		t.Errorf("%d masks measured, %d pinned", len(measured), len(pinned))
	}
}
