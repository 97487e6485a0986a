package patchmatch

import (
	"image"

	"pentimento/internal/pixel"
)

// cellSide is the side of the squares by which parts of a hole are told apart:
// parts in squares that touch belong together.
const cellSide = 32

// groups returns boxes that hold the hole's parts, in scan order; parts that are near
// each other share a box, so that a mask of a thousand specks makes few. It looks at
// every pixel once and allocates little, however large the picture.
func groups(hole *pixel.Mask) []image.Rectangle {
	w, h := (hole.W+cellSide-1)/cellSide, (hole.H+cellSide-1)/cellSide
	cells := make([]image.Rectangle, w*h) // what of the hole lies in each
	for y := range hole.H {
		for x, v := range hole.Pix[y*hole.W : (y+1)*hole.W] {
			if v > 0 {
				c := &cells[y/cellSide*w+x/cellSide]
				*c = c.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	var boxes []image.Rectangle
	for i := range cells {
		if cells[i].Empty() {
			continue
		}
		var box image.Rectangle
		for open := []int{i}; len(open) > 0; {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			if cells[at].Empty() {
				continue
			}
			box, cells[at] = box.Union(cells[at]), image.Rectangle{}
			for y := max(0, at/w-1); y <= min(h-1, at/w+1); y++ {
				for x := max(0, at%w-1); x <= min(w-1, at%w+1); x++ {
					open = append(open, y*w+x)
				}
			}
		}
		boxes = append(boxes, box)
	}
	return merged(boxes)
}

// merged joins boxes that overlap, until none do.
func merged(boxes []image.Rectangle) []image.Rectangle {
	for again := true; again; {
		again = false
		for i := 0; i < len(boxes) && !again; i++ {
			for j := i + 1; j < len(boxes) && !again; j++ {
				if boxes[i].Overlaps(boxes[j]) {
					boxes[i] = boxes[i].Union(boxes[j])
					boxes = append(boxes[:j], boxes[j+1:]...)
					again = true
				}
			}
		}
	}
	return boxes
}
