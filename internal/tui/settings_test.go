package tui_test

import "testing"

func TestSettingsPane(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.keys("esc", ",")
	d.shows("settings", "llm.model", "tui.theme", "auto")
	d.keys("down", "enter")
	d.shows("tui.theme is light")
	if f.theme != "light" {
		t.Fatalf("the theme is %q", f.theme)
	}
	d.keys("up", "enter")
	d.shows("llm.model ›")
	d.text("qwen")
	d.keys("enter")
	d.shows("llm.model is qwen; it holds from the next start", "qwen")
	d.keys("T")
	d.shows("qwen answers: yes")
	d.keys("backspace")
	d.shows("llm.model is as it was made")
	d.keys("esc")
	d.hides("as it was made ·")
}

func TestToolsPaneFetchesAModel(t *testing.T) {
	f := newFake(120, 80)
	d := drive(t, f, 120, 40)
	d.keys("esc", "t")
	d.shows("ready (1)", "not installed (1)", "broken (1)", "no such kind")
	d.keys("enter")
	d.shows("paint: ready")
	d.keys("down", "enter")
	d.shows("find is installed", "ready (2)")
	if f.pulled != "find" {
		t.Fatalf("%q was fetched", f.pulled)
	}
}
