// Package onnxgraph writes ONNX models from Go: a small builder over the
// protobuf wire format, enough for classical image operations and for stand-in
// models in tests, and the two graphs that ship with the program.
//
// The bytes of a model depend only on the calls that built it, so a generated
// file can be committed and compared.
package onnxgraph

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Versions of the format that Model writes.
const (
	irVersion = 8
	opset     = 17
)

// Elem is an element type of a tensor, with ONNX's own number.
type Elem int

// Element types.
const (
	Float Elem = 1
	Uint8 Elem = 2
	Int64 Elem = 7
	Bool  Elem = 9
	Half  Elem = 10 // float16
)

// Value is a tensor of the graph by its name.
type Value string

// Graph is a model under construction. The zero Graph is not usable; see New.
type Graph struct {
	name    string
	nodes   [][]byte
	inits   [][]byte
	inputs  [][]byte
	outputs [][]byte
	count   int
	consts  map[string]Value
}

// New starts an empty graph.
func New(name string) *Graph { return &Graph{name: name, consts: make(map[string]Value)} }

// Dim is one dimension of an input or output: a number, or a name for one that varies.
type Dim any

// Input declares a model input. A dimension is an int or, for one that varies, a string.
func (g *Graph) Input(name string, e Elem, dims ...Dim) Value {
	g.inputs = append(g.inputs, valueInfo(name, e, dims))
	return Value(name)
}

// Output declares v as a model output under the given name.
func (g *Graph) Output(name string, v Value, e Elem, dims ...Dim) {
	g.nodes = append(g.nodes, node("Identity", []Value{v}, []Value{Value(name)}, nil))
	g.outputs = append(g.outputs, valueInfo(name, e, dims))
}

// Op adds a node with one output.
func (g *Graph) Op(kind string, inputs []Value, attrs ...Attr) Value {
	return g.OpN(kind, 1, inputs, attrs...)[0]
}

// OpN adds a node with n outputs.
func (g *Graph) OpN(kind string, n int, inputs []Value, attrs ...Attr) []Value {
	out := make([]Value, n)
	for i := range out {
		g.count++
		out[i] = Value(fmt.Sprintf("v%d", g.count))
	}
	g.nodes = append(g.nodes, node(kind, inputs, out, attrs))
	return out
}

// Floats adds a constant float tensor; no dims make a scalar. Equal constants are stored once.
func (g *Graph) Floats(v []float32, dims ...int) Value {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = protowire.AppendFixed32(raw, math.Float32bits(x))
	}
	return g.initializer(Float, raw, dims)
}

// Ints adds a constant int64 tensor; no dims make a scalar.
func (g *Graph) Ints(v []int64, dims ...int) Value {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = protowire.AppendFixed64(raw, uint64(x))
	}
	return g.initializer(Int64, raw, dims)
}

// C is a scalar float constant.
func (g *Graph) C(v float64) Value { return g.Floats([]float32{float32(v)}) }

// I is a one-dimensional int64 constant, as axes and sizes are.
func (g *Graph) I(v ...int64) Value { return g.Ints(v, len(v)) }

func (g *Graph) initializer(e Elem, raw []byte, dims []int) Value {
	key := fmt.Sprintf("%d %v %x", e, dims, raw)
	if v, ok := g.consts[key]; ok {
		return v
	}
	v := Value(fmt.Sprintf("c%d", len(g.consts)))
	g.consts[key] = v
	var b []byte
	for _, d := range dims {
		b = appendVarint(b, 1, uint64(d))
	}
	b = appendVarint(b, 2, uint64(e))
	b = appendBytes(b, 8, []byte(v))
	b = appendBytes(b, 9, raw)
	g.inits = append(g.inits, b)
	return v
}

// Model returns the finished model's bytes, a serialised ModelProto.
func (g *Graph) Model() []byte {
	var graph []byte
	for _, n := range g.nodes {
		graph = appendBytes(graph, 1, n)
	}
	graph = appendBytes(graph, 2, []byte(g.name))
	for _, t := range g.inits {
		graph = appendBytes(graph, 5, t)
	}
	for _, v := range g.inputs {
		graph = appendBytes(graph, 11, v)
	}
	for _, v := range g.outputs {
		graph = appendBytes(graph, 12, v)
	}
	var m []byte
	m = appendVarint(m, 1, irVersion)
	m = appendBytes(m, 2, []byte("pentimento"))
	m = appendBytes(m, 7, graph)
	m = appendBytes(m, 8, appendVarint(nil, 2, opset))
	return m
}
