package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/planner"
	"pentimento/internal/scene"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
)

// CheckReport is what checking a tool doc found.
type CheckReport struct {
	Event    string   `json:"event"` // "checked"
	Name     string   `json:"name"`
	Warnings []string `json:"warnings"`
	Examples []string `json:"examples"` // one line each: what the planner made of it
	Trial    string   `json:"trial"`    // the run on the example picture
	View     string   `json:"view"`     // what the planner sees
	Failed   bool     `json:"failed"`
}

// String lays the report out for people.
func (r CheckReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the doc is valid\n", r.Name)
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	for _, e := range r.Examples {
		fmt.Fprintf(&b, "example: %s\n", e)
	}
	fmt.Fprintf(&b, "trial: %s\n\nwhat the planner sees:\n\n%s", r.Trial, r.View)
	return b.String()
}

// CheckTool parses and lints a doc beside the loaded ones, plans its examples,
// and runs the tool once on the example picture. A doc that does not parse is
// an error of type *tooldoc.Problems; what fails after that is in the report.
func (k *Kit) CheckTool(ctx context.Context, path string) (CheckReport, error) {
	spec, set, err := k.withDoc(path)
	if err != nil {
		return CheckReport{}, err
	}
	report := CheckReport{Event: "checked", Name: spec.Name, Warnings: []string{}, Examples: []string{}, View: tooldoc.View(spec)}
	for _, w := range set.Lint(spec) {
		report.Warnings = append(report.Warnings, fmt.Sprint(w))
	}
	grammar := planner.New(set.All())
	for _, ex := range spec.Examples {
		line, ok := planExample(ctx, grammar, &spec, ex)
		report.Examples = append(report.Examples, line)
		report.Failed = report.Failed || !ok
	}
	trial, ok := k.trial(ctx, &spec)
	report.Trial = trial
	report.Failed = report.Failed || !ok
	return report, nil
}

// withDoc loads all docs again with the folder of the one to check as the last overlay.
func (k *Kit) withDoc(path string) (edit.ToolSpec, *tooldoc.Set, error) {
	src, err := tooldoc.ReadFile(path)
	if err != nil {
		return edit.ToolSpec{}, nil, &edit.UserError{Msg: "the doc cannot be read", Err: err}
	}
	spec, err := tooldoc.Parse(path, src, tooldoc.LabelReader(os.DirFS(filepath.Dir(path)), k.Options.Shipped))
	if err != nil {
		return edit.ToolSpec{}, nil, err
	}
	specs := []edit.ToolSpec{spec}
	for _, s := range k.Engine.Specs {
		if s.Name != spec.Name {
			specs = append(specs, s)
		}
	}
	return spec, tooldoc.NewSet(specs...), nil
}

func planExample(ctx context.Context, grammar *planner.Grammar, spec *edit.ToolSpec, ex edit.Example) (string, bool) {
	task := ex.Task
	if task == "" && len(spec.Tasks) > 0 {
		task = spec.Tasks[0].Task
	}
	plan, err := grammar.Plan(ctx, ex.Request, edit.History{})
	if err != nil {
		return fmt.Sprintf("%q: %v", ex.Request, err), false
	}
	var got []string
	for _, st := range plan.Subtasks {
		if st.Task == task {
			return fmt.Sprintf("%q is planned as %s", ex.Request, task), true
		}
		got = append(got, st.Task)
	}
	return fmt.Sprintf("%q is planned as %s, want %s", ex.Request, strings.Join(got, ", "), task), false
}

// trial runs the tool once on the example picture with inputs made from it.
func (k *Kit) trial(ctx context.Context, spec *edit.ToolSpec) (string, bool) {
	if state, why := k.State(spec); state != "ready" {
		return why, state != "unusable"
	}
	img, masks := scene.Render(640, 427, 1)
	inputs := make(map[string]edit.Artifact)
	for _, p := range spec.Inputs {
		inputs[p.Name] = sample(spec, p, img, masks["car"])
	}
	start := k.Engine.Now()
	resp, err := k.Engine.Runners[spec.Runtime.Kind].Run(ctx, tools.Request{Spec: spec, Params: params(spec, edit.Call{Tool: spec.Name}), Inputs: inputs})
	seconds := k.Engine.Now().Sub(start).Seconds()
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	switch {
	case errors.As(err, &nf), errors.As(err, &amb):
		return fmt.Sprintf("ran in %.2f s on the example picture and answered: %v", seconds, err), true
	case err != nil:
		return fmt.Sprintf("failed on the example picture: %v", err), false
	}
	var made []string
	for _, p := range spec.Outputs {
		made = append(made, fmt.Sprintf("%s (%s)", p.Name, resp.Outputs[p.Name].Kind()))
	}
	return fmt.Sprintf("ran in %.2f s on the example picture (%.2f s of it loading) and made %s", seconds, resp.LoadSeconds, strings.Join(made, ", ")), true
}

// sample makes an input of the kind a port wants from the example picture, whose object is the car.
func sample(spec *edit.ToolSpec, p edit.Port, img *pixel.Image, car *pixel.Mask) edit.Artifact {
	r := car.Bounds(128)
	box := edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y), Label: "car", Score: 1}
	switch p.Kind {
	case edit.KindImage:
		return img
	case edit.KindMask:
		return car
	case edit.KindClasses:
		return &pixel.Classes{W: img.W, H: img.H, Layers: []pixel.Layer{{Label: "car", Mask: car}}}
	case edit.KindBoxes:
		return edit.Boxes{Picked: []edit.Box{box}}
	case edit.KindPoints:
		x, y := box.Center()
		return edit.Points{{X: x, Y: y}}
	case edit.KindText:
		return edit.Text("red " + exampleNoun(spec, p.Name))
	case edit.KindSpans:
		q := corners(box)
		return edit.Spans{{Quad: [4]edit.Point{q[0], q[1], q[2], q[3]}}}
	case edit.KindDepth:
		return &pixel.Depth{W: img.W, H: img.H, V: make([]float32, img.W*img.H)}
	case edit.KindColor:
		c, _ := edit.ParseColor("teal")
		return c
	case edit.KindNumber:
		return sampleNumber(spec.Accepts[p.Name])
	}
	return nil
}

func exampleNoun(spec *edit.ToolSpec, port string) string {
	if l := spec.Accepts[port].Labels; l != nil {
		if _, knows := l.Find("car"); !knows && len(l.Names) > 0 {
			return l.Names[len(l.Names)-1]
		}
	}
	return "car"
}

func sampleNumber(a edit.Accept) edit.Number {
	switch {
	case a.Default != nil:
		return edit.Number(*a.Default)
	case a.Min != nil && a.Max != nil:
		return edit.Number((*a.Min + *a.Max) / 2)
	}
	return 1
}
