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

const (
	// leastRegion is the smallest share of the picture that is an object of a colour.
	leastRegion = 0.0008
	// rivalShare is the score, against the best region's, from which a second
	// region makes a phrase for one object ambiguous.
	rivalShare = 0.6
	// nearGap joins pieces of one object that an occluder parts, as a share of
	// the object's own size.
	nearGap = 0.08
	// pieceGap is the same as a share of the piece's own size, for a piece of exactly the region's colour.
	pieceGap = 2.5
	// holeShare fills holes (lettering, valves, shine) up to that share of their region.
	holeShare = 0.025
	// holesShare is the share of all small holes together from which they are meant to be open.
	holesShare = 0.12
	// regionSmooth is the smoothness of the cut: colours decide, borders only tidy.
	regionSmooth = 5.0
)

// colorRegion finds the object that a phrase with a colour word means by colour alone.
func colorRegion(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	object, err := tools.Input[edit.Text](req, "object")
	if err != nil {
		return tools.Response{}, err
	}
	opt, err := cutOptionsOf(req, cutOptions{smooth: regionSmooth, rounds: 2, color: 0.5})
	if err != nil {
		return tools.Response{}, err
	}
	phrase := edit.ParsePhrase(string(object))
	if len(phrase.Colors) == 0 {
		return tools.Response{}, &edit.UserError{
			Msg:  fmt.Sprintf("%s finds objects by their colour, and %q names none", req.Spec.Name, phrase.Text),
			Hint: "say its colour, such as \"the red " + phrase.Head + "\", or mark it with --box",
		}
	}
	mask, err := findByColor(ctx, img, phrase, opt, req.Spec.Name)
	if err != nil {
		return tools.Response{}, err
	}
	if mask, err = shareColors(ctx, img, mask); err != nil {
		return tools.Response{}, err
	}
	return maskResponse("mask", mask), nil
}

// findByColor returns the soft mask of what a phrase means. The place is found
// on the whole picture, the outline on a closer look at that place.
func findByColor(ctx context.Context, img *pixel.Image, phrase edit.Phrase, opt cutOptions, by string) (*pixel.Mask, error) {
	fr := wholeFrame(img)
	shades := shadesIn(phrase.Colors, fr.lab(), false)
	regions := findRegions(fr, matchAny(shades, fr.lab()))
	if len(regions) == 0 { // nothing is squarely of that colour: take the word as widely as people do
		shades = shadesIn(phrase.Colors, fr.lab(), true)
		regions = findRegions(fr, matchAny(shades, fr.lab()))
	}
	if len(regions) == 0 {
		return nil, &edit.NotFoundError{Phrase: phrase.Text, By: []string{by}}
	}
	chosen, err := choose(regions, phrase, fr)
	if err != nil {
		return nil, err
	}
	keep, rest := pieces(regions, chosen)
	b := keep.Bounds(pixel.Half)
	closer := fr.closeUp(img, edit.Box{X0: float64(b.Min.X), Y0: float64(b.Min.Y), X1: float64(b.Max.X), Y1: float64(b.Max.Y)})
	ev := closer.believeMatch(fr, keep, rest, matchAny(shades, closer.lab()))
	label, m, err := grabCut(ctx, closer, ev, opt)
	if err != nil {
		return nil, err
	}
	fillHoles(label, closer.w, closer.h)
	for i := range ev.prior {
		if label[i] == 1 {
			ev.prior[i] = max(ev.prior[i], 2)
		}
	}
	if label, err = carryUp(ctx, img, closer, ev, label, m, opt); err != nil {
		return nil, err
	}
	fillHoles(label, closer.crop.Dx(), closer.crop.Dy())
	return matte(ctx, img, closer.crop, label)
}

// closeUp is the frame of a box, given in fr's pixels, with a margin around it.
func (fr *frame) closeUp(img *pixel.Image, b edit.Box) *frame {
	sx, sy := float64(img.W)/float64(fr.w), float64(img.H)/float64(fr.h)
	m := 0.1*(b.W()+b.H())/2 + 6
	crop := rectOf(edit.Box{X0: (b.X0 - m) * sx, Y0: (b.Y0 - m) * sy, X1: (b.X1 + m) * sx, Y1: (b.Y1 + m) * sy}.Clip(img.W, img.H))
	w, h := fitPixels(crop.Dx(), crop.Dy(), basePixels)
	return newFrame(img, crop, w, h)
}

