package main

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"strings"

	"pentimento/internal/batch"
	"pentimento/internal/gallery"
	"pentimento/internal/imageio"
)

// writeSheet writes a run's contact sheet, in the form that the file's name says.
func writeSheet(ctx context.Context, path string, r *batch.Report) error {
	cards := make([]gallery.Card, len(r.Items))
	for i := range r.Items {
		cards[i] = card(&r.Items[i])
	}
	title := filepath.Base(r.Plan)
	if strings.EqualFold(filepath.Ext(path), ".png") {
		sheet, err := gallery.ContactSheet(ctx, title, cards)
		if err != nil {
			return err
		}
		return imageio.Save(ctx, path, sheet, imageio.Options{})
	}
	return imageio.WriteFile(ctx, path, func(w io.Writer) error { return gallery.ContactHTML(ctx, w, title, cards) })
}

func card(it *batch.ItemReport) gallery.Card {
	c := gallery.Card{
		Number: it.Number, Request: it.Request, Before: it.Input, After: it.Summary.Output, State: string(it.State), Good: it.State == batch.Done,
		Reason: strings.TrimPrefix(it.Error, it.Input+": "), Quality: it.Summary.Quality, Seconds: it.Summary.ToolSeconds, USD: it.Summary.USD,
	}
	var tasks, paths []string
	for _, st := range it.Summary.Subtasks {
		tasks = append(tasks, strings.TrimSpace(st.Task+" "+st.Object))
		if len(st.Toolpath) > 0 {
			paths = append(paths, strings.Join(st.Toolpath, " → "))
		}
	}
	c.Request = cmp.Or(c.Request, strings.Join(tasks, ", "))
	c.Toolpath = strings.Join(paths, "; ")
	return c
}
