package builtin

// segOps are the operations that make masks: regions by colour, GrabCut from
// several kinds of evidence, and the foreground of a picture.
var segOps = map[string]opFunc{}
