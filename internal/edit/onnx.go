package edit

// ONNXRuntime describes how to feed and read an ONNX model.
type ONNXRuntime struct {
	Models []ModelFile
	Input  TensorInput
	// Extra are further inputs by tensor name: a mask, a number, a colour.
	Extra  []ExtraInput
	Decode Decode
	// WholeImage marks models run at the picture's own size: their memory arena is off.
	WholeImage bool
	Tile       *Tile
	// Crop runs the model on the surroundings of a mask only.
	Crop *Crop
	// Optimize is how far the library may rewrite the graph: all (default), extended, basic or none.
	Optimize string
}

// Graphs are the parts that hold a network, in the order they run: the first
// sees the picture, each later one may take outputs of those before it, and
// the decoder reads the outputs of the last.
func (o *ONNXRuntime) Graphs() []ModelFile {
	var list []ModelFile
	for _, m := range o.Models {
		if m.Role == "" || m.Role == RoleGraph {
			list = append(list, m)
		}
	}
	return list
}

// ModelFile is one part of a model. Accept lists the files that satisfy the
// part, public origin first; any of them does, each by its own checksum.
type ModelFile struct {
	Part string // "" for a model of one file
	// Role is RoleGraph (or empty), RoleData or RoleVocab.
	Role   string
	Accept []ModelSource
}

// What the file of a model part holds.
const (
	RoleGraph = "graph" // a network
	RoleData  = "data"  // tensors that a network keeps outside its file
	RoleVocab = "vocab" // the words of a tokenizer
)

// ModelSource is one acceptable file of a model part.
type ModelSource struct {
	File    string // file name in the models folder
	URL     string // empty: no public download of these bytes
	Origin  string // repository, path and commit, or how it was made
	SHA256  string // lower-case hex
	Bytes   int64
	License string
	// Embedded files ship with the program beside the tool docs.
	Embedded bool
	// Tensor renames the tensors of this export where they differ: doc name -> file name.
	Tensor map[string]string
}

// TensorInput is the declared pre-processing of the image input.
type TensorInput struct {
	Name   string    // tensor name; empty: the model's first input
	Width  int       // 0: the picture's own width
	Height int       // 0: the picture's own height
	Fit    string    // stretch, letterbox, crop, native, short-side
	Side   int       // short-side/long-side length for dynamic fits
	Limit  string    // "short": the short side becomes Side; "long": the long one is at most Side; "longest": it becomes Side
	Pad    float64   // letterbox fill, in the 0..255 range
	Anchor string    // top-left or center
	Edge   string    // what lies beyond the picture: repeat (native's default), reflect, or fill (letterbox's default)
	Multi  int       // pad or round each side to a multiple of this
	Border int       // edge pixels added on every side before the run and cut after
	Layout string    // nchw, nhwc, or hwc (no batch dimension)
	Order  string    // rgb, bgr, gray, lightness (L* of CIE Lab, one channel) or neutral (its grey, three channels)
	Scale  float64   // x*scale before mean and std; 1 keeps 0..255
	Mean   []float64 // per channel in the order given
	Std    []float64
	Type   string // float32 (default) or uint8
}

// ExtraInput feeds a further tensor of the model: made from an input port, from
// an output of an earlier part, or a constant.
type ExtraInput struct {
	Tensor string
	Part   string    // of which part; empty: the first graph
	From   string    // input port of the doc, or empty
	Output string    // output of an earlier part that is passed on, or empty
	As     string    // coords, labels (of boxes or points), ids, attention, types (of text), size, ones; empty: the port's own form
	Value  []float64 // constant value; as labels: the numbers for a click, an excluding click, a box's two corners, and padding
	Shape  []int64   // shape of a constant or number; -1 is not allowed
	Scale  float64   // multiplies numbers and mask samples (0..255)
	Invert bool      // masks: 255 becomes 0
	Binary bool      // masks: every sample above 0 counts in full
	Type   string
}

// Decode names the fixed decoder that reads the outputs, with its parameters.
type Decode struct {
	Kind     string // yolox, fastestdet, yunet, boxes, phrase, classes, matte, sam, image, chroma, labels, db, ctc, depth, scalar
	Outputs  []string
	Strides  []int
	Score    float64 // threshold
	NMS      float64 // IoU
	Labels   *Labels
	Channel  int     // which channel holds the answer
	Range    float64 // images: the value of white (1 or 255)
	Layout   string  // nchw or nhwc of the output
	Upscale  int     // images: output side ÷ input side
	Softmax  bool
	Sigmoid  bool // matte: the answer is the logit
	Stretch  bool // matte: least to most becomes 0 to 1
	Charset  []string
	Unclip   float64
	BoxScore float64
	Chroma   bool // image decoders on luma: take chroma from an enlargement of the input
	// Detail: image decoders whose network is smaller than the picture: take the answer as a gain
	// on the picture's own samples, which keeps the picture's detail.
	Detail bool
	// Precision maps a score to measured precision by linear interpolation: pairs of score and precision, rising.
	Precision [][2]float64
}

// Crop runs a model on the square around a mask, at full resolution where it
// fits, and pastes the answer back inside the mask.
type Crop struct {
	Around string  // input port of kind mask
	Margin float64 // surroundings on each side, in sides of the mask's box
	Least  int     // least side of the square in pixels
}

// Tile runs a model in overlapping tiles.
type Tile struct {
	Size    int // pixels of input per tile side
	Overlap int // pixels shared by neighbours
}
