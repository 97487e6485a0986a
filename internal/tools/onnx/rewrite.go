package onnx

import (
	"errors"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Two things about a model are changed before the library sees its bytes.
//
// Tensors that it keeps in another file are put into it, when the doc pins that
// file: the library then opens no file at all, and computes with the very bytes
// whose checksum was taken.
//
// Inputs and outputs of types that Go memory does not hold (half floats above
// all) get a Cast node, so that any network is fed and read as float32, int64 or
// uint8. Doing it in the graph needs no knowledge of the output's size before
// the run, and on another device the cast runs there.

// Field numbers of onnx.proto that only the rewriting needs.
const (
	tensorRaw = 9

	entryKey, entryValue = 1, 2

	nodeInput, nodeOutput = 1, 2

	attrName, attrInt, attrType, attrTypeInt = 1, 3, 20, 2
)

// rawFields calls f for each field of a message with its bytes, tag included,
// and the contents of a length-delimited one.
func rawFields(b []byte, f func(num int, raw, v []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%w: %w", errNotModel, protowire.ParseError(n))
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			return fmt.Errorf("%w, or is cut short: %w", errNotModel, protowire.ParseError(m))
		}
		v := b[n : n+m]
		if typ == protowire.BytesType {
			v, _ = protowire.ConsumeBytes(v)
		}
		if err := f(int(num), b[:n+m], v); err != nil {
			return err
		}
		b = b[n+m:]
	}
	return nil
}

func appendField(b []byte, num int, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, protowire.Number(num), protowire.BytesType), v)
}

func appendNumber(b []byte, num int, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, protowire.Number(num), protowire.VarintType), v)
}

// onGraph returns the model with its main graph replaced by what f makes of it.
func onGraph(model []byte, f func(graph []byte) ([]byte, error)) ([]byte, error) {
	var out []byte
	err := rawFields(model, func(num int, raw, v []byte) error {
		if num != modelGraph {
			out = append(out, raw...)
			return nil
		}
		graph, err := f(v)
		if err == nil {
			out = appendField(out, modelGraph, graph)
		}
		return err
	})
	if err == nil && len(out) > maxModelBytes {
		err = fmt.Errorf("has %d bytes with its outside tensors; a model has at most %d", len(out), maxModelBytes)
	}
	return out, err
}

// inlineData puts the tensors that the main graph keeps in the given files, by
// the names the graph calls them, into the model. A tensor that lies in any
// other file, or not in the main graph, is left as it is: inspect refuses it.
func inlineData(model []byte, files map[string][]byte) ([]byte, error) {
	return onGraph(model, func(graph []byte) ([]byte, error) {
		var out []byte
		err := rawFields(graph, func(num int, raw, v []byte) error {
			if num != graphInitializer {
				out = append(out, raw...)
				return nil
			}
			t, err := inlineTensor(v, files)
			if err == nil {
				out = appendField(out, graphInitializer, t)
			}
			return err
		})
		return out, err
	})
}

// inlineTensor is a TensorProto with its outside data inside.
func inlineTensor(t []byte, files map[string][]byte) ([]byte, error) {
	var rest []byte
	var name string
	where := make(map[string]string)
	err := rawFields(t, func(num int, raw, v []byte) error {
		switch num {
		case tensorExternal:
			key, value, err := keyValue(v)
			where[key] = value
			return err
		case tensorLocation:
			return nil
		case tensorName:
			name = string(v)
		}
		rest = append(rest, raw...)
		return nil
	})
	if err != nil || len(where) == 0 {
		return t, err
	}
	data, declared := files[where["location"]]
	if !declared {
		return t, nil
	}
	part, err := section(data, where["offset"], where["length"])
	if err != nil {
		return nil, fmt.Errorf("keeps the tensor %q in %s %w", name, where["location"], err)
	}
	return appendField(rest, tensorRaw, part), nil
}

// keyValue reads a StringStringEntryProto.
func keyValue(b []byte) (key, value string, err error) {
	err = fields(b, func(num int, v []byte) error {
		switch num {
		case entryKey:
			key = string(v)
		case entryValue:
			value = string(v)
		}
		return nil
	})
	return key, value, err
}