// believeMatch takes beliefs from how well colours match, near the pixels of
// keep and off those of rest, which are masks of the frame whole.
func (fr *frame) believeMatch(whole *frame, keep, rest *pixel.Mask, match []float32) *evidence {
	ev := newEvidence(len(fr.f))
	reach, away := pixel.Distance(keep, pixel.Half), pixel.Distance(rest, pixel.Half)
	limit := float32(0.02 * math.Hypot(float64(whole.w), float64(whole.h)))
	toX := float64(fr.crop.Dx()) / float64(fr.w) * float64(whole.w) / float64(whole.crop.Dx())
	toY := float64(fr.crop.Dy()) / float64(fr.h) * float64(whole.h) / float64(whole.crop.Dy())
	offX := float64(fr.crop.Min.X) * float64(whole.w) / float64(whole.crop.Dx())
	offY := float64(fr.crop.Min.Y) * float64(whole.h) / float64(whole.crop.Dy())
	for i, m := range match {
		x, y := offX+(float64(i%fr.w)+0.5)*toX-0.5, offY+(float64(i/fr.w)+0.5)*toY-0.5
		d := reach.Bilerp(x, y)
		ev.seed[i] = m
		ev.prior[i] = logit(m, 4)
		switch {
		case d > limit:
			ev.fixed[i] = surelyOut
		case d > 2 && m > 0.5 && away.Bilerp(x, y) < 2: // the same colour, but another object
			ev.fixed[i], ev.ignore[i] = surelyOut, true
		case d > 2 && m < 0.02:
			ev.fixed[i] = surelyOut
		}
	}
	return ev
}

// region is a set of components that belong to one object.
type region struct {
	parts  []int // labels in the labelling, 1-based
	area   float64
	purity float64 // mean match
	box    edit.Box
	of     *pixel.Labelling
}

// findRegions groups the pixels that match into regions, the greatest first.
func findRegions(fr *frame, match []float32) []region {
	m := pixel.NewMask(fr.w, fr.h)
	for i, v := range match {
		if v >= 0.5 {
			m.Pix[i] = 255
		}
	}
	m = pixel.Open(m, 1) // threads between objects and single pixels go
	found := pixel.Label(m, pixel.Half, true)
	purity := make([]float64, len(found.Components))
	for i, id := range found.Of {
		if id > 0 {
			purity[id-1] += float64(match[i])
		}
	}
	least := 0.05 * leastRegion * float64(fr.w*fr.h)
	var regions []region
	for i, c := range found.Components {
		if float64(c.Area) < max(least, 6) {
			break
		}
		r := region{
			parts: []int{i + 1}, area: float64(c.Area), purity: purity[i] / float64(c.Area), of: found,
			box: edit.Box{X0: float64(c.Box.Min.X), Y0: float64(c.Box.Min.Y), X1: float64(c.Box.Max.X), Y1: float64(c.Box.Max.Y)},
		}
		regions = append(regions, r)
	}
	return join(fr, regions)
}

// join merges pieces of one object: a piece joins the greatest region that is
// near it, measured against that region's size.
func join(fr *frame, pieces []region) []region {
	var whole []region
	for len(pieces) > 0 {
		r := pieces[0]
		rest := pieces[1:]
		for grown := true; grown; {
			grown = false
			far := r.distance()
			next := rest[:0:0]
			for _, p := range rest {
				if p.gap(far) <= r.reach(p) {
					r.absorb(p)
					grown = true
				} else {
					next = append(next, p)
				}
			}
			rest = next
		}
		if r.area >= leastRegion*float64(fr.w*fr.h) {
			whole = append(whole, r)
		}
		pieces = rest
	}
	slices.SortStableFunc(whole, func(a, b region) int { return -compare(a.area, b.area) })
	return whole
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r *region) absorb(p region) {
	r.parts = append(r.parts, p.parts...)
	r.purity = (r.purity*r.area + p.purity*p.area) / (r.area + p.area)
	r.area += p.area
	r.box.X0, r.box.Y0 = math.Min(r.box.X0, p.box.X0), math.Min(r.box.Y0, p.box.Y0)
	r.box.X1, r.box.Y1 = math.Max(r.box.X1, p.box.X1), math.Max(r.box.Y1, p.box.Y1)
}

// reach is how far off a piece may lie and still be part of the region. It
// shrinks with the piece and with its purity: lips near a red scarf answer to
// "red" a little less than the scarf, and are no piece of it.
func (r *region) reach(p region) float64 {
	alike := min(max((p.purity-r.purity+0.05)/0.04, 0), 1)
	near := nearGap * math.Sqrt(r.box.Area())
	if x, y := p.box.Center(); x > r.box.X0 && x < r.box.X1 && y > r.box.Y0 && y < r.box.Y1 {
		near *= 2 // what the region surrounds is rather its own
	}
	return math.Max(2, math.Min(near, pieceGap*alike*math.Sqrt(p.area)))
}

// distance is every pixel's distance to the region.
func (r *region) distance() *pixel.Plane {
	return pixel.Distance(r.of.Keep(func(i int, _ pixel.Component) bool { return slices.Contains(r.parts, i+1) }), pixel.Half)
}

// gap is the least distance of a piece on a distance map.
func (r *region) gap(far *pixel.Plane) float64 {
	least := math.Inf(1)
	for y := int(r.box.Y0); y < int(r.box.Y1); y++ {
		for x := int(r.box.X0); x < int(r.box.X1); x++ {
			i := y*far.W + x
			if slices.Contains(r.parts, int(r.of.Of[i])) {
				least = math.Min(least, float64(far.V[i]))
			}
		}
	}
	return least
}

