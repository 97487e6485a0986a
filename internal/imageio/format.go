package imageio

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"pentimento/internal/edit"
)

// Format is a picture file format.
type Format string

// The formats that Decode reads; Encode writes those that are Writable.
const (
	PNG  Format = "png"
	JPEG Format = "jpeg"
	GIF  Format = "gif"
	WebP Format = "webp"
	BMP  Format = "bmp"
	TIFF Format = "tiff"
)

var extensions = map[string]Format{
	".png": PNG, ".apng": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".jpe": JPEG, ".jfif": JPEG,
	".gif": GIF, ".webp": WebP, ".bmp": BMP, ".dib": BMP, ".tif": TIFF, ".tiff": TIFF,
}

const readable = "PNG, JPEG, GIF, WebP, BMP or TIFF"

// Title is the format as people write it.
func (f Format) Title() string {
	if f == WebP {
		return "WebP"
	}
	return strings.ToUpper(string(f))
}

// Writable reports whether Encode can write the format.
func (f Format) Writable() bool { return f == PNG || f == JPEG || f == WebP || f == TIFF }

// writable are the extensions to offer.
const writable = ".png, .jpg, .webp or .tiff"

// FormatForPath returns the format that a file of this name is written in. An
// unknown extension, or one that can only be read, is an edit.UserError.
func FormatForPath(path string) (Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	f, known := extensions[ext]
	switch {
	case ext == "":
		return "", &edit.UserError{Msg: path + ": the name has no extension that says which format to write", Hint: "name it " + writable}
	case !known:
		return "", &edit.UserError{Msg: path + ": " + ext + " is no format this program writes", Hint: "name it " + writable}
	case !f.Writable():
		return "", &edit.UserError{Msg: path + ": " + f.Title() + " can be read but not written", Hint: "name it " + writable}
	}
	return f, nil
}

// magic lists the first bytes of formats; those without a Format are only
// known in order to say what a refused file is.
var magic = []struct {
	at     int
	prefix string
	format Format
	title  string
}{
	{0, "\x89PNG\r\n\x1a\n", PNG, ""},
	{0, "\xff\xd8\xff", JPEG, ""},
	{0, "GIF87a", GIF, ""},
	{0, "GIF89a", GIF, ""},
	{8, "WEBP", WebP, ""},
	{0, "BM", BMP, ""},
	{0, "II*\x00", TIFF, ""},
	{0, "MM\x00*", TIFF, ""},
	{0, "II+\x00", "", "a BigTIFF file"},
	{0, "MM\x00+", "", "a BigTIFF file"},
	{4, "ftypavif", "", "an AVIF picture"},
	{4, "ftypavis", "", "an AVIF picture"},
	{4, "ftypheic", "", "a HEIC picture"},
	{4, "ftypheix", "", "a HEIC picture"},
	{4, "ftypmif1", "", "a HEIF picture"},
	{4, "ftyp", "", "a video"},
	{0, "\xff\x0a", "", "a JPEG XL picture"},
	{4, "JXL ", "", "a JPEG XL picture"},
	{4, "jP  ", "", "a JPEG 2000 picture"},
	{0, "8BPS", "", "a Photoshop file"},
	{0, "gimp xcf", "", "a GIMP file"},
	{0, "%PDF", "", "a PDF document"},
	{0, "PK\x03\x04", "", "a ZIP archive"},
	{0, "\x1f\x8b", "", "a gzip archive"},
	{0, "\x00\x00\x01\x00", "", "a Windows icon"},
	{0, "\x7fELF", "", "a program"},
}

// sniff tells the format from the content, or says what the content is instead.
func sniff(data []byte) (Format, string) {
	for _, m := range magic {
		if len(data) >= m.at && bytes.HasPrefix(data[m.at:], []byte(m.prefix)) {
			return m.format, m.title
		}
	}
	head := data[:min(len(data), 1024)]
	for i := 0; i < 3 && len(data) > 1024 && !utf8.Valid(head); i++ {
		head = head[:len(head)-1] // a rune may be cut at the end
	}
	switch {
	case len(data) == 0:
		return "", "an empty file"
	case utf8.Valid(head) && bytes.Contains(head, []byte("<svg")):
		return "", "an SVG drawing"
	case utf8.Valid(head) && !slices.ContainsFunc(head, func(b byte) bool { return b < 9 }):
		return "", "a text file"
	}
	return "", "a file of unknown format"
}

// unreadable refuses content of another kind and says what would do. AVIF and HEIC are
// pictures that a camera may well have made, so the way out of them is named.
func unreadable(title string) error {
	hint := "give a " + readable + " picture"
	for _, kind := range []string{"AVIF", "HEIC", "HEIF"} {
		if strings.Contains(title, kind) {
			hint = "save it as JPEG or PNG first; phones call that \"most compatible\""
		}
	}
	return &edit.UserError{Msg: "is " + title + ", which cannot be read", Hint: hint}
}
