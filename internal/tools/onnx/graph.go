package onnx

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// signature is what a model declares of its inputs and outputs.
type signature struct {
	Inputs, Outputs []tensorInfo
}

// tensorInfo is one declared input or output. A dimension that is open or named is -1.
type tensorInfo struct {
	Name   string
	Wire   string   // its name in the graph that runs, see castEnds
	Elem   elemType // as it is fed or read
	Stored elemType // as the file has it
	Dims   []int64
	Ranked bool // whether the model declares a shape at all
}

// String is "name float32[1,3,-1,-1]".
func (t tensorInfo) String() string {
	e := t.Elem
	if t.Stored != 0 {
		e = t.Stored
	}
	if !t.Ranked {
		return fmt.Sprintf("%s %v of any shape", t.Name, e)
	}
	return fmt.Sprintf("%s %v%v", t.Name, e, t.Dims)
}

func (s signature) input(name string) (tensorInfo, bool)  { return named(s.Inputs, name) }
func (s signature) output(name string) (tensorInfo, bool) { return named(s.Outputs, name) }

func named(list []tensorInfo, name string) (tensorInfo, bool) {
	i := slices.IndexFunc(list, func(t tensorInfo) bool { return t.Name == name })
	if i < 0 {
		return tensorInfo{}, false
	}
	return list[i], true
}

// elemType is TensorProto.DataType.
type elemType int32

// The element types that the runner feeds or reads.
const (
	elemFloat32  elemType = 1
	elemUint8    elemType = 2
	elemInt8     elemType = 3
	elemUint16   elemType = 4
	elemInt16    elemType = 5
	elemInt32    elemType = 6
	elemInt64    elemType = 7
	elemBool     elemType = 9
	elemFloat16  elemType = 10
	elemFloat64  elemType = 11
	elemUint32   elemType = 12
	elemBFloat16 elemType = 16
)

var elemNames = map[elemType]string{
	elemFloat32: "float32", elemUint8: "uint8", elemInt8: "int8", elemUint16: "uint16", elemInt16: "int16", elemInt32: "int32",
	elemInt64: "int64", 8: "string", elemBool: "bool", elemFloat16: "float16", elemFloat64: "float64", elemUint32: "uint32",
	13: "uint64", elemBFloat16: "bfloat16",
}

// String is the type's name as the docs write it.
func (e elemType) String() string {
	if n, ok := elemNames[e]; ok {
		return n
	}
	return fmt.Sprintf("type %d", int32(e))
}

// maxNesting bounds how deep subgraphs may lie in one another.
const maxNesting = 32

// errNotModel says that the bytes are no ONNX model at all.
var errNotModel = errors.New("is no ONNX model")

// Field numbers of onnx.proto that the inspection reads.
const (
	modelGraph, modelTraining, modelFunctions = 7, 20, 25

	trainingInit, trainingAlgorithm = 1, 2

	functionNode, functionAttr = 7, 11

	graphNode, graphInitializer, graphInput, graphOutput, graphSparse = 1, 5, 11, 12, 15

	nodeOp, nodeAttr = 4, 5

	attrTensor, attrGraph, attrTensors, attrGraphs, attrSparse, attrSparses = 5, 6, 10, 11, 22, 23

	sparseValues, sparseIndices = 1, 2

	tensorName, tensorExternal, tensorLocation = 8, 13, 14

	valueName, valueType, typeTensor, typeElem, typeShape, shapeDim, dimValue = 1, 2, 1, 1, 2, 1, 1
)

