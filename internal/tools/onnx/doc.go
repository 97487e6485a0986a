// Package onnx runs the tools whose docs say runtime kind onnx: any model by
// its doc alone, through ONNX Runtime's shared library loaded at run time.
//
// One run goes: locate and verify the model's files, inspect its bytes (graph.go:
// nothing outside the file but what the doc pins, declared tensors there), put
// pinned outside tensors into it and cast the types that Go does not hold
// (rewrite.go), take a session from the pool (pool.go), fit the picture into the
// input tensor as declared (frame.go, fill.go), infer under the context
// (infer.go), run the networks after the first (parts.go), and read the outputs
// with one of a fixed set of decoders (decode_*.go).
//
// # Tiles
//
// A network run in tiles (tiles.go) answers as one run at once does, within these
// bounds in steps of 8 bits, at the overlap of the shipped docs: at most 1, and
// 0.005 on average, where the network's reach lies within what two tiles share
// (FFDNet, DnCNN, waifu2x, SCI); at most 4, and 0.03 on average, for Real-ESRGAN
// general, whose 34 layers reach a little farther. The tests measure both on a
// photograph. The bounds do not hold for a network that looks at the whole
// picture, by attention or a global mean (NAFNet, SCUNet): there tiles differ in
// tone by what they do not see of each other, and the fade only hides the seam.
// Memory is the answer's own and that of one row of tiles.
//
// # Crops
//
// An inpainter runs on the square around its hole (crop.go), at full resolution
// where the network is large enough, else made smaller; outside the mask no
// sample changes, and inside the fill takes the tone of its surroundings.
package onnx
