package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/artifact"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// layout says what the chunks of a turn are, in this order: the tiles of the
// 8-bit samples, those of the stored samples and their head where there are
// any, the thumbnail, and the mask where there is one.
type layout struct {
	W     int  `json:"w"`
	H     int  `json:"h"`
	Alpha bool `json:"alpha,omitempty"`
	Deep  bool `json:"deep,omitempty"`
	Mask  bool `json:"mask,omitempty"`
}

func (l layout) tiles() int { return gridOf(l.W, l.H).count() }

// thumb is the place of the thumbnail.
func (l layout) thumb() int {
	if l.Deep {
		return 2*l.tiles() + 1
	}
	return l.tiles()
}

func (l layout) count() int {
	if l.Mask {
		return l.thumb() + 2
	}
	return l.thumb() + 1
}

// maxPixels bounds a picture in a session; imageio reads none larger.
const maxPixels = 100_000_000

func (l layout) check() error {
	if l.W < 1 || l.H < 1 || l.W > maxPixels || l.H > maxPixels || l.W*l.H > maxPixels {
		return fmt.Errorf("a picture of %d×%d pixels is none that a session keeps", l.W, l.H)
	}
	return nil
}

// part makes what one chunk holds, in buf where it fits.
type part func(buf []byte) []byte

// parts lists what a turn is stored as.
func parts(r Result) (layout, []part, error) {
	m := r.Image
	l := layout{W: m.W, H: m.H, Alpha: m.HasAlpha, Deep: m.Deep != nil, Mask: r.Mask != nil}
	if err := l.check(); err != nil {
		return l, nil, err
	}
	g := gridOf(m.W, m.H)
	list := make([]part, 0, l.count())
	for i := range g.count() {
		list = append(list, func(buf []byte) []byte { return g.raw8(buf, m.Pix, i) })
	}
	if l.Deep {
		for i := range g.count() {
			list = append(list, func(buf []byte) []byte { return g.raw16(buf, m.Deep.Pix, i) })
		}
		head, err := artifact.Encode(&pixel.Image{W: 1, H: 1, Pix: make([]uint8, 4), Deep: &pixel.Deep{Pix: make([]uint16, 4), Bits: m.Deep.Bits, Space: m.Deep.Space}})
		if err != nil {
			return l, nil, err
		}
		list = append(list, constant(head))
	}
	thumb := small(thumbnail(m))
	list = append(list, func(buf []byte) []byte { return append(buf, thumb...) })
	if l.Mask {
		b, err := artifact.Encode(r.Mask)
		if err != nil {
			return l, nil, err
		}
		list = append(list, constant(b))
	}
	return l, list, nil
}

func constant(b []byte) part {
	return func(buf []byte) []byte { return append(append(buf, kindBytes), b...) }
}

// pack finds which of the parts are not stored yet and packs those.
func (s *Sessions) pack(ctx context.Context, list []part) (store.Pieces, error) {
	p := store.Pieces{All: make([]store.ChunkHash, len(list))}
	pixel.Rows(len(list), func(from, to int) {
		var buf []byte
		for i := from; i < to && ctx.Err() == nil; i++ {
			buf = list[i](buf[:0])
			p.All[i] = hashOf(buf)
		}
	})
	if err := ctx.Err(); err != nil {
		return p, err
	}
	known, err := s.store.KnownChunks(ctx, p.All)
	if err != nil {
		return p, err
	}
	var missing []int
	for i, h := range p.All {
		if !known[h] {
			known[h] = true // once
			missing = append(missing, i)
		}
	}
	p.New = make([]store.Chunk, len(missing))
	pixel.Rows(len(missing), func(from, to int) {
		var buf []byte
		for n := from; n < to && ctx.Err() == nil; n++ {
			buf = list[missing[n]](buf[:0])
			p.New[n] = store.Chunk{Hash: p.All[missing[n]], Data: compress(buf)}
		}
	})
	return p, ctx.Err()
}

// room refuses what would take the sessions beyond their bound.
func (s *Sessions) room(ctx context.Context, pieces ...store.Pieces) error {
	need := int64(0)
	for _, p := range pieces {
		for _, c := range p.New {
			need += int64(len(c.Data))
		}
	}
	used, err := s.store.PacksSize(ctx)
	if err == nil && need > 0 && used+need > s.max {
		err = &FullError{used, need, s.max}
	}
	return err
}

// put packs a result and hands it to store, again where something of it was freed in between.
func (s *Sessions) put(ctx context.Context, r Result, store func(l layout, state, masks store.Pieces, regions json.RawMessage) error) error {
	l, list, err := parts(r)
	if err != nil {
		return err
	}
	return s.retry(func() error {
		state, err := s.pack(ctx, list)
		if err != nil {
			return err
		}
		masks, regions, err := s.packRegions(ctx, r.Regions, l)
		if err != nil {
			return err
		}
		if err := s.room(ctx, state, masks); err != nil {
			return err
		}
		return store(l, state, masks, regions)
	})
}

func (s *Sessions) retry(f func() error) (err error) {
	for range 5 {
		if err = f(); !errors.Is(err, store.ErrChunkGone) {
			return err
		}
	}
	return err
}

