package builtin

import (
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// param reads one of the doc's parameters as the type of its default: a
// number (int or float64), a string or a bool. An absent parameter is the
// default. A parameter of another type is an error that names the doc, because
// a doc is hostile until checked and its author must hear of the slip.
func param[T int | float64 | string | bool](req tools.Request, name string, def T) (T, error) {
	v, ok := req.Params[name]
	if !ok || v == nil {
		return def, nil
	}
	var out any
	switch any(def).(type) {
	case float64:
		if f, isNum := number(v); isNum {
			out = f
		}
	case int:
		if f, isNum := number(v); isNum && f == math.Trunc(f) && math.Abs(f) <= math.MaxInt32 {
			out = int(f)
		}
	default:
		out = v
	}
	t, ok := out.(T)
	if !ok {
		return def, &edit.UserError{
			Msg:  fmt.Sprintf("tool %s: parameter %q is %v, want a value such as %v", req.Spec.Name, name, v, def),
			Hint: "correct it under runtime.params or variants of the tool doc",
		}
	}
	return t, nil
}

// paramIn reads a number parameter that must lie in [lo, hi].
func paramIn[T int | float64](req tools.Request, name string, def, lo, hi T) (T, error) {
	v, err := param(req, name, def)
	if err != nil {
		return def, err
	}
	if v < lo || v > hi {
		return def, &edit.UserError{
			Msg:  fmt.Sprintf("tool %s: parameter %q is %v, outside %v..%v", req.Spec.Name, name, v, lo, hi),
			Hint: "correct it under runtime.params or variants of the tool doc",
		}
	}
	return v, nil
}

// number reads any of the number types that a YAML or JSON decoder makes.
func number(v any) (float64, bool) {
	var f float64
	switch v := v.(type) {
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case float32:
		f = float64(v)
	case float64:
		f = v
	case edit.Number:
		f = float64(v)
	default:
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}
