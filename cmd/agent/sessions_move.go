package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/session"
)

// nothingError says that there was nothing to do.
type nothingError struct{ msg string }

func (e nothingError) Error() string { return e.msg }

func newSessionsUndo(s *streams, opts *options) *cobra.Command {
	return newStep(s, opts, "undo", "Go back one turn; the turn stays and can be redone", "undid ", (*session.Session).Undo)
}

func newSessionsRedo(s *streams, opts *options) *cobra.Command {
	return newStep(s, opts, "redo", "Go forward one turn on the current branch", "redid ", (*session.Session).Redo)
}

func newStep(s *streams, opts *options, name, short, did string, step func(*session.Session, context.Context) (session.Turn, error)) *cobra.Command {
	return &cobra.Command{
		Use:   name + " NAME",
		Short: short,
		Args:  args(1, "NAME"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSession(cmd.Context(), s, opts, a[0], func(sess *session.Session) error {
				t, err := step(sess, cmd.Context())
				if errors.Is(err, session.ErrNothing) {
					return nothingError{fmt.Sprintf("there is nothing to %s in the session %q", name, a[0])}
				}
				if err != nil {
					return err
				}
				return tellHead(s, opts, sess, did+describeTurn(t)+"; now at ")
			})
		},
	}
}

func newSessionsCheckout(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:     "checkout NAME TURN",
		Short:   "Go to a turn",
		Example: "  agent sessions checkout street 3\n  agent sessions checkout street original",
		Args:    args(2, "NAME TURN"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSession(cmd.Context(), s, opts, a[0], func(sess *session.Session) error {
				if err := sess.Checkout(cmd.Context(), a[1]); err != nil {
					return err
				}
				return tellHead(s, opts, sess, "at ")
			})
		},
	}
}

func newSessionsBranch(s *streams, opts *options) *cobra.Command {
	var at string
	var remove bool
	cmd := &cobra.Command{
		Use:     "branch NAME BRANCH",
		Short:   "Begin a branch, or delete one",
		Example: "  agent sessions branch street night --at 3\n  agent sessions branch street night --delete",
		Args:    args(2, "NAME BRANCH"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSession(cmd.Context(), s, opts, a[0], func(sess *session.Session) error {
				if remove {
					n, err := sess.DeleteBranch(cmd.Context(), a[1])
					if err != nil {
						return err
					}
					return tellHead(s, opts, sess, fmt.Sprintf("deleted %s with %d turns; now at ", a[1], n))
				}
				id, err := sess.Find(at)
				if err != nil {
					return err
				}
				if err := sess.Branch(cmd.Context(), id, a[1]); err != nil {
					return err
				}
				return tellHead(s, opts, sess, "on branch "+a[1]+" at ")
			})
		},
	}
	cmd.Flags().StringVar(&at, "at", "head", "the turn that it begins at")
	cmd.Flags().BoolVar(&remove, "delete", false, "delete the branch and the turns that lie on no other; agent sessions gc frees their space")
	return cmd
}

func newSessionsName(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:     "name NAME TURN TEXT",
		Short:   "Name a turn; an empty TEXT takes its name away",
		Example: `  agent sessions name street 3 "before the sky"`,
		Args:    args(3, "NAME TURN TEXT"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSession(cmd.Context(), s, opts, a[0], func(sess *session.Session) error {
				id, err := sess.Find(a[1])
				if err != nil {
					return err
				}
				if err := sess.Name(cmd.Context(), id, a[2]); err != nil {
					return err
				}
				t, _ := sess.Turn(id)
				if opts.json {
					return s.json(map[string]any{"event": "named", "session": a[0], "turn": id, "name": t.Name})
				}
				s.printf("named %s\n", describeTurn(t))
				return nil
			})
		},
	}
}
