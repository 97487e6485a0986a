package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
	"pentimento/internal/session"
	"pentimento/internal/turn"
)

// editArgs takes IMAGE REQUEST, and REQUEST alone where a session has the picture.
func editArgs(name *string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if *name != "" && len(a) == 1 {
			return nil
		}
		if *name != "" && len(a) != 2 {
			return usageError{fmt.Errorf("agent edit --session takes [IMAGE] REQUEST, got %d arguments", len(a))}
		}
		return args(2, "IMAGE REQUEST")(cmd, a)
	}
}

// seat opens the session that an edit continues, or begins one with the picture.
func seat(ctx context.Context, s *streams, all *session.Sessions, name, input string) (*session.Session, error) {
	sess, err := all.Load(ctx, name)
	var missing *session.NotFoundError
	switch {
	case err != nil && !errors.As(err, &missing):
		return nil, err
	case err != nil && input == "":
		return nil, &edit.UserError{Msg: fmt.Sprintf("there is no session %q yet", name), Hint: "name the picture to begin it with: agent edit IMAGE REQUEST --session " + name}
	case input == "":
		return sess, nil
	}
	img, meta, loadErr := loadInput(ctx, s, input)
	switch {
	case loadErr != nil:
		err = loadErr
	case sess == nil:
		return all.New(ctx, name, img, session.Source{Name: input, Meta: meta})
	default:
		var first *pixel.Image
		if first, err = sess.State(ctx, session.Original); err == nil && !img.Same(first) {
			err = usageError{&edit.UserError{
				Msg:  fmt.Sprintf("the session %q is of another picture, %s", name, session.Sanitized(sess.Info().Source)),
				Hint: "leave IMAGE out to continue it, or choose another name",
			}}
		}
		if err == nil {
			return sess, nil
		}
	}
	if sess != nil {
		err = errors.Join(err, sess.Close())
	}
	return nil, err
}

func loadInput(ctx context.Context, s *streams, input string) (*pixel.Image, imageio.Meta, error) {
	if input == "-" {
		return imageio.Decode(ctx, s.in, "standard input", imageio.Limits{})
	}
	return imageio.Load(ctx, input, imageio.Limits{})
}

// editInSession carries out a job on the picture that a session shows and keeps the result as a turn.
func editInSession(ctx context.Context, s *streams, opts *options, kit *agent.Kit, name, input string, job agent.FileJob, v *view) (out agent.Outcome, err error) {
	err = withSessions(ctx, s, opts, func(all *session.Sessions) (err error) {
		sess, err := seat(ctx, s, all, name, input)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sess.Close()) }()
		if err := all.Room(ctx); err != nil && !job.DryRun {
			return err
		}
		head := sess.Head()
		regions, err := sess.Regions(ctx, head)
		if err != nil {
			return err
		}
		made, stopped := turn.Make(ctx, kit, sess, turn.Ask{Job: job, At: head, Regions: regions}, v.event)
		if out = made.Outcome; !made.Kept {
			return stopped
		}
		return errors.Join(stopped, tellTurn(s, v, sess, made.ID))
	})
	return out, err
}

func tellTurn(s *streams, v *view, sess *session.Session, id session.TurnID) error {
	info := sess.Info()
	t, _ := sess.Turn(id)
	if v.json {
		return s.json(map[string]any{"event": "turn-kept", "session": info.Name, "turn": id, "parent": t.Parent, "branch": info.Branch})
	}
	v.event(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("kept as turn %d of the session %s", id, info.Name)})
	return nil
}

// sessionRunner runs the turns of a replay.
type sessionRunner struct {
	kit  *agent.Kit
	sess *session.Session
	emit func(edit.Event)
}

func (r sessionRunner) Plan(ctx context.Context, request string, h edit.History, regions []session.Region) (edit.Plan, error) {
	return turn.Plan(ctx, r.kit, request, h, regions)
}

func (r sessionRunner) Run(ctx context.Context, img *pixel.Image, regions []session.Region, plan edit.Plan, like session.Turn) (session.Turn, session.Result, error) {
	job := agent.FileJob{Request: plan.Request, Subtasks: plan.Subtasks, Alternatives: plan.Alternatives, Picture: img, Alpha: batch.DefaultAlpha, Threshold: batch.DefaultThreshold}
	if rec := like.Recipe; rec != nil {
		job.Alpha, job.Threshold, job.Seed = rec.Alpha, rec.Threshold, rec.Seed
		if err := lend(rec, &job); err != nil {
			return session.Turn{}, session.Result{}, err
		}
	}
	out, left, err := turn.Run(ctx, r.kit, r.sess, turn.Ask{Job: job, Regions: regions}, r.emit)
	if err != nil {
		return session.Turn{}, session.Result{}, err
	}
	t := turn.Of(out)
	for _, st := range out.Summary.Subtasks {
		if st.Status != edit.StatusDone { // the turns after it would be made on another picture
			return t, session.Result{}, nil
		}
	}
	return t, session.Result{Image: out.Image, Mask: turn.Fitting(out.Mask, img), Regions: left}, nil
}

// lend gives a job what the person pointed at for the turn. Pictures are not kept.
func lend(rec *recipe.Turn, job *agent.FileJob) error {
	ev := rec.Evidence
	if ev == nil {
		return nil
	}
	if ev.Mask != nil || len(ev.With) > 0 {
		return edit.Userf("it used a mask or a second picture, which is not kept; make the turn again with agent edit --session")
	}
	job.Boxes, job.Points = ev.Boxes, ev.Points
	return nil
}

func newSessionsReplay(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "replay NAME TURN [REQUEST]",
		Short: "Change the request of an early turn and carry what follows along",
		Long: "replay gives a turn another request, or runs it again with its own, and takes the turns after it along, on a\n" +
			"new branch; the old turns stay. A turn that does not depend on the change is carried over and no tool runs for\n" +
			"it: its request still means the same, and it touches nothing that has become different.",
		Example: `  agent sessions replay street 1 "recolor the red car to green"`,
		Args: func(_ *cobra.Command, a []string) error {
			if len(a) != 2 && len(a) != 3 {
				return usageError{fmt.Errorf("agent sessions replay takes NAME TURN [REQUEST], got %d arguments", len(a))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, a []string) error {
			request := ""
			if len(a) == 3 {
				request = a[2]
			}
			return replaySession(cmd.Context(), s, opts, a[0], a[1], request)
		},
	}
}

func replaySession(ctx context.Context, s *streams, opts *options, name, which, request string) error {
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	v := newView(s, opts.json)
	return withSession(ctx, s, opts, name, func(sess *session.Session) error {
		from, err := sess.Find(which)
		if err != nil {
			return err
		}
		err = sess.Replay(ctx, from, request, sessionRunner{kit, sess, v.event}, func(r session.ReplayStep) {
			if opts.json {
				_ = s.json(map[string]any{"event": "replayed", "step": r})
				return
			}
			did := "run again"
			if r.Copied {
				did = "carried over"
			}
			v.event(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("turn %d became turn %d, %s: %s", r.Old, r.New, did, r.Reason)})
		})
		if err != nil {
			return err
		}
		return tellHead(s, opts, sess, "now at ")
	})
}
