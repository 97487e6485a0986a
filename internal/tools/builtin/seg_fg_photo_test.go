package builtin

import (
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

func TestForegroundPhotos(t *testing.T) {
	for _, c := range []struct {
		photo, mask  string
		simple, maps float64 // least IoU, 0 where there is no mask
	}{
		{photo: "kodim20_airplane.png", mask: "airplane", maps: 0.85},
		{photo: "kodim04_woman_red_hat.png", mask: "person", maps: 0.85},
		{photo: "kodim23_parrots.png"},
		{photo: "dog_bench.png"},
		{photo: "cat_chelsea.png"},
		{photo: "elephant.jpg"},
		{photo: "astronaut.png"},
		{photo: "cat_dog.jpg"},
		{photo: "truck.jpg", mask: "truck", maps: 0.85},
	} {
		for _, op := range []string{"simple-foreground", "classes-foreground"} {
			t.Run(c.photo+"/"+op, func(t *testing.T) {
				img := readPicture(t, shared(t, "images/"+c.photo))
				req := requestOf(op, map[string]edit.Artifact{"image": img})
				if op == "classes-foreground" {
					req = requestOf(op, map[string]edit.Artifact{"image": img, "classes": classesOf(t, img)})
				}
				start := time.Now()
				resp, err := New().Run(t.Context(), req)
				if err != nil {
					t.Log(err)
					return
				}
				took := time.Since(start).Round(time.Millisecond)
				m := resp.Outputs["foreground"].(*pixel.Mask)
				saveOverlay(t, img, m, "fg_"+strings.ReplaceAll(c.photo, ".", "_")+"_"+op)
				iou := -1.0
				if c.mask != "" {
					truth := readMask(t, maskPath(t, c.photo, c.mask))
					iou = pixel.IoU(m, truth, pixel.IgnoreGrey)
				}
				t.Logf("%-45s IoU %.3f %v", c.photo+" "+op, iou, took)
			})
		}
	}
}

func TestPointPhotos(t *testing.T) {
	at := func(v ...float64) edit.Points {
		var p edit.Points
		for i := 0; i < len(v); i += 2 {
			p = append(p, edit.Point{X: v[i], Y: v[i+1]})
		}
		return p
	}
	for _, c := range []struct {
		photo, mask string
		points      edit.Points
	}{
		{"dog_bench.png", "dog", at(245, 240)},
		{"dog_bench.png", "dog", at(250, 170, 245, 260, 240, 420)},
		{"kodim23_parrots.png", "red-parrot", at(560, 160, 600, 400, 420, 210, 690, 420)},
		{"kodim14_rafting.png", "raft", at(250, 330, 60, 270, 560, 380)},
		{"person_wall_signs.jpg", "person-right", at(480, 640, 470, 780, 485, 580)},
		{"truck.jpg", "truck", at(900, 550, 500, 380, 560, 740, 1500, 660, 1000, 380)},
		{"coffee.png", "", at(450, 220, 250, 230)},
	} {
		t.Run(c.photo, func(t *testing.T) {
			img := readPicture(t, shared(t, "images/"+c.photo))
			start := time.Now()
			resp, err := New().Run(t.Context(), requestOf("grabcut-points", map[string]edit.Artifact{"image": img, "points": c.points}))
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(start).Round(time.Millisecond)
			m := resp.Outputs["mask"].(*pixel.Mask)
			saveOverlay(t, img, m, "pt_"+strings.ReplaceAll(c.photo, ".", "_")+string(rune('0'+len(c.points))))
			iou := -1.0
			if c.mask != "" {
				iou = pixel.IoU(m, readMask(t, maskPath(t, c.photo, c.mask)), pixel.IgnoreGrey)
			}
			t.Logf("%-45s %d points IoU %.3f %v", c.photo, len(c.points), iou, took)
		})
	}
}

func maskPath(t testing.TB, photo, mask string) string {
	stem, _, _ := strings.Cut(photo, ".")
	return shared(t, "images/masks/"+stem+"."+mask+".png")
}

// requestOf asks for an operation with the ports that its inputs and outputs imply.
func requestOf(op string, inputs map[string]edit.Artifact) tools.Request {
	spec := &edit.ToolSpec{Name: op, Runtime: edit.Runtime{Kind: "builtin", Builtin: &edit.BuiltinRuntime{Op: op}}}
	for name, a := range inputs {
		spec.Inputs = append(spec.Inputs, edit.Port{Name: name, Kind: a.Kind()})
	}
	out := "mask"
	if strings.HasSuffix(op, "foreground") {
		out = "foreground"
	}
	spec.Outputs = []edit.Port{{Name: out, Kind: edit.KindMask}}
	return tools.Request{Spec: spec, Inputs: inputs}
}
