package judge

import (
	"math"

	"pentimento/internal/pixel"
)

// seamExcess is the mean colour step across the border of the inside (alpha of
// the region at least Half), over that of neighbours close to it on the rougher
// of both sides: about 1 where the border cannot be told, more where it shows.
// Pixels on the view's own edge do not count.
func (v *view) seamExcess(lab []pixel.Lab) float64 {
	const reach = 6
	var across, in, out mean
	for y := 0; y < v.h-1; y++ {
		for x := 0; x < v.w-1; x++ {
			i := y*v.w + x
			if d := v.depth[i]; d > reach || d < -reach {
				continue
			}
			for _, j := range [2]int{i + 1, i + v.w} {
				step := lab[i].Dist(lab[j])
				switch a, b := v.depth[i] > 0, v.depth[j] > 0; {
				case a != b:
					across.add(step)
				case a:
					in.add(step)
				default:
					out.add(step)
				}
			}
		}
	}
	const floor = 0.004 // half a step of 255
	return ratio(across.value(), max(in.value(), out.value()), floor)
}

// stepAcross is the difference of tone between strips inside and outside the border, two to
// nine pixels off, beyond what two such strips outside, beside each other, differ by: the
// root of the difference of both squares. It finds a soft step that neighbours do not show.
func (v *view) stepAcross(lab []pixel.Lab) float64 {
	step, usual := v.stepAt(lab, 0), v.stepAt(lab, -12)
	return math.Sqrt(max(0, step*step-usual*usual))
}

// stepAt is the mean difference of tone between strips on both sides of the line where the depth is at.
func (v *view) stepAt(lab []pixel.Lab, at float32) float64 {
	low := [3]*pixel.Plane{pixel.NewPlane(v.w, v.h), pixel.NewPlane(v.w, v.h), pixel.NewPlane(v.w, v.h)}
	inside, outside := pixel.NewPlane(v.w, v.h), pixel.NewPlane(v.w, v.h)
	for i, depth := range v.depth {
		switch d := depth - at; {
		case d >= 2 && d < 9:
			inside.V[i] = 1
		case d <= -2 && d > -9:
			outside.V[i] = 1
		}
	}
	local := func(weight *pixel.Plane) [4]*pixel.Plane {
		var out [4]*pixel.Plane
		for i, c := range lab {
			k := weight.V[i]
			low[0].V[i], low[1].V[i], low[2].V[i] = c.L*k, c.A*k, c.B*k
		}
		for k := range 3 {
			out[k] = pixel.BoxBlur(low[k], 7)
		}
		out[3] = pixel.BoxBlur(weight, 7)
		return out
	}
	a, b := local(inside), local(outside)
	var steps mean
	for i, depth := range v.depth {
		if d := depth - at; d < -1 || d > 1 || a[3].V[i] < 0.05 || b[3].V[i] < 0.05 {
			continue
		}
		var sum float64
		for k := range 3 {
			diff := float64(a[k].V[i]/a[3].V[i] - b[k].V[i]/b[3].V[i])
			sum += diff * diff
		}
		steps.add(math.Sqrt(sum))
	}
	return steps.value()
}

// mean adds up.
type mean struct{ sum, n float64 }

func (m *mean) add(v float64) { m.sum, m.n = m.sum+v, m.n+1 }

func (m *mean) value() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / m.n
}
