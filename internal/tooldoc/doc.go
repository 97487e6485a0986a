// Package tooldoc reads tool docs: Markdown files whose front matter tells the
// planner, the search and the runtime all they know of a tool. It parses and
// validates a doc into an edit.ToolSpec, loads folders of docs into a Set,
// ranks docs by BM25, warns about weak ones and publishes the format as a JSON
// Schema that is generated from the very structs the parser fills.
//
// Docs are hostile until checked: sizes and depths are bounded before the YAML
// parser sees a byte, anchors and aliases are refused, and so is every
// character a reader cannot see.
package tooldoc

// Limits of a doc.
const (
	MaxDocBytes     = 64 << 10 // a whole doc
	MaxLabelBytes   = 1 << 20  // a labels or charset file
	MaxDepth        = 12       // nesting of the front matter
	MaxProseWords   = 600
	MaxDescription  = 1024 // characters
	maxProblems     = 100
	maxFrontLines   = 2000 // the YAML parser needs time by the square of it
	frontMatterLine = 2    // the line of a doc on which its YAML begins
)

// The structs below are the format. The decoder fills them and obeys their tags, and
// Schema writes docs/tooldoc.schema.json from the same tags:
//
//	yaml  the key               req   "y": must be present
//	doc   what it means         enum  the allowed words (of a list: of its items)
//	form  a name in forms       keyform  the same, for the keys of a map
//	min, max  bounds of a number    len  most characters    items  most entries
//	empty  "y": an empty text is the same as none
//	later  words of the design that this version cannot run yet
type frontMatter struct {
	Name          string               `yaml:"name" req:"y" form:"name" doc:"Equals the file name without .md."`
	Title         string               `yaml:"title" req:"y" len:"80" doc:"What a list of tools shows."`
	Description   string               `yaml:"description" req:"y" len:"1024" multiline:"y" doc:"What it does, when to use it and when not."`
	License       string               `yaml:"license" req:"y" len:"200" doc:"Licence of the tool or of its weights, an SPDX id where there is one."`
	Quality       *float64             `yaml:"quality" min:"0" max:"1" doc:"Prior quality where no task says otherwise."`
	Tasks         []taskClaim          `yaml:"tasks" items:"32" doc:"What the tool can complete; a tool that only prepares lists none."`
	Inputs        map[string]string    `yaml:"inputs" req:"y" items:"16" keyform:"port" enum:"image mask classes boxes points text spans depth color number" doc:"Input ports: name and kind."`
	Outputs       map[string]string    `yaml:"outputs" req:"y" items:"16" keyform:"port" enum:"image mask classes boxes points text spans depth color number" doc:"Output ports: name and kind."`
	Preserves     []string             `yaml:"preserves" enum:"size alpha outside-mask image" doc:"Promises about the picture; the engine enforces outside-mask."`
	Accepts       map[string]acceptDoc `yaml:"accepts" keyform:"port" doc:"Constraints, defaults and words of inputs, by port."`
	Cost          *costDoc             `yaml:"cost" req:"y" doc:"Prior cost of one run."`
	Deterministic *bool                `yaml:"deterministic" doc:"Equal inputs and seed give equal outputs. Default true."`
	Network       bool                 `yaml:"network" doc:"A run uses the network. Default false."`
	MaxPixels     int64                `yaml:"max-pixels" min:"0" doc:"Largest picture the tool takes; 0: any."`
	Tileable      bool                 `yaml:"tileable" doc:"A larger picture may be worked on in tiles."`
	Runtime       *runtimeDoc          `yaml:"runtime" req:"y" doc:"How the tool runs."`
	Variants      []map[string]any     `yaml:"variants" items:"16" doc:"Parameter sets that a retry may use; each is a call of its own."`
	Examples      []exampleDoc         `yaml:"examples" items:"64" doc:"Requests with what they bind; at least one for a tool with tasks."`
}

type taskClaim struct {
	Task    string   `yaml:"task" req:"y" form:"task" doc:"Task type, in kebab case."`
	Quality *float64 `yaml:"quality" min:"0" max:"1" doc:"Prior quality at this task."`
	Effect  string   `yaml:"effect" enum:"ground creates destroys checks" doc:"What the task does to what other steps of a request need. ground: it lays the ground that others stand on, so it goes first; creates: it makes what its object or words name; destroys: what it works on cannot be looked at afterwards; checks: it looks at what the edits have written."`
	Words   []string `yaml:"words" req:"y" items:"64" form:"phrase" doc:"What people call the task: verbs and short phrases, lower case. They are the planner's only vocabulary."`
}

type acceptDoc struct {
	Labels  string             `yaml:"labels" form:"list" doc:"File in labels/ with the words the input takes; any other is refused before the tool runs."`
	Color   bool               `yaml:"color" doc:"The object phrase must carry a colour word."`
	Min     *float64           `yaml:"min" doc:"Least number taken."`
	Max     *float64           `yaml:"max" doc:"Greatest number taken."`
	Default *float64           `yaml:"default" doc:"Value where the request gives none."`
	Unit    string             `yaml:"unit" enum:"times percent degrees pixels width height" empty:"y" doc:"Which numbers of a request fill the input; empty for a plain amount."`
	Words   map[string]float64 `yaml:"words" items:"64" keyform:"phrase" doc:"Words of a request that set the value."`
}

