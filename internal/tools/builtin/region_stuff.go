package builtin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Stuff has no outline of its own: sky, grass, leaves, water, wall, floor. It is
// told by what its name leads one to expect (where in the picture, how light,
// how vivid, which hue, how rough), which a tool doc gives as looks. The
// picture is cut into cells, cells that answer to a look are joined into
// patches, the best patch is taken with those like it, and the cutting
// machinery of the objects (see seg.go) finds the border.

// stuffLook is one appearance of a stuff word. Ranges are in OKLab lightness and
// chroma, degrees of hue, standard deviation of lightness within a cell, and
// the cell's height in the picture (0 top, 1 bottom).
type stuffLook struct {
	light, chroma, hue, rough, height [2]float64
	join                              float64 // greatest OKLab distance of two cells side by side in one patch
	border                            int     // 0 any, 1 reaches the upper edge of the picture, 2 the lower
	mixed                             bool    // patches of different colours that touch belong together
	strewn                            bool    // it may lie in bits on a paler ground, which is not it
}

// lookColumns are the numbers of a look in a tool doc.
const lookColumns = 13

const (
	cellSide   = 6    // pixels of the frame
	leastStuff = 0.05 // of the picture: less is no region
	likelyCell = 0.5  // from this membership on a cell may begin a patch,
	grownCell  = 0.35 // and from this on it may be joined to one
	surePatch  = 0.55 // mean membership of a patch that is believed
	stuffPrior = 2.0  // nats
)

// regionStuff finds stuff by the looks of its word: inputs image, object, and
// except where the doc has it, the mask of what it is not; output mask. It answers "not found" where nothing large looks plainly like it.
func regionStuff(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	object, err := tools.Input[edit.Text](req, "object")
	if err != nil {
		return tools.Response{}, err
	}
	phrase := edit.ParsePhrase(string(object))
	looks, err := looksOf(req, phrase)
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: boxSmooth, rounds: defaultRounds, color: 0.8})
	if err != nil {
		return tools.Response{}, err
	}
	fr := wholeFrame(img)
	c := newCells(fr, phrase)
	if _, named := req.Spec.Input("except"); named {
		except, err := tools.Input[*pixel.Mask](req, "except")
		if err != nil {
			return tools.Response{}, err
		}
		c.leaveOut(except)
	}
	chosen, score, look := c.choose(looks, phrase)
	if chosen == nil {
		return tools.Response{}, &edit.NotFoundError{Phrase: phrase.Text, By: []string{req.Spec.Name}, Hint: "show it with --mask FILE or with --box"}
	}
	mask, err := separate(ctx, img, fr, c.evidence(chosen, score), opt)
	if err != nil {
		return tools.Response{}, err
	}
	if look.strewn {
		pickStrewn(img, mask)
	}
	return nonEmpty(req, mask)
}

