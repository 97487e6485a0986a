package planner

import (
	"context"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

func shippedGrammar(t *testing.T) *Grammar {
	t.Helper()
	set, errs := tooldoc.Load(tooldocs.FS)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return New(set.All())
}

func TestMendsWords(t *testing.T) {
	g := shippedGrammar(t)
	for src, want := range map[string]string{
		"remvoe the cusion":            "remove the cushion",
		"delete the handbg":            "delete the handbag",
		"paint the skrit bule":         "paint the skirt blue",
		"erase the tableclth":          "erase the tablecloth",
		"recolor the boots and bow":    "recolor the boots and bow", // English, and so right
		"remove the streetlamp":        "remove the streetlamp",     // a compound of words
		"replace Moncia with a vase":   "replace Moncia with a vase",
		"analyse the colour":           "analyse the colour",
		"write 'Helo wrld' on the wal": "write 'Helo wrld' on the wall",
	} {
		toks, notices := g.v.spell(tokenise(src))
		if got := spelt(src, toks); got != want {
			t.Errorf("%q is read as %q, want %q", src, got, want)
		}
		if changed := src != want; changed != (len(notices) > 0) {
			t.Errorf("%q: notices %q", src, notices)
		}
	}
}

// TestStatements tells sentences that ask for nothing from those that ask for something.
func TestStatements(t *testing.T) {
	g := shippedGrammar(t)
	for sentence, states := range map[string]bool{
		"My uncle loves old cars":                 true,
		"Thanks for your help so far":             true,
		"We visited this place in May":            true,
		"Grandma's old photo is quite blurry":     true,
		"Someone parked a truck before our house": true,
		"I can't stand the power lines":           true,
		"The trash can in the corner bothers me":  true,
		"The car should be red":                   false,
		"The dog removed":                         false,
		"The wall painted white":                  false,
		"I want the lamp gone":                    false,
		"The dog is to go":                        false,
		"The bench blue":                          false,
		"Our house must look better":              false,
		"Frobnicate the cat":                      false,
		"Can you help me remove the dog":          false,
		"I am trying to remove the dog":           false,
	} {
		n, _ := g.v.statement(tokenise(sentence))
		if (n > 0) != states {
			t.Errorf("%q: statement %v, want %v", sentence, n > 0, states)
		}
	}
}

// TestRemarksAreTold plans orders among remarks, each of which a notice tells of, and refuses unknown orders.
func TestRemarksAreTold(t *testing.T) {
	g := shippedGrammar(t)
	for request, remark := range map[string]string{
		"My uncle loves old cars. Remove the van.":             "My uncle loves old cars",
		"Remove the van. I appreciate your help!":              "I appreciate your help",
		"Old barn photo. Remove the van.":                      "Old barn photo",
		"The van ruins the shot, so please remove it. Thanks!": "The van ruins the shot",
	} {
		plan, err := g.Plan(context.Background(), request, edit.History{})
		if err != nil || len(plan.Subtasks) != 1 || plan.Subtasks[0].Object != "van" || !strings.Contains(strings.Join(plan.Notices, "\n"), remark) {
			t.Errorf("%q: %+v, %v", request, plan, err)
		}
	}
	for _, request := range []string{"Frobnicate the cat. Remove the van.", "Feed the dog and remove the van.", "My cat should fly. Remove the van."} {
		if plan, err := g.Plan(context.Background(), request, edit.History{}); err == nil {
			t.Errorf("%q is planned: %+v", request, plan.Subtasks)
		}
	}
}
