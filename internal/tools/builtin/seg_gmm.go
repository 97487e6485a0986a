package builtin

import "math"

// feature is a colour as the colour models see it: OKLab times 100, so that
// one unit is about half of a just noticeable difference.
type feature [3]float32

// gaussian is one component of a mixture.
type gaussian struct {
	mean feature
	// inv is the inverse covariance: xx, xy, xz, yy, yz, zz.
	inv [6]float32
	// logScale is log(weight) - log(det covariance)/2; the constant of 2π is
	// left out, because only differences of two mixtures are used.
	logScale float32
}

// mixture is a Gaussian mixture model of a region's colours.
type mixture []gaussian

const (
	mixtureSize = 5 // components, as Rother et al. 2004
	// varianceFloor keeps a flat region's component from becoming a spike that
	// rejects noise of its own colour: 1.2 units of standard deviation.
	varianceFloor = 1.5
	maxSamples    = 6000 // colours a mixture is fitted to
	fitRounds     = 6    // of expectation-maximisation
)

// sample is a colour with a weight.
type sample struct {
	f feature
	w float32
}

// moments accumulate weighted first and second moments.
type moments struct {
	n, x, y, z             float64
	xx, xy, xz, yy, yz, zz float64
}

func (m *moments) add(f feature, w float64) {
	x, y, z := float64(f[0]), float64(f[1]), float64(f[2])
	m.n += w
	m.x += w * x
	m.y += w * y
	m.z += w * z
	m.xx += w * x * x
	m.xy += w * x * y
	m.xz += w * x * z
	m.yy += w * y * y
	m.yz += w * y * z
	m.zz += w * z * z
}

// covariance returns the mean and the covariance (xx, xy, xz, yy, yz, zz).
func (m *moments) covariance() (mean [3]float64, c [6]float64) {
	mean = [3]float64{m.x / m.n, m.y / m.n, m.z / m.n}
	c = [6]float64{
		m.xx/m.n - mean[0]*mean[0], m.xy/m.n - mean[0]*mean[1], m.xz/m.n - mean[0]*mean[2],
		m.yy/m.n - mean[1]*mean[1], m.yz/m.n - mean[1]*mean[2], m.zz/m.n - mean[2]*mean[2],
	}
	return mean, c
}

// gaussian turns moments into a component whose share of all samples is weight.
func (m *moments) gaussian(weight float64) gaussian {
	mean, c := m.covariance()
	xx, yy, zz := c[0]+varianceFloor, c[3]+varianceFloor, c[5]+varianceFloor
	xy, xz, yz := c[1], c[2], c[4]
	cxx, cxy, cxz := yy*zz-yz*yz, xz*yz-xy*zz, xy*yz-xz*yy
	det := xx*cxx + xy*cxy + xz*cxz // at least varianceFloor³: the covariance is positive semi-definite
	det = math.Max(det, varianceFloor*varianceFloor*varianceFloor)
	return gaussian{
		mean: feature{float32(mean[0]), float32(mean[1]), float32(mean[2])},
		inv: [6]float32{
			float32(cxx / det), float32(cxy / det), float32(cxz / det),
			float32((xx*zz - xz*xz) / det), float32((xy*xz - xx*yz) / det), float32((xx*yy - xy*xy) / det),
		},
		logScale: float32(math.Log(weight) - math.Log(det)/2),
	}
}

// log is the logarithm of the component's weighted density, less the shared constant.
func (g *gaussian) log(f feature) float32 {
	x, y, z := f[0]-g.mean[0], f[1]-g.mean[1], f[2]-g.mean[2]
	return g.logScale - 0.5*(x*x*g.inv[0]+y*y*g.inv[3]+z*z*g.inv[5]) -
		(x*y*g.inv[1] + x*z*g.inv[2] + y*z*g.inv[4])
}