type costDoc struct {
	Seconds      float64 `yaml:"seconds" req:"y" min:"0" max:"86400" doc:"Seconds of a run, apart from the picture's size."`
	PerMegapixel float64 `yaml:"per-megapixel" min:"0" max:"86400" doc:"Seconds per million pixels."`
	USD          float64 `yaml:"usd" min:"0" max:"1000" doc:"Dollars of a run."`
}

type exampleDoc struct {
	Request   string         `yaml:"request" req:"y" len:"200" doc:"Plain words."`
	Task      string         `yaml:"task" form:"task" doc:"One of the tasks; the first where absent."`
	Arguments map[string]any `yaml:"arguments" keyform:"port" doc:"What the request binds, by input port; a colour is a colour word."`
}

type runtimeDoc struct {
	Kind       string         `yaml:"kind" req:"y" enum:"builtin onnx none" later:"exec http mcp" doc:"builtin, onnx, or none: no tool for the task comes with the program, and the doc only teaches its words, so that a request for it is refused by name."`
	Needs      string         `yaml:"needs" len:"200" doc:"none: what a tool for the task would need, in words."`
	Op         string         `yaml:"op" form:"name" doc:"builtin: the operation."`
	Params     map[string]any `yaml:"params" doc:"builtin: its fixed parameters; numbers, words, true or false, or lists of them."`
	Models     []modelDoc     `yaml:"models" items:"32" doc:"onnx: the files. Entries of one part are alternatives, public origin first."`
	Input      *inputDoc      `yaml:"input" doc:"onnx: how the picture becomes a tensor."`
	Extra      []extraDoc     `yaml:"extra" items:"16" doc:"onnx: further tensors."`
	Decode     *decodeDoc     `yaml:"decode" doc:"onnx: how the answer is read."`
	WholeImage bool           `yaml:"whole-image" doc:"onnx: runs at the picture's own size, with the memory arena off."`
	Tile       *tileDoc       `yaml:"tile" doc:"onnx: run in overlapping tiles."`
	Crop       *cropDoc       `yaml:"crop" doc:"onnx: run on the surroundings of a mask, and paste the answer back inside it."`
	Optimize   string         `yaml:"optimize" enum:"all extended basic none" doc:"onnx: how far the library may rewrite the graph. Default all."`
}

type modelDoc struct {
	Part     string            `yaml:"part" form:"name" empty:"y" doc:"Part of a model of several files."`
	Role     string            `yaml:"role" enum:"graph data vocab" doc:"What the part holds: a network, tensors kept outside its file, or a tokenizer's words. Default graph."`
	File     string            `yaml:"file" req:"y" form:"file" doc:"File name in the models folder."`
	URL      string            `yaml:"url" len:"500" doc:"Public download of exactly these bytes, https."`
	Origin   string            `yaml:"origin" len:"500" doc:"Repository, path and commit, or how the file was made."`
	SHA256   string            `yaml:"sha256" req:"y" form:"sha256" doc:"Checksum, lower-case hex."`
	Bytes    int64             `yaml:"bytes" req:"y" min:"1" max:"68719476736" doc:"Size."`
	License  string            `yaml:"license" req:"y" len:"200" doc:"Licence of the weights."`
	Embedded bool              `yaml:"embedded" doc:"The file ships with the program, in tooldocs/models."`
	Tensor   map[string]string `yaml:"tensor" items:"32" len:"200" doc:"Tensor names of the doc to those of this export, where they differ."`
}

type inputDoc struct {
	Name     string    `yaml:"name" len:"200" doc:"Tensor name; empty: the model's first input."`
	Size     int       `yaml:"size" min:"0" max:"8192" doc:"Short for equal width and height."`
	Width    int       `yaml:"width" min:"0" max:"8192" doc:"Pixels; 0: the picture's own."`
	Height   int       `yaml:"height" min:"0" max:"8192" doc:"Pixels; 0: the picture's own."`
	Fit      string    `yaml:"fit" enum:"stretch letterbox crop native short-side" doc:"How the picture is fitted. Default stretch with a size, native without."`
	Side     int       `yaml:"side" min:"0" max:"8192" doc:"Side length that a dynamic fit aims at."`
	Limit    string    `yaml:"limit" enum:"short long longest" doc:"short: the short side becomes side; long: the long one is at most side; longest: it becomes side. Default short."`
	Pad      float64   `yaml:"pad" min:"0" max:"255" doc:"Letterbox fill."`
	Anchor   string    `yaml:"anchor" enum:"top-left center" doc:"Where the picture lies in the letterbox. Default center."`
	Multiple int       `yaml:"multiple" min:"0" max:"1024" doc:"Sides are padded or rounded to a multiple of this."`
	Border   int       `yaml:"border" min:"0" max:"1024" doc:"Edge pixels added on every side before the run and cut off after it."`
	Edge     string    `yaml:"edge" enum:"repeat reflect fill" doc:"What lies beyond the picture. Default repeat for native, fill for letterbox."`
	Layout   string    `yaml:"layout" enum:"nchw nhwc hwc" doc:"Default nchw; hwc has no batch dimension."`
	Order    string    `yaml:"order" enum:"rgb bgr gray lightness neutral" doc:"Default rgb. lightness: L* of CIE Lab, 255 is white; neutral: its grey in three channels."`
	Scale    *float64  `yaml:"scale" doc:"Samples are multiplied by it before mean and std; default 1 keeps 0..255."`
	Mean     []float64 `yaml:"mean" items:"4" doc:"Per channel, in the order given."`
	Std      []float64 `yaml:"std" items:"4" doc:"Per channel, in the order given."`
	Type     string    `yaml:"type" enum:"float32 uint8" doc:"Default float32."`
}

