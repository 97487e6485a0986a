package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"pentimento/internal/edit"
	"pentimento/internal/session"
)

func itoa(n int) string { return strconv.Itoa(n) }

// job is a request on its way.
type job struct {
	ask      Ask
	began    time.Time
	subs     []*subtask
	cancel   context.CancelFunc
	stopping bool
	stream   *stream
}

// subtask is what is known of one subtask of a request.
type subtask struct {
	st      edit.Subtask
	status  edit.Status // "" while it waits or runs
	via     string      // "search" or "subroutine"
	rule    string      // the subroutine's id
	path    []string
	cost    float64 // estimated
	quality float64
	seconds float64
	reason  string
	result  any
	steps   []*step
}

// step is one call of a subtask.
type step struct {
	call     string
	began    time.Time
	running  bool
	cached   bool
	failed   string
	fraction float64
	seconds  float64
	quality  float64
}

// stream carries the engine's events to the update loop, any number at a time, in
// order, and after the last of them how the request ended.
type stream struct {
	mu     sync.Mutex
	events []edit.Event
	wake   chan struct{}
	done   *doneMsg
}

func newStream() *stream { return &stream{wake: make(chan struct{}, 1)} }

func (s *stream) put(e edit.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.events); n > 0 && e.Type == edit.EventProgress && s.events[n-1].Type == edit.EventProgress && s.events[n-1].Call == e.Call {
		s.events[n-1] = e // only the last counts
	} else {
		s.events = append(s.events, e)
	}
	s.rouse()
}

func (s *stream) end(d doneMsg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = &d
	s.rouse()
}

func (s *stream) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

type eventsMsg struct {
	of     *stream
	events []edit.Event
	done   *doneMsg
}

// listen waits for events.
func (s *stream) listen() tea.Cmd {
	return func() tea.Msg {
		<-s.wake
		s.mu.Lock()
		defer s.mu.Unlock()
		events := s.events
		s.events = nil
		return eventsMsg{s, events, s.done}
	}
}

type doneMsg struct {
	reply Reply
	err   error
}

type waysMsg struct {
	ask  Ask
	ways []Way
	err  error
}

// ask runs a request, or has it wait for the one that runs.
func (m *Model) ask(a Ask) tea.Cmd {
	if m.seen.After == nil || m.job != nil || m.moving {
		m.queue = append(m.queue, a)
		m.say("waits its turn: %s", a.Request)
		return nil
	}
	m.choices = nil
	m.stopLearning()
	a.Regions, a.At = m.seen.Regions, m.seen.Tree.Head
	m.last = a
	ctx, cancel := context.WithCancel(m.ctx)
	j := &job{ask: a, began: m.opt.Now(), cancel: cancel, stream: newStream()}
	m.now = j.began
	m.job, m.back = j, 0
	m.talk = append(m.talk, entry{kind: entryYou, text: a.Request})
	run := func() tea.Msg {
		defer cancel()
		reply, err := m.desk.Edit(ctx, a, j.stream.put)
		j.stream.end(doneMsg{reply, err})
		return nil
	}
	return tea.Batch(run, j.stream.listen())
}

// workResult takes what commands about requests bring back.
func (m *Model) workResult(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case eventsMsg:
		for _, e := range msg.events {
			m.event(e)
		}
		if msg.done != nil {
			return m.finish(*msg.done)
		}
		return msg.of.listen()
	case waysMsg:
		m.finding = false
		if m.failed(msg.err) {
			return nil
		}
		m.ways, m.waysFor, m.over, m.cursor = msg.ways, msg.ask, overWays, m.nextBest(msg.ways)
	case sayMsg:
		m.say(string(msg))
	case idleMsg:
		return m.learn(msg)
	case learnedMsg:
		m.taught(msg)
	default:
		if cmd, ok := m.settingsResult(msg); ok {
			return cmd
		}
		cmd, _ := m.regionResult(msg)
		return cmd
	}
	return nil
}

// event takes one event of the engine into the job.
func (m *Model) event(e edit.Event) {
	j := m.job
	s := j.sub(e.Subtask)
	switch e.Type {
	case edit.EventPlanned:
		j.subs = nil
		for _, st := range e.Plan.Subtasks {
			j.subs = append(j.subs, &subtask{st: st})
		}
		for _, n := range e.Plan.Notices {
			m.note(noteWarn, n)
		}
	case edit.EventNotice, edit.EventSaved:
		if e.Message != "" {
			m.note(noteFaint, e.Message)
		}
	case edit.EventSearched, edit.EventStepStarted, edit.EventProgress, edit.EventStepFinished, edit.EventJudged, edit.EventFellBack, edit.EventCommitted, edit.EventFailed:
		if s != nil {
			s.event(e, m.opt.Now)
		}
	default: // an event of a later engine: say what it says
		if e.Message != "" {
			m.note(noteFaint, e.Message)
		}
	}
}

func (j *job) sub(id int) *subtask {
	for _, s := range j.subs {
		if s.st.ID == id {
			return s
		}
	}
	return nil
}

