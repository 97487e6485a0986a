// Package xmp reads and changes XMP packets: the XML in which a picture says
// who made it, when, where and how. A packet is hostile until parsed: its size,
// depth and number of elements are bounded, and document types are refused.
package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxBytes bounds a packet; real ones are below 1 MiB.
const MaxBytes = 4 << 20

const (
	maxDepth    = 64
	maxElements = 50_000
)

// Namespaces that this package knows by name.
const (
	nsXML  = "http://www.w3.org/XML/1998/namespace"
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsMeta = "adobe:ns:meta/"
)

// Doc is a parsed packet. Its properties are the attributes and the child
// elements of the top-level rdf:Description elements.
type Doc struct {
	root *element // x:xmpmeta, or rdf:RDF where there is no wrapper
	rdf  *element
}

type element struct {
	prefix, local, space string
	attrs                []attr
	children             []*element
	text                 []byte // of an element without children
}

type attr struct {
	prefix, local, space string // space is resolved; empty for attributes without a prefix
	value                string
}

var errBroken = errors.New("the XMP packet is damaged")

// New is a packet that says nothing.
func New() *Doc {
	rdf := &element{prefix: "rdf", local: "RDF", space: nsRDF, attrs: []attr{{prefix: "xmlns", local: "rdf", value: nsRDF}}}
	root := &element{prefix: "x", local: "xmpmeta", space: nsMeta, attrs: []attr{{prefix: "xmlns", local: "x", value: nsMeta}}}
	root.children = []*element{rdf}
	return &Doc{root: root, rdf: rdf}
}

// Parse reads a packet. Comments and processing instructions are not kept, nor
// is the white space between elements. The error says that it is damaged or beyond the bounds.
func Parse(packet []byte) (*Doc, error) {
	packet = bytes.TrimRight(packet, "\x00")
	if len(packet) > MaxBytes {
		return nil, fmt.Errorf("%w: it is larger than %d MiB", errBroken, MaxBytes>>20)
	}
	if !utf8.Valid(packet) {
		return nil, fmt.Errorf("%w: it is not UTF-8", errBroken)
	}
	root, err := parseTree(bytes.TrimPrefix(packet, []byte("\ufeff")))
	if err != nil {
		return nil, err
	}
	d := &Doc{root: root}
	for e := range root.all() {
		if e.space == nsRDF && e.local == "RDF" {
			d.rdf = e
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w: it has no rdf:RDF", errBroken)
}

// all lists the element and what is below it, in order.
func (e *element) all() func(yield func(*element) bool) {
	return func(yield func(*element) bool) { e.walk(yield) }
}

func (e *element) walk(yield func(*element) bool) bool {
	if !yield(e) {
		return false
	}
	for _, c := range e.children {
		if !c.walk(yield) {
			return false
		}
	}
	return true
}

// parser builds the tree; scopes holds the namespace declarations in force, innermost last.
type parser struct {
	root   *element
	open   []*element
	scopes []map[string]string
	count  int
}

func parseTree(packet []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(packet))
	var p parser
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBroken, err)
		}
		if err := p.token(tok); err != nil {
			return nil, err
		}
	}
	if p.root == nil || len(p.open) > 0 {
		return nil, fmt.Errorf("%w: it ends early", errBroken)
	}
	return p.root, nil
}

func (p *parser) token(tok xml.Token) error {
	switch t := tok.(type) {
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		n := len(p.open)
		if n == 0 || p.open[n-1].prefix != t.Name.Space || p.open[n-1].local != t.Name.Local {
			return fmt.Errorf("%w: </%s> closes nothing", errBroken, t.Name.Local)
		}
		p.open, p.scopes = p.open[:n-1], p.scopes[:n-1]
	case xml.CharData:
		if n := len(p.open); n > 0 && len(p.open[n-1].children) == 0 {
			p.open[n-1].text = append(p.open[n-1].text, t...)
		}
	case xml.Directive:
		return fmt.Errorf("%w: it declares a document type", errBroken)
	}
	return nil
}

func (p *parser) start(t xml.StartElement) error {
	if p.count++; p.count > maxElements || len(p.open) >= maxDepth {
		return fmt.Errorf("%w: it has too many elements", errBroken)
	}
	scope := make(map[string]string)
	e := &element{prefix: t.Name.Space, local: t.Name.Local}
	for _, a := range t.Attr {
		e.attrs = append(e.attrs, attr{prefix: a.Name.Space, local: a.Name.Local, value: a.Value})
		switch {
		case a.Name.Space == "xmlns":
			scope[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			scope[""] = a.Value
		}
	}
	p.scopes = append(p.scopes, scope)
	var ok bool
	if e.space, ok = p.resolve(e.prefix); !ok {
		return fmt.Errorf("%w: the prefix %q is not declared", errBroken, e.prefix)
	}
	for i, a := range e.attrs {
		if a.prefix == "" || a.prefix == "xmlns" {
			continue
		}
		if e.attrs[i].space, ok = p.resolve(a.prefix); !ok {
			return fmt.Errorf("%w: the prefix %q is not declared", errBroken, a.prefix)
		}
	}
	switch n := len(p.open); {
	case n > 0:
		p.open[n-1].children = append(p.open[n-1].children, e)
	case p.root != nil:
		return fmt.Errorf("%w: it has two roots", errBroken)
	default:
		p.root = e
	}
	p.open = append(p.open, e)
	return nil
}

func (p *parser) resolve(prefix string) (string, bool) {
	if prefix == "xml" {
		return nsXML, true
	}
	for _, scope := range slices.Backward(p.scopes) {
		if space, ok := scope[prefix]; ok {
			return space, true
		}
	}
	return "", prefix == ""
}

// Bytes writes the packet with its wrapper, always in one form: parsed and
// written again it gives the same bytes.
func (d *Doc) Bytes() []byte {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n")
	d.root.write(&b, 0)
	b.WriteString("<?xpacket end=\"w\"?>")
	return []byte(b.String())
}

func (e *element) write(b *strings.Builder, depth int) {
	indent := strings.Repeat(" ", depth)
	name := e.local
	if e.prefix != "" {
		name = e.prefix + ":" + e.local
	}
	b.WriteString(indent + "<" + name)
	for _, a := range e.attrs {
		b.WriteString(" ")
		if a.prefix != "" {
			b.WriteString(a.prefix + ":")
		}
		b.WriteString(a.local + `="`)
		escape(b, a.value, true)
		b.WriteString(`"`)
	}
	switch {
	case len(e.children) > 0:
		b.WriteString(">\n")
		for _, c := range e.children {
			c.write(b, depth+1)
		}
		b.WriteString(indent + "</" + name + ">\n")
	case len(e.text) > 0:
		b.WriteString(">")
		escape(b, string(e.text), false)
		b.WriteString("</" + name + ">\n")
	default:
		b.WriteString("/>\n")
	}
}

// escape writes text so that it is read back as it was; characters that XML lacks become U+FFFD.
func escape(b *strings.Builder, s string, inAttr bool) {
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"' && inAttr:
			b.WriteString("&quot;")
		case r == '\r' || inAttr && (r == '\n' || r == '\t'):
			fmt.Fprintf(b, "&#x%X;", r)
		case r == '\n' || r == '\t', r >= 0x20 && r != 0xfffe && r != 0xffff:
			b.WriteRune(r)
		default:
			b.WriteRune(utf8.RuneError)
		}
	}
}
