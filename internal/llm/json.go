package llm

import (
	"encoding/json"
	"errors"
	"strings"
)

// ErrNoJSON says that an answer holds no JSON object, ErrHalfJSON that one begins and does not end.
var (
	ErrNoJSON   = errors.New("the answer holds no JSON object")
	ErrHalfJSON = errors.New("the answer's JSON object does not end")
)

// maxObjects bounds how many beginnings of an object are tried in one answer.
const maxObjects = 64

// FindJSON returns the first JSON object of an answer: models put prose, code
// fences and thoughts around it. An object that opens and never closes is
// ErrHalfJSON; no whole object in the text is ErrNoJSON.
func FindJSON(text string) (json.RawMessage, error) {
	for range maxObjects {
		at := strings.IndexByte(text, '{')
		if at < 0 {
			break
		}
		text = text[at:]
		var raw json.RawMessage
		err := json.NewDecoder(strings.NewReader(text)).Decode(&raw)
		if err == nil {
			return raw, nil
		}
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) { // the text ended in mid-object; what is whole inside it is a part
			return nil, ErrHalfJSON
		}
		text = text[1:]
	}
	return nil, ErrNoJSON
}
