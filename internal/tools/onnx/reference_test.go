package onnx

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// reference is what the models were seen to answer on each photo, by another
// program (Python, OpenCV, ONNX Runtime 1.30).
type reference struct {
	YOLOX      []refBox           `json:"yolox"`
	FastestDet []refBox           `json:"fastestdet"`
	YuNet      []refBox           `json:"yunet_faces"`
	DeepLab    map[string]float64 `json:"deeplab_fraction"`
	Selfie     float64            `json:"selfie_fraction_gt_0.5"`
	Depth      struct {
		Size        [2]int  `json:"net_size"`
		Min         float64 `json:"min"`
		Max         float64 `json:"max"`
		Mean        float64 `json:"mean"`
		TopThird    float64 `json:"top_third"`
		BottomThird float64 `json:"bottom_third"`
	} `json:"depth"`
	Text    []refBox  `json:"text"`
	Brisque float64   `json:"brisque"`
	Classes []refName `json:"squeezenet_top3"`
}

// refBox is [label, score, x0, y0, x1, y1]; faces have no label.
type refBox struct{ edit.Box }

func (b *refBox) UnmarshalJSON(raw []byte) error {
	var v []any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if label, ok := v[0].(string); ok {
		b.Label, v = label, v[1:]
	}
	n := make([]float64, len(v))
	for i := range v {
		n[i] = v[i].(float64)
	}
	b.Score, b.X0, b.Y0, b.X1, b.Y1 = n[0], n[1], n[2], n[3], n[4]
	return nil
}

// refName is [label, probability].
type refName struct {
	Label string
	P     float64
}

func (r *refName) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&r.Label, &r.P})
}

func references(t testing.TB) map[string]reference {
	t.Helper()
	raw, err := os.ReadFile(shared(t, "models", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]json.RawMessage // photos, beside notes whose names begin with _
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	refs := make(map[string]reference)
	for name, raw := range entries {
		if strings.HasPrefix(name, "_") {
			continue
		}
		var ref reference
		if err := json.Unmarshal(raw, &ref); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		refs[name] = ref
	}
	return refs
}

// everything is a copy of a detector's spec that takes no object: it answers with all it sees.
func everything(t testing.TB, name string) *edit.ToolSpec {
	s := *spec(t, name)
	s.Inputs = slices.DeleteFunc(slices.Clone(s.Inputs), func(p edit.Port) bool { return p.Name == "object" })
	return &s
}

// TestModelsAnswerAsReferenced runs every answering model on every photo.
func TestModelsAnswerAsReferenced(t *testing.T) {
	refs := references(t)
	r := newRunner(t, shared(t, "models"))
	for _, photo := range slices.Sorted(maps.Keys(refs)) {
		t.Run(photo, func(t *testing.T) {
			img, ref := readPhoto(t, photo), refs[photo]
			in := map[string]edit.Artifact{"image": img, "object": edit.Text("person")}
			sameBoxes(t, "yolox", 0.3, all(t, r, "yolox-nano", img), ref.YOLOX)
			sameBoxes(t, "fastestdet", 0.6, all(t, r, "fastestdet", img), ref.FastestDet)
			sameBoxes(t, "yunet", 0.7, all(t, r, "yunet-faces", img), ref.YuNet)
			sameFractions(t, img, run(t, r, "deeplab-voc", in).Outputs["classes"].(*pixel.Classes), ref.DeepLab)
			selfie := run(t, r, "selfie-segmentation", in).Outputs["classes"].(*pixel.Classes).Layers[0].Mask
			near(t, "selfie fraction", share(selfie), ref.Selfie, 0.01)
			sameDepth(t, run(t, r, "tcmonodepth", in).Outputs["depth"].(*pixel.Depth), ref)
			regions := run(t, r, "ppocr-text-detection", in).Outputs["regions"].(edit.Spans)
			text := run(t, r, "ppocr-text-recognition", map[string]edit.Artifact{"image": img, "regions": regions})
			sameText(t, text.Outputs["spans"].(edit.Spans), ref.Text)
			near(t, "brisque", float64(run(t, r, "brisque", in).Outputs["score"].(edit.Number)), ref.Brisque, 2)
			sameClasses(t, string(run(t, r, "squeezenet", in).Outputs["labels"].(edit.Text)), ref.Classes)
		})
	}
}

// all is everything a detector sees in a picture.
func all(t testing.TB, r *Runner, tool string, img *pixel.Image) []edit.Box {
	t.Helper()
	resp, err := r.Run(t.Context(), request(everything(t, tool), img))
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return resp.Outputs["boxes"].(edit.Boxes).Picked
}

// sameBoxes wants each box of either list in the other: same label, overlap
// above 0.9, score within 0.05. Boxes within 0.05 of the threshold may be in one only.
func sameBoxes(t *testing.T, what string, threshold float64, got []edit.Box, want []refBox) {
	t.Helper()
	w, h := 0.0, 0.0
	for _, b := range got {
		w, h = max(w, b.X1), max(h, b.Y1)
	}
	match := func(a, b edit.Box) bool {
		return (a.Label == b.Label || b.Label == "" || a.Label == "") && a.IoU(b) > 0.9 && math.Abs(a.Score-b.Score) <= 0.05
	}
	for _, b := range want {
		clip := b.Clip(int(w)+1, int(h)+1) // the reference is not cut to the picture
		if b.Score > threshold+0.05 && !slices.ContainsFunc(got, func(g edit.Box) bool { return match(g, clip) }) {
			t.Errorf("%s: no box like %s %.2f %v among %v", what, b.Label, b.Score, clip, got)
		}
	}
	for _, g := range got {
		like := func(b refBox) bool { return match(g, b.Clip(int(w)+1, int(h)+1)) }
		if g.Score > threshold+0.05 && !slices.ContainsFunc(want, like) {
			t.Errorf("%s: box %s %.2f %v is not in the reference", what, g.Label, g.Score, g)
		}
	}
}

func sameFractions(t *testing.T, img *pixel.Image, got *pixel.Classes, want map[string]float64) {
	t.Helper()
	if got.W != img.W || got.H != img.H {
		t.Errorf("classes are %d×%d, the picture is %d×%d", got.W, got.H, img.W, img.H)
	}
	seen := make(map[string]float64)
	for _, l := range got.Layers {
		seen[l.Label] = share(l.Mask)
		if _, ok := want[l.Label]; !ok && seen[l.Label] > 0.01 {
			t.Errorf("deeplab: %s on %.3f of the picture is not in the reference %v", l.Label, seen[l.Label], want)
		}
	}
	for label, f := range want {
		if label != "background" {
			near(t, "deeplab "+label, seen[label], f, 0.025)
		}
	}
}

// share is the part of a mask that is more in than out.
func share(m *pixel.Mask) float64 {
	n := 0
	for _, v := range m.Pix {
		if v >= 128 {
			n++
		}
	}
	return float64(n) / float64(len(m.Pix))
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.3f, want %.3f ± %v", what, got, want, tolerance)
	}
}

