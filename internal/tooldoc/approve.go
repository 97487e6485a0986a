package tooldoc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/edit"
)

// Approval is how a person stands to a doc.
type Approval string

// The approvals.
const (
	ApprovalUnneeded Approval = "unneeded"     // it calls nothing outside the program
	ApprovalGiven    Approval = "approved"     // exactly these bytes
	ApprovalMissing  Approval = "not approved" // never
	ApprovalChanged  Approval = "changed"      // since it was approved
)

// Approvals are the docs of outside kinds as a person approved them: a folder
// that holds the text of each, NAME.md. A doc is pinned by the hash of all its
// bytes, prose too, for a model reads that. It says nothing of what the doc calls.
type Approvals struct{ Dir string }

// Of says how the person stands to a doc. A spec that was not read from one is never approved.
func (a Approvals) Of(spec *edit.ToolSpec) (Approval, error) {
	if spec.Runtime.Outside == nil {
		return ApprovalUnneeded, nil
	}
	text, err := a.Text(spec.Name)
	switch {
	case err != nil:
		return ApprovalMissing, err
	case text == nil:
		return ApprovalMissing, nil
	case sum(text) != spec.Source:
		return ApprovalChanged, nil
	}
	return ApprovalGiven, nil
}

// Text is a doc as it was approved, nil where it was not.
func (a Approvals) Text(name string) ([]byte, error) {
	text, err := ReadFile(a.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Give approves exactly this text of a doc. It takes effect when it is whole and on disk.
func (a Approvals) Give(name string, text []byte) (err error) {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(a.Dir, "."+name+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), a.file(name))
}

func (a Approvals) file(name string) string { return filepath.Join(a.Dir, filepath.Base(name)+".md") }

// sum is a sha256 in hex.
func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