type extraDoc struct {
	Tensor string    `yaml:"tensor" req:"y" len:"200" doc:"Tensor name."`
	Part   string    `yaml:"part" form:"name" empty:"y" doc:"Part the tensor belongs to; absent: the first network."`
	From   string    `yaml:"from" form:"port" doc:"Input port it is made from; absent for a constant."`
	Output string    `yaml:"output" len:"200" doc:"Output of an earlier part that is passed on."`
	As     string    `yaml:"as" enum:"coords labels ids attention types size ones" doc:"Form: of boxes or points coords or labels, of text ids, attention or types; size is the fitted picture's height and width; ones marks where the picture is."`
	Value  []float64 `yaml:"value" items:"4096" doc:"Constant; as labels: numbers of a click, an excluding click, a box's two corners, and padding (default 1, 0, 2, 3, -1)."`
	Shape  []int64   `yaml:"shape" items:"8" min:"1" max:"8192" doc:"Shape of a constant or a number."`
	Scale  *float64  `yaml:"scale" doc:"Numbers and mask samples (0..255) are multiplied by it. Default 1."`
	Invert bool      `yaml:"invert" doc:"Masks: 255 becomes 0."`
	Binary bool      `yaml:"binary" doc:"Masks: every sample above 0 counts in full."`
	Type   string    `yaml:"type" enum:"float32 uint8 int64 int32 bool" doc:"Default float32."`
}

type decodeDoc struct {
	Kind      string       `yaml:"kind" req:"y" enum:"yolox fastestdet yunet boxes phrase classes matte sam image chroma labels db ctc depth scalar" doc:"The decoder."`
	Outputs   []string     `yaml:"outputs" items:"32" len:"200" doc:"Output tensors in the order the decoder wants; empty: the model's own."`
	Strides   []int        `yaml:"strides" items:"8" min:"1" max:"1024" doc:"Detectors: pixels per cell of each level."`
	Score     float64      `yaml:"score" min:"0" max:"1" doc:"Threshold."`
	NMS       float64      `yaml:"nms" min:"0" max:"1" doc:"Boxes that overlap a better one by more (IoU) are dropped."`
	Labels    string       `yaml:"labels" form:"list" doc:"File in labels/ with the classes in model order."`
	Channel   int          `yaml:"channel" min:"0" max:"65535" doc:"Which channel holds the answer."`
	Range     float64      `yaml:"range" min:"0" max:"65535" doc:"image: the value of white."`
	Layout    string       `yaml:"layout" enum:"nchw nhwc" doc:"Of the output; default nchw."`
	Upscale   int          `yaml:"upscale" min:"0" max:"16" doc:"image: output side over input side; default 1."`
	Softmax   bool         `yaml:"softmax" doc:"Apply softmax first."`
	Sigmoid   bool         `yaml:"sigmoid" doc:"matte: the answer is the logit."`
	Stretch   bool         `yaml:"stretch" doc:"matte: the answer's least becomes 0, its most 1."`
	Charset   string       `yaml:"charset" form:"list" doc:"ctc: file in labels/ with one character per line, in model order."`
	Unclip    float64      `yaml:"unclip" min:"0" max:"10" doc:"db: growth of a text region, area × unclip ÷ perimeter."`
	BoxScore  float64      `yaml:"box-score" min:"0" max:"1" doc:"db: least mean probability of a region."`
	Chroma    bool         `yaml:"chroma" doc:"image: the answer is luma; chroma comes from an enlargement of the input."`
	Detail    bool         `yaml:"detail" doc:"image: where the network is smaller than the picture, its answer is a gain on the picture's own samples."`
	Precision [][2]float64 `yaml:"precision" items:"64" min:"0" max:"1" doc:"Pairs of score and measured precision, rising; between them it is linear."`
}

type cropDoc struct {
	Around string  `yaml:"around" req:"y" form:"port" doc:"Input port of kind mask."`
	Margin float64 `yaml:"margin" min:"0" max:"16" doc:"Surroundings on each side, in sides of the mask's box."`
	Least  int     `yaml:"least" min:"0" max:"8192" doc:"Least side of the square, in pixels."`
}

type tileDoc struct {
	Size    int `yaml:"size" req:"y" min:"16" max:"8192" doc:"Input pixels per side."`
	Overlap int `yaml:"overlap" min:"0" max:"4096" doc:"Pixels that neighbours share."`
}
