package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/edit"
)

var (
	sqlAddTrace     = query("traces", "add-trace")
	sqlAddStep      = query("traces", "add-step")
	sqlForgetTraces = query("traces", "forget-traces")
	sqlOldestTraces = query("traces", "traces-oldest-first")
	sqlNewestTraces = query("traces", "traces-newest-first")
	sqlCountTraces  = query("traces", "count-traces")
	sqlReviewTrace  = query("traces", "review-trace")
	sqlSteps        = query("traces", "steps-of")
)

// AddTrace stores a trace with its steps, all or nothing, and returns its id; t.ID is not read.
// The oldest traces beyond the store's bound go.
func (s *Store) AddTrace(ctx context.Context, t Trace) (int64, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	subtask, err := json.Marshal(t.Subtask)
	if err != nil {
		return 0, fmt.Errorf("the subtask of a trace: %w", err)
	}
	features, err := json.Marshal(finite(t.Features))
	if err != nil {
		return 0, fmt.Errorf("the features of a trace: %w", err)
	}
	steps := make([][]any, len(t.Steps))
	for i, step := range t.Steps {
		if steps[i], err = stepRow(step); err != nil {
			return 0, fmt.Errorf("step %d of a trace, %s: %w", i, step.Call, err)
		}
	}
	var id int64
	err = s.write(ctx, "a trace was not stored", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, sqlAddTrace, t.Time.UnixNano(), t.Request, t.Session, t.Picture, t.Subtask.Task,
			string(subtask), string(features), t.Alpha, t.Threshold, string(t.Outcome), t.Reason, t.Quality, t.Seconds,
			t.Origin, t.Shown, t.Subroutine)
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		for i, row := range steps {
			if _, err := tx.ExecContext(ctx, sqlAddStep, append([]any{id, i}, row...)...); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, sqlForgetTraces, id-s.keep) // ids have no gaps
		return err
	})
	return id, err
}

// stepRow is a step as the columns after trace and position.
func stepRow(s Step) ([]any, error) {
	var texts [3]string
	for i, v := range []any{finite(s.Params), s.Inputs, s.Scores} {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		texts[i] = string(b)
	}
	return []any{
		s.Call, s.Tool, s.Variant, texts[0], texts[1], s.Megapixels, s.Seconds, s.LoadSeconds,
		s.FreeCore, s.Cached, s.Quality, string(s.Verdict), texts[2], s.Reason, s.Final, s.Error,
	}, nil
}

// Filter says which traces are wanted; its zero value, all.
type Filter struct {
	Task    string      // task type; empty: any
	Outcome edit.Status // empty: any
	Since   int64       // only ids above it
	Limit   int         // at most so many: the first after Since, or the last with Newest; 0: all
	Newest  bool
}

// Traces returns the traces that the filter lets through, by growing id.
func (s *Store) Traces(ctx context.Context, f Filter) ([]Trace, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	statement := sqlOldestTraces
	if f.Newest {
		statement = sqlNewestTraces
	}
	const what = "its traces cannot be read"
	traces, err := scanAll(ctx, s.reader, scanTrace, statement, f.Since, f.Task, string(f.Outcome), limit)
	if err != nil {
		return nil, s.explain(ctx, what, err)
	}
	if f.Newest {
		slices.Reverse(traces)
	}
	for i := range traces {
		// A trace is written with its steps and never changed, so a later read finds what belongs to it.
		if traces[i].Steps, err = scanAll(ctx, s.reader, scanStep, sqlSteps, traces[i].ID); err != nil {
			return nil, s.explain(ctx, what, err)
		}
		traces[i].reviewed()
	}
	return traces, nil
}

// ReviewTrace records what the person thinks of what an attempt made; one said before is replaced.
func (s *Store) ReviewTrace(ctx context.Context, id int64, j Judgement) error {
	return s.write(ctx, "a review was not stored", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, sqlReviewTrace, id, string(j.Verdict), j.Reason)
		return err
	})
}

// reviewed has the person's word stand where the judge's stood.
func (t *Trace) reviewed() {
	if t.Review == Unjudged {
		return
	}
	q := Real(0)
	if t.Review == Pass {
		q = 1
	}
	t.Quality = q
	for i := len(t.Steps) - 1; i >= 0; i-- {
		if s := &t.Steps[i]; s.Final {
			s.Judgement = Judgement{Quality: q, Verdict: t.Review, Reason: t.Opinion}
			return
		}
	}
}

// tracePage is how many traces are held at a time where all are looked at.
const tracePage = 256

// EachTrace calls yield for the traces that the filter lets through, by growing
// id, until it fails; its error is returned. Limit and Newest do not count. last is
// the id of the last one that yield took, Since where there was none.
func (s *Store) EachTrace(ctx context.Context, f Filter, yield func(Trace) error) (last int64, err error) {
	f.Limit, f.Newest = tracePage, false
	for {
		traces, err := s.Traces(ctx, f)
		if err != nil || len(traces) == 0 {
			return f.Since, err
		}
		for _, t := range traces {
			if err := yield(t); err != nil {
				return f.Since, err
			}
			f.Since = t.ID
		}
	}
}

// CountTraces is how many traces the filter lets through; its Limit and Newest do not count.
func (s *Store) CountTraces(ctx context.Context, f Filter) (n int, err error) {
	if err := s.reader.QueryRowContext(ctx, sqlCountTraces, f.Since, f.Task, string(f.Outcome)).Scan(&n); err != nil {
		return 0, s.explain(ctx, "its traces cannot be counted", err)
	}
	return n, nil
}

// ErrNoTrace says that there is no trace of that id.
var ErrNoTrace = errors.New("no such trace")

// TraceByID returns one trace, or ErrNoTrace.
func (s *Store) TraceByID(ctx context.Context, id int64) (Trace, error) {
	found, err := s.Traces(ctx, Filter{Since: id - 1, Limit: 1})
	if err != nil {
		return Trace{}, err
	}
	if len(found) == 0 || found[0].ID != id {
		return Trace{}, fmt.Errorf("%w: %d", ErrNoTrace, id)
	}
	return found[0], nil
}

// scanAll runs a query and scans every row.
func scanAll[T any](ctx context.Context, db queryer, scan func(*sql.Rows) (T, error), statement string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func scanTrace(rows *sql.Rows) (Trace, error) {
	var t Trace
	var at int64
	var subtask, features []byte
	err := rows.Scan(&t.ID, &at, &t.Request, &t.Session, &t.Picture, &subtask, &features,
		&t.Alpha, &t.Threshold, &t.Outcome, &t.Reason, &t.Quality, &t.Seconds, &t.Origin, &t.Shown, &t.Subroutine, &t.Review, &t.Opinion)
	if err != nil {
		return t, err
	}
	t.Time = time.Unix(0, at).UTC()
	return t, errors.Join(json.Unmarshal(subtask, &t.Subtask), json.Unmarshal(features, &t.Features))
}

func scanStep(rows *sql.Rows) (Step, error) {
	var s Step
	var params, inputs, scores []byte
	err := rows.Scan(&s.Call, &s.Tool, &s.Variant, &params, &inputs, &s.Megapixels, &s.Seconds, &s.LoadSeconds,
		&s.FreeCore, &s.Cached, &s.Quality, &s.Verdict, &scores, &s.Reason, &s.Final, &s.Error)
	if err != nil {
		return s, err
	}
	return s, errors.Join(json.Unmarshal(params, &s.Params), json.Unmarshal(inputs, &s.Inputs), json.Unmarshal(scores, &s.Scores))
}
