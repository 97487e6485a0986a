package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/store"
)

// Report is what Verify found.
type Report struct {
	Sessions int      `json:"sessions"`
	Turns    int      `json:"turns"`
	Chunks   int      `json:"chunks"` // pieces of pictures, each counted once
	Bytes    int64    `json:"bytes"`
	Problems []string `json:"problems"`
}

// Verify reads everything that a session (all of them: "") keeps and compares it
// with its digests. What is wrong is in the report; the error is for what kept it from looking.
func (s *Sessions) Verify(ctx context.Context, name string) (Report, error) {
	r := Report{Problems: []string{}}
	list, err := s.List(ctx)
	if err != nil {
		return r, err
	}
	if name != "" {
		if _, err := s.find(ctx, name); err != nil {
			return r, err
		}
	}
	want := make(map[store.ChunkHash]bool)
	used := make(map[string][]store.ChunkHash) // by the words for what uses them
	var order []string
	for _, info := range list {
		if name != "" && !sameName(info.Name, name) {
			continue
		}
		r.Sessions++
		sess, err := s.read(ctx, info.Name)
		if err != nil {
			if ctx.Err() != nil {
				return r, ctx.Err()
			}
			r.Problems = append(r.Problems, err.Error())
			continue
		}
		order = append(order, sess.needs(ctx, &r, want, used)...)
	}
	bad, err := s.check(ctx, &r, want)
	if err != nil {
		return r, err
	}
	for _, what := range order {
		n := 0
		for _, h := range used[what] {
			if bad[h] {
				n++
			}
		}
		if n > 0 {
			r.Problems = append(r.Problems, fmt.Sprintf("%s: %d of %d pieces are damaged or missing", what, n, len(used[what])))
		}
	}
	return r, nil
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// needs notes which chunks a session uses and reports turns whose record is not whole.
func (s *Session) needs(ctx context.Context, r *Report, want map[store.ChunkHash]bool, used map[string][]store.ChunkHash) (order []string) {
	note := func(what string, hashes []store.ChunkHash) {
		order = append(order, what)
		used[what] = hashes
		for _, h := range hashes {
			want[h] = true
		}
	}
	problem := func(what string, err error) {
		r.Problems = append(r.Problems, fmt.Sprintf("%s: %v", what, err))
	}
	what := fmt.Sprintf("session %q", s.row.Name)
	hashes, err := s.in.store.SourceHashes(ctx, s.row)
	if err == nil && len(hashes) != s.source.chunks() {
		err = errChunk
	}
	if err != nil {
		problem(what, err)
	}
	note(what+", what the original's file said", hashes)
	for _, id := range slices.Sorted(maps.Keys(s.turns)) {
		r.Turns++
		what := fmt.Sprintf("%s, turn %d", what, id)
		n, err := s.look(id)
		if err != nil {
			problem(what, err)
			continue
		}
		state, masks, err := s.in.store.TurnHashes(ctx, s.row.ID, int(id))
		if err == nil && (len(state) != n.layout.count() || len(masks) != count(n.masked)) {
			err = errChunk
		}
		if err != nil {
			problem(what, err)
			continue
		}
		note(what, append(state, masks...))
	}
	return order
}

func count(flags []bool) (n int) {
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// check reads the chunks and returns those that are not what their names say.
func (s *Sessions) check(ctx context.Context, r *Report, want map[store.ChunkHash]bool) (map[store.ChunkHash]bool, error) {
	bad := make(map[store.ChunkHash]bool)
	for h := range want {
		bad[h] = true // until it was read
	}
	err := s.store.EachChunk(ctx, want, func(c store.Chunk, err error) error {
		if err == nil {
			_, err = open(c)
		}
		if err == nil {
			delete(bad, c.Hash)
		}
		r.Chunks++
		r.Bytes += int64(len(c.Data))
		return ctx.Err()
	})
	return bad, err
}