// section is data[offset:offset+length], both in decimal; no length means the rest.
func section(data []byte, offset, length string) ([]byte, error) {
	at, n := int64(0), int64(-1)
	var err, err2 error
	if offset != "" {
		at, err = strconv.ParseInt(offset, 10, 64)
	}
	if length != "" {
		n, err2 = strconv.ParseInt(length, 10, 64)
	}
	size := int64(len(data))
	if errors.Join(err, err2) != nil || at < 0 || at > size || n > size-at || length != "" && n < 0 {
		return nil, fmt.Errorf("at %q, %q bytes, of the file's %d", offset, length, size)
	}
	if length == "" {
		n = size - at
	}
	return data[at : at+n], nil
}

// casts are the types that are cast on the way in and on the way out; the others
// are held by Go memory as they are, or refused where they are fed or read.
var (
	castIn = map[elemType]elemType{
		elemFloat16: elemFloat32, elemBFloat16: elemFloat32, elemFloat64: elemFloat32,
		elemBool: elemInt64, elemInt8: elemInt64, elemInt16: elemInt64, elemInt32: elemInt64, elemUint16: elemInt64, elemUint32: elemInt64,
	}
	castOut = map[elemType]elemType{
		elemFloat16: elemFloat32, elemBFloat16: elemFloat32,
		elemBool: elemFloat32, elemInt8: elemFloat32, elemInt16: elemFloat32, elemUint16: elemFloat32, elemUint32: elemFloat32,
	}
)

// fedAs is the type that Go memory holds for a tensor of the model.
func fedAs(e elemType, input bool) elemType {
	casts := castOut
	if input {
		casts = castIn
	}
	if to, ok := casts[e]; ok {
		return to
	}
	return e
}

// castEnds adds a Cast to each input and output of the model whose type is not
// one of fedAs, and returns the signature by which it is fed and read from then on.
func castEnds(model []byte, sig signature) ([]byte, signature, error) {
	var first, last []byte
	swap := make(map[string]tensorInfo)
	ends := func(list []tensorInfo, input bool) []tensorInfo {
		out := make([]tensorInfo, len(list))
		for i, t := range list {
			t.Stored, t.Wire = t.Elem, t.Name
			if t.Elem = fedAs(t.Stored, input); t.Elem != t.Stored {
				t.Wire = t.Name + "/pentimento"
				if input {
					first = appendField(first, graphNode, castNode(t.Wire, t.Name, t.Stored))
				} else {
					last = appendField(last, graphNode, castNode(t.Name, t.Wire, t.Elem))
				}
				swap[t.Name] = t
			}
			out[i] = t
		}
		return out
	}
	sig = signature{Inputs: ends(sig.Inputs, true), Outputs: ends(sig.Outputs, false)}
	if len(swap) == 0 {
		return model, sig, nil
	}
	out, err := onGraph(model, func(graph []byte) ([]byte, error) {
		out := first // before all that takes the input
		err := rawFields(graph, func(num int, raw, v []byte) error {
			if num == graphInput || num == graphOutput {
				info, err := valueInfo(v)
				if err != nil {
					return err
				}
				if t, ok := swap[info.Name]; ok {
					raw = appendField(nil, num, valueProto(t))
				}
			}
			out = append(out, raw...)
			return nil
		})
		return append(out, last...), err
	})
	return out, sig, err
}

// castNode is a NodeProto that turns from into to, of type e.
func castNode(from, to string, e elemType) []byte {
	attr := appendField(nil, attrName, []byte("to"))
	attr = appendNumber(attr, attrInt, uint64(e))
	attr = appendNumber(attr, attrType, attrTypeInt)
	b := appendField(nil, nodeInput, []byte(from))
	b = appendField(b, nodeOutput, []byte(to))
	b = appendField(b, nodeOp, []byte("Cast"))
	return appendField(b, nodeAttr, attr)
}

// valueProto is the ValueInfoProto of a tensor as it is fed or read.
func valueProto(t tensorInfo) []byte {
	tensor := appendNumber(nil, typeElem, uint64(t.Elem))
	if t.Ranked {
		var shape []byte
		for _, d := range t.Dims {
			var dim []byte
			if d > 0 {
				dim = appendNumber(nil, dimValue, uint64(d))
			}
			shape = appendField(shape, shapeDim, dim)
		}
		tensor = appendField(tensor, typeShape, shape)
	}
	return appendField(appendField(nil, valueName, []byte(t.Wire)), valueType, appendField(nil, typeTensor, tensor))
}
