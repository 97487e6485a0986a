package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/edit"
	"pentimento/internal/session"
	"pentimento/internal/store"
)

func newSessions(s *streams, opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "Keep, undo, branch and share the turns of a picture",
		Long: "A session keeps a picture with every turn made on it: agent edit --session NAME begins and continues one.\n" +
			"Undo, redo, checkout, branch and name move a pointer and run no tool. Turns are named by their number, their\n" +
			"name, their branch, head or original. A session that another process has open cannot be changed.",
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(
		newSessionsList(s, opts), newSessionsShow(s, opts),
		newSessionsUndo(s, opts), newSessionsRedo(s, opts), newSessionsCheckout(s, opts), newSessionsBranch(s, opts), newSessionsName(s, opts),
		newSessionsReplay(s, opts), newSessionsExport(s, opts), newSessionsImport(s, opts),
		newSessionsVerify(s, opts), newSessionsGC(s, opts), newSessionsDelete(s, opts),
	)
	return cmd
}

// withSessions opens the sessions for f.
func withSessions(ctx context.Context, s *streams, opts *options, f func(*session.Sessions) error) error {
	dirs, values, err := opts.settings()
	if err != nil {
		return err
	}
	return withStore(ctx, s, dirs.Data, func(st *store.Store) error {
		return f(session.Open(st, session.Options{MaxBytes: values.Bytes("sessions.max_size")}))
	})
}

// withSession opens one session to change it.
func withSession(ctx context.Context, s *streams, opts *options, name string, f func(*session.Session) error) error {
	return withSessions(ctx, s, opts, func(all *session.Sessions) error {
		sess, err := all.Load(ctx, name)
		if err != nil {
			return err
		}
		return errors.Join(f(sess), sess.Close())
	})
}

// tellHead says where a session is now.
func tellHead(s *streams, opts *options, sess *session.Session, did string) error {
	info := sess.Info()
	t, _ := sess.Turn(info.Head)
	if opts.json {
		return s.json(map[string]any{"event": "head", "session": info.Name, "turn": info.Head, "branch": info.Branch, "request": t.Request})
	}
	s.printf("%s%s\n", did, describeTurn(t))
	return nil
}

// describeTurn names a turn for people.
func describeTurn(t session.Turn) string {
	if t.ID == session.Original {
		return "the original"
	}
	text := fmt.Sprintf("turn %d, %q", t.ID, session.Sanitized(t.Request))
	if t.Name != "" {
		text += " (" + t.Name + ")"
	}
	return text
}

func newSessionsList(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the sessions, the one used last first",
		Args:  args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				list, err := all.List(cmd.Context())
				if err != nil {
					return err
				}
				used, limit, err := all.Usage(cmd.Context())
				if err != nil {
					return err
				}
				for _, i := range list {
					if opts.json {
						err = errors.Join(err, s.json(map[string]any{"event": "session", "session": i}))
						continue
					}
					s.printf("%-24s %4d turns  at %-5d %-12s used %s  %s\n", i.Name, i.Turns, i.Head, i.Branch, i.Used.Format(time.DateTime), session.Sanitized(i.Source))
				}
				if opts.json {
					return errors.Join(err, s.json(map[string]any{"event": "done", "sessions": len(list), "bytes": used, "limit": limit}))
				}
				s.printf("sessions: %d, which take %.1f MB of the %.1f GB they may\n", len(list), float64(used)/1e6, float64(limit)/1e9)
				return nil
			})
		},
	}
}

func newSessionsShow(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show the turns of a session as a tree",
		Example: "  agent sessions show street\n  agent sessions show street --json",
		Args:    args(1, "NAME"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSessions(cmd.Context(), s, opts, func(all *session.Sessions) error {
				sess, err := all.View(cmd.Context(), a[0])
				if err != nil {
					return err
				}
				if opts.json {
					return showJSON(s, sess)
				}
				s.printf("%s", drawTree(sess))
				return nil
			})
		},
	}
}

func showJSON(s *streams, sess *session.Session) error {
	for _, t := range sess.Turns() {
		if err := s.json(map[string]any{"event": "turn", "turn": t}); err != nil {
			return err
		}
	}
	return s.json(map[string]any{"event": "done", "session": sess.Info(), "branches": sess.Branches()})
}

// drawTree lays the turns out, each under the one it follows; the first that
// follows one stays in its column, so that a session without branches is a list.
func drawTree(sess *session.Session) string {
	var b strings.Builder
	tips := make(map[session.TurnID][]string)
	for _, br := range sess.Branches() {
		name := br.Name
		if br.Current {
			name += "*"
		}
		tips[br.Tip] = append(tips[br.Tip], name)
	}
	type item struct {
		id    session.TurnID
		depth int
	}
	for left := []item{{session.Original, 0}}; len(left) > 0; {
		at := left[len(left)-1]
		left = left[:len(left)-1]
		t, _ := sess.Turn(at.id)
		mark := "  "
		if at.id == sess.Head() {
			mark = "▶ "
		}
		fmt.Fprintf(&b, "%s%s%-3d %s", mark, strings.Repeat("  ", at.depth), at.id, turnLine(t))
		if names := tips[at.id]; len(names) > 0 {
			fmt.Fprintf(&b, "  [%s]", strings.Join(names, ", "))
		}
		b.WriteString("\n")
		// The last one pushed comes next: side branches first, the main line in its column after them.
		kids := sess.Children(at.id)
		for i := range kids {
			depth := at.depth
			if i > 0 {
				depth++
			}
			left = append(left, item{kids[i], depth})
		}
	}
	return b.String()
}

func turnLine(t session.Turn) string {
	if t.ID == session.Original {
		return fmt.Sprintf("original, %d×%d", t.W, t.H)
	}
	text := fmt.Sprintf("%q", session.Sanitized(t.Request))
	if t.Name != "" {
		text += " (" + t.Name + ")"
	}
	failed := 0
	for _, st := range t.Summary.Subtasks {
		if st.Status != edit.StatusDone {
			failed++
		}
	}
	switch {
	case t.Copied:
		text += "  carried over"
	case t.Summary.Event != "":
		text += fmt.Sprintf("  quality %.2f", t.Summary.Quality)
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d of %d subtasks failed", failed, len(t.Summary.Subtasks))
	}
	if t.Review.Verdict != "" {
		text += "  " + t.Review.Verdict
		if t.Review.Reason != "" {
			text += ": " + session.Sanitized(t.Review.Reason)
		}
	}
	return text
}
