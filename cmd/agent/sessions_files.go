package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/session"
)

func newSessionsExport(s *streams, opts *options) *cobra.Command {
	var p session.Picture
	var turn string
	cmd := &cobra.Command{
		Use:   "export NAME -o FILE",
		Short: "Write a turn's picture, or the whole session, to a file",
		Long: "export writes the picture of a turn (.png, .jpg, .webp, .tiff), with the recipe of every turn up to it, or, to\n" +
			"a file that ends in " + session.ArchiveExt + ", the whole session, which agent sessions import opens elsewhere.",
		Example: "  agent sessions export street -o street.jpg --quality 90\n  agent sessions export street -o street" + session.ArchiveExt,
		Args:    args(1, "NAME"),
		RunE: func(cmd *cobra.Command, a []string) error {
			if p.Path == "" {
				return usageError{errors.New("-o names the file to write")}
			}
			ctx := cmd.Context()
			return withSessions(ctx, s, opts, func(all *session.Sessions) error {
				if strings.EqualFold(filepath.Ext(p.Path), session.ArchiveExt) {
					err := imageio.WriteFile(ctx, p.Path, func(w io.Writer) error { return all.Export(ctx, a[0], w) })
					if err != nil {
						return err
					}
					return tellSaved(s, opts, p.Path)
				}
				sess, err := all.View(ctx, a[0])
				if err != nil {
					return err
				}
				id, err := sess.Find(turn)
				if err != nil {
					return err
				}
				if err := checkExport(sess, p); err != nil {
					return err
				}
				if err := sess.Save(ctx, id, p, func(n string) { newView(s, opts.json).event(edit.Event{Type: edit.EventNotice, Message: n}) }); err != nil {
					return err
				}
				return tellSaved(s, opts, p.Path)
			})
		},
	}
	cmd.Flags().StringVarP(&p.Path, "output", "o", "", "the file to write")
	cmd.Flags().StringVar(&turn, "turn", "head", "the turn whose picture is written")
	cmd.Flags().IntVar(&p.Quality, "quality", 0, "of a JPEG or WebP picture, 1 to 100; 0: 92 for JPEG, without loss for WebP")
	cmd.Flags().BoolVar(&p.Strip, "strip-metadata", false, "write no EXIF, GPS, XMP or recipe")
	return cmd
}

// checkExport refuses what would overwrite the picture that the session began with.
func checkExport(sess *session.Session, p session.Picture) error {
	f, err := imageio.FormatForPath(p.Path)
	if err != nil {
		return usageError{err}
	}
	if p.Quality < 0 || p.Quality > 100 || p.Quality > 0 && f != imageio.JPEG && f != imageio.WebP {
		return usageError{fmt.Errorf("--quality %d: JPEG and WebP take 1 to 100, other formats none", p.Quality)}
	}
	if imageio.SameFile(p.Path, sess.Info().Source) {
		return usageError{edit.Userf("-o %s is the original, which is never overwritten", p.Path)}
	}
	return nil
}

func tellSaved(s *streams, opts *options, path string) error {
	if opts.json {
		return s.json(edit.Event{Type: edit.EventSaved, Output: path})
	}
	s.printf("saved %s\n", path)
	return nil
}

func newSessionsImport(s *streams, opts *options) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:     "import FILE",
		Short:   "Read a session that agent sessions export wrote",
		Example: "  agent sessions import street" + session.ArchiveExt + " --as street-2",
		Args:    args(1, "FILE"),
		RunE: func(cmd *cobra.Command, a []string) error {
			f, size, err := session.OpenArchive(a[0])
			if user := (*edit.UserError)(nil); errors.As(err, &user) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			defer f.Close() //nolint:errcheck // it was only read
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				info, err := all.Import(cmd.Context(), f, size, name)
				if err != nil {
					return &edit.UserError{Msg: a[0], Err: err}
				}
				if opts.json {
					return s.json(map[string]any{"event": "imported", "session": info})
				}
				s.printf("imported %s with %d turns\n", info.Name, info.Turns)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&name, "as", "", "the name it gets; empty: the one it had")
	return cmd
}

func newSessionsVerify(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME]",
		Short: "Read everything that is kept and compare it with its digests",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				name := ""
				if len(a) > 0 {
					name = a[0]
				}
				r, err := all.Verify(cmd.Context(), name)
				if err != nil {
					return err
				}
				if opts.json {
					err = s.json(struct {
						Event string `json:"event"`
						session.Report
					}{"done", r})
				} else {
					for _, p := range r.Problems {
						s.printf("%s\n", p)
					}
					s.printf("%d sessions, %d turns, %d pieces, %.1f MB: %d problems\n", r.Sessions, r.Turns, r.Chunks, float64(r.Bytes)/1e6, len(r.Problems))
				}
				if err == nil && len(r.Problems) > 0 {
					err = codeError{code: exitPartial}
				}
				return err
			})
		},
	}
}

func newSessionsGC(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "gc",
		Short: "Free the space of what was deleted",
		Long:  "gc removes the pieces of pictures that no turn of any session needs. What a turn needs is never touched.",
		Args:  args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				freed, err := all.GC(cmd.Context())
				if err != nil {
					return err
				}
				used, limit, err := all.Usage(cmd.Context())
				if err != nil {
					return err
				}
				if opts.json {
					return s.json(map[string]any{"event": "done", "freed": freed, "bytes": used, "limit": limit})
				}
				s.printf("freed %.1f MB; sessions take %.1f MB of the %.1f GB they may\n", float64(freed)/1e6, float64(used)/1e6, float64(limit)/1e9)
				return nil
			})
		},
	}
}

func newSessionsDelete(s *streams, opts *options) *cobra.Command {
	var sure bool
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a session with all its turns, for good",
		Args:  args(1, "NAME"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				sess, err := all.View(cmd.Context(), a[0])
				if err != nil {
					return err
				}
				if n := sess.Info().Turns; n > 0 && !sure {
					return usageError{fmt.Errorf("the session %q has %d turns, which cannot be brought back: say --yes to delete it, or export it first", a[0], n)}
				}
				if err := all.Delete(cmd.Context(), a[0]); err != nil {
					return err
				}
				if opts.json {
					return s.json(map[string]any{"event": "deleted", "session": a[0]})
				}
				s.printf("deleted %s; agent sessions gc frees its space\n", a[0])
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&sure, "yes", false, "delete it although it has turns")
	return cmd
}