func (s *subtask) event(e edit.Event, now func() time.Time) {
	switch e.Type {
	case edit.EventSearched:
		s.via, s.rule = "search", e.Subroutine
		if e.Subroutine != "" {
			s.via = "subroutine"
		}
		s.path, s.cost, s.quality = e.Toolpath, e.Cost, e.Quality
	case edit.EventFellBack:
		s.via = "search"
	case edit.EventStepStarted:
		s.steps = append(s.steps, &step{call: e.Call, running: true, began: now()})
	case edit.EventProgress:
		if st := s.last(e.Call); st != nil {
			st.fraction = e.Fraction
		}
	case edit.EventStepFinished:
		st := s.last(e.Call)
		if st == nil {
			st = &step{call: e.Call}
			s.steps = append(s.steps, st)
		}
		st.running, st.cached, st.seconds, st.quality, st.failed = false, e.Cached, e.Seconds, e.Quality, e.Error
	case edit.EventJudged:
		if st := s.last(e.Call); st != nil {
			st.quality = e.Quality
			if !e.Passed {
				st.failed = firstReason(e.Message, "did not pass the judge")
			}
		}
	case edit.EventCommitted:
		s.status, s.quality, s.seconds = edit.StatusDone, e.Quality, e.Seconds
	case edit.EventFailed:
		s.status, s.reason = edit.StatusFailed, e.Error
	case edit.EventPlanned, edit.EventNotice, edit.EventSaved, edit.EventWeighed:
	}
}

func (s *subtask) last(call string) *step {
	for i := len(s.steps) - 1; i >= 0; i-- {
		if s.steps[i].call == call {
			return s.steps[i]
		}
	}
	return nil
}

// left estimates how much of the request is done, and the seconds it still
// takes; negative where nothing is known yet, or it has taken longer than estimated.
func (j *job) left(now time.Time) (fraction, seconds float64) {
	known, total, spent, late := 0, 0.0, 0.0, false
	for _, s := range j.subs {
		switch {
		case s.status != "":
			known++
			total, spent = total+1, spent+1
		case s.cost > 0:
			known++
			total++
			worked := 0.0
			for _, st := range s.steps {
				if st.running {
					worked += max(now.Sub(st.began).Seconds(), st.fraction*s.cost/float64(max(1, len(s.path))))
				} else {
					worked += st.seconds
				}
			}
			spent += min(0.95, worked/s.cost)
			if worked > s.cost {
				late = true
			}
			seconds += max(s.cost-worked, 0)
		}
	}
	if known == 0 {
		return 0, -1
	}
	// Subtasks that are not planned yet are taken for ones of the mean cost.
	unknown := len(j.subs) - known
	seconds += float64(unknown) * j.meanCost()
	if fraction = spent / (total + float64(unknown)); late {
		return fraction, -1
	}
	return fraction, seconds
}

