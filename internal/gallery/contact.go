package gallery

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/draw"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// Card is one edit on a contact sheet.
type Card struct {
	Number   int
	Request  string
	Before   string // file of the input
	After    string // file of the result; empty when none was saved
	State    string // how it ended
	Good     bool   // it is done
	Toolpath string
	Reason   string // why it is not done
	Quality  float64
	Seconds  float64
	USD      float64
}

// Name is the picture's file name.
func (c *Card) Name() string { return filepath.Base(c.Before) }

// Told is how the edit ended and what it took, in words. What has no result has no quality.
func (c *Card) Told() string {
	text := c.State
	if c.After != "" {
		text += fmt.Sprintf(", quality %.2f", c.Quality)
	}
	text += fmt.Sprintf(", %.2f s", c.Seconds)
	if c.USD > 0 {
		text += fmt.Sprintf(", $%.4g", c.USD)
	}
	return text
}

// The contact sheet's layout in pixels, and what it holds at most.
const (
	thumb       = 220 // longest side of a thumbnail
	cardsPerRow = 3   // of the PNG
	maxCards    = 240 // of the PNG: those of the lowest quality
)

// sorted are the cards with those on top that need a look: what is not done, then the lowest quality.
func sorted(cards []Card) []Card {
	cards = slices.Clone(cards)
	good := func(c Card) int {
		if c.Good {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(cards, func(a, b Card) int { return cmp.Or(good(a)-good(b), cmp.Compare(a.Quality, b.Quality)) })
	return cards
}

// thumbs are the pictures of a card, small; nil for one that is not there or cannot be read.
type thumbs struct{ before, after *pixel.Image }

// eachThumb calls f for every card in order with its thumbnails, which are made ahead on all cores.
func eachThumb(ctx context.Context, cards []Card, f func(*Card, thumbs) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	made := make([]chan thumbs, len(cards))
	for i := range made {
		made[i] = make(chan thumbs, 1)
	}
	ahead := make(chan struct{}, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	defer workers.Wait()
	workers.Go(func() {
		for i := range cards {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			workers.Go(func() { made[i] <- thumbs{small(ctx, cards[i].Before), small(ctx, cards[i].After)} })
		}
	})
	for i := range cards {
		select {
		case t := <-made[i]:
			if err := f(&cards[i], t); err != nil {
				return err
			}
			<-ahead
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// small is a picture no larger than a thumbnail, nil where it cannot be read.
func small(ctx context.Context, path string) *pixel.Image {
	if path == "" {
		return nil
	}
	m, _, err := imageio.Load(ctx, path, imageio.Limits{})
	if err != nil {
		return nil
	}
	scale := min(1, float64(thumb)/float64(max(m.W, m.H)))
	if m, err = pixel.ResizeContext(ctx, m, max(1, int(float64(m.W)*scale)), max(1, int(float64(m.H)*scale)), pixel.Box); err != nil {
		return nil
	}
	return m
}

var contactPage = template.Must(template.New("contact.tmpl").ParseFS(templates, "contact.tmpl"))

// shownCard is a card as the page has it.
type shownCard struct {
	*Card
	BeforeURL, AfterURL template.URL
}

// ContactHTML writes a contact sheet as one page that needs no other file and no network.
func ContactHTML(ctx context.Context, w io.Writer, title string, cards []Card) error {
	cards = sorted(cards)
	good := 0
	for i := range cards {
		if cards[i].Good {
			good++
		}
	}
	if err := contactPage.ExecuteTemplate(w, "head", map[string]any{"Title": title, "All": len(cards), "Good": good}); err != nil {
		return err
	}
	err := eachThumb(ctx, cards, func(c *Card, t thumbs) error {
		before, err := dataURL(ctx, t.before)
		if err != nil {
			return err
		}
		after, err := dataURL(ctx, t.after)
		if err != nil {
			return err
		}
		return contactPage.ExecuteTemplate(w, "card", shownCard{c, before, after})
	})
	if err != nil {
		return err
	}
	return contactPage.ExecuteTemplate(w, "tail", nil)
}

// dataURL is a thumbnail inside the page: JPEG, or PNG where it is see-through.
func dataURL(ctx context.Context, m *pixel.Image) (template.URL, error) {
	if m == nil {
		return "", nil
	}
	format, mime := imageio.JPEG, "image/jpeg"
	if m.HasAlpha {
		format, mime = imageio.PNG, "image/png"
	}
	var b bytes.Buffer
	if err := imageio.EncodeContext(ctx, &b, m, format, imageio.Options{Quality: jpegQuality(format)}); err != nil {
		return "", err
	}
	return template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil //nolint:gosec // of our own making
}

func jpegQuality(f imageio.Format) int {
	if f == imageio.JPEG {
		return 80
	}
	return 0
}

// ContactSheet draws a contact sheet as a picture: at most maxCards, those of the lowest quality.
func ContactSheet(ctx context.Context, title string, cards []Card) (*pixel.Image, error) {
	cards = sorted(cards)
	left := len(cards) - maxCards
	if left > 0 {
		cards = cards[:maxCards]
		title = fmt.Sprintf("%s (the first %d of %d, lowest quality first)", title, maxCards, maxCards+left)
	}
	const width, height = 2*thumb + 3*margin, thumb + 4*line + 2*margin
	lines := (len(cards) + cardsPerRow - 1) / cardsPerRow
	sheet := image.NewNRGBA(image.Rect(0, 0, cardsPerRow*width, 2*line+lines*height))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	if err := write(sheet, margin, line, cardsPerRow*width-2*margin, title); err != nil {
		return nil, err
	}
	n := 0
	err := eachThumb(ctx, cards, func(c *Card, t thumbs) error {
		x, y := n%cardsPerRow*width+margin, 2*line+n/cardsPerRow*height
		n++
		for i, text := range c.lines() {
			if err := write(sheet, x, y+(i+1)*line-5, width-2*margin, text); err != nil {
				return err
			}
		}
		for i, m := range []*pixel.Image{t.before, t.after} {
			if m != nil {
				put(sheet, x+i*(thumb+margin), y+4*line, m)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pixel.FromNRGBA(sheet, false), nil
}

// lines are what stands above the thumbnails of a card.
func (c *Card) lines() []string {
	how := c.Toolpath
	if c.Reason != "" {
		how, _, _ = strings.Cut(c.Reason, "\n")
	}
	return []string{fmt.Sprintf("%d. %s", c.Number, c.Name()), c.Request, c.Told(), how}
}