// inspect reads a model's signature and refuses a model that would make the
// library open another file: external tensor data, in initialisers, sparse
// initialisers, attributes, subgraphs, functions and training graphs alike, and
// the EPContext operator. It allocates next to nothing: tensor data is skipped.
// Format: onnx/onnx.proto, IR version 10.
func inspect(model []byte) (signature, error) {
	if len(model) == 0 {
		return signature{}, errors.New("is empty")
	}
	if len(model) >= 8 && string(model[4:8]) == "ORTM" {
		return signature{}, errors.New("is in ORT format, want ONNX")
	}
	s := &scan{}
	graphs := 0
	err := fields(model, func(num int, v []byte) error {
		switch num {
		case modelGraph:
			graphs++
			return s.graph(v, 0)
		case modelTraining:
			return fields(v, func(num int, v []byte) error {
				if num == trainingInit || num == trainingAlgorithm {
					return s.graph(v, 1)
				}
				return nil
			})
		case modelFunctions:
			return fields(v, func(num int, v []byte) error {
				switch num {
				case functionNode:
					return s.node(v, 1)
				case functionAttr:
					return s.attribute(v, 1)
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return signature{}, err
	}
	if graphs == 0 {
		return signature{}, fmt.Errorf("%w: it holds no graph", errNotModel)
	}
	// Old models list their weights among the inputs.
	s.sig.Inputs = slices.DeleteFunc(s.sig.Inputs, func(t tensorInfo) bool { return s.weights[t.Name] })
	return s.sig, nil
}

type scan struct {
	sig     signature
	weights map[string]bool
}

func (s *scan) graph(b []byte, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("has subgraphs nested deeper than %d", maxNesting)
	}
	return fields(b, func(num int, v []byte) error {
		switch num {
		case graphNode:
			return s.node(v, depth)
		case graphInitializer:
			name, err := tensor(v)
			if err == nil && depth == 0 {
				if s.weights == nil {
					s.weights = make(map[string]bool)
				}
				s.weights[name] = true
			}
			return err
		case graphSparse:
			return sparse(v)
		case graphInput, graphOutput:
			if depth > 0 {
				return nil
			}
			t, err := valueInfo(v)
			if num == graphInput {
				s.sig.Inputs = append(s.sig.Inputs, t)
			} else {
				s.sig.Outputs = append(s.sig.Outputs, t)
			}
			return err
		}
		return nil
	})
}

func (s *scan) node(b []byte, depth int) error {
	return fields(b, func(num int, v []byte) error {
		switch {
		case num == nodeOp && string(v) == "EPContext":
			return errors.New("holds an EPContext operator, which may load another file")
		case num == nodeAttr:
			return s.attribute(v, depth)
		}
		return nil
	})
}

func (s *scan) attribute(b []byte, depth int) error {
	return fields(b, func(num int, v []byte) error {
		switch num {
		case attrTensor, attrTensors:
			_, err := tensor(v)
			return err
		case attrGraph, attrGraphs:
			return s.graph(v, depth+1)
		case attrSparse, attrSparses:
			return sparse(v)
		}
		return nil
	})
}

func sparse(b []byte) error {
	return fields(b, func(num int, v []byte) error {
		if num == sparseValues || num == sparseIndices {
			_, err := tensor(v)
			return err
		}
		return nil
	})
}

// tensor refuses a tensor whose data lie elsewhere and returns its name.
func tensor(b []byte) (name string, err error) {
	external := false
	err = fields(b, func(num int, v []byte) error {
		switch num {
		case tensorName:
			name = string(v)
		case tensorExternal:
			external = true
		case tensorLocation: // 0 in the file, 1 external
			n, _ := protowire.ConsumeVarint(v)
			external = external || n != 0
		}
		return nil
	})
	if err == nil && external {
		err = fmt.Errorf("keeps the tensor %q in another file; that its doc does not pin", name)
	}
	return name, err
}

func valueInfo(b []byte) (t tensorInfo, err error) {
	err = fields(b, func(num int, v []byte) error {
		switch num {
		case valueName:
			t.Name = string(v)
		case valueType:
			return fields(v, func(num int, v []byte) error {
				if num != typeTensor {
					return nil
				}
				return t.tensorType(v)
			})
		}
		return nil
	})
	return t, err
}

func (t *tensorInfo) tensorType(b []byte) error {
	return fields(b, func(num int, v []byte) error {
		switch num {
		case typeElem:
			n, _ := protowire.ConsumeVarint(v)
			t.Elem = elemType(n)
		case typeShape:
			t.Ranked = true
			return fields(v, func(num int, v []byte) error {
				if num != shapeDim {
					return nil
				}
				dim := int64(-1)
				err := fields(v, func(num int, v []byte) error {
					if num == dimValue {
						n, _ := protowire.ConsumeVarint(v)
						dim = int64(n)
					}
					return nil
				})
				if dim <= 0 { // some exporters write 0 for open
					dim = -1
				}
				t.Dims = append(t.Dims, dim)
				return err
			})
		}
		return nil
	})
}

// fields calls f for each field of a protobuf message: with the contents of a
// length-delimited field, or the raw bytes of a number.
func fields(b []byte, f func(num int, v []byte) error) error {
	return rawFields(b, func(num int, _, v []byte) error { return f(num, v) })
}
