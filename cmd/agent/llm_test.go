package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

const secret = "sk-live-9f8e7d6c5b4a39281706"

// fakeModel speaks the OpenAI wire. It answers with what reply makes of the question, as a
// model that was written by hand for these tests: none is reachable here.
type fakeModel struct {
	asked int
	reply func(question string, picture []byte) (status int, text string)
}

func (f *fakeModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked++
	raw, _ := io.ReadAll(r.Body)
	var picture []byte
	if _, after, ok := strings.Cut(string(raw), "data:image/png;base64,"); ok {
		code, _, _ := strings.Cut(after, `"`)
		picture, _ = base64.StdEncoding.DecodeString(code)
	}
	status, text := f.reply(string(raw), picture)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusOK {
		_, _ = fmt.Fprintf(w, `{"error":{"message":%q}}`, text)
		return
	}
	content, _ := json.Marshal(text)
	_, _ = fmt.Fprintf(w, `{"choices":[{"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100}}`, content)
}

// withModel starts the server and points the environment at it and at empty folders.
func withModel(t *testing.T, reply func(string, []byte) (int, string)) (*fakeModel, string) {
	t.Helper()
	f := &fakeModel{reply: reply}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	for k, v := range map[string]string{
		"HOME": dir, "PENTIMENTO_DATA": filepath.Join(dir, "data"), "PENTIMENTO_CACHE": filepath.Join(dir, "cache"),
		"PENTIMENTO_CONFIG": filepath.Join(dir, "config"), "PENTIMENTO_MODELS": filepath.Join(dir, "models"), "PENTIMENTO_TOOLDOCS": "",
		"PENTIMENTO_LLM_PROVIDER": "openai", "PENTIMENTO_LLM_BASE_URL": srv.URL + "/v1", "PENTIMENTO_LLM_MODEL": "by-hand",
		"PENTIMENTO_LLM_KEY": secret, "PENTIMENTO_LLM_INPUT_PRICE": "1", "PENTIMENTO_LLM_OUTPUT_PRICE": "10",
	} {
		t.Setenv(k, v)
	}
	img, _ := scene.Render(320, 214, 1)
	if err := imageio.Save(t.Context(), filepath.Join(dir, "street.png"), img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// command runs the program in this process and returns what it prints and its error.
func command(ctx context.Context, args ...string) (out, errs string, err error) {
	var o, e bytes.Buffer
	s := &streams{in: strings.NewReader(""), out: &o, err: &e, width: 80}
	root := newRoot(s) //nolint:contextcheck // cobra hands the context on
	root.SetArgs(args)
	root.SetOut(&o)
	root.SetErr(&e)
	err = root.ExecuteContext(ctx)
	if err != nil {
		report(s, root, err)
	}
	return o.String(), e.String(), err
}

const carRequest = "I'd fancy that red car in teal"

func carPlan(object string) string {
	return `{"subtasks":[{"id":1,"task":"object-recoloration","object":"` + object + `","target":"teal","clause":"` + carRequest + `"}]}`
}

// TestEditByModel runs an edit that a model planned, with a key set, and looks for the key in all that is left behind.
func TestEditByModel(t *testing.T) {
	f, dir := withModel(t, func(string, []byte) (int, string) { return 200, carPlan("red car") })
	at := func(name string) string { return filepath.Join(dir, name) }
	out, errs, err := command(t.Context(), "edit", at("street.png"), carRequest, "-o", at("out.png"), "--planner", "llm", "--explain", "--json",
		"--send-picture", "--keep-model-view", at("view.png"), "--record", at("exchanges"), "--annotate", at("seen.png"), "--show-mask", at("mask.png"))
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	for _, want := range []string{`"planner":"llm"`, `"llm_calls":1`, `"llm_tokens":1100`, `"usd":0.002`, `"event":"explained"`, "docs in the prompt"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %s", want)
		}
	}
	printed := out + errs
	for _, args := range [][]string{
		{"show", at("out.png")},
		{"config"},
		{"config", "--json"},
		{"traces", "list", "--json"},
		{"plan", at("street.png"), carRequest, "--replay", at("exchanges")},
	} {
		out, errs, _ := command(t.Context(), args...)
		printed += out + errs
	}
	if f.asked != 1 {
		t.Errorf("the server was asked %d times", f.asked)
	}
	f.reply = func(string, []byte) (int, string) { return 401, "no such key: " + secret }
	for _, mode := range []string{"llm", "auto"} {
		out, errs, err := command(t.Context(), "edit", at("street.png"), carRequest, "-o", at("two.png"), "--planner", mode)
		if mode == "llm" && codeOf(err) != exitAuth {
			t.Errorf("a refused key ends with %d: %v", codeOf(err), err)
		}
		if !strings.Contains(out+errs, "[key]") {
			t.Errorf("%s: the server's words are not shown: %s", mode, out+errs)
		}
		printed += out + errs
	}
	scan(t, "what is printed", []byte(printed))
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		scan(t, path, b)
		return err
	})
	if err != nil || files < 8 {
		t.Errorf("%d files were looked through, %v", files, err)
	}
}

