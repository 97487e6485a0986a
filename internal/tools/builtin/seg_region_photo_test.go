package builtin

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func TestColorRegionPhotos(t *testing.T) {
	for _, c := range []struct{ photo, phrase, mask string }{
		{"kodim14_rafting.png", "the yellow raft", "raft"},
		{"kodim04_woman_red_hat.png", "the red hat and scarf", "hat-and-scarf"},
		{"kodim04_woman_red_hat.png", "the red hat", "hat-and-scarf"},
		{"kodim04_woman_red_hat.png", "red scarf", "hat-and-scarf"},
		{"kodim23_parrots.png", "the red parrot", ""},
		{"kodim23_parrots.png", "the yellow parrot", ""},
		{"coffee.png", "the red cup", ""},
		{"truck.jpg", "the white truck", ""},
		{"truck.jpg", "the red wall", ""},
		{"signs_paris.jpg", "the blue signs", ""},
		{"person_wall_signs.jpg", "the green signs", ""},
		{"street_traffic.jpg", "the red bus", ""},
		{"dog_bench.png", "the white dog", ""},
		{"kodim20_airplane.png", "the yellow nose", ""},
		{"kodim14_rafting.png", "the blue paddles", ""},
		{"kodim14_rafting.png", "the red life jackets", ""},
		{"kodim21_lighthouse.png", "the white lighthouse", ""},
		{"astronaut.png", "the orange suit", ""},
	} {
		t.Run(c.photo+"/"+c.phrase, func(t *testing.T) {
			img := readPicture(t, shared(t, "images/"+c.photo))
			start := time.Now()
			m, err := findByColor(context.Background(), img, edit.ParsePhrase(c.phrase), cutOptions{smooth: regionSmooth, rounds: 2, color: 0.5}, "color-region")
			if err != nil {
				t.Log(err)
				return
			}
			took := time.Since(start).Round(time.Millisecond)
			stem := strings.TrimSuffix(c.photo, filepath.Ext(c.photo))
			saveOverlay(t, img, m, "color_"+stem+"_"+strings.ReplaceAll(c.phrase, " ", "-"))
			if c.mask == "" {
				t.Logf("%-50s area %.3f %v", c.photo+" "+c.phrase, m.Area()/float64(len(m.Pix)), took)
				return
			}
			truth := readMask(t, shared(t, "images/masks/"+stem+"."+c.mask+".png"))
			t.Logf("%-50s IoU %.3f %v", c.photo+" "+c.phrase, pixel.IoU(m, truth, pixel.IgnoreGrey), took)
		})
	}
}
