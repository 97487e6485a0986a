package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/filelock"
	"pentimento/internal/imageio"
)

// This file keeps the progress of a plan in a folder of its own: a journal of
// one line per finished item, the estimates of a frozen run, and the report. A
// folder and not the store: the store drops what is old, is moved aside when it
// is damaged, and may be switched off, and none of that may make a batch begin
// anew; and a line appended and synced is all the durability that an item needs,
// since what was run for an unfinished item is in the store's results.

// Record is how an item ended, with what tells whether it would end so again.
type Record struct {
	Key      string     `json:"key"`           // of what was asked, by content
	Tools    []string   `json:"tools"`         // those that made it; none: all that there are
	Versions string     `json:"versions"`      // of those tools
	Sum      string     `json:"sum,omitempty"` // sha256 of the output
	Report   ItemReport `json:"report"`
}

// line is what stands on one line of the journal.
type line struct {
	Outputs []string `json:"outputs,omitempty"` // what a run is about to write
	Item    *Record  `json:"item,omitempty"`
}

// Journal is an open job folder. No other process can open it meanwhile; several goroutines may use it.
type Journal struct {
	dir     string
	mu      sync.Mutex
	lock    *os.File
	f       *os.File
	size    int64
	records map[string]Record
	outputs map[string]bool
}

const (
	journalName  = "journal.jsonl"
	snapshotName = "estimates.json"
	lockFile     = "lock"
)

// OpenJournal opens a job folder, which it makes where there is none. Lines that a
// kill or a power loss left unfinished, or that are damaged, are passed over: what they told of is done again.
func OpenJournal(ctx context.Context, dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &edit.UserError{Msg: "the progress of the plan cannot be kept in " + dir, Err: err, Hint: "set PENTIMENTO_DATA to a folder that can be written to"}
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, lock: lock, records: make(map[string]Record), outputs: make(map[string]bool)}
	if ok, err := filelock.Try(lock); err != nil || !ok {
		_ = lock.Close() // what matters is that it is taken
		if err == nil {
			err = &edit.UserError{Msg: "this plan is being run by another process", Hint: "wait for it, or stop it"}
		}
		return nil, err
	}
	if err := j.read(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// Close ends the use of the folder.
func (j *Journal) Close() error {
	var err error
	if j.f != nil {
		err = j.f.Close()
	}
	return errors.Join(err, j.lock.Close())
}

// Path is a file of the job's folder.
func (j *Journal) Path(name string) string { return filepath.Join(j.dir, name) }

// read takes in the journal, and writes it anew where most of it is out of date or something of it is damaged.
func (j *Journal) read(ctx context.Context) error {
	f, err := os.OpenFile(j.Path(journalName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	j.f = f
	in := bufio.NewReader(f)
	lines, bad := 0, 0
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			bad += len(text)
			break
		}
		if err != nil {
			return err
		}
		var l line
		if lines++; !unseal(text, &l) {
			bad++
			continue
		}
		j.take(l)
	}
	if bad > 0 || lines > 2*(len(j.records)+50) {
		return j.rewrite(ctx)
	}
	j.size, err = f.Seek(0, io.SeekEnd)
	return err
}

func (j *Journal) take(l line) {
	for _, o := range l.Outputs {
		j.outputs[o] = true
	}
	if l.Item != nil {
		j.records[l.Item.Key] = *l.Item
	}
}

// rewrite replaces the journal by one of what it holds.
func (j *Journal) rewrite(ctx context.Context) error {
	err := imageio.WriteFile(ctx, j.Path(journalName), func(w io.Writer) error {
		var outputs []string
		for o := range j.outputs {
			outputs = append(outputs, o)
		}
		all := []line{{Outputs: outputs}}
		for _, r := range j.records {
			all = append(all, line{Item: &r})
		}
		for _, l := range all {
			text, err := seal(l)
			if err != nil {
				return err
			}
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.f.Close(); err != nil {
		return err
	}
	if j.f, err = os.OpenFile(j.Path(journalName), os.O_RDWR, 0o600); err != nil {
		return err
	}
	j.size, err = j.f.Seek(0, io.SeekEnd)
	return err
}

// seal is a line with a checksum before it.
func seal(l line) ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text), nil
}

func unseal(text []byte, l *line) bool {
	sum, rest, ok := bytes.Cut(bytes.TrimSuffix(text, []byte("\n")), []byte(" "))
	return ok && fmt.Sprintf("%08x", crc32.ChecksumIEEE(rest)) == string(sum) && json.Unmarshal(rest, l) == nil
}

// Find returns how the item of that key ended.
func (j *Journal) Find(key string) (Record, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r, ok := j.records[key]
	return r, ok
}

// Made reports whether a run of the plan wrote, or was about to write, that file.
func (j *Journal) Made(path string) bool { return j.outputs[path] }

// Begin keeps what the run is about to write.
func (j *Journal) Begin(items []Item) error {
	var fresh []string
	for i := range items {
		if out := items[i].Output; out != "" && !j.outputs[out] {
			fresh = append(fresh, out)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return j.add(line{Outputs: fresh})
}

// Add keeps how an item ended; it is on disk when Add returns.
func (j *Journal) Add(r Record) error { return j.add(line{Item: &r}) }

func (j *Journal) add(l line) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	text, err := seal(l)
	if err != nil {
		return err
	}
	n, err := j.f.WriteAt(text, j.size)
	if err == nil {
		err = j.f.Sync()
	}
	if err != nil { // half a line would spoil the next
		return &edit.UserError{Msg: "the progress of the plan cannot be kept", Err: errors.Join(err, j.f.Truncate(j.size))}
	}
	j.size += int64(n)
	j.take(l)
	return nil
}

// Forget drops all progress: every item is to be done again.
func (j *Journal) Forget(ctx context.Context) error {
	j.records = make(map[string]Record)
	if err := os.Remove(j.Path(snapshotName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return j.rewrite(ctx)
}

// Snapshot returns the estimates that frozen runs of the plan rank by, nil where none were kept.
func (j *Journal) Snapshot() ([]byte, error) {
	text, err := os.ReadFile(j.Path(snapshotName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// KeepSnapshot keeps the estimates for this run and those after it.
func (j *Journal) KeepSnapshot(ctx context.Context, text []byte) error {
	return imageio.WriteFile(ctx, j.Path(snapshotName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