// looksOf reads the looks of a phrase's word from the doc: parameters named
// after the class, a hyphen and the look.
func looksOf(req tools.Request, phrase edit.Phrase) ([]stuffLook, error) {
	labels := req.Spec.Accepts["object"].Labels
	if labels == nil {
		return nil, &edit.UserError{Msg: "tool " + req.Spec.Name + ": accepts.object.labels must list the words it has looks for"}
	}
	class, ok := labels.Find(phrase.Head)
	if !ok || class < 0 {
		return nil, &edit.UserError{Msg: fmt.Sprintf("%s does not know the word %q", req.Spec.Name, phrase.Head)}
	}
	var names []string
	for name := range req.Params {
		if strings.HasPrefix(name, labels.Names[class]+"-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var looks []stuffLook
	for _, name := range names {
		list, ok := req.Params[name].([]any)
		if !ok || len(list) != lookColumns {
			return nil, &edit.UserError{Msg: fmt.Sprintf("tool %s: parameter %q is a list of %d numbers", req.Spec.Name, name, lookColumns)}
		}
		var v [lookColumns]float64
		for i := range v {
			if v[i], ok = number(list[i]); !ok {
				return nil, &edit.UserError{Msg: fmt.Sprintf("tool %s: parameter %q holds %v, which is no number", req.Spec.Name, name, list[i])}
			}
		}
		looks = append(looks, stuffLook{
			light: [2]float64{v[0], v[1]}, chroma: [2]float64{v[2], v[3]}, hue: [2]float64{v[4], v[5]}, rough: [2]float64{v[6], v[7]},
			height: [2]float64{v[8], v[9]}, join: v[10], border: int(v[11]), mixed: v[12] == 1, strewn: v[12] == 2,
		})
	}
	if len(looks) == 0 {
		return nil, &edit.UserError{Msg: fmt.Sprintf("tool %s has no look for %q among its parameters", req.Spec.Name, labels.Names[class])}
	}
	return looks, nil
}

// stuffCells is a frame cut into squares with what they show.
type stuffCells struct {
	fr    *frame
	w, h  int
	color []pixel.Lab // mean
	rough []float64   // standard deviation of lightness
	said  []float64   // how well the colour words of the phrase fit, 1 where it has none
	taken []bool      // what belongs to something else
}

func newCells(fr *frame, phrase edit.Phrase) *stuffCells {
	c := &stuffCells{fr: fr, w: (fr.w + cellSide - 1) / cellSide, h: (fr.h + cellSide - 1) / cellSide}
	n := c.w * c.h
	c.color, c.rough, c.said, c.taken = make([]pixel.Lab, n), make([]float64, n), make([]float64, n), make([]bool, n)
	lab := fr.lab()
	var match []float32
	if len(phrase.Colors) > 0 {
		match = matchAny(shadesIn(phrase.Colors, lab, true), lab)
	}
	for i := range n {
		var l, a, b, ll, fit, count float64
		c.pixels(i, func(k int) {
			p := lab[k]
			l, a, b, ll = l+float64(p.L), a+float64(p.A), b+float64(p.B), ll+float64(p.L)*float64(p.L)
			if match != nil {
				fit += float64(match[k])
			}
			count++
		})
		l, a, b = l/count, a/count, b/count
		c.color[i] = pixel.Lab{L: float32(l), A: float32(a), B: float32(b)}
		c.rough[i] = math.Sqrt(math.Max(0, ll/count-l*l))
		c.said[i] = 1
		if match != nil {
			c.said[i] = math.Min(1, 1.5*fit/count)
		}
	}
	return c
}

// leaveOut marks the cells that lie in a mask, in good part, as another thing's.
func (c *stuffCells) leaveOut(except *pixel.Mask) {
	share := c.fr.mask(except)
	for i := range c.taken {
		sum, n := 0.0, 0.0
		c.pixels(i, func(k int) {
			sum += float64(share[k])
			n++
		})
		if sum > 0.25*n {
			c.taken[i], c.said[i] = true, 0
		}
	}
}

// pixels calls f for the frame's pixels of a cell.
func (c *stuffCells) pixels(i int, f func(k int)) {
	x0, y0 := i%c.w*cellSide, i/c.w*cellSide
	for y := y0; y < min(y0+cellSide, c.fr.h); y++ {
		for x := x0; x < min(x0+cellSide, c.fr.w); x++ {
			f(y*c.fr.w + x)
		}
	}
}

// membership is how well a cell answers to a look, in [0,1].
func (c *stuffCells) membership(i int, l *stuffLook) float64 {
	p := c.color[i]
	m := c.said[i] * soft(float64(p.L), l.light, 0.08) * soft(p.Chroma(), l.chroma, 0.02) * soft(c.rough[i], l.rough, 0.02)
	y := (float64(i/c.w) + 0.5) / float64(c.h)
	m *= soft(y, l.height, 0.2)
	if l.hue[1]-l.hue[0] < 360 {
		middle, room := (l.hue[0]+l.hue[1])/2, (l.hue[1]-l.hue[0])/2
		off := math.Abs(math.Remainder(p.Hue()*180/math.Pi-middle, 360))
		m *= soft(off, [2]float64{0, room}, 18)
	}
	return m
}

// soft is 1 inside a range and falls to 0 over a width outside it.
func soft(v float64, within [2]float64, width float64) float64 {
	d := math.Max(within[0]-v, v-within[1])
	return math.Min(1, math.Max(0, 1-d/width))
}

// stuffPatch is a set of cells that hang together and answer to one look.
type stuffPatch struct {
	cells  []int
	look   *stuffLook
	weight float64 // sum of memberships
	color  pixel.Lab
	x, y   float64 // centre, 0..1
}

// choose returns the membership of the cells that the phrase means, nil when
// none is plain enough, that of all cells, and the look of the best patch.
func (c *stuffCells) choose(looks []stuffLook, phrase edit.Phrase) (chosen, score []float64, look *stuffLook) {
	var patches []stuffPatch
	score = make([]float64, c.w*c.h)
	for k := range looks {
		member := make([]float64, c.w*c.h)
		for i := range member {
			member[i] = c.membership(i, &looks[k])
			score[i] = math.Max(score[i], member[i])
		}
		patches = append(patches, c.patches(member, &looks[k])...)
	}
	patches = slices.DeleteFunc(patches, func(p stuffPatch) bool { return !placedRight(p, phrase.Position) })
	// A word whose looks reach an edge is believed only where one does: a cloud is sky beside the sky.
	bound := slices.ContainsFunc(looks, func(l stuffLook) bool { return l.border != 0 })
	best := -1
	for k, p := range patches {
		if bound && p.look.border == 0 {
			continue
		}
		if p.weight/float64(len(p.cells)) >= surePatch && (best < 0 || p.weight > patches[best].weight) {
			best = k
		}
	}
	if best < 0 {
		return nil, nil, nil
	}
	chosen = c.spread(patches, best, score)
	n := 0
	for _, v := range chosen {
		if v > 0 {
			n++
		}
	}
	if float64(n) < leastStuff*float64(len(chosen)) {
		return nil, nil, nil
	}
	return chosen, score, patches[best].look
}

// placedRight reports whether a patch lies on the side that a phrase names.
func placedRight(p stuffPatch, at edit.Position) bool {
	switch at {
	case edit.Left:
		return p.x < 0.5
	case edit.Right:
		return p.x > 0.5
	case edit.Top:
		return p.y < 0.5
	case edit.Bottom:
		return p.y > 0.5
	case edit.Anywhere, edit.Middle, edit.Largest, edit.Smallest, edit.Nearest, edit.Farthest:
	}
	return true
}

// spread marks the best patch and, again and again, those that are like one
// already marked: of its colour, or beside it where the look allows several colours.
func (c *stuffCells) spread(patches []stuffPatch, best int, score []float64) []float64 {
	chosen := make([]float64, c.w*c.h)
	in := make([]bool, len(patches))
	add := func(k int) {
		in[k] = true
		for _, i := range patches[k].cells {
			chosen[i] = math.Max(chosen[i], score[i])
		}
	}
	add(best)
	for grown := true; grown; {
		grown = false
		for k := range patches {
			p := &patches[k]
			if in[k] || p.weight < 0.01*patches[best].weight {
				continue
			}
			alike := tintDist(p.color, patches[best].color) < 1.5*p.look.join
			if alike || p.look.mixed && c.touches(p.cells, chosen) {
				add(k)
				grown = true
			}
		}
	}
	return chosen
}

// tintDist is the distance of two colours with light and shade counted half: a
// wall is one wall in sun and shade.
func tintDist(a, b pixel.Lab) float64 {
	return math.Hypot(0.5*float64(a.L-b.L), math.Hypot(float64(a.A-b.A), float64(a.B-b.B)))
}

// touches reports whether a good part of a patch's cells lies in or beside the chosen ones.
func (c *stuffCells) touches(list []int, chosen []float64) bool {
	n := 0
	for _, i := range list {
		beside := chosen[i] > 0
		c.beside(i, func(j int) { beside = beside || chosen[j] > 0 })
		if beside {
			n++
		}
	}
	return float64(n) > 0.5*math.Sqrt(float64(len(list)))
}

// beside calls f for the four neighbours of a cell.
func (c *stuffCells) beside(i int, f func(j int)) {
	x, y := i%c.w, i/c.w
	if x > 0 {
		f(i - 1)
	}
	if x+1 < c.w {
		f(i + 1)
	}
	if y > 0 {
		f(i - c.w)
	}
	if y+1 < c.h {
		f(i + c.w)
	}
}

// patches joins neighbouring cells of one look whose colours are near.
func (c *stuffCells) patches(member []float64, l *stuffLook) []stuffPatch {
	seen := make([]bool, len(member))
	var out []stuffPatch
	for start := range member {
		if seen[start] || member[start] < likelyCell {
			continue
		}
		p := stuffPatch{look: l}
		seen[start] = true
		open := []int{start}
		var la, a, b float64
		reaches := false
		for len(open) > 0 {
			i := open[len(open)-1]
			open = open[:len(open)-1]
			p.cells = append(p.cells, i)
			p.weight += member[i]
			la, a, b = la+float64(c.color[i].L), a+float64(c.color[i].A), b+float64(c.color[i].B)
			p.x += (float64(i%c.w) + 0.5) / float64(c.w)
			p.y += (float64(i/c.w) + 0.5) / float64(c.h)
			reaches = reaches || l.border == 1 && i/c.w == 0 || l.border == 2 && i/c.w == c.h-1
			c.beside(i, func(j int) {
				if !seen[j] && member[j] >= grownCell && c.color[i].Dist(c.color[j]) < l.join {
					seen[j] = true
					open = append(open, j)
				}
			})
		}
		if l.border != 0 && !reaches {
			continue
		}
		n := float64(len(p.cells))
		p.color = pixel.Lab{L: float32(la / n), A: float32(a / n), B: float32(b / n)}
		p.x, p.y = p.x/n, p.y/n
		out = append(out, p)
	}
	return out
}

// evidence turns the chosen cells into what the cut starts from: they are rather
// inside, their neighbours open, and what lies far from them outside.
func (c *stuffCells) evidence(chosen, score []float64) *evidence {
	ev := newEvidence(len(c.fr.f))
	for i, v := range chosen {
		inner, near := v > 0, v > 0
		c.beside(i, func(j int) {
			inner = inner && chosen[j] > 0
			near = near || chosen[j] > 0
			c.beside(j, func(k int) { near = near || chosen[k] > 0 })
		})
		c.pixels(i, func(k int) {
			switch {
			case c.taken[i]:
				ev.fixed[k] = surelyOut
			case v > 0:
				ev.seed[k], ev.prior[k] = 0.9, stuffPrior
				if inner && v > 0.7 {
					ev.seed[k], ev.prior[k] = 1, 2*stuffPrior
				}
			case near:
				ev.seed[k], ev.prior[k], ev.trust[k] = 0.2, -0.5*stuffPrior, 0.5
			default:
				ev.seed[k], ev.prior[k] = 0, -2*stuffPrior
				if score[i] < grownCell {
					ev.fixed[k] = surelyOut
				}
			}
		})
	}
	ev.colorsOnly = false
	return ev
}
