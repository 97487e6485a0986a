package desk

import (
	"context"
	"fmt"

	"pentimento/internal/learn"
)

// studySeconds bounds the tools' seconds of one quiet moment.
const studySeconds = 60

// Learn implements tui.Desk.
func (d *Desk) Learn(ctx context.Context) (string, error) {
	kit, end, err := d.begin()
	defer end()
	if err != nil || d.opt.Forget || kit.Engine.Store == nil {
		return "", err
	}
	l := learn.New(kit.Engine)
	n, err := learn.Waiting(ctx, kit.Engine.Store)
	if err != nil {
		return "", err
	}
	var mined learn.Mined
	var did learn.Studied
	if n >= learn.Every {
		mined, did, err = l.Study(ctx, studySeconds)
	} else {
		did, err = l.VerifyPending(ctx, studySeconds)
	}
	said := ""
	if len(mined.Added) > 0 {
		said = fmt.Sprintf("%d toolpaths found that may pay", len(mined.Added))
	}
	if did.Decided > 0 {
		if said != "" {
			said += "; "
		}
		said += fmt.Sprintf("%d subroutines tried out on earlier pictures and decided", did.Decided)
	}
	return said, err
}
