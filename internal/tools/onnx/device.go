package onnx

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"pentimento/internal/edit"
)

// Devices lists what Options.Device may be.
func Devices() []string { return []string{"auto", "cpu", "cuda", "webgpu", "coreml", "directml"} }

const cpu = "cpu"

// appenders add a device's execution provider to session options.
var appenders = map[string]func(*ort.SessionOptions) error{
	"cuda":     appendCUDA,
	"webgpu":   func(o *ort.SessionOptions) error { return o.AppendExecutionProvider("WebGPU", map[string]string{}) },
	"coreml":   func(o *ort.SessionOptions) error { return o.AppendExecutionProviderCoreMLV2(nil) },
	"directml": func(o *ort.SessionOptions) error { return o.AppendExecutionProviderDirectML(0) },
}

func appendCUDA(o *ort.SessionOptions) error {
	c, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer func() { _ = c.Destroy() }()
	if err := c.Update(map[string]string{"device_id": "0", "cudnn_conv_algo_search": "HEURISTIC"}); err != nil {
		return err
	}
	return o.AppendExecutionProviderCUDA(c)
}

// chooseDevice settles which device sessions run on. A device that was asked
// for by name and cannot be had is a *edit.UserError. With auto, a device that
// the library could serve and does not is told in the notice; a plain CPU build
// is asked for nothing else, so that it starts without a probe.
func chooseDevice(asked, libPath string, probe func(device string) error) (device, notice string, err error) {
	if asked == "" {
		asked = "auto"
	}
	if !slices.Contains(Devices(), asked) {
		return "", "", &edit.UserError{
			Msg:  fmt.Sprintf("%q is no device", asked),
			Hint: "use one of " + strings.Join(Devices(), ", "),
		}
	}
	if asked == cpu {
		return cpu, "", nil
	}
	if asked != "auto" {
		if err := probe(asked); err != nil {
			return "", "", &edit.UserError{
				Msg:  fmt.Sprintf("the device %s was asked for and cannot be had with %s", asked, libPath),
				Err:  err,
				Hint: "use --device auto or cpu, or name a library built for it with --ort-lib FILE",
			}
		}
		return asked, "", nil
	}
	for _, d := range candidates(libPath) {
		if err = probe(d); err == nil {
			return d, "", nil
		}
		notice = fmt.Sprintf("models run on the CPU: %s is not to be had: %v", d, err)
	}
	return cpu, notice, nil
}

// candidates are the devices that this build of the library may serve, best
// first. WebGPU is never among them: its driver layer writes to the terminal.
func candidates(libPath string) []string {
	var list []string
	dir := filepath.Dir(libPath)
	for _, f := range []string{"libonnxruntime_providers_cuda.so", "onnxruntime_providers_cuda.dll"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err == nil {
			list = append(list, "cuda")
		}
	}
	switch runtime.GOOS {
	case "darwin":
		list = append(list, "coreml")
	case "windows":
		if _, err := os.Stat(filepath.Join(dir, "DirectML.dll")); err == nil {
			list = append(list, "directml")
		}
	}
	return list
}

// levels are how far the library rewrites a graph, where a doc says so.
var levels = map[string]ort.GraphOptimizationLevel{
	"none":     ort.GraphOptimizationLevelDisableAll,
	"basic":    ort.GraphOptimizationLevelEnableBasic,
	"extended": ort.GraphOptimizationLevelEnableExtended,
}

// sessionOptions are the options of one session on a device.
func sessionOptions(device string, threads int, arena bool, optimize string) (*ort.SessionOptions, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	steps := []func() error{
		func() error { return o.SetIntraOpNumThreads(threads) },
		func() error { return o.SetInterOpNumThreads(1) },
		func() error { return o.SetCpuMemArena(arena) },
		// Idle threads must not burn the core that the rest of the program needs.
		func() error { return o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0") },
	}
	if level, ok := levels[optimize]; ok {
		steps = append(steps, func() error { return o.SetGraphOptimizationLevel(level) })
	}
	if device != cpu {
		steps = append(steps, func() error { return appenders[device](o) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			_ = o.Destroy()
			return nil, err
		}
	}
	return o, nil
}

// probeDevice tries a device on fresh options; there is no list of providers to ask.
func probeDevice(device string) error {
	o, err := sessionOptions(device, 1, true, "")
	if err != nil {
		return err
	}
	return o.Destroy()
}
