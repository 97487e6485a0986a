// Package lettering looks at a line of text in a picture and writes another in
// its place: it finds the strokes and the ground they stand on, measures the
// hand they are written in (height, width, weight, slant, softness, colour), and
// draws new words in that hand. It is pure.
//
// All work is done on a Patch, the line straightened by perspective, so that
// text on a slanted sign is as easy as text on a page.
package lettering
