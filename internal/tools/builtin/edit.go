package builtin

import (
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// editOps are the operations that make pictures: recolouring, filling, tone and geometry.
var editOps = map[string]opFunc{
	"recolor":       opRecolor,
	"color-shift":   opColorShift,
	"recolor-panel": opRecolorPanel,
	"inpaint":       opInpaint,
	"outpaint":      opOutpaint,
	"grow-mask":     opGrowMask,
	"exposure":      opExposure,
	"contrast":      opContrast,
	"saturation":    opSaturation,
	"temperature":   opTemperature,
	"sharpen":       opSharpen,
	"crop":          opCrop,
	"crop-to-boxes": opCropToBoxes,
	"resize":        opResize,
	"upscale":       opUpscale,
	"rotate":        opRotate,
	"flip":          opFlip,
}

// imageResponse is the response of an operation whose only output is a picture.
func imageResponse(m *pixel.Image) tools.Response {
	return tools.Response{Outputs: map[string]edit.Artifact{"image": m}, Quality: math.NaN()}
}

// numberIn reads a number port. A doc that leaves the port out gets def, and a
// value outside the doc's own bounds is refused.
func numberIn(req tools.Request, name string, def float64) (float64, error) {
	if _, ok := req.Spec.Input(name); !ok {
		return def, nil
	}
	n, err := tools.Input[edit.Number](req, name)
	if err != nil {
		return 0, err
	}
	v, a := float64(n), req.Spec.Accepts[name]
	if a.Min != nil && v < *a.Min || a.Max != nil && v > *a.Max {
		return 0, &edit.UserError{Msg: fmt.Sprintf("tool %s takes %s %s, not %g", req.Spec.Name, name, bounds(a), v)}
	}
	return v, nil
}

func bounds(a edit.Accept) string {
	switch {
	case a.Min != nil && a.Max != nil:
		return fmt.Sprintf("from %g to %g", *a.Min, *a.Max)
	case a.Min != nil:
		return fmt.Sprintf("of at least %g", *a.Min)
	case a.Max != nil:
		return fmt.Sprintf("of at most %g", *a.Max)
	}
	return ""
}