// Commit stores a finished turn after parent and makes it the head. When it
// returns, the turn outlives the process; when it fails, nothing has changed.
// A *FullError says that the sessions take all they may. Of t the plan, the
// request, the summary, the recipe and Copied are kept; the rest is settled here.
func (s *Session) Commit(ctx context.Context, parent TurnID, t Turn, r Result) (TurnID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	up, err := s.changeable(parent)
	switch {
	case err != nil:
		return 0, err
	case r.Image == nil:
		return 0, errors.New("a turn without a picture")
	}
	if err := up.read(); err != nil {
		return 0, s.damaged(fmt.Sprintf("turn %d", parent), err)
	}
	if r.Regions == nil {
		if r.Regions, err = s.inherited(ctx, up, r.Image); err != nil {
			return 0, err
		}
	}
	branch := s.onwards(parent)
	t.ID, t.Parent, t.Name, t.Review = 0, parent, "", Review{}
	t.Time, t.W, t.H = s.in.now(), r.Image.W, r.Image.H
	var row store.TurnRow
	var number int
	err = s.in.put(ctx, r, func(l layout, state, masks store.Pieces, regions json.RawMessage) (err error) {
		if row, err = turnRow(t, l, regions); err != nil {
			return err
		}
		number, err = s.in.store.AddTurn(ctx, s.row.ID, row, state, masks, branch)
		return err
	})
	if err != nil {
		return 0, err
	}
	row.Number = number
	id := TurnID(number)
	s.turns[id] = &node{id: id, parent: parent, row: row}
	up.children = append(up.children, id)
	s.putBranch(branch, id)
	s.row.Pointers, s.row.Used = store.Pointers{Head: number, Branch: branch}, t.Time
	return id, nil
}

// onwards is the branch that a turn after parent lies on: one whose tip parent
// is, the current one first, else a new one.
func (s *Session) onwards(parent TurnID) string {
	if i := s.branch(s.row.Branch); s.branches[i].Tip == parent {
		return s.branches[i].Name
	}
	for _, b := range s.branches {
		if b.Tip == parent {
			return b.Name
		}
	}
	for n := 2; ; n++ {
		name := fmt.Sprintf("branch-%d", n)
		if s.free(name) == nil {
			return name
		}
	}
}

// inherited are the parent's regions, where the picture has its size still.
func (s *Session) inherited(ctx context.Context, up *node, m *pixel.Image) ([]Region, error) {
	if up.layout.W != m.W || up.layout.H != m.H {
		return nil, nil
	}
	return s.readMasks(ctx, up)
}

// regionRecord is a Region as it is stored.
type regionRecord struct {
	Region
	Mask bool `json:"mask,omitempty"`
}

func readRegions(text json.RawMessage) ([]Region, []bool, error) {
	var recs []regionRecord
	if err := json.Unmarshal(text, &recs); err != nil {
		return nil, nil, err
	}
	regions, masked := make([]Region, len(recs)), make([]bool, len(recs))
	for i, r := range recs {
		regions[i], masked[i] = r.Region, r.Mask
	}
	return regions, masked, nil
}

// maxRegions bounds the numbered objects of a picture.
const maxRegions = 1000

// packRegions checks the regions of a picture and packs their masks.
func (s *Sessions) packRegions(ctx context.Context, regions []Region, l layout) (store.Pieces, json.RawMessage, error) {
	if len(regions) > maxRegions {
		return store.Pieces{}, nil, edit.Userf("%d regions are numbered; a picture has %d at most", len(regions), maxRegions)
	}
	recs := make([]regionRecord, len(regions))
	var list []part
	seen := make(map[int]bool)
	for i, r := range regions {
		if r.Number < 1 || seen[r.Number] {
			return store.Pieces{}, nil, edit.Userf("region numbers begin at 1 and come once; %d does not", r.Number)
		}
		seen[r.Number] = true
		recs[i] = regionRecord{Region: r, Mask: r.Mask != nil}
		if r.Mask == nil {
			continue
		}
		if r.Mask.W != l.W || r.Mask.H != l.H {
			return store.Pieces{}, nil, fmt.Errorf("the mask of region %d is %d×%d, the picture %d×%d", r.Number, r.Mask.W, r.Mask.H, l.W, l.H)
		}
		b, err := artifact.Encode(r.Mask)
		if err != nil {
			return store.Pieces{}, nil, err
		}
		list = append(list, constant(b))
	}
	text, err := json.Marshal(recs)
	if err != nil {
		return store.Pieces{}, nil, err
	}
	p, err := s.pack(ctx, list)
	return p, text, err
}

// SetRegions numbers the objects of a turn's picture anew.
func (s *Session) SetRegions(ctx context.Context, id TurnID, regions []Region) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.changeable(id)
	if err != nil {
		return err
	}
	if err := n.read(); err != nil {
		return s.damaged(fmt.Sprintf("turn %d", id), err)
	}
	err = s.in.retry(func() error {
		masks, text, err := s.in.packRegions(ctx, regions, n.layout)
		if err != nil {
			return err
		}
		if err := s.in.room(ctx, masks); err != nil {
			return err
		}
		return s.in.store.SetRegions(ctx, s.row.ID, int(id), text, masks)
	})
	if err != nil {
		return err
	}
	n.regions, n.masked = slices.Clone(regions), make([]bool, len(regions))
	for i := range n.regions {
		n.masked[i], n.regions[i].Mask = n.regions[i].Mask != nil, nil
	}
	return nil
}

// Sanitized is text of a turn for a terminal: without control characters, on one line.
func Sanitized(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}
