package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// The specs of these tests stand for tool docs. They are written as docs are:
// a task with the words people use for it, ports, and what the ports accept.

type docOption func(*edit.ToolSpec)

func doc(name, task, words, inputs, outputs string, opts ...docOption) edit.ToolSpec {
	s := edit.ToolSpec{Name: name, Title: strings.ReplaceAll(name, "-", " "), Quality: 0.8, Accepts: map[string]edit.Accept{}, Inputs: ports(inputs), Outputs: ports(outputs)}
	if task != "" {
		claim := edit.TaskClaim{Task: task, Quality: 0.8}
		for w := range strings.SplitSeq(words, ",") {
			if w = strings.TrimSpace(w); w != "" {
				claim.Words = append(claim.Words, w)
			}
		}
		s.Tasks = []edit.TaskClaim{claim}
	}
	for _, o := range opts {
		o(&s)
	}
	return s
}

func ports(list string) []edit.Port {
	var out []edit.Port
	for p := range strings.FieldsSeq(list) {
		name, kind, ok := strings.Cut(p, ":")
		if !ok {
			kind = name
		}
		out = append(out, edit.Port{Name: name, Kind: edit.Kind(kind)})
	}
	return out
}

func about(text string) docOption {
	return func(s *edit.ToolSpec) { s.Description = text }
}

func example(request string, args ...string) docOption {
	return func(s *edit.ToolSpec) {
		e := edit.Example{Request: request, Task: s.Tasks[0].Task, Arguments: map[string]any{}}
		for i := 0; i+1 < len(args); i += 2 {
			e.Arguments[args[i]] = args[i+1]
		}
		s.Examples = append(s.Examples, e)
	}
}

// amount declares a number input: unit, least, most, default ("-" for none), and "word=value" pairs.
func amount(port, unit, lo, hi, initial string, words ...string) docOption {
	return func(s *edit.ToolSpec) {
		a := edit.Accept{Unit: unit, Min: num(lo), Max: num(hi), Default: num(initial), Words: map[string]float64{}}
		for _, w := range words {
			word, value, _ := strings.Cut(w, "=")
			a.Words[word] = *num(value)
		}
		s.Accepts[port] = a
	}
}

// still promises that nothing moves: the engine keeps such a tool inside a region.
func still(s *edit.ToolSpec) {
	s.Preserves = append(s.Preserves, edit.PreserveSize, edit.PreserveAlpha)
}

func num(s string) *float64 {
	if s == "-" {
		return nil
	}
	var f float64
	if _, err := fmt.Sscan(s, &f); err != nil {
		panic(err)
	}
	return &f
}

func knows(port string, names ...string) docOption {
	return func(s *edit.ToolSpec) {
		syn := map[string][]string{}
		var list []string
		for _, n := range names {
			words := strings.Split(n, "/")
			list = append(list, words[0])
			syn[words[0]] = words[1:]
		}
		s.Accepts[port] = edit.Accept{Labels: edit.NewLabels(list, syn, []string{"object", "thing"})}
	}
}

var cocoWords = []string{
	"person/man/woman/people/child/boy/girl/pedestrian", "bicycle/bike", "car/van", "motorcycle", "airplane/plane/aircraft", "bus", "train", "truck/pickup", "boat/ship", "traffic light", "stop sign", "bench", "bird/parrot", "cat/kitten",
	"dog/puppy", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "umbrella", "tie", "suitcase", "bottle", "cup/mug", "banana", "apple", "orange", "pizza", "chair", "couch/sofa", "potted plant", "bed", "laptop", "book", "clock", "vase",
}

