package agent

import (
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// TestPartOfAnObject recolours the screen of a laptop, which a detector finds as
// a whole only: the window frame behind, as dark as the screen, stays.
func TestPartOfAnObject(t *testing.T) {
	img := photograph(t, "desk_laptop.jpg")
	out := request(t, openKit(t, true), img, "recolor the laptop screen to white", nil)
	if s := out.Summary.Subtasks[0]; s.Status != edit.StatusDone || s.Reason != "" {
		t.Fatalf("it ended as %s: %s", s.Status, s.Reason)
	}
	screen, elsewhere := pixel.NewMask(img.W, img.H), pixel.NewMask(img.W, img.H)
	light := 0
	for y := range img.H {
		for x := range img.W {
			switch {
			case x >= 1090 && x < 1160 && y >= 700 && y < 900: // well inside the screen
				screen.Pix[y*img.W+x] = 255
				if r, g, b, _ := out.Image.At(x, y); min(r, g, b) > 190 {
					light++
				}
			case x < 900 || y < 560: // the desk, the window
				elsewhere.Pix[y*img.W+x] = 255
			}
		}
	}
	if share := float64(light) / float64(screen.Count(255)); share < 0.95 {
		t.Errorf("%.0f %% of the screen is light, want nearly all", 100*share)
	}
	if share := changedShare(img, out.Image, elsewhere); share > 0 {
		t.Errorf("%.2f %% of what is no laptop changed", 100*share)
	}
}
