package session

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"pentimento/internal/artifact"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// look finds a turn and reads its record.
func (s *Session) look(id TurnID) (*node, error) {
	n := s.turns[id]
	if n == nil {
		return nil, s.noTurn(id)
	}
	if err := n.read(); err != nil {
		return nil, s.damaged(fmt.Sprintf("turn %d", id), err)
	}
	if err := n.layout.check(); err != nil {
		return nil, s.damaged(fmt.Sprintf("turn %d", id), err)
	}
	return n, nil
}

// State is the picture after a turn, exactly as it was committed.
func (s *Session) State(ctx context.Context, id TurnID) (*pixel.Image, error) {
	s.mu.Lock()
	n, err := s.look(id)
	s.mu.Unlock() // reading takes long, and what is stored does not change
	if err != nil {
		return nil, err
	}
	l := n.layout
	chunks, err := s.in.store.StateChunks(ctx, s.row.ID, int(id), 0, l.thumb())
	if err != nil {
		return nil, err
	}
	m, err := assemble(ctx, l, chunks)
	if err != nil && ctx.Err() == nil {
		err = s.damaged(fmt.Sprintf("the picture of turn %d", id), err)
	}
	return m, err
}

// assemble puts a picture together from its chunks. They may be hostile.
func assemble(ctx context.Context, l layout, chunks []store.Chunk) (*pixel.Image, error) {
	g := gridOf(l.W, l.H)
	if len(chunks) != l.thumb() {
		return nil, errChunk
	}
	m := &pixel.Image{W: l.W, H: l.H, Pix: make([]uint8, 4*l.W*l.H), HasAlpha: l.Alpha}
	if l.Deep {
		head, err := openArtifact[*pixel.Image](chunks[2*g.count()])
		if err != nil || head.Deep == nil {
			return nil, errors.Join(errChunk, err)
		}
		m.Deep = &pixel.Deep{Pix: make([]uint16, 4*l.W*l.H), Bits: head.Deep.Bits, Space: head.Deep.Space}
	}
	tiles := g.count()
	if l.Deep {
		tiles *= 2
	}
	var first error
	var once sync.Once
	pixel.Rows(tiles, func(from, to int) {
		for i := from; i < to && ctx.Err() == nil; i++ {
			raw, err := open(chunks[i])
			switch {
			case err != nil:
			case i < g.count():
				err = g.put8(m.Pix, i, raw)
			default:
				err = g.put16(m.Deep.Pix, i-g.count(), raw)
			}
			if err != nil {
				once.Do(func() { first = err })
				return
			}
		}
	})
	return m, errors.Join(first, ctx.Err())
}

// openArtifact reads an artifact of one type from a chunk.
func openArtifact[T any](c store.Chunk) (zero T, err error) {
	b, err := openBytes(c)
	if err != nil {
		return zero, err
	}
	a, err := artifact.Decode(b)
	if err != nil {
		return zero, err
	}
	t, ok := a.(T)
	if !ok {
		return zero, errChunk
	}
	return t, nil
}

// Thumbnail is a small 8-bit picture of a turn, its longer side ThumbSide pixels at most.
func (s *Session) Thumbnail(ctx context.Context, id TurnID) (*pixel.Image, error) {
	s.mu.Lock()
	n, err := s.look(id)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	chunks, err := s.in.store.StateChunks(ctx, s.row.ID, int(id), n.layout.thumb(), 1)
	if err != nil {
		return nil, err
	}
	m, err := openThumb(n.layout, chunks[0])
	if err != nil {
		return nil, s.damaged(fmt.Sprintf("the thumbnail of turn %d", id), err)
	}
	return m, nil
}

func openThumb(l layout, c store.Chunk) (*pixel.Image, error) {
	raw, err := open(c)
	if err != nil {
		return nil, err
	}
	w, h := pixel.FitWithin(l.W, l.H, ThumbSide, ThumbSide)
	m := &pixel.Image{W: w, H: h, Pix: make([]uint8, 4*w*h), HasAlpha: l.Alpha}
	return m, gridOf(w, h).put8(m.Pix, 0, raw)
}

// Mask is what a turn worked on, at the size of the picture before it; nil: nothing in particular.
func (s *Session) Mask(ctx context.Context, id TurnID) (*pixel.Mask, error) {
	s.mu.Lock()
	n, err := s.look(id)
	s.mu.Unlock()
	if err != nil || !n.layout.Mask {
		return nil, err
	}
	chunks, err := s.in.store.StateChunks(ctx, s.row.ID, int(id), n.layout.thumb()+1, 1)
	if err != nil {
		return nil, err
	}
	m, err := openArtifact[*pixel.Mask](chunks[0])
	if err != nil {
		return nil, s.damaged(fmt.Sprintf("the mask of turn %d", id), err)
	}
	return m, nil
}

// Regions are the objects numbered in a turn's picture, with their masks.
func (s *Session) Regions(ctx context.Context, id TurnID) ([]Region, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.look(id)
	if err != nil {
		return nil, err
	}
	return s.readMasks(ctx, n)
}

// readMasks lists a turn's regions with their masks.
func (s *Session) readMasks(ctx context.Context, n *node) ([]Region, error) {
	if len(n.regions) == 0 {
		return nil, nil
	}
	chunks, err := s.in.store.MaskChunks(ctx, s.row.ID, int(n.id))
	if err != nil {
		return nil, err
	}
	list := append([]Region(nil), n.regions...)
	for i := range list {
		if !n.masked[i] {
			continue
		}
		if len(chunks) == 0 {
			return nil, s.damaged(fmt.Sprintf("region %d of turn %d", list[i].Number, n.id), errChunk)
		}
		m, err := openArtifact[*pixel.Mask](chunks[0])
		if err == nil && (m.W != n.layout.W || m.H != n.layout.H) {
			err = errChunk
		}
		if err != nil {
			return nil, s.damaged(fmt.Sprintf("region %d of turn %d", list[i].Number, n.id), err)
		}
		list[i].Mask, chunks = m, chunks[1:]
	}
	return list, nil
}
