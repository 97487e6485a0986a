package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// handRule is what a model proposes in these tests, by hand: the cheap fill where it suits, with numbers
// that are made up, a sequence that was never tried, and two rules that cannot be used.
const handRule = `{"proposals":[
 {"task":"object-removal","path":[{"tool":"pushpull-fill","variant":0,"inputs":[]}],"when":["around-ground in {plain}"],"quality":1,"seconds":0},
 {"task":"object-removal","path":[{"tool":"yolox-nano","variant":0,"inputs":[]},{"tool":"efficientsam-box","variant":0,"inputs":[0]},{"tool":"grow-mask","variant":0,"inputs":[1]},{"tool":"lama","variant":0,"inputs":[2]}],"when":["around-ground in {complex}"]},
 {"task":"object-removal","path":[{"tool":"curl","variant":0,"inputs":[]}],"when":[]},
 {"task":"object-removal","path":[{"tool":"lama","variant":0,"inputs":[]}],"when":["object-area-share < 1e300"]}]}`

// TestMineByModel asks a model for rules over the wire, keeps what was said, and asks the recording.
func TestMineByModel(t *testing.T) {
	f, dir := withModel(t, func(string, []byte) (int, string) { return 200, handRule })
	addMixed()
	kept := filepath.Join(dir, "exchanges")
	out, errs, err := command(t.Context(), "subroutines", "mine", "--propose", "--json", "--record", kept)
	if err != nil || f.asked != 1 {
		t.Fatalf("%v, asked %d times\n%s%s", err, f.asked, out, errs)
	}
	for _, want := range []string{
		`"event":"proposed","proposals":2,"refused":["proposal 4: `, `there is no tool \"curl\"`,
		`cannot be used`, `"llm_calls":1,"llm_tokens":1100,"usd":0.002`, `yolox-nano`, `"proposer":"model by-hand"`, `"event":"done","traces":120`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %s:\n%s", want, out)
		}
	}
	list, _, err := command(t.Context(), "subroutines", "list", "--state", "active")
	if err != nil || strings.Contains(list, "object-removal") {
		t.Errorf("a proposal is active: %v\n%s", err, list)
	}
	again, errs, err := command(t.Context(), "subroutines", "mine", "--propose", "--explain", "--replay", kept)
	if err != nil || f.asked != 1 || !strings.Contains(again, "proposed 2 rules that can be tried, 2 that cannot") || !strings.Contains(again, ": 0 new candidates") || !strings.Contains(again, `"task":"object-removal","attempts":`) {
		t.Errorf("%v, asked %d times\n%s%s", err, f.asked, again, errs)
	}
	scan(t, "what is printed", []byte(out+list+again))
	if strings.Contains(again, "bench") {
		t.Error("the model is shown what was asked for")
	}
	f.reply = func(string, []byte) (int, string) { return 200, "I would rather not." }
	if _, errs, err := command(t.Context(), "subroutines", "mine", "--propose"); err == nil || f.asked != 3 || !strings.Contains(errs, "nothing that can be read") {
		t.Errorf("prose ends with %v after %d questions: %s", err, f.asked, errs)
	}
	for _, k := range []string{"PROVIDER", "BASE_URL", "MODEL"} {
		t.Setenv("PENTIMENTO_LLM_"+k, "")
	}
	for _, args := range [][]string{{"--propose"}, {"--explain"}, {"--record", kept}} {
		if _, _, err := command(t.Context(), append([]string{"subroutines", "mine"}, args...)...); codeOf(err) != exitUsage {
			t.Errorf("%v without a model ends with %v", args, err)
		}
	}
}
