// Package imageio reads and writes pictures safely. Every input counts as
// hostile: the format is told from the content, the header is checked against
// a budget before anything is allocated for the samples, decoders' panics are
// contained, and a file is written beside its goal and moved there whole.
package imageio
