package agent

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

var catBox = edit.Box{X0: 4, Y0: 2, X1: 8, Y1: 6, Label: "cat", Score: 0.9}

// region is a world whose detectors tell cat from dog, with a tool on the whole
// picture that promises to move nothing, one that paints, one that works on a subject.
func regionWorld() ([]edit.ToolSpec, *fakeRunner) {
	specs, f := world()
	still := []edit.Preserve{edit.PreserveSize, edit.PreserveAlpha}
	for i := range specs {
		if specs[i].Name == "brighten" {
			specs[i].Preserves = still
		}
	}
	foreground := port("foreground", edit.KindMask)
	specs = append(specs,
		edit.ToolSpec{
			Name: "blurrer", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "blur", Quality: 0.9}}, Inputs: []edit.Port{foreground, imagePort},
			Outputs: []edit.Port{imagePort}, Preserves: still, Runtime: edit.Runtime{Kind: "fake"},
		},
		edit.ToolSpec{
			Name: "named-subject", Quality: 0.9, Inputs: []edit.Port{port("mask", edit.KindMask), objectPort},
			Outputs: []edit.Port{foreground}, Runtime: edit.Runtime{Kind: "fake"},
		},
		edit.ToolSpec{
			Name: "painter", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "paint", Quality: 0.9}},
			Inputs:  []edit.Port{port("color", edit.KindColor), imagePort, port("mask", edit.KindMask)},
			Outputs: []edit.Port{imagePort}, Preserves: append(still, edit.PreserveOutsideMask), Runtime: edit.Runtime{Kind: "fake"},
		},
		edit.ToolSpec{
			Name: "saliency", Quality: 0.95, Inputs: []edit.Port{imagePort}, Outputs: []edit.Port{foreground}, Runtime: edit.Runtime{Kind: "fake"},
		},
		edit.ToolSpec{
			Name: "turner", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "turn", Quality: 0.9}}, Inputs: []edit.Port{imagePort},
			Outputs: []edit.Port{imagePort}, Preserves: []edit.Preserve{edit.PreserveAlpha}, Runtime: edit.Runtime{Kind: "fake"},
		},
	)
	slices.SortFunc(specs, func(a, b edit.ToolSpec) int { return strings.Compare(a.Name, b.Name) })
	find := func(r tools.Request) (tools.Response, error) {
		switch head := edit.ParsePhrase(string(r.Inputs["object"].(edit.Text))).Head; head {
		case "dog":
			return out("boxes", edit.Boxes{Picked: []edit.Box{dogBox}})
		case "cat":
			return out("boxes", edit.Boxes{Picked: []edit.Box{catBox}})
		default:
			return tools.Response{}, &edit.NotFoundError{Phrase: head}
		}
	}
	f.do["sharp"], f.do["weak"] = find, find
	f.do["turner"] = f.do["brighten"]
	f.do["painter"] = func(r tools.Request) (tools.Response, error) {
		return out("image", filled(r.Inputs["image"].(*pixel.Image), r.Inputs["color"].(edit.Color).R))
	}
	f.do["saliency"] = func(r tools.Request) (tools.Response, error) { return out("foreground", pixel.FullMask(8, 8)) }
	f.do["named-subject"] = func(r tools.Request) (tools.Response, error) {
		return out("foreground", r.Inputs["mask"])
	}
	f.do["blurrer"] = func(r tools.Request) (tools.Response, error) {
		made := filled(r.Inputs["image"].(*pixel.Image), 77)
		return out("image", pixel.KeepOutside(r.Inputs["image"].(*pixel.Image), made, pixel.Invert(r.Inputs["foreground"].(*pixel.Mask))))
	}
	return specs, f
}

