package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/batch"
	"pentimento/internal/config"
	"pentimento/internal/edit"
)

// options are the flags that every command takes.
type options struct {
	json     bool
	device   string
	ortLib   string
	toolDocs string
	models   string
	// What agent run sets; 0 elsewhere (agent.Options).
	threads, atOnce, atOnceGPU int
	// settings reads the folders and what is set, once for all that asks in a command.
	settings func() (config.Dirs, config.Values, error)
}

func (o *options) check() error {
	if !slices.Contains(batch.Devices, o.device) {
		return usageError{fmt.Errorf("--device %s is none of %s", o.device, strings.Join(batch.Devices, ", "))}
	}
	return nil
}

// parseBoxes reads --box values, NAME=x0,y0,x1,y1; one name may come several times.
func parseBoxes(values []string) (map[string][]edit.Box, error) {
	boxes := make(map[string][]edit.Box)
	for _, v := range values {
		name, n, err := namedNumbers("--box", v, 4)
		if err != nil {
			return nil, err
		}
		b := edit.Box{X0: n[0], Y0: n[1], X1: n[2], Y1: n[3]}
		if b.Area() < 1 {
			return nil, usageError{fmt.Errorf("--box %s is empty: the form is NAME=x0,y0,x1,y1 with x0 < x1 and y0 < y1, in pixels", v)}
		}
		boxes[name] = append(boxes[name], b)
	}
	return boxes, nil
}

// parsePoints reads --point values, NAME=x,y, or NAME=!x,y for "not here".
func parsePoints(values []string) (map[string]edit.Points, error) {
	points := make(map[string]edit.Points)
	for _, v := range values {
		exclude := strings.Contains(v, "=!")
		name, n, err := namedNumbers("--point", strings.Replace(v, "=!", "=", 1), 2)
		if err != nil {
			return nil, err
		}
		points[name] = append(points[name], edit.Point{X: n[0], Y: n[1], Exclude: exclude})
	}
	return points, nil
}

func namedNumbers(flag, value string, want int) (string, []float64, error) {
	name, list, ok := strings.Cut(value, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	fields := strings.Split(list, ",")
	if !ok || name == "" || len(fields) != want {
		form := "NAME=x,y"
		if want == 4 {
			form = "NAME=x0,y0,x1,y1"
		}
		return "", nil, usageError{fmt.Errorf("%s %s: the form is %s", flag, value, form)}
	}
	n := make([]float64, want)
	for i, f := range fields {
		v, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || !(v >= -1e6 && v <= 1e6) { // NaN fails too
			return "", nil, usageError{fmt.Errorf("%s %s: %q is no pixel coordinate", flag, value, f)}
		}
		n[i] = v
	}
	return name, n, nil
}

// parseFiles reads NAME=FILE values; a name comes once.
func parseFiles(flag string, values []string) (map[string]string, error) {
	files := make(map[string]string)
	for _, v := range values {
		name, path, ok := strings.Cut(v, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" || path == "" {
			return nil, usageError{fmt.Errorf("%s %s: the form is NAME=FILE", flag, v)}
		}
		if _, twice := files[name]; twice {
			return nil, usageError{fmt.Errorf("%s gives %s twice", flag, name)}
		}
		files[name] = path
	}
	return files, nil
}
