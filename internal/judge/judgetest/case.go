package judgetest

import (
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"math"
	"sort"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
)

// Photos are the pictures and hand-checked masks that cases are made of.
type Photos struct {
	Images map[string]*pixel.Image // by file name
	Masks  []Mask
}

// Mask is one hand-checked outline.
type Mask struct {
	Photo  string // file name of the picture
	Object string
	Matte  *pixel.Mask
}

// Run runs a tool by its doc's name on inputs by port name and returns the picture it made.
type Run func(ctx context.Context, tool string, inputs map[string]edit.Artifact) (*pixel.Image, error)

// Case is one good result with the ways to spoil it.
type Case struct {
	Name   string // "recolor truck teal"
	Step   judge.Step
	Spoils []Spoil
}

// Tuning reports whether the case belongs to the half that thresholds were set on.
func (c Case) Tuning() bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.Name))
	return h.Sum32()%2 == 0
}

// maker builds cases.
type maker struct {
	ctx    context.Context
	photos Photos
	run    Run
	keep   func(name string) bool
	yield  func(Case) error
}

// Each makes the cases one after another and hands them to yield, so that only
// one is held at a time. keep, which may be nil, picks cases by name before they are made.
func Each(ctx context.Context, photos Photos, run Run, keep func(name string) bool, yield func(Case) error) error {
	if keep == nil {
		keep = func(string) bool { return true }
	}
	m := &maker{ctx: ctx, photos: photos, run: run, keep: keep, yield: yield}
	for _, f := range []func() error{m.segments, m.recolors, m.shifts, m.removals, m.backgrounds, m.texts, m.restores, m.outpaints, m.tones, m.hides} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// make builds a case of a picture edit: inputs by port name, the tool that makes the good result
// ("" when after is given).
func (m *maker) edit(name, task, tool string, before, after *pixel.Image, inputs map[string]edit.Artifact, spoils func(good judge.Step) []Spoil) error {
	if !m.keep(name) {
		return nil
	}
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if after == nil {
		var err error
		if after, err = m.run(m.ctx, tool, inputs); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s := judge.Step{Task: task, Completes: true, Before: before, Inputs: make(map[string]edit.Artifact)}
	for port, a := range inputs {
		s.Inputs[edit.Slot(port, a.Kind())] = a
	}
	s = withImage(s, after)
	return m.yield(Case{Name: name, Step: s, Spoils: spoils(s)})
}

func named(c string) edit.Color {
	col, _ := edit.ParseColor(c)
	return col
}

func (m *maker) names() []string {
	var list []string
	for n := range m.photos.Images {
		list = append(list, n)
	}
	sort.Strings(list)
	return list
}

func boxOf(mask *pixel.Mask) edit.Box {
	r := mask.Bounds(pixel.Half)
	return edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y), Score: 1}
}

