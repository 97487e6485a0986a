package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pentimento/internal/imageio"
	"pentimento/internal/scene"
	"pentimento/internal/tools/ortlib"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"agent": main, "addtraces": addTraces, "addmixed": addMixed})
}

// TestScripts drives the command as a person would. Every script has an empty
// home directory and street.png, the example picture, in its working directory.
func TestScripts(t *testing.T) {
	ctx := context.Background()
	street := filepath.Join(t.TempDir(), "street.png")
	img, _ := scene.Render(640, 427, 1)
	if err := imageio.Save(ctx, street, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	lib, _, err := ortlib.Find(ctx, ortlib.Options{})
	if err != nil {
		t.Logf("ONNX Runtime is not installed, scripts run without it: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			for _, k := range []string{"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
				env.Setenv(k, "")
			}
			env.Setenv("PENTIMENTO_ORT_LIB", lib)
			env.Setenv("SHARED", os.Getenv("PENTIMENTO_SHARED"))
			b, err := os.ReadFile(street)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "street.png"), b, 0o600)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "ort":
				return lib != "", nil
			case "shared":
				return os.Getenv("PENTIMENTO_SHARED") != "", nil
			}
			return false, nil
		},
	})
}
