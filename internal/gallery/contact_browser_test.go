package gallery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// seen is what a browser shows of a page in a frame of some width.
type seen struct {
	Width   int      // of the frame
	Scroll  int      // of what is in it
	Order   []string // ids of the cards from the top
	Text    string
	Scripts int
	Loaded  []string // what the page had fetched
	Ran     bool     // a script of the page did
	Images  []struct {
		Alt           string
		Width, Height int // natural
		Outside       bool
	}
}

// watcher loads the page into frames of several widths and writes down what is to be seen in each.
const watcher = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><pre id="seen"></pre>
<script>
 window.ran = false
 const frames = [390, 820, 1400].map(width => {
  const f = document.createElement("iframe")
  f.width = width; f.height = 900; f.src = "/page.html"
  return document.body.appendChild(f)
 })
 window.onload = () => {
  document.getElementById("seen").textContent = JSON.stringify(frames.map(f => {
   const d = f.contentDocument
   return {
    Width: f.clientWidth, Scroll: d.documentElement.scrollWidth, Text: d.body.innerText, Scripts: d.scripts.length, Ran: window.ran,
    Order: [...d.querySelectorAll("section")].map(s => s.id),
    Loaded: f.contentWindow.performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:")),
    Images: [...d.images].map(i => {
     const at = i.getBoundingClientRect(), card = i.closest("section").getBoundingClientRect()
     return { Alt: i.alt, Width: i.naturalWidth, Height: i.naturalHeight, Outside: at.left < card.left || at.right > card.right || at.top < card.top || at.bottom > card.bottom }
    }),
   }
  }))
 }
</script>`

// browse shows a page to headless Chromium, whose every request goes to a server of the test.
func browse(t *testing.T, page string) (frames []seen, asked []string) {
	t.Helper()
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		t.Skip("SKIPPED: no Chromium here, so that no browser has looked at the contact sheet; make chromium installs it")
	}
	var mu sync.Mutex
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		switch r.URL.Path {
		case "/watch.html":
			_, _ = w.Write([]byte(watcher))
		case "/page.html":
			_, _ = w.Write([]byte(page))
		default:
			if strings.HasSuffix(r.Host, ".test") { // others are what Chromium asks for by itself
				mu.Lock()
				asked = append(asked, r.Host+r.URL.Path)
				mu.Unlock()
			}
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir="+t.TempDir(),
		"--host-resolver-rules=MAP * "+strings.TrimPrefix(site.URL, "http://"), "--disable-background-networking", "--dump-dom", "http://sheet.test/watch.html")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var problems bytes.Buffer
	cmd.Stderr = &problems
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", chromium, err, problems.Bytes())
	}
	text := regexp.MustCompile(`(?s)<pre id="seen">(.*?)</pre>`).FindSubmatch(dom)
	if text == nil || json.Unmarshal([]byte(html.UnescapeString(string(text[1]))), &frames) != nil {
		t.Fatalf("the browser says:\n%.2000s\n%s", dom, problems.Bytes())
	}
	mu.Lock()
	defer mu.Unlock()
	return frames, asked
}

// TestContactSheetInChromium holds a sheet to what a person sees who opens it: every picture, the worst first, words as
// words, nothing beyond the edges of a telephone or a wide screen, and no request to anywhere.
func TestContactSheetInChromium(t *testing.T) {
	cards := contactCards(t)
	hostile := `"><img src="http://elsewhere.test/x.png" onerror="parent.ran = true"><script>parent.ran = true</script>`
	cards = append(cards,
		Card{Number: 4, Request: hostile, Before: cards[0].Before, After: cards[0].After, State: hostile, Good: true, Quality: 0.2, Toolpath: hostile, Reason: hostile},
		Card{Number: 5, Request: strings.Repeat("long", 200), Before: cards[0].Before, After: cards[0].After, State: "done", Good: true, Quality: 0.99})
	var page strings.Builder
	if err := ContactHTML(t.Context(), &page, hostile, cards); err != nil {
		t.Fatal(err)
	}
	frames, asked := browse(t, page.String())
	if len(frames) != 3 || len(asked) > 0 {
		t.Fatalf("%d frames; the page asked for %v", len(frames), asked)
	}
	for _, f := range frames {
		where := fmt.Sprintf("at %d pixels", f.Width)
		if want := []string{"item-3", "item-4", "item-2", "item-1", "item-5"}; !slices.Equal(f.Order, want) {
			t.Errorf("%s: order %v, want %v", where, f.Order, want)
		}
		if f.Scripts > 0 || f.Ran || len(f.Loaded) > 0 {
			t.Errorf("%s: %d scripts, ran %t, loaded %v", where, f.Scripts, f.Ran, f.Loaded)
		}
		if f.Scroll > f.Width {
			t.Errorf("%s: what it shows is %d wide", where, f.Scroll)
		}
		if n := strings.Count(f.Text, hostile); n != 5 || !strings.Contains(f.Text, `<script>alert("x")</script>`) {
			t.Errorf("%s: words are not shown as they are: %d times in %s", where, n, f.Text)
		}
		if len(f.Images) != 8 {
			t.Errorf("%s: %d pictures, want 8", where, len(f.Images))
		}
		for _, i := range f.Images {
			if i.Width < 1 || i.Height < 1 || i.Alt == "before" && i.Width != thumb || i.Outside {
				t.Errorf("%s: picture %+v", where, i)
			}
		}
	}
}

// TestChromiumTellsRequests: the test above could not see a request if this one could not.
func TestChromiumTellsRequests(t *testing.T) {
	frames, asked := browse(t, `<!doctype html><section id="item-1"><img alt="x" src="http://elsewhere.test/x.png"></section><script>parent.ran = true</script>`)
	if !slices.Contains(asked, "elsewhere.test/x.png") || len(frames[0].Loaded) == 0 || !frames[0].Ran || frames[0].Images[0].Width != 0 {
		t.Errorf("asked for %v; %+v", asked, frames[0])
	}
}
