package subroutines

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// unnamed is the source of files that name none.
const unnamed = "unnamed"

// Merged is what an import did with one subroutine of a file.
type Merged struct {
	ID     string `json:"id"`     // here
	Theirs string `json:"theirs"` // in the file
	Result string `json:"result"` // added, evidence, unchanged or other-tools
}

// The results of a merge.
const (
	MergedNew       = "added"       // as a candidate
	MergedEvidence  = "evidence"    // the same rule was here; its evidence grew
	MergedUnchanged = "unchanged"   // nothing that was not here already
	MergedOther     = "other-tools" // the same rule was here, but theirs was measured with other tool docs
)

// Merge joins a file into a table, all of which is have, and returns what
// changed. own is the table's name among sources. A subroutine that is not here
// (by Key) starts as a candidate, whatever it was there; one that is here keeps
// its state. Others' evidence is kept whole by its source, so that merging the same twice, or in
// another order, or one's own evidence back, counts it once.
func Merge(have []*Subroutine, f *File, own string, at time.Time) (changed []*Subroutine, report []Merged) {
	byKey, ids := make(map[string]*Subroutine, len(have)), make(map[string]bool, len(have))
	for _, s := range have {
		byKey[s.Key()], ids[s.ID] = s, true
	}
	source := cmp.Or(f.Source, unnamed)
	for _, theirs := range f.Subroutines {
		key := theirs.Key()
		here := byKey[key]
		var s *Subroutine
		result := MergedEvidence
		switch {
		case here == nil:
			result, s = MergedNew, adopt(theirs, ids, source, at)
			ids[s.ID] = true
		case otherTools(here, theirs):
			report = append(report, Merged{here.ID, theirs.ID, MergedOther})
			continue
		default:
			s = here.clone()
		}
		s.Others = gathered(s.Others, theirs, source, own)
		if here != nil && reflect.DeepEqual(s.Others, here.Others) {
			report = append(report, Merged{here.ID, theirs.ID, MergedUnchanged})
			continue
		}
		changed = slices.DeleteFunc(changed, func(c *Subroutine) bool { return c.ID == s.ID })
		changed = append(changed, s)
		byKey[key] = s
		report = append(report, Merged{s.ID, theirs.ID, result})
	}
	return changed, report
}

// adopt makes a candidate of another table's subroutine, without its evidence.
func adopt(theirs *Subroutine, ids map[string]bool, source string, at time.Time) *Subroutine {
	s := theirs.clone()
	s.freeID(ids)
	s.State, s.Version, s.Cause, s.Watch, s.Trials, s.Others, s.History = "", 1, "", Watch{}, Trials{}, nil, nil
	s.SetOwn(Evidence{})
	// Another table's traces, folds of pictures and ids say nothing here, nor does what its trial came to.
	s.Provenance.Traces, s.Provenance.Folds, s.Provenance.Verification, s.Coverer = nil, nil, "", ""
	s.begin()
	s.move(Candidate, "", fmt.Sprintf("imported from %s, where it was %s %s", source, theirs.ID, theirs.State), at)
	return s
}

// freeID gives s an id of its own where it has none or another has it.
func (s *Subroutine) freeID(taken map[string]bool) {
	for n := 0; s.ID == "" || taken[s.ID]; n++ {
		if s.ID = s.NewID(); n > 0 {
			s.ID += "-" + strconv.Itoa(n)
		}
	}
}

// otherTools reports whether the two were measured with different docs of a tool.
func otherTools(a, b *Subroutine) bool {
	for tool, digest := range a.Docs {
		if other, ok := b.Docs[tool]; ok && other != digest {
			return true
		}
	}
	return false
}

// gathered is others with theirs. What a source says of itself replaces what
// it said before, less too: it may have found that the rule turned bad. At second hand more runs are taken as later.
func gathered(others map[string]Evidence, theirs *Subroutine, source, own string) map[string]Evidence {
	out := maps.Clone(others)
	if out == nil {
		out = make(map[string]Evidence)
	}
	for from, e := range theirs.Others {
		if from != source && e.runs() > out[from].runs() {
			out[from] = e
		}
	}
	if out[source] = theirs.Own(); out[source].runs() == 0 {
		delete(out, source)
	}
	delete(out, own)
	if len(out) == 0 {
		return nil
	}
	return out
}

func (e Evidence) runs() float64 { return e.Cost.N + e.Failing.N + e.Pass.N() + e.Quality.N }

// Import merges a file into the table; random names the table where it has no name yet.
func (t *Table) Import(ctx context.Context, f *File, random io.Reader, at time.Time) ([]Merged, error) {
	own, err := t.Source(ctx, random)
	if err != nil {
		return nil, err
	}
	var report []Merged
	_, err = t.changeAll(ctx, func(all []*Subroutine) (changed []*Subroutine, err error) {
		changed, report = Merge(all, f, own, at)
		return changed, nil
	})
	return report, err
}

// Export is the table, or what the filter lets through, as a file.
func (t *Table) Export(ctx context.Context, f Filter, random io.Reader) (*File, error) {
	own, err := t.Source(ctx, random)
	if err != nil {
		return nil, err
	}
	all, err := t.List(ctx, f)
	return &File{Version: FileVersion, Source: own, Subroutines: all}, err
}
