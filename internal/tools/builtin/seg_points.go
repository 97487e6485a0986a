package builtin

import (
	"context"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

const (
	// clickRadius of a click, as a share of the picture's diagonal, is certain.
	clickRadius = 0.008
	// pathSpace is what a step of one pixel costs beside its change of colour, in feature units.
	pathSpace = 0.12
	// grainTimes the mean change of colour between neighbours is where texture ends.
	grainTimes = 3.0
	// pathSure is the length of path up to which a pixel surely belongs to a click.
	pathSure = 14.0
	// pathDoubt softens the comparison of two short paths; pathWeight turns its
	// logarithm into nats, of which at most pathLimit count.
	pathDoubt  = 6.0
	pathWeight = 1.5
	pathLimit  = 3.0
	// pathSweeps are the passes over the picture that the shortest paths take.
	pathSweeps = 3
)

// grabcutPoints cuts out what was clicked on: inputs image, points; output mask.
func grabcutPoints(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	points, err := tools.Input[edit.Points](req, "points")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: pointsSmooth, rounds: defaultRounds, color: 0.8})
	if err != nil {
		return tools.Response{}, err
	}
	fr := wholeFrame(img)
	in, out, err := clicks(req, fr, points, img)
	if err != nil {
		return tools.Response{}, err
	}
	ev := newEvidence(len(fr.f))
	if err := fr.believeClicks(ctx, ev, in, out); err != nil {
		return tools.Response{}, err
	}
	mask, err := separate(ctx, img, fr, ev, opt)
	if err != nil {
		return tools.Response{}, err
	}
	return nonEmpty(req, mask)
}

// clicks turns points into the frame's pixels around them.
func clicks(req tools.Request, fr *frame, points edit.Points, img *pixel.Image) (in, out []int, err error) {
	r := math.Max(1.5, clickRadius*math.Hypot(float64(fr.w), float64(fr.h)))
	for _, p := range points {
		if p.X < 0 || p.Y < 0 || p.X >= float64(img.W) || p.Y >= float64(img.H) {
			return nil, nil, &edit.UserError{
				Msg:  fmt.Sprintf("%s: the point %.0f,%.0f lies outside the picture", req.Spec.Name, p.X, p.Y),
				Hint: fmt.Sprintf("the picture is %d×%d", img.W, img.H),
			}
		}
		cx, cy := p.X*float64(fr.w)/float64(img.W), p.Y*float64(fr.h)/float64(img.H)
		for y := max(0, int(cy-r)); y <= min(fr.h-1, int(cy+r)); y++ {
			for x := max(0, int(cx-r)); x <= min(fr.w-1, int(cx+r)); x++ {
				if math.Hypot(float64(x)+0.5-cx, float64(y)+0.5-cy) > r {
					continue
				}
				if p.Exclude {
					out = append(out, y*fr.w+x)
				} else {
					in = append(in, y*fr.w+x)
				}
			}
		}
	}
	if len(in) == 0 {
		return nil, nil, &edit.UserError{
			Msg:  req.Spec.Name + ": no point says what to take",
			Hint: "give at least one --point on the object",
		}
	}
	return in, out, nil
}

// believeClicks takes beliefs from shortest paths: a pixel is inside when the
// way to a click crosses weaker edges than the way to the picture's border or to an
// excluding click.
func (fr *frame) believeClicks(ctx context.Context, ev *evidence, in, out []int) error {
	border := append([]int(nil), out...)
	for x := range fr.w {
		border = append(border, x, (fr.h-1)*fr.w+x)
	}
	for y := range fr.h {
		border = append(border, y*fr.w, y*fr.w+fr.w-1)
	}
	near, err := fr.paths(ctx, in)
	if err != nil {
		return err
	}
	far, err := fr.paths(ctx, border)
	if err != nil {
		return err
	}
	for i := range ev.seed {
		odds := math.Log(float64(far[i]+pathDoubt) / float64(near[i]+pathDoubt))
		ev.prior[i] = float32(min(max(pathWeight*odds, -pathLimit), pathLimit))
		ev.seed[i], ev.trust[i] = 0.5, 0.02
		switch {
		case near[i] < pathSure && near[i] < far[i]:
			ev.seed[i], ev.trust[i] = 1, 1
		case far[i] < near[i]:
			ev.seed[i], ev.trust[i] = 0, min(1, (near[i]-far[i])/(near[i]+pathDoubt)+0.1)
		}
	}
	for _, i := range in {
		ev.fixed[i], ev.seed[i] = surelyIn, 1
	}
	for _, i := range out {
		ev.fixed[i], ev.seed[i] = surelyOut, 0
	}
	return nil
}

// paths is the length of the shortest path from any source to each pixel, a
// step costing its change of colour and a little for its length. It is found by
// raster sweeps from alternating corners (Toivanen 1996), nearly exact after three.
func (fr *frame) paths(ctx context.Context, sources []int) ([]float32, error) {
	d := make([]float32, len(fr.f))
	for i := range d {
		d[i] = math.MaxFloat32 / 4
	}
	for _, i := range sources {
		d[i] = 0
	}
	grain := fr.grain()
	relax := func(i, j int, space float32) {
		c := dist2(fr.f[i], fr.f[j])
		step := c/(float32(math.Sqrt(float64(c)))+grain) + space*pathSpace
		d[i] = min(d[i], d[j]+step)
	}
	for range pathSweeps {
		for y := range fr.h {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for x := range fr.w {
				fr.relaxFrom(x, y, -1, relax)
			}
		}
		for y := fr.h - 1; y >= 0; y-- {
			for x := fr.w - 1; x >= 0; x-- {
				fr.relaxFrom(x, y, 1, relax)
			}
		}
	}
	return d, nil
}

// grain is the usual change of colour between neighbours, in feature units.
// Steps below it are texture and cost little, or a rough wall would be as far across as an outline.
func (fr *frame) grain() float32 {
	var sum float64
	var n int
	for k := range 2 {
		fr.pairs(k, func(i, j int) {
			sum += math.Sqrt(float64(dist2(fr.f[i], fr.f[j])))
			n++
		})
	}
	return float32(grainTimes * sum / float64(max(n, 1)))
}

// relaxFrom relaxes (x,y) from the four neighbours that a sweep has passed:
// side -1 those above and to the left, 1 those below and to the right.
func (fr *frame) relaxFrom(x, y, side int, relax func(i, j int, space float32)) {
	i := y*fr.w + x
	if nx := x + side; nx >= 0 && nx < fr.w {
		relax(i, i+side, 1)
	}
	ny := y + side
	if ny < 0 || ny >= fr.h {
		return
	}
	j := i + side*fr.w
	relax(i, j, 1)
	if x > 0 {
		relax(i, j-1, math.Sqrt2)
	}
	if x < fr.w-1 {
		relax(i, j+1, math.Sqrt2)
	}
}