// log is the logarithm of the mixture's density at f, less the shared constant.
func (m mixture) log(f feature) float32 {
	top := float32(math.Inf(-1))
	var each [mixtureSize]float32
	for i := range m {
		each[i] = m[i].log(f)
		top = max(top, each[i])
	}
	var sum float64
	for i := range m {
		if d := each[i] - top; d > -12 {
			sum += math.Exp(float64(d))
		}
	}
	return top + float32(math.Log(sum))
}

// fitMixture fits a mixture to weighted colours: clusters from splitting along
// the widest axis (Orchard and Bouman 1991), then expectation-maximisation.
// It returns nil when the samples weigh nothing. It is deterministic.
func fitMixture(samples []sample) mixture {
	samples = thin(samples)
	cluster, k := splitColors(samples)
	if k == 0 {
		return nil
	}
	parts := make([]moments, k)
	for i, s := range samples {
		parts[cluster[i]].add(s.f, float64(s.w))
	}
	m := mixtureOf(parts)
	for range fitRounds {
		parts = make([]moments, len(m))
		for _, s := range samples {
			total := m.log(s.f)
			for j := range m {
				if r := m[j].log(s.f) - total; r > -8 {
					parts[j].add(s.f, float64(s.w)*math.Exp(float64(r)))
				}
			}
		}
		m = mixtureOf(parts)
	}
	return m
}

// mixtureOf drops components that have died out.
func mixtureOf(parts []moments) mixture {
	var total float64
	for i := range parts {
		total += parts[i].n
	}
	m := make(mixture, 0, len(parts))
	for i := range parts {
		if parts[i].n > 1e-3*total {
			m = append(m, parts[i].gaussian(parts[i].n/total))
		}
	}
	return m
}

// thin keeps at most about maxSamples of the samples, evenly spread, and none without weight.
func thin(samples []sample) []sample {
	n := 0
	for _, s := range samples {
		if s.w > 0 {
			n++
		}
	}
	step := n/maxSamples + 1
	kept := make([]sample, 0, n/step+1)
	seen := 0
	for _, s := range samples {
		if s.w <= 0 {
			continue
		}
		if seen%step == 0 {
			kept = append(kept, s)
		}
		seen++
	}
	return kept
}

// splitColors clusters samples into at most mixtureSize groups: the group that
// varies most along one axis is cut at its mean, again and again.
func splitColors(samples []sample) (cluster []int, k int) {
	if len(samples) == 0 {
		return nil, 0
	}
	cluster = make([]int, len(samples))
	for k = 1; k < mixtureSize; k++ {
		parts := make([]moments, k)
		for i, s := range samples {
			parts[cluster[i]].add(s.f, float64(s.w))
		}
		worst, spread := -1, 4*varianceFloor // a group this tight needs no cut
		var axis, mean [3]float64
		for j := range parts {
			mu, cov := parts[j].covariance()
			dir, value := principalAxis(cov)
			if v := value * math.Sqrt(parts[j].n/float64(len(samples))); v > spread {
				worst, spread, axis, mean = j, v, dir, mu
			}
		}
		if worst < 0 {
			break
		}
		for i, s := range samples {
			if cluster[i] != worst {
				continue
			}
			var along float64
			for c := range 3 {
				along += axis[c] * (float64(s.f[c]) - mean[c])
			}
			if along > 0 {
				cluster[i] = k
			}
		}
	}
	return cluster, k
}

// principalAxis is the eigenvector of the greatest eigenvalue of a covariance, by power iteration.
func principalAxis(c [6]float64) (axis [3]float64, value float64) {
	v := [3]float64{1, 0.7, 0.4} // not orthogonal to any axis-aligned spread
	for range 24 {
		n := [3]float64{
			c[0]*v[0] + c[1]*v[1] + c[2]*v[2],
			c[1]*v[0] + c[3]*v[1] + c[4]*v[2],
			c[2]*v[0] + c[4]*v[1] + c[5]*v[2],
		}
		value = math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
		if value < 1e-12 {
			return v, 0
		}
		v = [3]float64{n[0] / value, n[1] / value, n[2] / value}
	}
	return v, value
}
