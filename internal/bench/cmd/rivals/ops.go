package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/builtin"
	"pentimento/tooldocs"
)

// The large picture that decode, resize and encode work on: 12 megapixels.
const largeW, largeH = 4000, 3000

// prepare writes the pictures everyone reads and returns what is timed.
func prepare(ctx context.Context, dir, photo, box string) ([]operation, error) {
	img, err := picture(ctx, photo)
	if err != nil {
		return nil, err
	}
	b := edit.Box{X0: float64(img.W) / 3, Y0: float64(img.H) / 3, X1: float64(2 * img.W / 3), Y1: float64(2 * img.H / 3)}
	if box != "" {
		if _, err := fmt.Sscanf(box, "%f,%f,%f,%f", &b.X0, &b.Y0, &b.X1, &b.Y1); err != nil {
			return nil, fmt.Errorf("-box %s: want x0,y0,x1,y1", box)
		}
	}
	// Tiled rather than enlarged: an enlarged photograph has no detail to code.
	large := tile(img, largeW, largeH)
	paths := map[string]*pixel.Image{"large.jpg": large, "large.png": large, "photo.png": img}
	for name, m := range paths {
		if err := imageio.Save(ctx, filepath.Join(dir, name), m, imageio.Options{}); err != nil {
			return nil, err
		}
	}
	return append(fileOps(dir, large), toolOps(dir, img, b)...), nil
}

func picture(ctx context.Context, photo string) (*pixel.Image, error) {
	if photo == "" {
		img, _ := scene.Render(1280, 853, 1)
		return img, nil
	}
	img, _, err := imageio.Load(ctx, photo, imageio.Limits{})
	return img, err
}

// tile repeats a picture, mirrored every other time so that no seam is sharp.
func tile(src *pixel.Image, w, h int) *pixel.Image {
	out := pixel.NewImage(w, h)
	fold := func(v, n int) int {
		if v %= 2 * n; v >= n {
			v = 2*n - 1 - v
		}
		return v
	}
	for y := range h {
		for x := range w {
			copy(out.Pix[4*(y*w+x):][:4], src.Pix[4*(fold(y, src.H)*src.W+fold(x, src.W)):])
		}
	}
	return out
}

func fileOps(dir string, large *pixel.Image) []operation {
	decode := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			_, _, err = imageio.Decode(ctx, bytes.NewReader(data), name, imageio.Limits{})
			return err
		}
	}
	encode := func(f imageio.Format) func(context.Context) error {
		return func(ctx context.Context) error {
			return imageio.EncodeContext(ctx, io.Discard, large, f, imageio.Options{})
		}
	}
	jpg, png := filepath.Join(dir, "large.jpg"), filepath.Join(dir, "large.png")
	resize := func(f pixel.Filter) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := pixel.ResizeContext(ctx, large, 1024, 768, f)
			return err
		}
	}
	small := func(filter string) map[string]any {
		return map[string]any{"path": png, "w": 1024, "h": 768, "filter": filter}
	}
	return []operation{
		{"decode JPEG 12 MP", "decode", map[string]any{"path": jpg}, decode("large.jpg")},
		{"decode PNG 12 MP", "decode", map[string]any{"path": png}, decode("large.png")},
		{"resize 12 MP → 1024×768, Lanczos", "resize", small("lanczos"), resize(pixel.Lanczos)},
		{"resize 12 MP → 1024×768, area", "resize", small("area"), resize(pixel.Box)},
		{"encode JPEG 12 MP, quality 92", "encode", map[string]any{"path": png, "format": "jpeg"}, encode(imageio.JPEG)},
		{"encode PNG 12 MP", "encode", map[string]any{"path": png, "format": "png"}, encode(imageio.PNG)},
	}
}

func toolOps(dir string, img *pixel.Image, b edit.Box) []operation {
	runner := builtin.New()
	set, _ := tooldoc.Load(tooldocs.FS)
	run := func(tool string, inputs map[string]edit.Artifact) func(context.Context) error {
		return func(ctx context.Context) error {
			spec, ok := set.Get(tool)
			if !ok {
				return fmt.Errorf("there is no tool %s", tool)
			}
			in := map[string]edit.Artifact{"image": img}
			for k, v := range inputs {
				in[k] = v
			}
			for _, p := range spec.Inputs {
				if d := spec.Accepts[p.Name].Default; d != nil && in[p.Name] == nil {
					in[p.Name] = edit.Number(*d)
				}
			}
			_, err := runner.Run(ctx, tools.Request{Spec: &spec, Params: spec.Runtime.Builtin.Params, Inputs: in})
			return err
		}
	}
	mask := pixel.NewMask(img.W, img.H)
	for y := int(b.Y0); y < int(b.Y1); y++ {
		for x := int(b.X0); x < int(b.X1); x++ {
			mask.Pix[y*img.W+x] = 255
		}
	}
	args := map[string]any{"path": filepath.Join(dir, "photo.png"), "box": []int{int(b.X0), int(b.Y0), int(b.X1), int(b.Y1)}}
	size := fmt.Sprintf("%d×%d", img.W, img.H)
	teal, _ := edit.ParseColor("teal")
	fill := run("patchmatch-inpaint", map[string]edit.Artifact{"hole": mask})
	return []operation{
		{"GrabCut from a box, " + size, "grabcut", args, run("grabcut-box", map[string]edit.Artifact{
			"object": edit.Text("object"), "boxes": edit.Boxes{Picked: []edit.Box{b}},
		})},
		{fmt.Sprintf("fill a hole of %.0f×%.0f (OpenCV: Telea)", b.W(), b.H()), "inpaint", args, fill},
		{fmt.Sprintf("fill a hole of %.0f×%.0f (OpenCV: Navier-Stokes)", b.W(), b.H()), "inpaint_ns", args, fill},
		{"recolour, " + size + " (OpenCV: mean shift in Lab)", "recolor", args, run("recolor", map[string]edit.Artifact{"mask": mask, "color": teal})},
	}
}