// changedPixels lists by rows which pixels of an 8×8 outcome differ from the black input.
func changedPixels(img *pixel.Image) string {
	var b strings.Builder
	for i := range 64 {
		c := byte('.')
		if img.Pix[4*i] != 0 {
			c = '#'
		}
		b.WriteByte(c)
		if i%8 == 7 && i < 63 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// maskOf is changedPixels backwards.
func maskOf(drawn string) *pixel.Mask {
	m := pixel.NewMask(8, 8)
	for i, c := range strings.ReplaceAll(drawn, "\n", "") {
		if c == '#' {
			m.Pix[i] = 255
		}
	}
	return m
}

const (
	dogGrown    = "........\n.######.\n.######.\n.######.\n.######.\n.######.\n.######.\n........"
	dogOnly     = "........\n........\n..####..\n..####..\n..####..\n..####..\n........\n........"
	dogNotCat   = "........\n........\n..##....\n..##....\n..##....\n..##....\n........\n........"
	allButDog   = "########\n########\n##....##\n##....##\n##....##\n##....##\n########\n########"
	allButBoth  = "########\n########\n##......\n##......\n##......\n##......\n########\n########"
	nothingElse = "........\n........\n........\n........\n........\n........\n........\n........"
)

func TestRegions(t *testing.T) {
	red := map[string]edit.Arg{"color": {Value: edit.Color{R: 200}}}
	for name, tc := range map[string]struct {
		task   edit.Subtask
		job    func(*Job)
		change func(*fakeRunner)
		want   string
		path   []string
		found  []string
		status edit.Status
		reason string
	}{
		"a tool on the whole picture, kept inside an object": {
			task: edit.Subtask{Task: "tone", Object: "dog"}, want: dogOnly, path: []string{"sharp", "masker", "brighten"},
		},
		"an object but not another": {
			task: edit.Subtask{Task: "tone", Object: "dog", Except: []string{"cat"}}, want: dogNotCat,
			path: []string{"sharp", "masker", "brighten"}, found: []string{"cat: sharp masker"},
		},
		"painting an object but not another": {
			task: edit.Subtask{Task: "paint", Object: "dog", Except: []string{"the cat"}, Args: red}, want: dogNotCat,
			path: []string{"sharp", "masker", "painter"}, found: []string{"the cat: sharp masker"},
		},
		"everything except an object": {
			task: edit.Subtask{Task: "tone", Except: []string{"dog"}}, want: allButDog, path: []string{"brighten"}, found: []string{"dog: sharp masker"},
		},
		"everything except two": {
			task: edit.Subtask{Task: "tone", Except: []string{"dog", "cat"}}, want: allButBoth, path: []string{"brighten"},
			found: []string{"dog: sharp masker", "cat: sharp masker"},
		},
		"painting everything except an object": {
			task: edit.Subtask{Task: "paint", Except: []string{"dog"}, Args: red}, want: allButDog, path: []string{"painter"}, found: []string{"dog: sharp masker"},
		},
		"a named subject is no other subject": {
			task: edit.Subtask{Task: "blur", Object: "dog"}, want: allButDog, path: []string{"sharp", "masker", "named-subject", "blurrer"},
		},
		"a tool with a subject of its own leaves the exception alone": {
			task: edit.Subtask{Task: "blur", Except: []string{"dog"}}, want: allButDog, path: []string{"saliency", "blurrer"}, found: []string{"dog: sharp masker"},
			change: func(f *fakeRunner) {
				f.do["saliency"] = func(tools.Request) (tools.Response, error) { return out("foreground", pixel.NewMask(8, 8)) }
			},
		},
		"a mask that was shown limits a tool on the whole picture": {
			task: edit.Subtask{Task: "tone"}, want: dogOnly, path: []string{"brighten"},
			job: func(j *Job) {
				j.Evidence.Mask = maskOf(dogOnly)
			},
		},
		"what is to stay and is not there": {
			task: edit.Subtask{Task: "tone", Object: "dog", Except: []string{"kitten"}}, want: nothingElse, status: edit.StatusNotFound,
			reason: "the kitten, which is to stay as it is, cannot be made out: cat not found",
			change: func(f *fakeRunner) {
				f.do["sharp"] = func(tools.Request) (tools.Response, error) {
					return tools.Response{}, &edit.NotFoundError{Phrase: "cat"}
				}
			},
		},
		"what is to stay and nobody knows": {
			task: edit.Subtask{Task: "tone", Except: []string{"pot"}}, want: nothingElse, status: edit.StatusNoTool, reason: "the pot, which is to stay",
		},
		"a tool that moves things cannot leave one alone": {
			task: edit.Subtask{Task: "turn", Except: []string{"dog"}}, want: nothingElse, status: edit.StatusNoTool, reason: "cannot leave the dog out",
		},
		"nothing is left": {
			task: edit.Subtask{Task: "tone", Object: "dog", Except: []string{"dog"}}, want: nothingElse, status: edit.StatusFailed, reason: "nothing is left of the dog",
		},
		"there may be none": {
			task: edit.Subtask{Task: "remove", Object: "kitten", Optional: true}, want: nothingElse, status: edit.StatusDone, reason: "there is nothing to do",
			change: func(f *fakeRunner) {
				f.do["sharp"] = func(tools.Request) (tools.Response, error) {
					return tools.Response{}, &edit.NotFoundError{Phrase: "kitten"}
				}
			},
		},
		"an outline that is grown": {
			task: edit.Subtask{Task: "tone", Object: "dog", Grow: 1}, want: dogGrown, path: []string{"sharp", "masker", "brighten"},
		},
		"an outline that is shrunk, of an object but not another": {
			task: edit.Subtask{Task: "paint", Object: "dog", Except: []string{"cat"}, Grow: -1, Args: red},
			want: "........\n........\n........\n...#....\n...#....\n........\n........\n........",
			path: []string{"sharp", "masker", "painter"}, found: []string{"cat: sharp masker"},
		},
		"the subject's outline, where no object is named": {
			task: edit.Subtask{Task: "blur", Grow: 1}, want: "########\n##....##\n#......#\n#......#\n#......#\n#......#\n##....##\n########", // its corners are covered in part
			path: []string{"saliency", "blurrer"},
			change: func(f *fakeRunner) {
				f.do["saliency"] = func(tools.Request) (tools.Response, error) { return out("foreground", maskOf(dogOnly)) }
			},
		},
		"a mask that was shown, grown": {
			task: edit.Subtask{Task: "tone", Grow: 1}, want: dogGrown, path: []string{"brighten"},
			job: func(j *Job) { j.Evidence.Mask = maskOf(dogOnly) },
		},
		"what is to stay is not grown over": {
			task: edit.Subtask{Task: "tone", Except: []string{"dog"}, Grow: 1, Feather: 1}, want: allButDog, path: []string{"brighten"}, found: []string{"dog: sharp masker"},
		},
		"an outline that vanishes": {
			task: edit.Subtask{Task: "tone", Object: "dog", Grow: -3}, want: nothingElse, status: edit.StatusFailed, reason: "nothing is left of the dog",
		},
		"nothing with an outline": {
			task: edit.Subtask{Task: "tone", Feather: 3}, want: nothingElse, status: edit.StatusFailed, reason: "works on all of the picture",
		},
		"none may be, yet one is": {
			task: edit.Subtask{Task: "remove", Object: "dog", Optional: true}, want: dogOnly, path: []string{"sharp", "masker", "eraser"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			specs, f := regionWorld()
			if tc.change != nil {
				tc.change(f)
			}
			j := job(tc.task)
			if tc.job != nil {
				tc.job(&j)
			}
			got, err := engine(specs, f).Run(context.Background(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := got.Summary.Subtasks[0]
			if tc.status == "" {
				tc.status = edit.StatusDone
			}
			if r.Status != tc.status || !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("ended as %s: %q, want %s: %q", r.Status, r.Reason, tc.status, tc.reason)
			}
			if c := changedPixels(got.Image); c != tc.want {
				t.Errorf("changed\n%s\nwant\n%s", c, tc.want)
			}
			var found []string
			for _, x := range r.Found {
				found = append(found, x.Object+": "+strings.Join(x.Toolpath, " "))
			}
			if tc.path != nil && (!slices.Equal(r.Toolpath, tc.path) || !slices.Equal(found, tc.found)) {
				t.Errorf("path %v, found %v; want %v, %v", r.Toolpath, found, tc.path, tc.found)
			}
			if tc.status != edit.StatusDone {
				return
			}
			j.DryRun = true
			dry, err := engine(specs, f).Run(context.Background(), j, nil)
			if d := dry.Summary.Subtasks[0]; err != nil || tc.path != nil && (!slices.Equal(d.Toolpath, tc.path) || len(d.Found) != len(tc.found)) || d.Region != r.Region && tc.path != nil {
				t.Errorf("the dry run says %v, found %v, region %q: %v", d.Toolpath, d.Found, d.Region, err)
			}
		})
	}
}

// TestRegionIsSoft checks the border of a region: the old and the new picture in the outline's proportion.
func TestRegionIsSoft(t *testing.T) {
	before, made, region := pixel.NewImage(3, 1), pixel.NewImage(3, 1), pixel.NewMask(3, 1)
	for x := range 3 {
		before.Set(x, 0, 10, 20, 30, 255)
		made.Set(x, 0, 110, 220, 130, 255)
	}
	copy(region.Pix, []uint8{0, 51, 255})
	deep := func(img *pixel.Image) *pixel.Deep {
		d := &pixel.Deep{Bits: 16, Pix: make([]uint16, len(img.Pix))}
		for i, v := range img.Pix {
			d.Pix[i] = uint16(v)*257 + 1
		}
		return d
	}
	before.Deep, made.Deep = deep(before), deep(made)
	for i := 3; i < 12; i += 4 {
		before.Deep.Pix[i], made.Deep.Pix[i] = 65535, 65535
	}
	got := within(before, made, region)
	if want := []uint8{10, 20, 30, 255, 30, 60, 50, 255, 110, 220, 130, 255}; !slices.Equal(got.Pix, want) {
		t.Errorf("got %v, want %v", got.Pix, want)
	}
	if d := got.Deep.Pix; d[0] != 10*257+1 || d[4] != 30*257+1 || d[8] != 110*257+1 || d[7] != 65535 {
		t.Errorf("stored samples %v", d)
	}
	made.Deep = before.Deep
	if got := within(before, made, region); got.Deep != nil {
		t.Error("samples that the tool did not make are kept; they are the engine's to carry over")
	}
}

func TestLikeTakesTheOthersColour(t *testing.T) {
	specs, f := regionWorld()
	j := job(edit.Subtask{Task: "paint", Object: "dog", Like: "cat"})
	for i := range 64 {
		j.Image.Set(i%8, i/8, 30, 90, 160, 255)
	}
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := got.Summary.Subtasks[0]
	if r.Status != edit.StatusDone || !strings.Contains(r.Target, "like the cat") || !slices.Equal(r.Toolpath, []string{"sharp", "masker", "painter"}) {
		t.Fatalf("%+v", r)
	}
	if v := got.Image.Pix[4*(3*8+2)]; v < 25 || v > 35 {
		t.Errorf("painted with red %d, the cat has 30", v)
	}
}

// TestOutlinesAreShared checks that what one subtask outlined need not be found again by the next.
func TestOutlinesAreShared(t *testing.T) {
	specs, f := regionWorld()
	j := job(edit.Subtask{Task: "tone", Object: "cat"}, edit.Subtask{Task: "remove", Object: "dog", Except: []string{"cat"}}, edit.Subtask{Task: "tone", Except: []string{"dog"}})
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Summary.Subtasks[1]; r.Status != edit.StatusDone || len(r.Found) != 0 {
		t.Errorf("the cat was looked for again: %+v", r)
	}
	if r := got.Summary.Subtasks[2]; r.Status != edit.StatusDone || len(r.Found) != 1 {
		t.Errorf("the dog was changed in part only, and is to be looked for again: %+v", r)
	}
}

// TestSecondPictureIsAskedFor checks that a tool which waits for a picture of the person's says so.
func TestSecondPictureIsAskedFor(t *testing.T) {
	specs, f := regionWorld()
	specs = append(specs, edit.ToolSpec{
		Name: "zz-backdrop", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "backdrop", Quality: 0.9}},
		Inputs: []edit.Port{port("background", edit.KindImage), imagePort}, Outputs: []edit.Port{imagePort}, Runtime: edit.Runtime{Kind: "fake"},
	})
	f.do["zz-backdrop"] = func(r tools.Request) (tools.Response, error) { return out("image", r.Inputs["background"]) }
	j := job(edit.Subtask{Task: "backdrop"})
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Summary.Subtasks[0]; r.Status != edit.StatusNoTool || !strings.Contains(r.Reason, "--with background=FILE") {
		t.Errorf("ended as %s: %q", r.Status, r.Reason)
	}
	j.Evidence.With = map[string]*pixel.Image{"background": filled(j.Image, 7)}
	if got, err = engine(specs, f).Run(context.Background(), j, nil); err != nil || got.Summary.Subtasks[0].Status != edit.StatusDone || got.Image.Pix[0] != 7 {
		t.Errorf("with it: %+v, %v", got.Summary.Subtasks, err)
	}
}
