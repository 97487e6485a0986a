package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pentimento/internal/edit"
)

// Options says where Pull fetches from and how.
type Options struct {
	// From is a mirror folder. When it is set nothing is downloaded.
	From string
	// Client makes the requests; nil: one with sane timeouts.
	Client *http.Client
	// Progress is told what happens; it may be nil. It is called from one goroutine.
	Progress func(Event)
	// MaxBytes refuses larger models before any transfer; 0: no limit of its own.
	MaxBytes int64
	// Attempts is how often a transfer is tried again after it stops making progress; 0: four times.
	Attempts int
	// Backoff is the first wait between attempts, doubled each time; 0: half a second.
	Backoff time.Duration
	// Idle is how long a server may send nothing before the attempt is given up; 0: 30 seconds.
	Idle time.Duration
}

// State names what an Event or a Result reports.
type State string

// The states of a pull.
const (
	StateWaiting   State = "waiting"     // another process holds the models folder
	StateStarted   State = "started"     // Total is the size
	StateProgress  State = "progress"    // Done of Total bytes are here
	StateRetry     State = "retry"       // Err says why
	StateInstalled State = "installed"   // fetched and verified
	StateAlready   State = "already"     // was there before
	StateFailed    State = "failed"      // Err says why
	StateNotInFrom State = "not-in-from" // the mirror has no accepted file
)

// Event is one thing that happened in a pull.
type Event struct {
	State State
	Tool  string
	File  string
	Done  int64
	Total int64
	Err   error
}

// Result is how the pull of one model part ended.
type Result struct {
	Tool  string
	Part  string
	File  string // the file that is installed, or the first accepted one
	Path  string
	State State // installed, already, failed or not-in-from
	Err   error
}

// Pull installs the models of the tools into the first folder. What one part
// lacks does not stop the others; the error joins the errors of the results, or
// is the context's, or says why the folder cannot be written to. A transfer
// that was cut leaves a .part file which the next pull continues.
func (s *Store) Pull(ctx context.Context, specs []edit.ToolSpec, opt Options) ([]Result, error) {
	if len(s.Dirs) == 0 {
		return nil, edit.Userf("no models folder is set")
	}
	p := &puller{store: s, dir: s.Dirs[0], opt: opt.withDefaults()}
	release, err := lock(ctx, p.dir, func() { p.tell(Event{State: StateWaiting}) })
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &edit.UserError{Msg: "cannot write to the models folder " + p.dir, Err: err, Hint: "set PENTIMENTO_MODELS or --models to a folder you can write to"}
	}
	defer release()
	defer s.saveStamps()
	// Copies that a killed process left; with the lock held none is in use.
	removeParts(p.dir, ".")
	var results []Result
	var errs []error
	each(specs, func(tool string, part edit.ModelFile) {
		if ctx.Err() != nil {
			return
		}
		r := p.part(ctx, tool, part)
		p.tell(Event{State: r.State, Tool: r.Tool, File: r.File, Err: r.Err})
		results = append(results, r)
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
	})
	if ctx.Err() != nil {
		return results, ctx.Err()
	}
	return results, errors.Join(errs...)
}

// removeParts removes the unfinished files of dir whose names begin with prefix;
// one that stays does no harm.
func removeParts(dir, prefix string) {
	entries, _ := os.ReadDir(dir) // what cannot be listed stays
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), ".part") {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

func (o Options) withDefaults() Options {
	if o.Client == nil {
		o.Client = defaultClient()
	}
	if o.Attempts == 0 {
		o.Attempts = 4
	}
	if o.Backoff == 0 {
		o.Backoff = 500 * time.Millisecond
	}
	if o.Idle == 0 {
		o.Idle = 30 * time.Second
	}
	return o
}

// puller is one run of Pull.
type puller struct {
	store *Store
	dir   string
	opt   Options
	tool  string
	// mirror is the mirror's files by size, listed when a name does not match; their hashes by path.
	mirror map[int64][]string
	hashes map[string]string
}

func (p *puller) tell(e Event) {
	if p.opt.Progress != nil {
		p.opt.Progress(e)
	}
}

func (p *puller) part(ctx context.Context, tool string, part edit.ModelFile) Result {
	p.tool = tool
	r := Result{Tool: tool, Part: part.Part}
	if len(part.Accept) > 0 {
		r.File = part.Accept[0].File
	}
	path, src, err := p.store.LocateContext(ctx, part)
	if err == nil {
		r.State, r.File, r.Path = StateAlready, src.File, path
		return r
	}
	for _, src := range part.Accept {
		if err := safeName(src.File); err != nil {
			r.State, r.Err = StateFailed, err
			return r
		}
	}
	if p.opt.From != "" {
		src, path, err = p.fromMirror(ctx, part)
	} else {
		src, path, err = p.fromOrigin(ctx, part)
	}
	if err == nil {
		removeParts(p.dir, src.File+".") // of earlier versions of the file
		r.State, r.File, r.Path = StateInstalled, src.File, path
		return r
	}
	r.State = StateFailed
	if errors.Is(err, errNotInMirror) {
		r.State = StateNotInFrom
	}
	r.Err = fmt.Errorf("%s: %w", tool, err)
	return r
}

// tooLarge applies the size cap of the options.
func (p *puller) tooLarge(src edit.ModelSource) error {
	if p.opt.MaxBytes > 0 && src.Bytes > p.opt.MaxBytes {
		return edit.Userf("model %s has %d bytes, more than the limit of %d", src.File, src.Bytes, p.opt.MaxBytes)
	}
	return nil
}

// fromOrigin tries the public downloads in the doc's order.
func (p *puller) fromOrigin(ctx context.Context, part edit.ModelFile) (edit.ModelSource, string, error) {
	var errs []error
	for _, src := range part.Accept {
		if src.URL == "" {
			continue
		}
		path, err := p.download(ctx, src)
		if err == nil {
			return src, path, nil
		}
		if ctx.Err() != nil {
			return src, "", ctx.Err()
		}
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return edit.ModelSource{}, "", errors.Join(errs...)
	}
	return edit.ModelSource{}, "", &edit.UserError{
		Msg:  fmt.Sprintf("%v and has no public download", &MissingError{Part: part.Part, Files: fileNames(part)}),
		Hint: fmt.Sprintf("agent models pull %s --from DIR, where DIR holds the file", p.tool),
	}
}

func fileNames(part edit.ModelFile) []string {
	names := make([]string, len(part.Accept))
	for i, src := range part.Accept {
		names[i] = src.File
	}
	return names
}
