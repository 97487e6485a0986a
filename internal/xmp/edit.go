package xmp

import (
	"slices"
	"strconv"
)

// Property is a simple property: one text.
type Property struct {
	Space  string // namespace
	Prefix string // the usual prefix of the namespace
	Name   string
	Value  string
}

// Get returns a simple property of that namespace and name, and whether there is one.
func (d *Doc) Get(space, name string) (string, bool) {
	for _, desc := range d.descriptions() {
		for _, a := range desc.attrs {
			if a.space == space && a.local == name {
				return a.value, true
			}
		}
		for _, c := range desc.children {
			if c.space == space && c.local == name && len(c.children) == 0 {
				return string(c.text), true
			}
		}
	}
	return "", false
}

// Set puts properties in place of those of the same names, in a description of their own.
func (d *Doc) Set(properties ...Property) {
	for _, p := range properties {
		d.Remove(p.Space, p.Name)
	}
	rdf := d.rdf.prefix
	about := ""
	if all := d.descriptions(); len(all) > 0 { // all descriptions of a packet are about the same
		for _, a := range all[0].attrs {
			if a.space == nsRDF && a.local == "about" {
				about = a.value
			}
		}
	}
	desc := &element{prefix: rdf, local: "Description", space: nsRDF}
	if rdf != "" {
		desc.attrs = append(desc.attrs, attr{prefix: rdf, local: "about", space: nsRDF, value: about})
	}
	declared := make(map[string]bool)
	for _, p := range properties {
		if !declared[p.Prefix] {
			declared[p.Prefix] = true
			desc.attrs = append(desc.attrs, attr{prefix: "xmlns", local: p.Prefix, value: p.Space})
		}
		desc.children = append(desc.children, &element{prefix: p.Prefix, local: p.Name, space: p.Space, text: []byte(p.Value)})
	}
	d.rdf.children = append(d.rdf.children, desc)
}

// Remove takes a property out, whatever its form, and reports whether it was
// there. The name "*" means all of the namespace. A description left empty goes too.
func (d *Doc) Remove(space, name string) bool {
	match := func(s, n string) bool { return s == space && (name == "*" || n == name) }
	found := false
	for _, desc := range d.descriptions() {
		before := len(desc.attrs) + len(desc.children)
		desc.attrs = slices.DeleteFunc(desc.attrs, func(a attr) bool { return a.prefix != "xmlns" && match(a.space, a.local) })
		desc.children = slices.DeleteFunc(desc.children, func(c *element) bool { return match(c.space, c.local) })
		if before == len(desc.attrs)+len(desc.children) {
			continue
		}
		found = true
		if len(desc.children) == 0 { // else its text would be the white space between them
			desc.text = nil
		}
		if desc.empty() {
			d.rdf.children = slices.DeleteFunc(d.rdf.children, func(c *element) bool { return c == desc })
		}
	}
	return found
}

// Empty reports whether the packet says nothing.
func (d *Doc) Empty() bool { return len(d.rdf.children) == 0 }

func (e *element) empty() bool {
	return len(e.children) == 0 && !slices.ContainsFunc(e.attrs, func(a attr) bool {
		return a.prefix != "xmlns" && (a.space != nsRDF || a.local != "about")
	})
}

func (d *Doc) descriptions() []*element {
	var all []*element
	for _, c := range d.rdf.children {
		if c.space == nsRDF && c.local == "Description" {
			all = append(all, c)
		}
	}
	return all
}

// replace gives a simple property another value where there is one.
func (d *Doc) replace(space, name, value string) {
	for _, desc := range d.descriptions() {
		for i, a := range desc.attrs {
			if a.space == space && a.local == name {
				desc.attrs[i].value = value
			}
		}
		for _, c := range desc.children {
			if c.space == space && c.local == name && len(c.children) == 0 {
				c.text = []byte(value)
			}
		}
	}
}

const (
	nsTIFF = "http://ns.adobe.com/tiff/1.0/"
	nsEXIF = "http://ns.adobe.com/exif/1.0/"
)

// untrue are properties that an edited file must not keep: pictures and
// recordings of the moment before the edit, and pointers to parts of the file
// that are not written again.
var untrue = []struct{ space, name string }{
	{"http://ns.adobe.com/xap/1.0/", "Thumbnails"},
	{"http://ns.adobe.com/xmp/note/", "HasExtendedXMP"},
	{"http://ns.adobe.com/photoshop/1.0/", "LegacyIPTCDigest"},
	{"http://ns.adobe.com/hdr-gain-map/1.0/", "*"},
	{"http://ns.google.com/photos/1.0/container/", "*"},
	{"http://ns.google.com/photos/1.0/depthmap/", "*"},
	{"http://ns.google.com/photos/1.0/image/", "*"},
	{"http://ns.google.com/photos/1.0/audio/", "*"},
	{"http://ns.google.com/photos/1.0/camera/", "MotionPhoto"},
	{"http://ns.google.com/photos/1.0/camera/", "MotionPhotoVersion"},
	{"http://ns.google.com/photos/1.0/camera/", "MotionPhotoPresentationTimestampUs"},
	{"http://ns.google.com/photos/1.0/camera/", "MicroVideo"},
	{"http://ns.google.com/photos/1.0/camera/", "MicroVideoVersion"},
	{"http://ns.google.com/photos/1.0/camera/", "MicroVideoOffset"},
	{"http://ns.google.com/photos/1.0/camera/", "MicroVideoPresentationTimestampUs"},
}

// Settle puts right what the packet says of a picture that is written anew:
// upright, w×h pixels, without the thumbnail, gain map, depth map or film that
// came with the original.
func (d *Doc) Settle(w, h int) {
	d.replace(nsTIFF, "Orientation", "1")
	for _, p := range []struct {
		space, name string
		v           int
	}{{nsTIFF, "ImageWidth", w}, {nsTIFF, "ImageLength", h}, {nsEXIF, "PixelXDimension", w}, {nsEXIF, "PixelYDimension", h}} {
		d.replace(p.space, p.name, strconv.Itoa(p.v))
	}
	for _, u := range untrue {
		d.Remove(u.space, u.name)
	}
}
