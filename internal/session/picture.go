package session

import (
	"context"
	"fmt"
	"slices"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
)

// maxPacket bounds the XMP packet of a written picture: what a JPEG segment
// holds, and else what stays small beside a picture.
func maxPacket(f imageio.Format) int {
	if f == imageio.JPEG {
		return 65_000
	}
	return 1 << 20
}

// Meta is what a file of a turn's picture says beside its samples: what the
// original's file said, and the recipe of every turn since. f is the format that it is for.
func (s *Session) Meta(ctx context.Context, id TurnID, f imageio.Format) (imageio.Meta, error) {
	src, err := s.Source(ctx)
	if err != nil {
		return imageio.Meta{}, err
	}
	var way []Turn
	for _, at := range s.Path(id) {
		t, _ := s.Turn(at) // one that cannot be read left no recipe
		way = append(way, t)
	}
	return Describe(src, way, f)
}

// Describe is what a file of a picture says after a way of turns from the original.
func Describe(src Source, way []Turn, f imageio.Format) (imageio.Meta, error) {
	meta := src.Meta
	meta.Notices = slices.Clone(meta.Notices)
	r, err := recipe.Read(meta.XMP)
	if err != nil {
		meta.Notices = append(meta.Notices, "the history in the original was left out: "+err.Error())
	}
	var made recipe.Source
	unknown := 0
	for i, t := range way {
		switch {
		case t.Recipe != nil:
			next := r.Add(*t.Recipe)
			r, made = &next, made.Heavier(t.Made)
		case i > 0:
			unknown++
		}
	}
	if unknown > 0 {
		meta.Notices = append(meta.Notices, fmt.Sprintf("%d of the turns left no recipe", unknown))
	}
	if r == nil || len(way) < 2 {
		return meta, nil
	}
	packet, dropped, err := recipe.Embed(meta.XMP, *r, made, maxPacket(f))
	switch {
	case err != nil:
		return meta, err
	case packet == nil:
		meta.Notices = append(meta.Notices, "the recipe is too large for the file and was left out")
		packet = recipe.Strip(meta.XMP, made)
	case dropped > 0:
		meta.Notices = append(meta.Notices, fmt.Sprintf("%d of the older edits found no room in the file", dropped))
	}
	meta.XMP = packet
	return meta, nil
}

// Picture says how a turn's picture is written to a file.
type Picture struct {
	Path    string // .png, .jpg, .webp or .tiff
	Quality int    // of JPEG and WebP, 1 to 100; 0: the format's own
	Strip   bool   // write no EXIF, XMP or recipe; the colour profile stays
}

// Save writes a turn's picture to a file, all or nothing. notice is told what
// the file does not keep.
func (s *Session) Save(ctx context.Context, id TurnID, p Picture, notice func(string)) error {
	f, err := imageio.FormatForPath(p.Path)
	if err != nil {
		return err
	}
	img, err := s.State(ctx, id)
	if err != nil {
		return err
	}
	meta, err := s.Meta(ctx, id, f)
	if err != nil {
		return err
	}
	return p.Write(ctx, img, meta, notice)
}

// Write writes a picture to the file with what it is to say beside its samples.
func (p Picture) Write(ctx context.Context, img *pixel.Image, meta imageio.Meta, notice func(string)) error {
	opt := imageio.Options{ICC: meta.ICC, Gray: meta.Gray, Quality: p.Quality, Notice: notice}
	if !p.Strip {
		opt.EXIF, opt.XMP = meta.EXIF, meta.XMP
		for _, n := range append(meta.Notices, meta.Lost...) {
			notice(n)
		}
	}
	return imageio.Save(ctx, p.Path, img, opt)
}
