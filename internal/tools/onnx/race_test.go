//go:build race

package onnx

// raceDetector multiplies the memory that a process takes.
const raceDetector = true
