package onnx

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"pentimento/internal/edit"
)

// truth is a labelled box on a photo.
type truth struct {
	label string
	box   edit.Box
}

// cocoName maps the labels of objects.json to the class a COCO detector has for them.
var cocoName = map[string]string{"table": "dining table", "pot": "vase", "van": "car"}

// unlisted are objects that objects.json leaves out and that an eye confirmed
// among the detectors' answers.
var unlisted = map[string][]truth{
	"market_dog.jpg": {
		{"person", edit.Box{X0: 398, Y0: 308, X1: 545, Y1: 787}}, {"person", edit.Box{X0: 134, Y0: 342, X1: 293, Y1: 577}},
	},
	"street_traffic.jpg": {
		{"car", edit.Box{X0: 1106, Y0: 970, X1: 1194, Y1: 1088}}, {"person", edit.Box{X0: 696, Y0: 978, X1: 745, Y1: 1110}},
	},
	"desk_laptop.jpg": {
		{"keyboard", edit.Box{X0: 768, Y0: 922, X1: 1148, Y1: 1074}}, {"potted plant", edit.Box{X0: 0, Y0: 304, X1: 208, Y1: 856}},
	},
}

func truths(t *testing.T) map[string][]truth {
	t.Helper()
	raw, err := os.ReadFile(shared(t, "images", "objects.json"))
	if err != nil {
		t.Fatal(err)
	}
	var photos map[string]struct {
		Objects []struct {
			Label string
			Box   [4]float64
		}
	}
	if err := json.Unmarshal(raw, &photos); err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]truth)
	for photo, p := range photos {
		for _, o := range p.Objects {
			label := o.Label
			if name, ok := cocoName[label]; ok {
				label = name
			}
			all[photo] = append(all[photo], truth{label, edit.Box{X0: o.Box[0], Y0: o.Box[1], X1: o.Box[2], Y1: o.Box[3]}})
		}
		all[photo] = append(all[photo], unlisted[photo]...)
	}
	return all
}

// judge says of each detection, best first, whether it is right: its class, an
// overlap of one half or more with an object that no better detection has taken.
func judge(found []edit.Box, objects []truth) []bool {
	taken := make([]bool, len(objects))
	right := make([]bool, len(found))
	for i, b := range found {
		best := -1
		for k, o := range objects {
			if o.label == b.Label && !taken[k] && b.IoU(o.box) >= 0.5 && (best < 0 || b.IoU(o.box) > b.IoU(objects[best].box)) {
				best = k
			}
		}
		if best >= 0 {
			taken[best], right[i] = true, true
		}
	}
	return right
}

// TestPrecisionTables measures what the detectors' scores are worth on the
// photos and holds the docs' tables against it: in no band of scores may a table
// promise more than was measured, beyond 0.05.
func TestPrecisionTables(t *testing.T) {
	objects := truths(t)
	r := newRunner(t, shared(t, "models"))
	for tool, floor := range map[string]float64{"yolox-nano": 0.3, "fastestdet": 0.45} {
		t.Run(tool, func(t *testing.T) {
			s := *everything(t, tool)
			rt := *s.Runtime.ONNX
			rt.Decode.Score = floor
			s.Runtime.ONNX = &rt
			table := rt.Decode.Precision
			type band struct{ n, right, promised float64 }
			bands := make([]band, len(table))
			for _, photo := range slices.Sorted(maps.Keys(objects)) {
				resp, err := r.Run(t.Context(), request(&s, readPhoto(t, photo)))
				if err != nil {
					t.Fatal(err)
				}
				found := resp.Outputs["boxes"].(edit.Boxes).Picked
				for i, ok := range judge(found, objects[photo]) {
					b := &bands[0]
					for k, row := range table {
						if found[i].Score >= row[0] {
							b = &bands[k]
						}
					}
					b.n++
					b.promised += precisionAt(table, found[i].Score)
					if ok {
						b.right++
					}
				}
			}
			for k, b := range bands {
				if b.n == 0 {
					continue
				}
				t.Logf("from %.2f: %2.0f of %2.0f right = %.2f, the table promises %.2f", table[k][0], b.right, b.n, b.right/b.n, b.promised/b.n)
				if b.promised/b.n > b.right/b.n+0.05 {
					t.Errorf("from score %.2f on the table promises %.2f, measured %.2f", table[k][0], b.promised/b.n, b.right/b.n)
				}
			}
		})
	}
}

func TestFastestDetsBananaIsNotBelieved(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	resp := run(t, r, "fastestdet", map[string]edit.Artifact{"image": readPhoto(t, "kodim14_rafting.png"), "object": edit.Text("banana")})
	if resp.Quality >= 0.5 {
		t.Errorf("the raft called a banana has precision %.2f", resp.Quality)
	}
}