// scan looks for the key, plain or encoded.
func scan(t *testing.T, where string, b []byte) {
	t.Helper()
	for _, form := range []string{secret, secret[8:], base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
		if bytes.Contains(b, []byte(form)) {
			t.Errorf("%s holds the key", where)
		}
	}
}

// TestReplayedPlan plans from a recording that was written by hand, with no server.
func TestReplayedPlan(t *testing.T) {
	f, dir := withModel(t, func(string, []byte) (int, string) { return 500, "down" })
	out, errs, err := command(t.Context(), "plan", filepath.Join(dir, "street.png"), carRequest, "--planner", "llm", "--replay", filepath.Join("testdata", "exchanges"))
	if err != nil || !strings.Contains(out, `"color": "color:teal"`) || f.asked != 0 {
		t.Errorf("%v (asked %d times)\n%s%s", err, f.asked, out, errs)
	}
}

// TestModelFallsBack: a model that is obeyed by nobody leaves the edit to the grammar, which says so.
func TestModelFallsBack(t *testing.T) {
	const request = "recolor the red car to teal"
	for name, reply := range map[string]func(string, []byte) (int, string){
		"attacked": func(string, []byte) (int, string) { return 200, carPlan("everything") },
		"refusing": func(string, []byte) (int, string) { return 404, "no such model" },
		"prose":    func(string, []byte) (int, string) { return 200, "I did it." },
	} {
		_, dir := withModel(t, reply)
		out, errs, err := command(t.Context(), "edit", filepath.Join(dir, "street.png"), request, "--dry-run")
		if err != nil || !strings.Contains(errs, "the grammar planned this") {
			t.Errorf("%s: %v\n%s%s", name, err, out, errs)
		}
		if _, _, err := command(t.Context(), "edit", filepath.Join(dir, "street.png"), request, "--dry-run", "--planner", "llm"); codeOf(err) != exitPlan {
			t.Errorf("%s, by the model alone: %v", name, err)
		}
	}
}

// TestScalingAttack: what shows only in the down-scaled picture is seen by the model, which obeys,
// and by the person, who can look at the same bytes; the plan does not change.
func TestScalingAttack(t *testing.T) {
	saw := 0
	f, dir := withModel(t, nil)
	f.reply = func(_ string, picture []byte) (int, string) {
		img, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		if g, _, _, _ := img.At(1, 1).RGBA(); g>>8 > 120 && g>>8 < 136 { // the sign: grey that no pixel of the original has
			saw++
			return 200, carPlan("everything")
		}
		return 200, carPlan("red car")
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	big := pixel.NewImage(1536, 1024)
	for i := 0; i < len(big.Pix); i += 4 { // black and white by turns, grey from afar
		if (i/4+i/4/big.W)%2 == 0 {
			big.Pix[i], big.Pix[i+1], big.Pix[i+2] = 255, 255, 255
		}
	}
	if err := imageio.Save(t.Context(), at("dither.png"), big, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	_, _, err := command(t.Context(), "edit", at("dither.png"), carRequest, "-o", at("out.png"), "--planner", "llm", "--send-picture", "--keep-model-view", at("view.png"))
	if saw == 0 || codeOf(err) != exitPlan {
		t.Errorf("the model obeyed %d times; the edit ends with %v", saw, err)
	}
	if _, err := os.Stat(at("out.png")); err == nil {
		t.Error("an edit was saved")
	}
	b, err := os.ReadFile(at("view.png"))
	if err != nil {
		t.Fatal(err)
	}
	view, err := png.Decode(bytes.NewReader(b))
	if err != nil || view.Bounds().Dx() != 768 || view.Bounds().Dy() != 512 {
		t.Errorf("the model saw %v, %v", view.Bounds(), err)
	}
}

// TestNoModel: without one the grammar plans, and that is said once.
func TestNoModel(t *testing.T) {
	f, dir := withModel(t, nil)
	for _, k := range []string{"PROVIDER", "BASE_URL", "MODEL"} {
		t.Setenv("PENTIMENTO_LLM_"+k, "")
	}
	t.Setenv("OPENAI_API_KEY", secret) // a key alone asks for nothing
	edit := []string{"edit", filepath.Join(dir, "street.png"), "recolor the red car to teal", "--dry-run"}
	for i := range 2 {
		_, errs, err := command(t.Context(), edit...)
		if said := strings.Contains(errs, "no language model is configured"); err != nil || said != (i == 0) {
			t.Errorf("run %d says so: %v (%v)", i+1, said, err)
		}
	}
	if _, _, err := command(t.Context(), append(edit, "--planner", "llm")...); codeOf(err) != exitUsage && codeOf(err) != exitPlan {
		t.Errorf("--planner llm ends with %v", err)
	}
	for _, bad := range [][]string{{"--planner", "oracle"}, {"--keep-model-view", "v.png"}, {"--planner", "grammar", "--record", dir}, {"--record", dir, "--replay", dir}, {"--replay", dir}} {
		if _, _, err := command(t.Context(), append(edit, bad...)...); codeOf(err) != exitUsage {
			t.Errorf("%v ends with %v", bad, err)
		}
	}
	if f.asked != 0 {
		t.Error("the server was asked")
	}
}
