package builtin

import (
	"cmp"
	"context"
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// noiseLevels is how many bins of brightness the noise is measured in: a
// sensor's noise grows with light, and a curve that lifts shadows lifts theirs.
const noiseLevels = 16

// noiseModel is the standard deviation of the noise, in 8-bit steps, of each
// opponent channel by the brightness of the place.
type noiseModel [3][noiseLevels]float32

// at is the noise of a channel where the first opponent channel has this value.
func (n *noiseModel) at(c int, bright float32) float32 {
	t := min(max(bright/(255*sqrt3)*noiseLevels-0.5, 0), noiseLevels-1)
	k := min(int(t), noiseLevels-2)
	return n[c][k] + (t-float32(k))*(n[c][k+1]-n[c][k])
}

// mean is the noise of a channel over a picture whose brightness has this histogram.
func (n *noiseModel) mean(c int, hist [noiseLevels]int) float64 {
	var sum, count float64
	for k, h := range hist {
		sum += float64(h) * float64(n[c][k])
		count += float64(h)
	}
	return sum / max(count, 1)
}

// flatNoise is a model with one strength everywhere.
func flatNoise(sigma float32) *noiseModel {
	n := &noiseModel{}
	for c := range n {
		for k := range n[c] {
			n[c][k] = sigma
		}
	}
	return n
}

// Measuring noise: in the flattest patches, those with the least energy in the
// coarse frequencies u+v < fineBand, what is in the fine ones is noise alone
// (Ponomarenko, Lukin, Zriakhov, Kaarna and Astola, 2007). Detail shows in both,
// white noise in one says nothing of the other, so the choice biases nothing.
const (
	fineBand  = 9
	fineCount = 21   // frequencies with u+v >= fineBand
	flatShare = 0.02 // of the patches of one brightness
	flatLeast = 12
)

// patchEnergy is a patch's mean energy in the coarse and in the fine frequencies.
type patchEnergy struct{ coarse, fine float32 }

// measureNoise estimates a picture's noise from its flattest patches at each
// brightness, and how many patches there are of each.
func measureNoise(ctx context.Context, img *pixel.Image) (*noiseModel, [noiseLevels]int, error) {
	var hist [noiseLevels]int
	var energy [3][noiseLevels][]patchEnergy
	// About a hundred thousand patches, spread evenly, half overlapping where the picture is small.
	step := max(patchSide/2, int(math.Sqrt(float64(img.W)*float64(img.H)/1e5)))
	var rows [3]patch
	for y := 0; y+patchSide <= img.H; y += step {
		if err := ctx.Err(); err != nil {
			return nil, hist, err
		}
		for x := 0; x+patchSide <= img.W; x += step {
			if clipped(img, x, y) {
				continue
			}
			for j := range patchSide {
				for i := range patchSide {
					at := 4 * ((y+j)*img.W + x + i)
					o := opponent(img.Pix[at], img.Pix[at+1], img.Pix[at+2])
					for c := range rows {
						rows[c][patchSide*j+i] = o[c]
					}
				}
			}
			level := 0
			for c := range rows {
				rows[c].dct()
				if c == 0 {
					level = min(int(rows[0][0]/patchSide/(255*sqrt3)*noiseLevels), noiseLevels-1)
				}
				energy[c][level] = append(energy[c][level], energyOf(&rows[c]))
			}
			hist[level]++
		}
	}
	n := &noiseModel{}
	for c := range n {
		fitLevels(&n[c], &energy[c])
	}
	return n, hist, nil
}

// clipped reports whether a patch touches black or white, where noise is cut off.
func clipped(img *pixel.Image, x, y int) bool {
	for j := range patchSide {
		row := img.Pix[4*((y+j)*img.W+x):][:4*patchSide]
		for i := 0; i < len(row); i += 4 {
			lo, hi := min(row[i], row[i+1], row[i+2]), max(row[i], row[i+1], row[i+2])
			if hi <= 1 || lo >= 254 || row[i+3] < 255 {
				return true
			}
		}
	}
	return false
}

// energyOf splits a spectrum's energy; the mean brightness is in neither part.
func energyOf(p *patch) patchEnergy {
	var e patchEnergy
	for u := range patchSide {
		for v := range patchSide {
			square := p[patchSide*u+v] * p[patchSide*u+v]
			switch {
			case u+v >= fineBand:
				e.fine += square / fineCount
			case u+v > 0:
				e.coarse += square / (patchSide*patchSide - 1 - fineCount)
			}
		}
	}
	return e
}

// fitLevels turns the patches' energies into one curve: the flattest patches of
// each level, levels with few patches leaning on their neighbours and on the whole.
func fitLevels(curve *[noiseLevels]float32, energy *[noiseLevels][]patchEnergy) {
	var all []patchEnergy
	for _, e := range energy {
		all = append(all, e...)
	}
	whole := flattest(all)
	var v, w [noiseLevels]float64
	for k, e := range energy {
		// A level that is detail throughout has no flat patch to speak for it.
		v[k], w[k] = min(flattest(e), 6*whole+0.25), float64(len(e))
	}
	for k := range curve {
		sum, norm := 60*whole, 60.0
		for j := range v {
			d := float64(j - k)
			wt := w[j] * math.Exp(-d*d/2)
			sum, norm = sum+wt*v[j], norm+wt
		}
		curve[k] = float32(math.Sqrt(sum / norm))
	}
}

// flattest is the noise variance that the flattest patches speak for. It reorders them.
func flattest(e []patchEnergy) float64 {
	if len(e) == 0 {
		return 0
	}
	slices.SortFunc(e, func(a, b patchEnergy) int {
		return cmp.Or(cmp.Compare(a.coarse, b.coarse), cmp.Compare(a.fine, b.fine))
	})
	n := min(len(e), max(flatLeast, int(flatShare*float64(len(e)))))
	var sum float64
	for _, p := range e[:n] {
		sum += float64(p.fine)
	}
	return sum / float64(n)
}
