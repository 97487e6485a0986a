package builtin

// segOps are the operations that make masks: regions by colour, GrabCut from
// several kinds of evidence, and the foreground of a picture.
//
// All of them run the same machine on different evidence. A frame
// (seg_grabcut.go) is the part of the picture that matters, at a scale of some
// 160,000 pixels, with the strength of its edges. Evidence says what is known of each
// pixel: from boxes, class maps and other objects (seg_evidence.go,
// seg_others.go), clicks (seg_points.go), a colour word (seg_color.go,
// seg_region.go), or what stands out (seg_foreground.go). From it colour models
// are learned (seg_gmm.go, seg_local.go) and a minimum cut (package maxflow)
// labels the pixels, in turn. What a detector's tight box says is missing is
// added (seg_tight.go) and a shadow on the ground dropped (seg_shadow.go). The
// labelling is tidied, carried up to full size in a narrow band and given a soft
// border (seg_refine.go).
var segOps = map[string]opFunc{
	"color-region":       colorRegion,
	"grabcut-box":        grabcutBox,
	"grabcut-classes":    grabcutClasses,
	"grabcut-points":     grabcutPoints,
	"simple-foreground":  simpleForeground,
	"classes-foreground": classesForeground,
}
