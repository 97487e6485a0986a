package tooldoc

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"pentimento/internal/edit"
)

// Digest is the sha256, in hex, of the fields of s that a run depends on:
// everything but title, description, prose, examples, words and path. Editing
// only prose leaves it as it was. JSON sorts map keys, so the digest is canonical.
func Digest(s edit.ToolSpec) string {
	s.Title, s.Description, s.Prose, s.Path, s.Digest = "", "", "", "", ""
	s.Examples = nil
	s.Tasks = slices.Clone(s.Tasks)
	for i := range s.Tasks {
		s.Tasks[i].Words, s.Tasks[i].Effect = nil, "" // the planner's alone
	}
	accepts := make(map[string]edit.Accept, len(s.Accepts))
	for name, a := range s.Accepts {
		a.Words = nil
		accepts[name] = a
	}
	s.Accepts = accepts
	b, err := json.Marshal(s)
	if err != nil {
		// Only a NaN or a foreign parameter type can fail here; Parse lets neither through.
		return fmt.Sprintf("invalid: %v", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