// score orders regions: large, pure, and rather in the middle.
func (r *region) score(fr *frame) float64 {
	x, y := r.box.Center()
	off := math.Hypot(x/float64(fr.w)-0.5, y/float64(fr.h)-0.5) / math.Sqrt(0.5)
	sure := 2*r.purity - 1 // matches count from one half
	return r.area * sure * sure * sure * (1 - 0.35*off)
}

// choose picks the regions that a phrase means.
func choose(regions []region, phrase edit.Phrase, fr *frame) ([]int, error) {
	order := make([]int, len(regions))
	for i := range order {
		order[i] = i
	}
	score := func(i int) float64 { return regions[i].score(fr) }
	slices.SortStableFunc(order, func(a, b int) int { return compare(score(b), score(a)) })
	rivals := order[:0:0]
	for _, i := range order {
		if score(i) >= rivalShare*score(order[0]) {
			rivals = append(rivals, i)
		}
	}
	notable := order[:0:0] // objects that a plural or a place word may mean
	for _, i := range order {
		if score(i) >= 0.12*score(order[0]) {
			notable = append(notable, i)
		}
	}
	// "the red hat and scarf" is a phrase for two objects.
	heads := 1 + strings.Count(" "+phrase.Head+" ", " and ")
	switch {
	case phrase.Position != edit.Anywhere || phrase.Ordinal > 0:
		return byPlace(regions, notable, phrase), nil
	case phrase.Count > 1:
		return order[:min(phrase.Count, len(order))], nil
	case !phrase.Singular() || heads > 1:
		return notable, nil
	case len(rivals) > 1:
		return nil, ambiguous(regions, rivals, phrase, fr)
	}
	return order[:1], nil
}

func ambiguous(regions []region, rivals []int, phrase edit.Phrase, fr *frame) error {
	e := &edit.AmbiguousError{Phrase: phrase.Text}
	sx, sy := float64(fr.crop.Dx())/float64(fr.w), float64(fr.crop.Dy())/float64(fr.h)
	for _, i := range rivals {
		b := regions[i].box
		e.Candidates = append(e.Candidates, edit.Box{
			X0: b.X0 * sx, Y0: b.Y0 * sy, X1: b.X1 * sx, Y1: b.Y1 * sy, Label: phrase.Text, Score: regions[i].purity,
		})
	}
	return e
}

// byPlace orders the notable regions by the place word and takes the first, or the ordinal's.
func byPlace(regions []region, notable []int, phrase edit.Phrase) []int {
	at := func(i int) (x, y, area float64) {
		x, y = regions[i].box.Center()
		return x, y, regions[i].area
	}
	key := map[edit.Position]func(i int) float64{
		edit.Left:     func(i int) float64 { x, _, _ := at(i); return x },
		edit.Right:    func(i int) float64 { x, _, _ := at(i); return -x },
		edit.Top:      func(i int) float64 { _, y, _ := at(i); return y },
		edit.Bottom:   func(i int) float64 { _, y, _ := at(i); return -y },
		edit.Middle:   func(i int) float64 { x, _, _ := at(i); return math.Abs(x - float64(regions[i].of.W)/2) },
		edit.Largest:  func(i int) float64 { _, _, a := at(i); return -a },
		edit.Smallest: func(i int) float64 { _, _, a := at(i); return a },
		edit.Nearest:  func(i int) float64 { return -regions[i].box.Y1 },
		edit.Farthest: func(i int) float64 { return regions[i].box.Y1 },
		edit.Anywhere: func(i int) float64 { x, _, _ := at(i); return x },
	}[phrase.Position]
	sorted := slices.Clone(notable)
	slices.SortStableFunc(sorted, func(a, b int) int { return compare(key(a), key(b)) })
	n := max(phrase.Ordinal-1, 0)
	if n >= len(sorted) {
		n = len(sorted) - 1
	}
	return sorted[n : n+1]
}

// pieces is the mask of the chosen regions, and of everything else of the colour.
func pieces(regions []region, chosen []int) (keep, rest *pixel.Mask) {
	in := make(map[int]bool)
	for _, c := range chosen {
		for _, p := range regions[c].parts {
			in[p] = true
		}
	}
	of := regions[0].of
	keep = of.Keep(func(i int, _ pixel.Component) bool { return in[i+1] })
	rest = of.Keep(func(i int, _ pixel.Component) bool { return !in[i+1] })
	return keep, rest
}

// fillHoles fills small holes of a labelling in place. An object with many of
// them is a grating or a bench of slats: its holes show what is behind.
func fillHoles(label []float32, w, h int) {
	m := &pixel.Mask{W: w, H: h, Pix: make([]uint8, len(label))}
	area := 0
	for i, v := range label {
		if v >= 0.5 {
			m.Pix[i] = 255
			area++
		}
	}
	filled := pixel.FillHoles(m, max(1, int(holeShare*float64(area))))
	if float64(filled.Count(pixel.Half)-area) > holesShare*float64(area) {
		filled = pixel.FillHoles(m, max(1, int(pinhole*float64(area))))
	}
	for i, v := range filled.Pix {
		if v != 0 {
			label[i] = 1
		}
	}
}
