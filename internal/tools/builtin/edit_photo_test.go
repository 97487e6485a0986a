package builtin

import (
	"image"
	_ "image/jpeg" // decoders of the photos
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// sharedPhoto reads a photo that the repository does not hold.
func sharedPhoto(t testing.TB, parts ...string) *pixel.Image {
	t.Helper()
	dir := os.Getenv("PENTIMENTO_SHARED")
	if dir == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	f, err := os.Open(filepath.Join(append([]string{dir, "images"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := src.Bounds()
	img := pixel.NewImage(b.Dx(), b.Dy())
	for y := range img.H {
		for x := range img.W {
			r, g, bl, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
			img.Set(x, y, uint8(r>>8), uint8(g>>8), uint8(bl>>8), 255)
		}
	}
	return img
}

// sharedMask reads a hand-checked mask; its unsure rim (128) counts as outside.
func sharedMask(t testing.TB, name string) *pixel.Mask {
	t.Helper()
	grey := sharedPhoto(t, "masks", name)
	m := pixel.NewMask(grey.W, grey.H)
	for i := range m.Pix {
		if grey.Pix[4*i] == 255 {
			m.Pix[i] = 255
		}
	}
	return m
}

// TestRecolorPhotos pins what was looked at: the share of the object that takes
// the new hue, and places that keep their colour.
func TestRecolorPhotos(t *testing.T) {
	type place struct {
		name string
		x, y int
	}
	for _, c := range []struct {
		photo, mask, color string
		least              float64 // share of the mask's pixels that change
		keep               []place
	}{
		{"dog_bench.png", "dog_bench.bench.png", "pink", 0.85, nil},
		{"truck.jpg", "truck.truck.png", "teal", 0.5, []place{{"rear window", 400, 380}, {"door window", 1050, 390}, {"tyre", 480, 730}, {"front tyre", 1430, 740}}},
		{"truck.jpg", "truck.truck-paint.png", "teal", 0.95, nil},
		{"kodim20_airplane.png", "kodim20_airplane.airplane.png", "red", 0.6, []place{{"spinner", 130, 220}, {"stripe", 514, 413}, {"second stripe", 581, 389}}},
		{"kodim14_rafting.png", "kodim14_rafting.raft.png", "purple", 0.8, nil},
		{"kodim23_parrots.png", "kodim23_parrots.red-parrot.png", "blue", 0.5, []place{{"beak", 415, 210}, {"black beak", 480, 240}, {"wing", 660, 440}}},
		{"kodim04_woman_red_hat.png", "kodim04_woman_red_hat.hat-and-scarf.png", "blue", 0.85, nil},
	} {
		t.Run(c.mask+" "+c.color, func(t *testing.T) {
			img, mask := sharedPhoto(t, c.photo), sharedMask(t, c.mask)
			color, _ := edit.ParseColor(c.color)
			target := pixel.LabOf(color)
			out := edited(t, "recolor", img, mask, map[string]edit.Artifact{"color": color})
			var a, b float64
			changed, inside := 0, 0
			for i, m := range mask.Pix {
				if m == 0 {
					continue
				}
				inside++
				was := pixel.ToLab(img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2])
				is := pixel.ToLab(out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2])
				if was.Dist(is) > 0.03 {
					changed++
					a, b = a+float64(is.A), b+float64(is.B)
				}
			}
			if share := float64(changed) / float64(inside); share < c.least {
				t.Errorf("%.2f of the object changed, want at least %.2f", share, c.least)
			}
			if d := pixel.HueDist(math.Atan2(b, a), target.Hue()); d > 0.2 {
				t.Errorf("the mean hue of what changed is %.2f from the target's", d)
			}
			for _, p := range c.keep {
				i := 4 * (p.y*img.W + p.x)
				was, is := pixel.ToLab(img.Pix[i], img.Pix[i+1], img.Pix[i+2]), pixel.ToLab(out.Pix[i], out.Pix[i+1], out.Pix[i+2])
				if d := was.Dist(is); d > 0.03 {
					t.Errorf("%s at (%d,%d) changed by %.3f", p.name, p.x, p.y, d)
				}
			}
		})
	}
}

// TestRemovePhotos fills the places of real objects and compares with what
// surrounds them: mean colour near, liveliness alike, nothing of the object left.
func TestRemovePhotos(t *testing.T) {
	for _, c := range []struct {
		photo, mask string
		object      pixel.Lab // a colour of the object that its surroundings lack
	}{
		{"person_wall_signs.jpg", "person_wall_signs.person-right.png", pixel.ToLab(25, 25, 40)},
		{"dog_bench.png", "dog_bench.dog.png", pixel.ToLab(225, 215, 205)},
	} {
		t.Run(c.photo, func(t *testing.T) {
			img := sharedPhoto(t, c.photo)
			resp, err := runDoc(t, "grow-mask", map[string]edit.Artifact{"image": img, "mask": sharedMask(t, c.mask)})
			if err != nil {
				t.Fatal(err)
			}
			hole := resp.Outputs["hole"].(*pixel.Mask)
			out := edited(t, "patchmatch-inpaint", img, hole, nil)
			ring := pixel.Subtract(pixel.Grow(hole, 40), hole)
			was, left := 0, 0
			for i, m := range hole.Pix {
				if m == 0 {
					continue
				}
				if pixel.ToLab(img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2]).Dist(c.object) < 0.08 {
					was++
				}
				if pixel.ToLab(out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2]).Dist(c.object) < 0.08 {
					left++
				}
			}
			if left*6 > was {
				t.Errorf("%d pixels look like the object, %d did before", left, was)
			}
			lively, around := detail(out, hole), detail(out, ring)
			if lively < 0.45*around || lively > 1.6*around {
				t.Errorf("detail %.2f in the hole, %.2f around it", lively, around)
			}
		})
	}
}

// detail is the mean absolute difference of neighbouring luma samples under a mask, in steps of 255.
func detail(m *pixel.Image, mask *pixel.Mask) float64 {
	luma := m.Luma()
	var sum, n float64
	for y := range m.H {
		for x := 1; x < m.W; x++ {
			if mask.At(x, y) > 0 && mask.At(x-1, y) > 0 {
				sum += 255 * math.Abs(float64(luma.At(x, y)-luma.At(x-1, y)))
				n++
			}
		}
	}
	return sum / max(n, 1)
}