func (m *maker) segments() error {
	for _, k := range m.photos.Masks {
		if name := "segment " + k.Object; m.keep(name) {
			img := m.photos.Images[k.Photo]
			s := judge.Step{
				Task: "object-segmentation", Before: img, Object: k.Object,
				Inputs:  map[string]edit.Artifact{edit.SlotImage: img, edit.SlotBoxes: edit.Boxes{Picked: []edit.Box{boxOf(k.Matte)}}},
				Outputs: map[string]edit.Artifact{edit.SlotMask: k.Matte},
			}
			if err := m.yield(Case{Name: name, Step: s, Spoils: MaskSpoils(k.Matte, edit.SlotMask)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *maker) recolors() error {
	for i, k := range m.photos.Masks {
		for _, color := range [][]string{{"teal", "orange"}, {"green", "white"}, {"black", "gold"}}[i%3] {
			img := m.photos.Images[k.Photo]
			in := map[string]edit.Artifact{"image": img, "mask": k.Matte, "color": named(color)}
			err := m.edit("recolor "+k.Object+" "+color, "object-recoloration", "recolor", img, nil, in, func(judge.Step) []Spoil {
				return []Spoil{Untouched(), WrongColor(k.Matte), Halo(k.Matte), HalfDone(k.Matte), Flat(k.Matte), Bleed(k.Matte)}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *maker) shifts() error {
	for i, k := range m.photos.Masks {
		img := m.photos.Images[k.Photo]
		light, chroma := []float64{-0.3, 0.3, 0, 0}[i%4], []float64{0, 0, 0.4, -0.5}[i%4]
		in := map[string]edit.Artifact{"image": img, "mask": k.Matte, "lightness": edit.Number(light), "chroma": edit.Number(chroma)}
		err := m.edit("shift "+k.Object, "color-shift", "color-shift", img, nil, in, func(judge.Step) []Spoil {
			return []Spoil{Untouched(), Opposite(), WrongColor(k.Matte), Bleed(k.Matte)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removals are of two sorts: an object of one photo set into another, whose
// original is then the perfect removal; and holes filled by example.
func (m *maker) removals() error {
	spoils := func(hole *pixel.Mask, other *pixel.Image) func(judge.Step) []Spoil {
		return func(judge.Step) []Spoil {
			return []Spoil{Ghost(hole), Seam(hole), Smear(hole), Paste(hole, other), Bleed(hole), Noise(hole)}
		}
	}
	names := m.names()
	for i, name := range names {
		k := m.photos.Masks[i%len(m.photos.Masks)]
		if k.Photo == name {
			continue
		}
		img := m.photos.Images[name]
		if min(img.W, img.H) < 300 {
			continue
		}
		before, hole := inserted(img, m.photos.Images[k.Photo], k.Matte, i)
		in := map[string]edit.Artifact{"image": before, "hole": hole}
		wrong := m.photos.Masks[(i+1)%len(m.photos.Masks)]
		other := pixel.Crop(m.photos.Images[wrong.Photo], wrong.Matte.Bounds(pixel.Half))
		if err := m.edit("remove inserted "+k.Object+" from "+name, "object-removal", "", before, img, in, spoils(hole, other)); err != nil {
			return err
		}
		in = map[string]edit.Artifact{"image": before, "hole": hole}
		if i%3 == 0 {
			if err := m.edit("fill inserted "+k.Object+" in "+name, "object-removal", "patchmatch-inpaint", before, nil, in, spoils(hole, other)); err != nil {
				return err
			}
		}
	}
	for i, k := range m.photos.Masks {
		if k.Object != "dog" && k.Object != "person-right" {
			continue // the others hide what cannot be filled
		}
		img := m.photos.Images[k.Photo]
		hole := pixel.Grow(pixel.Threshold(k.Matte, 1), 4)
		wrong := m.photos.Masks[(i+1)%len(m.photos.Masks)]
		in := map[string]edit.Artifact{"image": img, "hole": hole}
		if err := m.edit("remove "+k.Object, "object-removal", "patchmatch-inpaint", img, nil, in, spoils(hole, pixel.Crop(m.photos.Images[wrong.Photo], wrong.Matte.Bounds(pixel.Half)))); err != nil {
			return err
		}
	}
	return nil
}

// inserted sets the object of one picture into another, a quarter of its shorter
// side large, and returns the hole that a removal would fill.
func inserted(into, from *pixel.Image, matte *pixel.Mask, seed int) (*pixel.Image, *pixel.Mask) {
	b := matte.Bounds(1)
	size := 0.25 * float64(min(into.W, into.H))
	scale := size / float64(max(b.Dx(), b.Dy()))
	w, h := max(8, int(float64(b.Dx())*scale)), max(8, int(float64(b.Dy())*scale))
	obj := pixel.Resize(pixel.Crop(from, b), w, h, pixel.CatmullRom)
	m := pixel.ResizeMask(pixel.CropMask(matte, b), w, h)
	x := int(float64(into.W-w) * (0.25 + 0.5*math.Mod(0.618*float64(seed+1), 1)))
	y := int(float64(into.H-h) * (0.3 + 0.4*math.Mod(0.414*float64(seed+1), 1)))
	full := pixel.PasteMask(pixel.NewMask(into.W, into.H), m, x, y)
	before := pixel.Composite(into, pixel.Paste(into, obj, x, y), full)
	return before, pixel.Grow(pixel.Threshold(full, 1), 3)
}

func (m *maker) backgrounds() error {
	for i, k := range m.photos.Masks {
		if k.Object == "truck-paint" || k.Object == "hat-and-scarf" || k.Object == "raft" || k.Object == "bench" {
			continue // parts and lattices: nobody cuts these out
		}
		img := m.photos.Images[k.Photo]
		for _, kind := range []struct{ task, tool string }{
			{"background-removal", "background-removal"}, {"background-replacement", "background-color"}, {"background-blur", "background-blur"},
		} {
			in := map[string]edit.Artifact{"image": img, "foreground": k.Matte}
			if kind.tool == "background-color" {
				in["color"] = named([]string{"white", "lightblue", "black"}[i%3])
			}
			redo := func(matte *pixel.Mask) (*pixel.Image, error) {
				changed := map[string]edit.Artifact{}
				for p, a := range in {
					changed[p] = a
				}
				changed["foreground"] = matte
				return m.run(m.ctx, kind.tool, changed)
			}
			err := m.edit(kind.task+" "+k.Object, kind.task, kind.tool, img, nil, in, func(judge.Step) []Spoil {
				if kind.task == "background-blur" {
					return []Spoil{Untouched(), Smear(nil)}
				}
				return append(CutSpoils(k.Matte, redo), Untouched())
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// center is the middle of a picture, at most 420 pixels a side.
func center(img *pixel.Image) *pixel.Image {
	const side = 420
	w, h := min(img.W, side), min(img.H, side)
	return pixel.Crop(img, image.Rect((img.W-w)/2, (img.H-h)/2, (img.W+w)/2, (img.H+h)/2))
}
