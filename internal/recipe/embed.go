package recipe

import (
	"strings"

	"pentimento/internal/xmp"
)

// Source is how a picture came to be: a term of the IPTC vocabulary
// http://cv.iptc.org/newscodes/digitalsourcetype/.
type Source string

// The terms that this program gives.
const (
	// Trained: a generative model or any other trained one made pixels of it
	// ("composite with trained algorithmic media", by inpainting and the like).
	Trained Source = "compositeWithTrainedAlgorithmicMedia"
	// Composite: another picture was put in, of which it is not known how it came to be.
	Composite Source = "composite"
	// Human: a person had a part of it changed, with tools that no model made.
	Human Source = "humanEdits"
	// Enhanced: the whole was corrected by algorithm.
	Enhanced Source = "algorithmicallyEnhanced"
)

const (
	vocabulary  = "http://cv.iptc.org/newscodes/digitalsourcetype/"
	nsIPTC      = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	sourceField = "DigitalSourceType"
)

// weight orders the terms: the weightier of two is the one a reader must be told.
// Where a picture was wholly made by a model, or is no photograph to begin with,
// that stays what is said of it.
func (s Source) weight() int {
	switch s {
	case "", "digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print", "minorHumanEdits", "softwareImage":
		return 0
	case Enhanced:
		return 1
	case Human:
		return 2
	case "compositeCapture":
		return 4
	case Composite:
		return 5
	case "compositeSynthetic":
		return 6
	case Trained:
		return 7
	case "trainedAlgorithmicMedia":
		return 8
	}
	return 3
}

// Heavier returns the term of two that a reader must be told.
func (s Source) Heavier(o Source) Source {
	if o.weight() > s.weight() {
		return o
	}
	return s
}

// SourceOf reads how a packet says that its picture came to be; "" when it does not.
func SourceOf(packet []byte) Source {
	d, err := xmp.Parse(packet)
	if err != nil {
		return ""
	}
	return sourceOf(d)
}

func sourceOf(d *xmp.Doc) Source {
	v, _ := d.Get(nsIPTC, sourceField)
	return Source(strings.TrimPrefix(strings.TrimSpace(v), vocabulary))
}

// Embed puts a recipe and the source of its last turn into an XMP packet, beside all that
// the packet says already; an empty or damaged one is begun anew. A packet of more
// than limit bytes loses the oldest turns, as many as are returned; it is nil
// when not even the last turn fits.
func Embed(packet []byte, r Recipe, source Source, limit int) (out []byte, dropped int, err error) {
	for {
		d, perr := xmp.Parse(packet)
		if perr != nil {
			d = xmp.New()
		}
		text, err := r.text()
		if err != nil {
			return nil, 0, err
		}
		d.Remove(Namespace, "*")
		d.Set(xmp.Property{Space: nsIPTC, Prefix: "Iptc4xmpExt", Name: sourceField, Value: vocabulary + string(source.Heavier(sourceOf(d)))})
		// In a description of its own, so that no trace of it stays when it is taken out.
		d.Set(xmp.Property{Space: Namespace, Prefix: prefix, Name: property, Value: text})
		if out = d.Bytes(); len(out) <= limit && len(text) <= maxJSON {
			return out, dropped, nil
		}
		if len(r.Turns) <= 1 {
			return nil, dropped, nil
		}
		r.drop(1)
		dropped++
	}
}

// Strip takes the recipe out of a packet, and a source that the last edit made
// untrue. A packet that then says nothing is nil.
func Strip(packet []byte, source Source) []byte {
	d, err := xmp.Parse(packet)
	if err != nil {
		return nil
	}
	d.Remove(Namespace, "*")
	if _, told := d.Get(nsIPTC, sourceField); told && source.Heavier(sourceOf(d)) != sourceOf(d) {
		d.Remove(nsIPTC, sourceField)
	}
	if d.Empty() {
		return nil
	}
	return d.Bytes()
}
