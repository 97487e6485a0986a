package builtin

// editOps are the operations that make pictures: recolouring, filling, background, tone and geometry.
var editOps = map[string]opFunc{}
