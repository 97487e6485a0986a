package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"pentimento/internal/judge/judgetest"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// blindShare is the share of series whose worst spoil no check may see: docs/judge.md names what they are blind to.
const blindShare = 0.03

// hardlyRises measures every series of spoils: all but a few end below the good
// result, and at most that share rises on the way.
func hardlyRises(t *testing.T, photos judgetest.Photos, keep func(string) bool, most float64) {
	t.Helper()
	series, rises, blind, kinds := 0, 0, 0, make(map[string]bool)
	err := judgetest.Each(t.Context(), photos, runner(), keep, func(c judgetest.Case) error {
		r, err := measure(t.Context(), c)
		if err != nil {
			return err
		}
		for name, list := range r.spoils {
			series++
			kinds[r.good.Check] = true
			if n := r.rises(name); n > 0 {
				rises++
				t.Logf("%s, %s rises: good %.2f", c.Name, name, joint(r.good))
			}
			if last := list[judgetest.Levels-1]; joint(last) >= joint(r.good) {
				blind++
				t.Logf("%s: the worst %s scores %.2f, the good one %.2f", c.Name, name, joint(last), joint(r.good))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if series == 0 || float64(rises) > most*float64(series) {
		t.Errorf("%d of %d series rise", rises, series)
	}
	if float64(blind) > blindShare*float64(series) {
		t.Errorf("the worst of %d of %d series is not seen", blind, series)
	}
	t.Logf("%d series over %d checks, %d rise", series, len(kinds), rises)
}

func TestScoresFallOverGrowingSpoilsOfTheScene(t *testing.T) {
	img, masks := scene.Render(320, 214, 1)
	photos := judgetest.Photos{
		Images: map[string]*pixel.Image{"scene": img},
		Masks:  []judgetest.Mask{{Photo: "scene", Object: "car", Matte: masks["car"]}},
	}
	hardlyRises(t, photos, nil, 0.02)
}

func TestScoresFallOverGrowingSpoilsOfPhotographs(t *testing.T) {
	shared := os.Getenv("PENTIMENTO_SHARED")
	if shared == "" {
		t.Skip("PENTIMENTO_SHARED names no folder of photographs")
	}
	photos, err := load(context.Background(), shared)
	if err != nil {
		t.Fatal(err)
	}
	hardlyRises(t, photos, func(name string) bool {
		return strings.HasSuffix(name, " dog") || strings.Contains(name, "coffee")
	}, 0.02)
}
