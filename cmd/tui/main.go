// Command tui is the artist's seat: a picture, a conversation and a history in the terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2" // this is github.com/charmbracelet/bubbletea
	"charm.land/fang/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/session"
	"pentimento/internal/setup"
	"pentimento/internal/tui"
	"pentimento/internal/tui/desk"
)

// version is set at build time by the Makefile.
var version = "dev"

// The exit codes; docs/exit-codes.md holds those of both programs.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

type flags struct {
	session, pictures, device, ortLib, models string
	alpha                                     float64
	forget, noMouse                           bool
	given                                     func(name string) bool
}

// usageError is a command line that says nothing the program can do.
type usageError struct{ error }

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := fang.Execute(ctx, root, fang.WithVersion(version), fang.WithErrorHandler(func(w io.Writer, _ fang.Styles, err error) {
		_, _ = fmt.Fprintln(w, err)
	}))
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitError
}

func newRoot() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "tui [PICTURE]",
		Short: "Edit a picture in the terminal, turn by turn",
		Long: "tui opens a picture, takes requests in plain words and keeps every turn, so that all of them can be undone,\n" +
			"compared and branched from, today and tomorrow. Without PICTURE it goes on where you left off.",
		Example: "  tui street.jpg\n  tui\n  tui --session poster street.jpg",
		Args: func(_ *cobra.Command, a []string) error {
			if len(a) > 1 {
				return usageError{errors.New("tui takes one picture")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, a []string) error {
			f.given = cmd.Flags().Changed
			return seat(cmd.Context(), &f, a)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	fl := cmd.Flags()
	fl.StringVar(&f.session, "session", "", "name of the session; by default that of the picture")
	fl.BoolVar(&f.forget, "forget", false, "keep no session and no results")
	fl.StringVar(&f.pictures, "pictures", "auto", "how pictures are drawn: auto asks the terminal; kitty, blocks or letters")
	fl.BoolVar(&f.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	fl.Float64Var(&f.alpha, "alpha", 1, "where the dial begins: 0 all quality .. 2 all cost")
	fl.StringVar(&f.device, "device", "auto", "auto, cpu, cuda, webgpu, coreml or directml")
	fl.StringVar(&f.ortLib, "ort-lib", "", "the ONNX Runtime library")
	fl.StringVar(&f.models, "models", "", "folder of the models")
	return cmd
}

// apply has the settings hold where no flag was given.
func (f *flags) apply(v config.Values) {
	if !f.given("pictures") {
		f.pictures = v.Text("tui.graphics")
	}
	if !f.given("no-mouse") {
		f.noMouse = !v.Bool("tui.mouse")
	}
	if !f.given("alpha") {
		f.alpha = v.Float("alpha")
	}
	if !f.given("device") {
		f.device = v.Text("device")
	}
	if !f.given("ort-lib") {
		f.ortLib = v.Text("ort_lib")
	}
}

func (f *flags) check() error {
	switch f.pictures {
	case "auto", "kitty", "blocks", "letters":
	default:
		return usageError{fmt.Errorf("--pictures %s is none of auto, kitty, blocks, letters", f.pictures)}
	}
	if !(f.alpha >= 0 && f.alpha <= 2) {
		return usageError{fmt.Errorf("--alpha %v is outside 0..2", f.alpha)}
	}
	return nil
}

// seat opens the terminal at once; what takes time is opened behind the first frame.
func seat(ctx context.Context, f *flags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	var file string
	if len(args) == 1 {
		var err error
		if file, err = filepath.Abs(args[0]); err != nil {
			return err
		}
		if st, err := os.Stat(file); err != nil {
			return &edit.UserError{Msg: args[0] + " cannot be opened", Err: err}
		} else if st.IsDir() {
			return &edit.UserError{Msg: args[0] + " is a folder", Hint: "name a picture"}
		}
	}
	if os.Getenv("TERM") == "dumb" {
		return &edit.UserError{Msg: "this terminal (TERM=dumb) cannot place text on the screen", Hint: "agent edit works in any terminal"}
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return &edit.UserError{Msg: "tui needs a terminal to draw in and to read keys from", Hint: "agent edit works in scripts"}
	}
	defer tui.SpareThread()()
	dirs, values, err := setup.Settings()
	if err != nil {
		return err
	}
	f.apply(values)
	d := desk.New(desk.Options{File: file, Session: f.session, Forget: f.forget, Sessions: session.Options{MaxBytes: values.Bytes("sessions.max_size")}, Kit: func() (*agent.Kit, error) { return open(ctx, dirs, values, f) }})
	m := tui.New(ctx, d, tui.Options{
		Pictures: f.pictures, Mouse: !f.noMouse, Alpha: f.alpha, IdleAfter: quiet, Watch: true, Dark: dark(values.Text("tui.theme")), Safe: values.Text("tui.palette") == "safe",
		Multiplexed: os.Getenv("TMUX") != "" || os.Getenv("STY") != "",
	})
	_, err = tea.NewProgram(m, append(colors(os.Getenv), tea.WithContext(ctx))...).Run()
	d.Close()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil // ended by a signal: everything finished is kept
	}
	return err
}

// quiet is how long nothing happens before the seat learns from what was done.
const quiet = 30 * time.Second

// dark is whether a theme is for a dark terminal; nil where that is to be asked.
func dark(theme string) *bool {
	if theme == "auto" {
		return nil
	}
	is := theme == "dark"
	return &is
}

// colors settles what the environment says of colours where it speaks plainly:
// NO_COLOR with any value (no-color.org), and COLORTERM inside a multiplexer too,
// which turns true colour into what the terminal around it can show.
func colors(getenv func(string) string) []tea.ProgramOption {
	switch {
	case getenv("NO_COLOR") != "":
		return []tea.ProgramOption{tea.WithColorProfile(colorprofile.ASCII)}
	case getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit":
		return []tea.ProgramOption{tea.WithColorProfile(colorprofile.TrueColor)}
	}
	return nil
}

// open opens the kit, with the language model that is set.
func open(ctx context.Context, dirs config.Dirs, values config.Values, f *flags) (*agent.Kit, error) {
	kit, err := setup.Kit(dirs, values, setup.Flags{Device: f.device, ORTLib: f.ortLib, Models: f.models, Version: version, Forget: f.forget})
	if err != nil {
		return nil, err
	}
	if err := setup.Planner(ctx, kit, values.LLM(), "", ""); err != nil {
		kit.Close()
		return nil, err
	}
	return kit, nil
}
