package agent

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// TestRegionPhotos runs requests that leave something out on real photographs
// and looks, with hand-checked outlines, at what changed where.
func TestRegionPhotos(t *testing.T) {
	dir := shared(t)
	kit := openKit(t, true)
	for _, tc := range []struct {
		image, request string
		kept           string  // outline of what may not change
		most           float64 // share of it that may, for the rim where the tools' outline is not the hand's
		edited         string  // outline of what is to change; empty: everything else
		least          float64 // share of it that must
	}{
		{"dog_bench.png", "make the bench but not the dog pink", "dog_bench.dog", 0.03, "dog_bench.bench", 0.6},
		{"dog_bench.png", "brighten everything except the dog", "dog_bench.dog", 0.08, "", 0.95},
		{"kodim20_airplane.png", "make the sky warmer but keep the airplane as it is", "kodim20_airplane.airplane", 0.06, "", 0.3},
		{"kodim20_airplane.png", "apply the mosaic style to everything except the airplane", "kodim20_airplane.airplane", 0.1, "", 0.9},
		{"kodim14_rafting.png", "make everything except the yellow raft black and white", "kodim14_rafting.raft", 0.12, "", 0.9},
		{"truck.jpg", "make the wall behind the truck pale yellow", "truck.truck", 0.02, "", 0.1},
	} {
		t.Run(tc.image+" "+tc.request, func(t *testing.T) {
			img, times := smallPhoto(t, tc.image)
			outline := func(name string) *pixel.Mask {
				m, _, err := imageio.LoadMask(context.Background(), filepath.Join(dir, "images", "masks", name+".png"), int(math.Round(float64(img.W)/times)), int(math.Round(float64(img.H)/times)), imageio.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				return pixel.ResizeMask(m, img.W, img.H)
			}
			plan, err := kit.Plan(context.Background(), tc.request)
			if err != nil {
				t.Fatal(err)
			}
			out, err := kit.Engine.Run(context.Background(), Job{Image: img, Plan: plan, Alpha: 1, Threshold: 0.8, Frozen: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Summary.Subtasks {
				if r.Status != edit.StatusDone {
					t.Fatalf("subtask %d ended as %s: %s", r.ID, r.Status, r.Reason)
				}
			}
			kept := outline(tc.kept)
			region := pixel.Invert(kept)
			if tc.edited != "" {
				region = outline(tc.edited)
			}
			if share := changedShare(img, out.Image, kept); share > tc.most {
				t.Errorf("%.1f %% of what is to stay changed, at most %.1f %% may", 100*share, 100*tc.most)
			}
			if share := changedShare(img, out.Image, region); share < tc.least {
				t.Errorf("%.1f %% of what is to change did, at least %.1f %% must", 100*share, 100*tc.least)
			}
		})
	}
}

// changedShare is the share of a mask's full pixels that differ between two pictures by more than a rounding.
func changedShare(a, b *pixel.Image, mask *pixel.Mask) float64 {
	n, diff := 0, 0
	for i, v := range mask.Pix {
		if v != 255 {
			continue
		}
		n++
		for c := range 3 {
			if d := int(a.Pix[4*i+c]) - int(b.Pix[4*i+c]); d < -2 || d > 2 {
				diff++
				break
			}
		}
	}
	return float64(diff) / float64(max(n, 1))
}
