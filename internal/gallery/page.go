package gallery

import (
	"embed"
	"html/template"
	"io"
	"path/filepath"
)

//go:embed page.tmpl contact.tmpl
var templates embed.FS

var page = template.Must(template.New("page.tmpl").Funcs(template.FuncMap{
	"base": filepath.Base,
}).ParseFS(templates, "page.tmpl"))

// WritePage writes the HTML page. It refers to the pictures by file name: Before
// of each result is expected beside the page under the name that Layout gave it.
func WritePage(w io.Writer, title string, results []Shown) error {
	return page.Execute(w, struct {
		Title   string
		Results []Shown
	}{title, results})
}