// testSpecs covers the tasks that the tests speak of.
// Those that make a picture keep its size and alpha, but for the ones that are there to change them.
func testSpecs() []edit.ToolSpec {
	specs := []edit.ToolSpec{
		doc("boxer", "object-detection", "detect, find, locate, spot, where is", "image object:text", "boxes", knows("object", cocoWords...),
			about("Finds objects of everyday classes in a photo."), example("find the dogs", "object", "dogs")),
		doc("hand-boxes", "object-segmentation", "segment, mask, outline", "image boxes", "mask:mask", about("Cuts the mask of boxed objects."), example("segment the cat", "object", "cat")),
		doc("colour-regions", "", "", "image object:text", "mask:mask", about("Regions of a colour word.")),
		doc("recolor", "object-recoloration", "recolor, recolour, paint, dye, make, turn, color, change the color of, tint, make match, recolor to match", "image mask:mask color:color", "image",
			about("Recolours an object's paint and keeps shading."), example("recolor the car to teal", "object", "car", "color", "teal")),
		doc("growmask", "", "", "mask:mask", "hole:mask"),
		doc("fill", "object-removal", "remove, erase, delete, get rid of, take out, take away, clean up", "image hole:mask", "image",
			about("Removes an object and fills the hole."), example("remove the bench", "object", "bench")),
		doc("cutout", "background-removal", "remove the background, cut out, delete the background, erase the background, make the background transparent, transparent background, isolate the subject", "image foreground:mask", "image", example("remove the background")),
		doc("subject", "", "", "image", "foreground:mask"),
		doc("bokeh", "background-blur", "blur the background, blur background, background blur, defocus the background, bokeh, blurry background", "image foreground:mask sigma:number", "image",
			amount("sigma", "pixels", "0.5", "50", "8"), about("Blurs what lies behind the subject."), example("blur the background")),
		doc("backdrop", "changing-scenery", "change the background, replace the background, change the scenery, change the scene, swap the background, new background, put in", "image foreground:mask scene:text", "image", example("replace the background with a beach", "scene", "beach")),
		doc("swapper", "object-replacement", "replace, swap, exchange, substitute, turn into, change, transform, convert", "image mask:mask with:text", "image", example("replace the cat with a rabbit", "object", "cat", "with", "rabbit")),
		doc("adder", "object-addition", "add, insert, place, put", "image object:text", "image", example("add a hat", "object", "hat")),
		doc("spotter", "text-detection", "detect the text, find the text, locate the text, detect text, where is the text, text boxes", "image", "regions:spans", about("Finds where words stand in the picture."), example("detect the text")),
		doc("reader", "text-extraction", "read the text, extract the text, read, ocr, transcribe, what does say, what is written", "image regions:spans", "spans:spans", about("Reads the words in the picture."), example("read the text")),
		doc("wiper", "text-removal", "remove the text, erase the text, delete the text, remove the words, remove the writing, remove the lettering, remove the caption, remove the watermark", "image regions:spans", "image", example("remove the text")),
		doc("rewriter", "text-replacement", "replace the text, change the text, replace the word, replace the words, change the sign, edit the text, replace, change", "image spans:spans text:text", "image", example("replace the text 'OPEN' with 'CLOSED'", "text", "CLOSED")),
		doc("writer", "text-addition", "add the text, write, add text, add the words, add a caption, put the text, add the caption", "image text:text", "image", example("add the text 'SALE'", "text", "SALE")),
		doc("redactor", "text-redaction", "redact, black out, censor, blur out, redact the text", "image regions:spans object:text", "image", example("redact the license plate", "object", "license plate")),
		doc("faces", "face-detection", "detect faces, find the faces, find faces, detect the faces, locate faces, face detection", "image", "boxes", example("find the faces")),
		doc("upscaler", "image-upscaling", "upscale, enlarge, super resolution, increase the resolution, upsample, scale up, double the size", "image scale:number", "image",
			amount("scale", "times", "1", "8", "2"), example("upscale 2x", "scale", "2")),
		doc("denoiser", "image-denoising", "denoise, remove the noise, remove noise, reduce the noise, clean up the noise, remove the grain", "image", "image", example("denoise the picture")),
		doc("deblurrer", "image-deblurring", "deblur, remove the blur, fix the blur, unblur", "image", "image", example("deblur the photo")),
		doc("sharpener", "sharpening", "sharpen, make sharper, increase the sharpness, crisp", "image amount:number", "image", amount("amount", "", "0", "3", "1", "sharper=1")),
		doc("expose", "exposure-adjustment", "brighten, darken, lighten, increase the brightness, decrease the brightness, reduce the brightness, adjust the exposure, brightness, exposure", "image amount:number", "image",
			amount("amount", "", "-1", "1", "0.25", "brighter=0.25", "brighten=0.25", "lighten=0.25", "lighter=0.25", "darker=-0.25", "darken=-0.25"), example("make it brighter")),
		doc("contrast", "contrast-adjustment", "increase the contrast, decrease the contrast, more contrast, less contrast, add contrast, contrast, boost the contrast, reduce the contrast", "image amount:number", "image",
			amount("amount", "", "-1", "1", "0.25", "more contrast=0.25", "less contrast=-0.25", "punchier=0.3", "flatter=-0.3")),
		doc("saturate", "saturation-adjustment", "saturate, desaturate, saturation, increase the saturation, decrease the saturation, grayscale, black and white, more vivid, more saturated, colorful", "image amount:number", "image",
			amount("amount", "", "-1", "1", "0.3", "grayscale=-1", "black and white=-1", "monochrome=-1", "saturate=0.3", "desaturate=-0.5", "more vivid=0.3", "more saturated=0.3", "more colorful=0.3", "less saturated=-0.3")),
		doc("temper", "temperature-adjustment", "warm up, cool down, warmer, cooler, increase the warmth, white balance", "image amount:number", "image",
			amount("amount", "", "-1", "1", "0.3", "warmer=0.3", "warm up=0.3", "cooler=-0.3", "cool down=-0.3", "colder=-0.3")),
		doc("rotate", "image-rotation", "rotate, turn, spin", "image degrees:number", "image", amount("degrees", "degrees", "-360", "360", "-", "clockwise=90", "counterclockwise=-90", "anticlockwise=-90", "right=90", "left=-90", "upside down=180")),
		doc("flip", "image-flip", "flip, mirror", "image axis:number", "image", amount("axis", "", "0", "1", "0", "horizontally=0", "vertically=1", "upside down=1")),
		doc("resize", "image-resize", "resize, scale, shrink", "image width:number height:number scale:number", "image",
			amount("width", "width", "1", "20000", "0"), amount("height", "height", "1", "20000", "0"), amount("scale", "times", "0.01", "1", "1")),
		doc("crop", "image-crop", "crop, trim", "image boxes", "image", example("crop to the dog", "object", "dog")),
		doc("crop-size", "image-crop", "crop", "image width:number height:number", "image", amount("width", "width", "1", "20000", "-"), amount("height", "height", "1", "20000", "-")),
		doc("depth", "depth-estimation", "estimate the depth, depth map, depth, how far away", "image", "depth", example("estimate the depth")),
		doc("extend", "outpainting", "expand, extend, outpaint, uncrop, widen", "image left:number right:number top:number bottom:number ratio:number", "image", amount("ratio", "", "0", "20", "0", "16:9=1.777778", "square=1"),
			amount("left", "percent", "0", "100", "0"), amount("right", "percent", "0", "100", "0"), amount("top", "percent", "0", "100", "0"), amount("bottom", "percent", "0", "100", "0")),
		doc("lowlight", "low-light-enhancement", "brighten the shadows, enhance the low light, lift the shadows, low light", "image", "image"),
		doc("classify", "image-classification", "classify, what is in the picture, what is this, recognize", "image", "labels:text"),
		doc("quality", "quality-assessment", "assess the quality, rate the quality, how good is, quality score", "image", "score:number"),
		doc("styler", "style-transfer", "apply style, style, stylize", "image style:text", "image", func(s *edit.ToolSpec) {
			s.Accepts["style"] = edit.Accept{Labels: edit.NewLabels([]string{"mosaic", "candy", "rain princess"}, nil, nil)}
		}),
	}
	for i := range specs {
		if _, makes := specs[i].Output(edit.SlotImage); makes && !slices.Contains(movers, specs[i].Name) {
			still(&specs[i])
		}
	}
	return specs
}

var movers = []string{"upscaler", "rotate", "flip", "resize", "crop", "crop-size", "extend"}
