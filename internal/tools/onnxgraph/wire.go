package onnxgraph

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// The field numbers below are those of onnx.proto (IR version 8).

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// node is a NodeProto.
func node(kind string, in, out []Value, attrs []Attr) []byte {
	var b []byte
	for _, v := range in {
		b = appendBytes(b, 1, []byte(v))
	}
	for _, v := range out {
		b = appendBytes(b, 2, []byte(v))
	}
	b = appendBytes(b, 4, []byte(kind))
	for _, a := range attrs {
		b = appendBytes(b, 5, a)
	}
	return b
}

// valueInfo is a ValueInfoProto of a dense tensor.
func valueInfo(name string, e Elem, dims []Dim) []byte {
	var shape []byte
	for _, d := range dims {
		var dim []byte
		switch d := d.(type) {
		case int:
			dim = appendVarint(nil, 1, uint64(d))
		case string:
			dim = appendBytes(nil, 2, []byte(d))
		default:
			panic("onnxgraph: a dimension is an int or a string")
		}
		shape = appendBytes(shape, 1, dim)
	}
	tensor := appendVarint(nil, 1, uint64(e))
	tensor = appendBytes(tensor, 2, shape)
	b := appendBytes(nil, 1, []byte(name))
	return appendBytes(b, 2, appendBytes(nil, 1, tensor))
}

// Attr is an encoded AttributeProto; make one with the functions below.
type Attr []byte

// Numbers of AttributeProto.AttributeType.
const (
	attrInt    = 2
	attrString = 3
	attrInts   = 7
)

// Int is an integer attribute.
func Int(name string, v int64) Attr {
	b := appendBytes(nil, 1, []byte(name))
	b = appendVarint(b, 3, uint64(v))
	return appendVarint(b, 20, attrInt)
}

// Str is a string attribute.
func Str(name, v string) Attr {
	b := appendBytes(nil, 1, []byte(name))
	b = appendBytes(b, 4, []byte(v))
	return appendVarint(b, 20, attrString)
}

// IntList is an attribute of several integers.
func IntList(name string, v ...int64) Attr {
	b := appendBytes(nil, 1, []byte(name))
	for _, x := range v {
		b = appendVarint(b, 8, uint64(x))
	}
	return appendVarint(b, 20, attrInts)
}
