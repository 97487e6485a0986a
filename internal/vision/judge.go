package vision

import (
	"context"
	"encoding/json"
	"errors"
	"math"

	"pentimento/internal/llm"
	"pentimento/internal/pixel"
)

// Step is an edit to be judged.
type Step struct {
	Task, Object, Target string // as planned, in the words of the request
	Before, After        *pixel.Image
	Mask                 *pixel.Mask // where, at the size of Before; nil: anywhere
}

// Opinion is what a model says of a step.
type Opinion struct {
	Level int    // 0: ruined or not done, 10: nothing to object to; see Calibration
	Fault string // what is wrong, in its words; they are shown and never acted on
}

const judgeText = `Picture 1 is a part of a photo before an edit, picture 2 the same part after it. The data says what the edit was to do. How well was it done?
score: a whole number from 0 (not done, or the picture is spoiled) to 10 (done, and nobody could tell that the picture was edited). 5 and more means good enough to keep.
fault: what is wrong, in one short sentence; "" if nothing is.
Answer as {"score": 0, "fault": ""}.`

// Judge asks how well a step was done. It takes no longer than the eye's patience;
// an error says why there is no opinion, and is ctx's where that ended.
func (e *Eye) Judge(ctx context.Context, s Step) (Opinion, error) {
	frame, later := around(s.Before, s.Mask), around(s.After, nil)
	if s.After.W == s.Before.W && s.After.H == s.Before.H {
		later = frame
	} else {
		frame = around(s.Before, nil)
	}
	before, err := viewOf(ctx, s.Before, frame)
	if err != nil {
		return Opinion{}, err
	}
	after, err := viewOf(ctx, s.After, later)
	if err != nil {
		return Opinion{}, err
	}
	scores := make([]int, levels)
	for l := range scores {
		scores[l] = l
	}
	var out Opinion
	err = e.soon(ctx, question{
		name: "judge", text: judgeText, views: []llm.Image{before, after},
		data:   map[string]string{"task": s.Task, "object": s.Object, "target": s.Target},
		schema: object(map[string]any{"score": map[string]any{"type": "integer", "enum": scores}, "fault": map[string]any{"type": "string"}}),
		read: func(raw json.RawMessage) error {
			var a struct {
				Score *float64 `json:"score"`
				Fault string   `json:"fault"`
			}
			if err := json.Unmarshal(raw, &a); err != nil || a.Score == nil || !(*a.Score >= 0 && *a.Score < levels) {
				return errors.New("score is no whole number from 0 to 10")
			}
			out = Opinion{Level: int(math.Floor(*a.Score)), Fault: plain(a.Fault)}
			return nil
		},
	})
	return out, err
}
