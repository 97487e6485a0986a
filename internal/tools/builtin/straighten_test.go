package builtin

import (
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// tilted is the middle of a picture that was turned clockwise by degrees.
func tilted(t testing.TB, m *pixel.Image, degrees float64) *pixel.Image {
	t.Helper()
	resp, err := rotateFree(t.Context(), tools.Request{Spec: &edit.ToolSpec{Name: "straighten"}}, m, degrees*math.Pi/180)
	if err != nil {
		t.Fatal(err)
	}
	big, err := outputImage(resp)
	if err != nil {
		t.Fatal(err)
	}
	w, h := innerSize(m.W, m.H, degrees*math.Pi/180)
	x0, y0 := (big.W-w)/2, (big.H-h)/2
	return pixel.Crop(big, image.Rect(x0, y0, x0+w, y0+h))
}

// seaside is a grainy sky over a grainy sea, and pier is the same with posts in it.
func seaside(w, h int, posts bool) *pixel.Image {
	img := photo(w, h, false) // for its grain
	for y := range h {
		for x := range w {
			n := img.Pix[4*(y*w+x)+2] & 15
			r, g, b := 150+n, 180+n, 210+n
			if y > h*6/10 {
				r, g, b = 40+n, 70+n, 90+n
			}
			if posts && y > h/4 && x%(w/5) > w/6 {
				r, g, b = 90+n, 60+n, 40+n
			}
			img.Set(x, y, r, g, b, 255)
		}
	}
	return img
}

func TestStraightenFindsTheTilt(t *testing.T) {
	for _, posts := range []bool{false, true} {
		scene := seaside(420, 300, posts)
		for _, d := range []float64{-3.7, -1.2, 0.6, 4.1} {
			m, err := measureTilt(t.Context(), tilted(t, scene, d))
			if err != nil {
				t.Fatal(err)
			}
			if !m.clear || math.Abs(m.degrees-d) > 0.15 {
				t.Errorf("posts %v, turned by %.1f: found %+v", posts, d, m)
			}
		}
	}
}

func TestStraightenLevels(t *testing.T) {
	out := edited(t, "straighten", tilted(t, seaside(420, 300, true), 3), nil, nil)
	m, err := measureTilt(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if !m.clear || math.Abs(m.degrees) > 0.15 {
		t.Errorf("straightened, the picture still leans: %+v", m)
	}
	for i := 3; i < len(out.Pix); i += 4 {
		if out.Pix[i] != 255 {
			t.Fatalf("pixel %d is not opaque: the crop holds a corner of the canvas", i/4)
		}
	}
}

func TestStraightenLeavesAlone(t *testing.T) {
	for name, img := range map[string]*pixel.Image{
		"level":    seaside(420, 300, true),
		"no lines": photo(90, 70, false),
		"tiny":     photo(3, 2, true),
	} {
		resp, err := runDoc(t, "straighten", inputs(editDoc(t, "straighten"), img, nil))
		if err != nil {
			t.Fatal(name, err)
		}
		out, err := outputImage(resp)
		if err != nil {
			t.Fatal(err)
		}
		if out.W != img.W || out.H != img.H || len(resp.Notices) != 1 {
			t.Errorf("%s: %d×%d became %d×%d with notices %q", name, img.W, img.H, out.W, out.H, resp.Notices)
		}
	}
}

// TestInnerSize checks that the crop lies inside the turned picture and touches its border.
func TestInnerSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(20, 4000).Draw(t, "w"), rapid.IntRange(20, 4000).Draw(t, "h")
		angle := rapid.Float64Range(-15, 15).Draw(t, "degrees") * math.Pi / 180
		iw, ih := innerSize(w, h, angle)
		sin, cos := math.Abs(math.Sin(angle)), math.Abs(math.Cos(angle))
		// The crop's corners, turned back, are within the picture.
		x, y := float64(iw)/2*cos+float64(ih)/2*sin, float64(iw)/2*sin+float64(ih)/2*cos
		if x > float64(w)/2 || y > float64(h)/2 {
			t.Fatalf("a crop of %d×%d leaves the picture %d×%d", iw, ih, w, h)
		}
		if x < float64(w)/2-4 && y < float64(h)/2-4 {
			t.Fatalf("a crop of %d×%d of %d×%d could be larger", iw, ih, w, h)
		}
	})
}

// TestStraightenPhotos turns photographs that have lines, and finds by how much.
func TestStraightenPhotos(t *testing.T) {
	for _, name := range []string{"dog_bench.png", "desk_laptop.jpg", "astronaut.png"} {
		img := sharedPhoto(t, name)
		alone, err := measureTilt(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		m, err := measureTilt(t.Context(), tilted(t, img, 3))
		if err != nil {
			t.Fatal(err)
		}
		if !m.clear || math.Abs(m.degrees-alone.degrees-3) > 0.15 {
			t.Errorf("%s leans %.2f, and %+v when turned by 3", name, alone.degrees, m)
		}
	}
	for _, name := range []string{"cat_chelsea.png", "kodim23_parrots.png", "elephant.jpg", "truck.jpg"} {
		if m, err := measureTilt(t.Context(), sharedPhoto(t, name)); err != nil || m.clear {
			t.Errorf("%s: %+v, %v; nothing in it is clear", name, m, err)
		}
	}
}
