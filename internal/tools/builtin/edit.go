package builtin

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// editOps are the operations that make pictures: recolouring, filling, background, tone and geometry.
var editOps = map[string]opFunc{
	"recolor": opRecolor,
}

// imageResponse is the response of an operation whose only output is a picture.
func imageResponse(m *pixel.Image) tools.Response {
	return tools.Response{Outputs: map[string]edit.Artifact{"image": m}, Quality: math.NaN()}
}
