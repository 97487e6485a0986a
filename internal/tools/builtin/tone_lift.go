package builtin

import (
	"context"
	"math"
	"slices"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// liftFloor is the lightness (OKLab) below which no more light is asked for:
// what is darker is mostly noise, and a gain without a bound would show it.
const liftFloor = 0.12

// liftBase is the greatest side of the grid on which the light of a scene is
// estimated; it varies slowly, so that a coarse grid serves a large picture.
const liftBase = 900

// opLift gives dark areas more light. The lightness that a place would have
// without its detail, its base, comes from an edge-keeping filter; a curve says
// how much a base is raised, and the place's samples are scaled by that in
// linear light. Detail, hue and saturation stay as they are, and the gain
// follows the edges of things, so that none gets a halo. Inputs: image;
// amount, 1 for the usual strength. Parameter: mode, "shadows" (only dark areas)
// or "scene" (the whole of a dark picture). Output: image.
func opLift(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 1)
	if err != nil {
		return tools.Response{}, err
	}
	mode, err := param(req, "mode", "shadows")
	if err != nil {
		return tools.Response{}, err
	}
	light := lightness(img)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	base := baseOf(light)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	curve := shadowCurve(base, amount)
	if mode == "scene" {
		curve = sceneCurve(base, amount)
	}
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for i := y * img.W; i < (y+1)*img.W; i++ {
				raise(out.Pix[4*i:4*i+3:4*i+3], curve.gain(base.V[i], light.V[i]))
			}
		}
	})
	resp := imageResponse(out)
	if !curve.lifts {
		resp.Notices = []string{"the picture is bright already: nothing was lifted"}
	}
	return resp, ctx.Err()
}

// raise multiplies a pixel's light by gain. The gain eases off towards white by
// the brightest sample, as exposure does, so that nothing clips and hue stays.
func raise(p []uint8, gain float32) {
	if gain <= 1.001 {
		return
	}
	top := pixel.ToLinear(max(p[0], p[1], p[2]))
	k := gain / (1 + (gain-1)*top)
	for c := range p {
		p[c] = pixel.FromLinear(k * pixel.ToLinear(p[c]))
	}
}

// lightness is the cube root of the greatest linear sample: how light a place
// looks, saturated colours counting as light. In [0,1].
func lightness(img *pixel.Image) *pixel.Plane {
	var root [256]float32
	for v := range root {
		root[v] = float32(math.Cbrt(float64(pixel.ToLinear(uint8(v)))))
	}
	out := pixel.NewPlane(img.W, img.H)
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W; i++ {
			p := img.Pix[4*i : 4*i+3 : 4*i+3]
			out.V[i] = root[max(p[0], p[1], p[2])]
		}
	})
	return out
}

// baseOf removes detail from a lightness plane and keeps its edges: a guided
// filter on a coarse grid, whose line is then applied to the fine samples (He
// and Sun, "Fast guided filter", 2015).
func baseOf(light *pixel.Plane) *pixel.Plane {
	w, h := pixel.FitWithin(light.W, light.H, liftBase, liftBase)
	small := light
	if w != light.W || h != light.H {
		small = pixel.ResizePlane(light, w, h, pixel.Area)
	}
	r := max(2, min(w, h)/24)
	slope, offset := guidedLine(small, r, 0.003)
	base := pixel.NewPlane(light.W, light.H)
	a, b := pixel.ResizePlane(slope, light.W, light.H, pixel.Bilinear), pixel.ResizePlane(offset, light.W, light.H, pixel.Bilinear)
	for i, v := range light.V {
		base.V[i] = min(max(a.V[i]*v+b.V[i], 0), 1)
	}
	return base
}