func sameDepth(t *testing.T, d *pixel.Depth, ref reference) {
	t.Helper()
	mean := func(y0, y1 int) float64 {
		var sum float64
		for _, v := range d.V[y0*d.W : y1*d.W] {
			sum += float64(v)
		}
		return sum / float64((y1-y0)*d.W)
	}
	near(t, "depth mean", mean(0, d.H), ref.Depth.Mean, 0.02)
	near(t, "depth of the top third", mean(0, d.H/3), ref.Depth.TopThird, 0.03)
	near(t, "depth of the bottom third", mean(d.H-d.H/3, d.H), ref.Depth.BottomThird, 0.03)
	near(t, "least depth", float64(slices.Min(d.V)), ref.Depth.Min, 0.05)
	near(t, "greatest depth", float64(slices.Max(d.V)), ref.Depth.Max, 0.05)
}

// sameText wants each line of the reference read at its place, two letters or
// one in six different; what was read as one or two signs may be missing.
func sameText(t *testing.T, got edit.Spans, want []refBox) {
	t.Helper()
	for _, w := range want {
		best, overlap := edit.Span{}, 0.0
		for _, g := range got {
			if o := g.Bounds().IoU(w.Box); o > overlap {
				best, overlap = g, o
			}
		}
		squeezed := squeeze(w.Label)
		if len(squeezed) < 3 {
			continue
		}
		if d := editDistance(squeeze(best.Text), squeezed); overlap < 0.6 || d > max(2, len(squeezed)/6) {
			t.Errorf("text %q at %v: read %q, overlap %.2f, distance %d", w.Label, w.Box, best.Text, overlap, d)
		}
	}
	if len(got) > len(want)+2 {
		t.Errorf("read %d lines, the reference has %d: %v", len(got), len(want), got)
	}
}

func squeeze(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			prev, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, prev+cost)
		}
	}
	return row[len(b)]
}

// sameClasses compares "name 0.97, name 0.02" with the reference. Where the
// reference is not sure the order may differ.
func sameClasses(t *testing.T, got string, want []refName) {
	t.Helper()
	first, _, _ := strings.Cut(got, ", ")
	i := strings.LastIndexByte(first, ' ')
	p, err := strconv.ParseFloat(first[i+1:], 64)
	if err != nil {
		t.Fatalf("labels are %q", got)
	}
	near(t, "squeezenet "+first, p, want[0].P, 0.06)
	names := []string{strings.ToLower(want[0].Label)}
	if want[0].P-want[1].P < 0.1 {
		names = append(names, strings.ToLower(want[1].Label))
	}
	if !slices.Contains(names, first[:i]) {
		t.Errorf("squeezenet says %q, want %v", got, want)
	}
}
