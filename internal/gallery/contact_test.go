package gallery

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func contactCards(t *testing.T) []Card {
	t.Helper()
	dir := t.TempDir()
	save := func(name string, m *pixel.Image) string {
		path := filepath.Join(dir, name)
		if err := imageio.Save(t.Context(), path, m, imageio.Options{}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	clear := pixel.NewImage(300, 40)
	for i := range clear.Pix {
		clear.Pix[i] = 128
	}
	clear.HasAlpha = true
	before, after := save("a.png", pixel.NewImage(640, 480)), save("b.png", clear)
	return []Card{
		{Number: 1, Request: "good", Before: before, After: after, State: "done", Good: true, Quality: 0.95, Seconds: 1.5, USD: 0.02, Toolpath: "x → y"},
		{Number: 2, Request: `<script>alert("x")</script>`, Before: before, After: after, State: "done", Good: true, Quality: 0.4},
		{Number: 3, Request: "bad", Before: filepath.Join(dir, "gone.png"), State: "failed", Reason: "it is gone"},
	}
}

// TestContactHTML holds the page to one file without network, scripts or links, with the worst first.
func TestContactHTML(t *testing.T) {
	var w strings.Builder
	if err := ContactHTML(t.Context(), &w, "plan & co", contactCards(t)); err != nil {
		t.Fatal(err)
	}
	page := w.String()
	sources := regexp.MustCompile(`(?:src|href|srcset|action)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	for _, s := range sources {
		if !strings.HasPrefix(s[1], "data:image/") {
			t.Errorf("the page refers to %.60s", s[1])
		}
	}
	if len(sources) != 4 || strings.Count(page, "data:image/png") != 2 {
		t.Errorf("%d pictures; want two jpegs and two see-through pngs", len(sources))
	}
	for _, bad := range []string{"<script", "http://", "https://", "url(", "@import", "<link"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for _, want := range []string{"plan &amp; co", "2 of 3 done", "x → y", "1.50 s, $0.02", "it is gone", "nothing was saved", "default-src 'none'"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if i, j, k := strings.Index(page, "item-3"), strings.Index(page, "item-2"), strings.Index(page, "item-1"); i < 0 || i > j || j > k {
		t.Errorf("order: failed at %d, poor at %d, good at %d", i, j, k)
	}
}

func TestContactSheet(t *testing.T) {
	cards := contactCards(t)
	sheet, err := ContactSheet(t.Context(), "plan", cards)
	if err != nil {
		t.Fatal(err)
	}
	one := sheet.H
	for range 3 * maxCards {
		cards = append(cards, cards[2])
	}
	if sheet, err = ContactSheet(t.Context(), "plan", cards); err != nil {
		t.Fatal(err)
	}
	if rows := maxCards / cardsPerRow; sheet.H > rows*one || sheet.H < rows*one/2 {
		t.Errorf("a sheet of %d cards is %d high, one row %d", len(cards), sheet.H, one)
	}
}