func (j *job) meanCost() float64 {
	sum, n := 0.0, 0
	for _, s := range j.subs {
		if s.cost > 0 {
			sum, n = sum+s.cost, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// finish takes the end of a request, and begins the next that waits.
func (m *Model) finish(msg doneMsg) tea.Cmd {
	j := m.job
	m.job = nil
	for _, r := range msg.reply.Summary.Subtasks {
		s := j.sub(r.ID)
		if s == nil {
			s = &subtask{st: edit.Subtask{ID: r.ID, Task: r.Task, Object: r.Object, Target: r.Target}}
			j.subs = append(j.subs, s)
		}
		s.status, s.quality, s.seconds, s.reason, s.result = r.Status, r.Quality, r.Seconds, r.Reason, r.Result
		if s.via, s.rule = r.Via, r.Subroutine; len(r.Toolpath) > 0 {
			s.path = r.Toolpath
		}
		if boxes := candidatesOf(r); len(boxes) > 1 && len(m.choices) == 0 {
			m.choices, m.choosee = boxes, r.Object
		}
	}
	for _, s := range j.subs { // nothing runs any more, whatever the last event said
		for _, st := range s.steps {
			if st.running {
				st.running, st.failed, st.seconds = false, "stopped", m.now.Sub(st.began).Seconds()
			}
		}
	}
	m.talk = append(m.talk, entry{kind: entryTurn, subs: j.subs, seconds: m.now.Sub(j.began).Seconds(), stopped: j.stopping})
	m.leaving = false
	lost := "" // what the tools did not find
	switch {
	case j.stopping:
		m.say("stopped; what was finished is kept")
	case msg.err != nil:
		m.failed(msg.err)
	case len(m.choices) > 0:
		m.say("which %s? press its number", m.choosee)
		m.leavePrompt()
	default:
		if i := slices.IndexFunc(msg.reply.Summary.Subtasks, func(r edit.SubtaskReport) bool { return r.Status == edit.StatusNotFound }); i >= 0 {
			lost = msg.reply.Summary.Subtasks[i].Object
		}
	}
	if msg.reply.Seen != nil {
		m.see(*msg.reply.Seen)
		m.hide, m.chosen = true, 0 // the result is to be seen; m shows the numbers again
		if !j.stopping && msg.err == nil && len(m.choices) == 0 {
			m.say("done in %s; esc, then space shows the picture before it", secondsText(m.opt.Now().Sub(j.began).Seconds()))
		}
	}
	if lost != "" {
		m.say("the %s is not found: show it, esc, then b for a box or p for points, and ask by its number", lost)
	}
	m.stale = true
	return tea.Batch(m.nextInQueue(), m.rest())
}

func (m *Model) nextInQueue() tea.Cmd {
	if m.job != nil || len(m.queue) == 0 || len(m.choices) > 0 || m.seen.After == nil {
		return nil
	}
	a := m.queue[0]
	m.queue = m.queue[1:]
	return m.ask(a)
}

// candidatesOf are the boxes that an ambiguous phrase fitted.
func candidatesOf(r edit.SubtaskReport) []edit.Box {
	if r.Status != edit.StatusAmbiguous {
		return nil
	}
	result, _ := r.Result.(map[string]any)
	boxes, _ := result["candidates"].([]edit.Box)
	return boxes
}

func (m *Model) skipStep() tea.Cmd {
	return func() tea.Msg {
		if m.desk.Skip() {
			return sayMsg("the step is given up; another tool is tried")
		}
		return sayMsg("no step runs at this moment")
	}
}

// sayMsg is a line to be said.
type sayMsg string

// lastRequest is the request of the turn that shows, else the last one asked.
func (m *Model) lastRequest() string {
	for i := len(m.talk) - 1; i >= 0; i-- {
		if m.talk[i].kind == entryYou {
			return m.talk[i].text
		}
	}
	return ""
}

// askWays finds the ways to do the last request from where it began.
func (m *Model) askWays() tea.Cmd {
	a := Ask{Request: m.lastRequest(), Alpha: m.alpha, Regions: m.seen.Regions, At: m.seen.Tree.Head}
	if t, ok := m.seen.Tree.Turn(m.seen.Tree.Head); ok && t.Request == a.Request {
		a.At = t.Parent
	}
	if m.last.Request == a.Request {
		a.Boxes, a.Regions = m.last.Boxes, m.last.Regions
	}
	a.Tried = make(map[int][]string)
	for _, t := range m.seen.Tree.Turns {
		if t.Request != a.Request {
			continue
		}
		for _, r := range t.Summary.Subtasks {
			if n := len(r.Toolpath); n > 0 && t.Review.Verdict == session.Rejected {
				a.Tried[r.ID] = append(a.Tried[r.ID], r.Toolpath[n-1])
			}
		}
	}
	m.finding = true
	m.say("weighing the ways to do “%s”", a.Request)
	return func() tea.Msg {
		ways, err := m.desk.Ways(m.ctx, a)
		return waysMsg{a, ways, err}
	}
}

// nextBest is the best of the ways that this request was not done by yet.
func (m *Model) nextBest(ways []Way) int {
	tried := func(w Way) bool {
		return slices.ContainsFunc(m.seen.Tree.Turns, func(t session.Turn) bool {
			return t.Request == m.lastRequest() && len(t.Summary.Subtasks) > 0 && !slices.ContainsFunc(t.Summary.Subtasks, func(r edit.SubtaskReport) bool {
				return !slices.Equal(w.Calls[r.ID], r.Toolpath)
			})
		})
	}
	best := -1
	for i, w := range ways {
		if !tried(w) && (best < 0 || w.F < ways[best].F) {
			best = i
		}
	}
	return max(0, best)
}

// takeWay does the request again the chosen way, as a branch beside what was made.
func (m *Model) takeWay(i int) tea.Cmd {
	a := m.waysFor
	a.Pick = m.ways[i].Calls
	m.over = overNone
	if a.At == m.seen.Tree.Head {
		return m.ask(a)
	}
	m.moving = true
	m.queue = append([]Ask{a}, m.queue...)
	return func() tea.Msg {
		seen, err := m.desk.Goto(m.ctx, a.At)
		return movedMsg{seen, err, fmt.Sprintf("another way to do “%s”", a.Request)}
	}
}

// recount tells the conversation that the session holds, the last turns of it.
func (m *Model) recount() {
	path := m.seen.Tree.Path(m.seen.Tree.Head)
	const most = 30
	var old []entry
	for _, t := range path[max(0, len(path)-most):] {
		if t.ID == session.Original || t.Request == "" {
			continue
		}
		e := entry{kind: entryTurn, past: true}
		for _, r := range t.Summary.Subtasks {
			e.subs = append(e.subs, &subtask{
				st:     edit.Subtask{ID: r.ID, Task: r.Task, Object: r.Object, Target: r.Target},
				status: r.Status, via: r.Via, rule: r.Subroutine, path: r.Toolpath, quality: r.Quality, seconds: r.Seconds, reason: r.Reason,
			})
			e.seconds += r.Seconds
		}
		m.asked = append(m.asked, t.Request)
		old = append(old, entry{kind: entryYou, text: t.Request}, e)
	}
	m.askedAt = len(m.asked)
	m.talk = append(old, m.talk...)
}
