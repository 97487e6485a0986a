package builtin

// restoreOps are the operations on what lies behind the subject, and those that
// make a photograph better as a whole.
var restoreOps = map[string]opFunc{
	"background-blur":    opBackgroundBlur,
	"background-removal": opBackgroundRemoval,
	"background-color":   opBackgroundColor,
	"background-picture": opBackgroundPicture,
	"lift":               opLift,
	"denoise":            opDenoise,
	"straighten":         opStraighten,
	"color-transfer":     opTransfer,
	"deblur":             opDeblur,
}
