package agent

import (
	"context"
	"fmt"

	"pentimento/internal/artifact"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// This file keeps the pictures that attempts began with, so that a subroutine
// can be tried on them later. They share the bound of the results of calls and
// go with those that were used longest ago.

// pictureKey addresses a kept picture in the call cache.
func pictureKey(digest string) string { return "picture/" + digest }

// keepPicture keeps the picture that a trace began with, while the edit goes on.
func (r *results) keepPicture(ctx context.Context, img *pixel.Image) {
	d := r.digest(img)
	if r.store == nil || d.IsZero() || img.W*img.H > maxKept || r.pictures[d.String()] {
		return
	}
	if r.pictures == nil {
		r.pictures = make(map[string]bool)
	}
	r.pictures[d.String()] = true
	ctx = context.WithoutCancel(ctx)
	r.writing.Go(func() {
		if _, ok, err := r.store.PeekCall(ctx, pictureKey(d.String())); ok || err != nil {
			return
		}
		blob, err := artifact.Encode(img)
		if err == nil {
			err = r.store.PutCall(ctx, pictureKey(d.String()), store.CallRecord{
				Evidence: store.Unmeasured(), Judgement: store.Judgement{Quality: store.Unmeasured()},
				Outputs: map[string]store.Output{edit.SlotImage: {Digest: d.String(), Blob: blob}},
			})
		}
		if err != nil {
			r.fail(fmt.Errorf("the picture: %w", err))
		}
	})
}

// Picture is a kept picture by the digest that traces name; ok is false where it is gone.
func Picture(ctx context.Context, st *store.Store, digest string) (img *pixel.Image, ok bool, err error) {
	rec, ok, err := st.GetCall(ctx, pictureKey(digest))
	if err != nil || !ok {
		return nil, false, err
	}
	a, err := artifact.Decode(rec.Outputs[edit.SlotImage].Blob)
	img, whole := a.(*pixel.Image)
	return img, err == nil && whole, nil
}
