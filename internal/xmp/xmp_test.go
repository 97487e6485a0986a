package xmp

import (
	"strings"
	"testing"
)

const photo = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 5.5.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <!-- a comment -->
  <rdf:Description rdf:about="uuid:1" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:note="http://ns.adobe.com/xmp/note/"
    tiff:Orientation="6" note:HasExtendedXMP="ABC">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &amp; "B" &lt;C&gt; ü</rdf:li></rdf:Alt></dc:title>
   <xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"/></rdf:Alt></xmp:Thumbnails>
   <tiff:ImageWidth>100</tiff:ImageWidth>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
   <?xpacket end="w"?>` + "\x00"

func mustParse(t *testing.T, s string) *Doc {
	t.Helper()
	d, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSettleAndSet(t *testing.T) {
	d := mustParse(t, photo)
	d.Settle(30, 40)
	p := Property{Space: "https://example.org/a/", Prefix: "a", Name: "Note", Value: "1 < 2 & \"x\"\n\tß"}
	d.Set(p)
	d.Set(p) // in place of the first
	out := string(d.Bytes())
	for _, want := range []string{`tiff:Orientation="1"`, "<tiff:ImageWidth>30<", "A &amp; \"B\" &lt;C&gt; ü", `rdf:about="uuid:1" xmlns:a=`, `xml:lang="x-default"`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	for _, gone := range []string{"Thumbnails", "HasExtendedXMP", "comment"} {
		if strings.Contains(out, gone) {
			t.Errorf("%s is still there", gone)
		}
	}
	if n := strings.Count(out, "<a:Note>"); n != 1 {
		t.Errorf("%d notes", n)
	}
	again := mustParse(t, out)
	if got, ok := again.Get(p.Space, p.Name); !ok || got != p.Value {
		t.Errorf("read back %q", got)
	}
	if string(again.Bytes()) != out {
		t.Errorf("written again it differs:\n%s", again.Bytes())
	}
	if !again.Remove(p.Space, "*") || again.Remove(p.Space, "*") {
		t.Error("removing twice")
	}
	if strings.Contains(string(again.Bytes()), "example.org") {
		t.Error("an empty description stayed")
	}
}

func TestNewIsAPacket(t *testing.T) {
	d := New()
	if !d.Empty() {
		t.Error("a new packet says something")
	}
	d.Set(Property{Space: "urn:x", Prefix: "x1", Name: "P", Value: "v"})
	if v, ok := mustParse(t, string(d.Bytes())).Get("urn:x", "P"); !ok || v != "v" {
		t.Errorf("got %q, %v", v, ok)
	}
}

func TestRefused(t *testing.T) {
	rdf := `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`
	for name, s := range map[string]string{
		"nothing":         "",
		"no RDF":          "<a/>",
		"cut":             rdf,
		"crossed":         rdf + "<a><b></a></b></rdf:RDF>",
		"undeclared":      rdf + "<q:a/></rdf:RDF>",
		"a document type": `<!DOCTYPE x [<!ENTITY a "b">]>` + rdf + "</rdf:RDF>",
		"an entity":       rdf + "<a>&a;</a></rdf:RDF>",
		"two roots":       rdf + "</rdf:RDF>" + rdf + "</rdf:RDF>",
		"not UTF-8":       rdf + "\xff</rdf:RDF>",
		"too deep":        rdf + strings.Repeat("<a>", 80) + strings.Repeat("</a>", 80) + "</rdf:RDF>",
		"too many":        rdf + strings.Repeat("<a/>", maxElements) + "</rdf:RDF>",
		"too large":       rdf + strings.Repeat(" ", MaxBytes) + "</rdf:RDF>",
	} {
		if _, err := Parse([]byte(s)); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(photo))
	f.Add(New().Bytes())
	f.Add([]byte(`<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><Description a="b"/></RDF>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		d.Settle(1, 2)
		d.Set(Property{Space: "urn:p", Prefix: "p9", Name: "N", Value: "v"})
		out := d.Bytes()
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, out)
		}
		if v, _ := again.Get("urn:p", "N"); v != "v" || string(again.Bytes()) != string(out) {
			t.Fatalf("not stable:\n%s\n%s", out, again.Bytes())
		}
	})
}