// guidedLine are the slope and offset of the self-guided filter with windows of
// radius r, weighted by how flat a window is (Kou, Chen, Wen and Li, "Gradient
// domain guided image filtering", 2015, in its simplest form): near a strong edge the flat
// windows' lines count, which is what keeps halos away.
func guidedLine(p *pixel.Plane, r int, eps float64) (slope, offset *pixel.Plane) {
	square := pixel.NewPlane(p.W, p.H)
	for i, v := range p.V {
		square.V[i] = v * v
	}
	mean, second := pixel.BoxBlur(p, r), pixel.BoxBlur(square, r)
	slope, offset = pixel.NewPlane(p.W, p.H), pixel.NewPlane(p.W, p.H)
	weight := pixel.NewPlane(p.W, p.H)
	for i := range p.V {
		m := float64(mean.V[i])
		variance := max(0, float64(second.V[i])-m*m)
		s := variance / (variance + eps)
		w := 1 / (variance + eps)
		slope.V[i], offset.V[i], weight.V[i] = float32(w*s), float32(w*(m-s*m)), float32(w)
	}
	slope, offset, weight = pixel.BoxBlur(slope, r), pixel.BoxBlur(offset, r), pixel.BoxBlur(weight, r)
	for i, w := range weight.V {
		slope.V[i] /= w
		offset.V[i] /= w
	}
	return slope, offset
}

// liftCurve is the lightness wanted of each base lightness.
type liftCurve struct {
	want  [257]float32
	lifts bool
}

// detailGain is how much more than its base the detail of a lifted place is
// raised: the eye expects more contrast where there is more light.
const detailGain = 1.25

// gain is the factor of linear light for a place of lightness l on the given base.
func (c *liftCurve) gain(base, l float32) float32 {
	t := min(max(base, 0), 1) * 256
	k := min(int(t), 255)
	want := c.want[k] + (t-float32(k))*(c.want[k+1]-c.want[k])
	base = max(base, liftFloor/4)
	up := want / base
	if up <= 1.001 {
		return 1
	}
	detail := min(1+(up-1)*(detailGain-1)*2, detailGain)
	now := max(l, liftFloor/4)
	then := want + up*detail*(now-base)
	up = min(max(then/now, 1), 1.35*up) // a dark speck gets no more light than its surroundings
	return up * up * up                 // lightness is a cube root
}

// curveOf tabulates a wanted lightness. Below the floor the rise fades, so that black stays black.
func curveOf(want func(base float64) float64) *liftCurve {
	c := &liftCurve{}
	for k := range c.want {
		base := float64(k) / 256
		rise := max(want(max(base, liftFloor))-max(base, liftFloor), 0)
		if base < liftFloor {
			rise *= base / liftFloor
		}
		c.want[k] = float32(base + rise)
		c.lifts = c.lifts || rise > 0.02*base && base > liftFloor
	}
	return c
}

// sampled are base lightnesses in rising order, about a hundred thousand of them.
func sampled(base *pixel.Plane) []float32 {
	var seen []float32
	for i := 0; i < len(base.V); i += max(1, len(base.V)/100_000) {
		seen = append(seen, base.V[i])
	}
	slices.Sort(seen)
	return seen
}

// shadowCurve raises bases below 0.62. The picture's own black rises half as
// much as the tones a little above it, which spreads them: shadows that
// are only shifted look like haze.
func shadowCurve(base *pixel.Plane, amount float64) *liftCurve {
	const top, most = 0.62, 0.16
	seen := sampled(base)
	black := min(float64(seen[len(seen)/200]), 0.3)
	return curveOf(func(b float64) float64 {
		x := (b - black) / (top - black)
		if x >= 1 {
			return b
		}
		x = max(x, 0)
		return b + amount*most*(1-x)*(1-x)*(0.3+2.6*x)/0.54
	})
}

// sceneCurve raises the whole of a dark picture by a power of lightness above its own
// black, chosen so that its median base reaches 0.52; bright areas ease off.
func sceneCurve(base *pixel.Plane, amount float64) *liftCurve {
	const goal, deepest = 0.52, 0.5
	seen := sampled(base)
	black := 0.9 * min(float64(seen[len(seen)/200]), 0.3)
	middle := min(max(float64(seen[len(seen)/2]), 0.02), 0.98)
	power := 1.0
	if middle < goal {
		power = math.Log((goal-black)/(1-black)) / math.Log(max(middle-black, 0.02)/(1-black))
		power = max(power, deepest)
	}
	power = math.Pow(power, amount)
	return curveOf(func(b float64) float64 {
		if b <= black {
			return b
		}
		return black + (1-black)*math.Pow((b-black)/(1-black), power)
	})
}
