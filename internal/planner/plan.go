package planner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// plannerName is what a plan made here says of its origin.
const plannerName = "grammar"

// Grammar plans requests by rules and the words of the tool docs. It is pure:
// equal requests, docs and histories give equal plans. It is safe for
// concurrent use.
type Grammar struct{ v *vocabulary }

// New compiles the docs' words. The order of the docs does not matter.
func New(specs []edit.ToolSpec) *Grammar {
	return &Grammar{v: compile(specs)}
}

// Plan splits a request into subtasks. What it cannot place is a
// *NotUnderstoodError (several may be joined); a request that cannot be read at
// all is a *edit.UserError. The plan is nil of subtasks whenever there is an error.
func (g *Grammar) Plan(ctx context.Context, request string, h edit.History) (edit.Plan, error) {
	plan, _, err := g.PlanExplained(ctx, request, h)
	return plan, err
}

// PlanExplained is Plan with how each clause was understood, also when it was not.
func (g *Grammar) PlanExplained(ctx context.Context, request string, h edit.History) (edit.Plan, Explanation, error) {
	plan, ex, err := g.strict(ctx, request, h)
	if err == nil || !understandable(err) {
		return plan, ex, err
	}
	again, said, err := g.reread(ctx, request, h, err)
	if err != nil {
		return plan, ex, err
	}
	return again, said, nil
}

// strict plans a request of which every word must be understood.
func (g *Grammar) strict(ctx context.Context, request string, h edit.History) (edit.Plan, Explanation, error) {
	plan := edit.Plan{Request: request, Planner: plannerName}
	ex := Explanation{Request: request}
	src, err := normalise(request)
	if err != nil {
		return plan, ex, err
	}
	p := parse{v: g.v, src: src}
	p.recall(h)
	drafts, err := p.run(ctx)
	ex.Clauses = p.evidence
	if err != nil {
		return plan, ex, err
	}
	drafts = spread(drafts)
	subtasks, err := resolve(drafts, h)
	if err != nil {
		return plan, ex, err
	}
	plan.Subtasks = subtasks
	for _, s := range subtasks {
		if s.Region != "" && occluder(s.Region) == "" {
			p.notices = append(p.notices, fmt.Sprintf("%q says where or which; no tool reads that yet", s.Region))
		}
	}
	plan.Notices = slices.Compact(p.notices)
	if err := check(plan, g.v); err != nil {
		return edit.Plan{Request: request, Planner: plannerName}, ex, err
	}
	if err := g.covers(plan, h, &p); err != nil {
		return edit.Plan{Request: request, Planner: plannerName}, ex, err
	}
	return plan, ex, nil
}

// parse is the work on one request.
type parse struct {
	v        *vocabulary
	src      string   // the request, and behind it the order before it
	asked    int      // bytes of the request
	tries    int      // ways in which clauses were read in other words
	void     bool     // an order was taken back and nothing said instead
	before   []choice // that order, when an earlier turn gave one
	known    map[string][]*reading
	toks     []token  // the request with what was misspelt mended
	cut      []clause // the request cut into orders
	notices  []string
	evidence []ClauseEvidence
	errs     []error
	skipped  []token // circumstances that the plan may leave out
}

// choice is a conjunct with its readings, best first.
type choice struct {
	part     part
	clause   clause
	readings []*reading
	except   []string // objects that it leaves as they are
	outline  outline  // what is to be done to its outline
}

// taken is the reading that the plan uses, nil when none fits.
func (c choice) taken() *reading {
	if len(c.readings) == 0 || !c.readings[0].complete() {
		return nil
	}
	return c.readings[0]
}

func (p *parse) run(ctx context.Context) ([]draft, error) {
	toks := tokenise(p.request())
	if n := prefixOf(undoWords, stripTails(stripWrappers(toks))); n > 0 && n == len(stripTails(stripWrappers(toks))) {
		return nil, &edit.UserError{Msg: fmt.Sprintf("%q asks for no edit of the picture", p.request()), Hint: "undo and redo are commands of a session"}
	}
	toks = p.v.written(p.request(), toks)
	toks, fixes := p.v.spell(toks)
	clauses, notices, err := p.v.clauses(toks)
	if err != nil {
		return nil, err
	}
	p.notices = slices.Concat(fixes, notices)
	clauses = p.remarks(p.corrected(clauses))
	p.toks, p.cut = toks, slices.Clone(clauses)
	var choices []choice
	var keeps []clause
	var orders []outline
	var topic []token // what a remark named last
	for i, c := range clauses {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.keep {
			keeps = append(keeps, c)
			continue
		}
		if len(clauses) > 1 && p.forgone(c.toks) {
			p.cut = slices.DeleteFunc(p.cut, func(o clause) bool { return o.all[0].start == c.all[0].start })
			p.notices = append(p.notices, fmt.Sprintf("%q is not to be done", join(p.src, c.toks)))
			continue
		}
		if o, ok := p.outlineOrder(c); ok {
			o.at = len(choices)
			orders = append(orders, o)
			continue
		}
		before := choices
		if len(before) == 0 {
			before = p.before
		}
		if topic != nil && !picture(topic) {
			c.toks = spokenOf(c.toks, topic)
		}
		m := p.mark()
		read := p.understand(c, before)
		if i+1 < len(clauses) && len(choices) == 0 && !p.fits(read, m) && p.preamble(c) {
			p.back(m)
			p.notices = append(p.notices, fmt.Sprintf("%q is read as a remark and asks for nothing", join(p.src, c.all)))
			continue
		}
		if !p.fits(read, m) && len(clauses) > 1 && p.v.aside(p.src, c) {
			p.back(m)
			p.cut = slices.DeleteFunc(p.cut, func(o clause) bool { return o.all[0].start == c.all[0].start })
			p.notices = append(p.notices, fmt.Sprintf("%q is read as a remark and asks for nothing", join(p.src, c.all)))
			if opensNoun(c.toks) {
				topic = trimArticles(c.toks)
			}
			continue
		}
		topic = nil
		choices = append(choices, read...)
	}
	p.raise(choices)
	p.borneOut(choices)
	drafts := p.collect(choices)
	p.keep(keeps, drafts)
	p.outlines(orders, choices, drafts)
	if len(drafts) == 0 && len(p.errs) == 0 && !p.void {
		p.errs = append(p.errs, &NotUnderstoodError{Clause: p.request(), Reason: "it asks for no edit"})
	}
	return drafts, errors.Join(p.errs...)
}

// clause reads one clause: its conjuncts, each alone and then with what it shares with the others.
func (p *parse) clause(c clause, before []choice) []choice {
	if i := slices.IndexFunc(c.toks, func(t token) bool { return t.is("nothing") }); i > 0 && i <= 2 {
		p.notices = append(p.notices, fmt.Sprintf("%q asks for nothing", join(p.src, c.toks)))
		return nil
	}
	if e := unsupported(p.src, c); e != nil && p.v.denied(c.toks) == 0 && !p.covered(c.toks) {
		p.errs = append(p.errs, e)
		return nil
	}
	if toks := p.tooWithTail(c.toks, before); toks != nil {
		c.toks = toks
	} else if opensNoun(c.toks) && suffixOf(tooWords, c.all) > 0 && len(before) > 0 {
		if r := before[len(before)-1].taken(); r != nil { // "the other one too"
			c.toks = slices.Concat(r.lead(), c.toks, r.tail())
		}
	} else if n := prefixOf(sameWords, c.toks); n > 0 && len(before) > 0 {
		if r := before[len(before)-1].taken(); r != nil {
			c.toks = slices.Concat(r.lead(), c.toks[n:], r.tail())
		}
	}
	c.toks = p.sameNoun(c.toks, before)
	border := takeOutline(&c)
	except, err := p.leaveOut(&c)
	if err != nil {
		p.errs = append(p.errs, err)
		return nil
	}
	parts := p.v.coordinate(c.toks)
	out := make([]choice, len(parts))
	for i, pt := range parts {
		if pt.predicate && i > 0 {
			pt.toks = slices.Concat(pt.toks[:pt.verb], objectOf(out[:i]), pt.toks[pt.verb:])
		}
		out[i] = choice{part: pt, clause: c, readings: p.byAntecedent(p.limited(pt.toks, len(except) > 0), before), except: except, outline: border}
	}
	p.shareTails(out)
	return out
}

// forgone reports whether words only decline a look at the picture: "no captions".
func (p *parse) forgone(toks []token) bool {
	if len(toks) < 2 || len(toks) > 5 || !toks[0].is("no") {
		return false
	}
	rs := p.readings(slices.Concat(say(toks[0], "give"), toks[1:]))
	return len(rs) > 0 && rs[0].complete() && rs[0].task.readOnly && rs[0].match.phrase != nil
}

// tooWithTail reads "the cushion too, for a blanket" with the verb of the order before.
func (p *parse) tooWithTail(toks []token, before []choice) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("too", "also") })
	if len(before) == 0 || at < 1 || !opensNoun(toks) {
		return nil
	}
	r, tail := before[len(before)-1].taken(), trimMarks(toks[at+1:])
	if r == nil || len(tail) < 2 || !tail[0].in(targetPreps) {
		return nil
	}
	said := slices.Concat(r.lead(), trimMarks(toks[:at]), tail)
	if rs := p.readings(said); len(rs) == 0 || !rs[0].complete() || rs[0].task != r.task {
		return nil
	}
	return said
}

// leaveOut takes "except the dog" off a clause. Of the ways to read it the first
// that leaves a clause that is understood is taken, else the longest.
func (p *parse) leaveOut(c *clause) ([]string, error) {
	at := slices.IndexFunc(c.toks, func(t token) bool { return t.is(exceptWord) })
	if at < 0 {
		return nil, nil
	}
	if rs := p.readings(c.toks); len(rs) > 0 && rs[0].complete() && rs[0].roles[at] == verbRole {
		return nil, nil // a phrase of the docs holds the word
	}
	ways := p.splitException(c.toks)
	if len(ways) == 0 {
		return nil, &NotUnderstoodError{Clause: join(p.src, c.toks), Reason: "it does not say plainly what to leave as it is"}
	}
	best := ways[0]
	for _, w := range ways {
		parts := p.v.coordinate(w.rest)
		if rs := p.limited(parts[len(parts)-1].toks, true); len(rs) > 0 && rs[0].complete() {
			best = w
			break
		}
	}
	c.toks = best.rest
	return best.except, nil
}

func objectOf(before []choice) []token {
	for i := len(before) - 1; i >= 0; i-- {
		if len(before[i].readings) > 0 && len(before[i].readings[0].noun) > 0 {
			return before[i].readings[0].noun
		}
	}
	return nil
}

// collect turns the readings into drafts and gathers what was not understood.
func (p *parse) collect(cs []choice) []draft {
	var out []draft
	for _, c := range cs {
		p.evidence = append(p.evidence, evidence(p.src, c))
		r := c.taken()
		if r == nil {
			p.errs = append(p.errs, p.v.notUnderstood(p.src, c))
			continue
		}
		p.notices = append(p.notices, r.notices...)
		if other := rival(c.readings); other != nil {
			p.notices = append(p.notices, fmt.Sprintf("%q is taken for %s; it could also mean %s", join(p.src, c.part.toks), r.task.name, other.task.name))
		}
		s := r.subtask()
		s.Clause = join(p.src, asSaid(c.clause.all))
		s.Optional = c.clause.optional
		if len(c.except) > 0 {
			if why := r.task.canLeaveOut(c.except[0]); why != "" {
				p.errs = append(p.errs, &NotUnderstoodError{Clause: s.Clause, Words: c.except, Reason: why})
				continue
			}
			addExcept(&s, c.except...)
		}
		if why := r.task.canReshape(c.outline); why != "" {
			p.errs = append(p.errs, &NotUnderstoodError{Clause: s.Clause, Reason: why})
			continue
		}
		c.outline.apply(&s)
		p.notices = append(p.notices, c.outline.guesses...)
		if asksOn(out, &s, r) || repeats(out, s, r) {
			out[len(out)-1].Clause += ", " + s.Clause
			continue
		}
		out = append(out, draft{Subtask: s, reading: r, then: c.clause.then})
	}
	return out
}

// asksOn joins a question to what it leans on: "according to the sign, when does it open?"
func asksOn(before []draft, s *edit.Subtask, r *reading) bool {
	p := r.freeText()
	if len(before) == 0 || p == nil || !r.task.readOnly {
		return false
	}
	last := &before[len(before)-1]
	text, ok := last.Args[p.name].Value.(edit.Text)
	if last.Task != s.Task || !ok || !last.reading.toks[0].in(leanings) && slices.ContainsFunc(last.reading.toks, func(t token) bool { return t.in(questionWords) }) {
		return false
	}
	if said, ok := s.Args[p.name].Value.(edit.Text); ok {
		last.Args[p.name] = edit.Arg{Value: text + ", " + said}
	}
	return true
}

// repeats reports whether a subtask asks again for what the last one does, of
// which twice is no more than once.
func repeats(before []draft, s edit.Subtask, r *reading) bool {
	plain := s.Object == "" && s.Target == "" && len(s.Args) == 0 && !r.pronoun // "deblur and sharpen"
	if len(before) == 0 || !r.task.readOnly && !r.task.destroys && !plain {
		return false
	}
	last := before[len(before)-1]
	if last.Task == s.Task && r.task.readOnly && s.Object == "" && s.Region == "" && len(s.Args) == 0 && last.Object == "" {
		return true // "how does the sign sound, friendly or angry?"
	}
	if last.Task != s.Task || last.Object != s.Object || last.Region != s.Region || r.pronoun && s.Object == "" && r.task.needsObject {
		return false
	}
	return maps.Equal(last.Args, s.Args) && last.Target == s.Target
}

// rival is a reading for another task that fits as well as the one taken.
func rival(rs []*reading) *reading {
	for _, r := range rs[1:] {
		if r.task != rs[0].task && !r.match.phrase.lent() && r.complete() && !rs[0].task.readOnly && rs[0].score-r.score < 1 && r.matched >= rs[0].matched {
			return r
		}
	}
	return nil
}

// notUnderstood says what is wrong with a clause in terms of its best reading.
func (v *vocabulary) notUnderstood(src string, c choice) error {
	e := &NotUnderstoodError{Clause: join(src, c.part.toks)}
	words := lows(c.part.toks)
	led := slices.IndexFunc(c.readings, func(r *reading) bool { return r.match.phrase != nil && r.match.led })
	if led < 0 && (len(c.readings) == 0 || !slices.ContainsFunc(c.readings, func(r *reading) bool { return r.matched > 0 })) {
		e.Words, e.Reason = v.strange(c.part.toks)
		e.Nearest = v.suggest(v.nearest(words, 3))
		return e
	}
	if led < 0 {
		led = 0
	}
	best := c.readings[led]
	for _, r := range c.readings {
		if r.score > best.score && (r.match.led || r.matched > 0) {
			best = r
		}
	}
	e.Reason = best.why()
	e.Words = lows(best.left())
	near := []*task{best.task}
	for _, t := range v.nearest(words, 4) {
		if t != best.task && len(near) < 3 {
			near = append(near, t)
		}
	}
	e.Nearest = v.suggest(near)
	return e
}

// strange names the words that no doc knows; the first is where a verb is expected.
func (v *vocabulary) strange(toks []token) ([]string, string) {
	lead := leadEnd(toks)
	if lead >= len(toks) {
		return lows(toks), "it names no task"
	}
	w := toks[lead].low
	if opensNoun(toks[lead:]) || toks[lead].kind != wordToken {
		return lows(toks), "it does not say what to do"
	}
	if known := v.phrasesFrom(w); len(known) > 0 {
		return []string{w}, fmt.Sprintf("%q is known only as in %s", w, quoteList(known))
	}
	var close []string
	for _, verb := range v.verbs {
		if edit.Slips(key(w), verb) <= slips(w) {
			close = append(close, verb)
		}
	}
	if len(close) > 0 {
		return []string{w}, fmt.Sprintf("no tool doc knows the word %q; did you mean %s?", w, strings.Join(close, " or "))
	}
	return []string{w}, fmt.Sprintf("no tool doc knows the word %q as something to do", w)
}

// phrasesFrom lists the docs' phrases of several words that begin with a form of w, at most five.
func (v *vocabulary) phrasesFrom(w string) []string {
	var out []string
	for _, b := range bases(key(w)) {
		for _, p := range v.first[b] {
			out = append(out, p.String())
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), 5)]
}

// lead lists the verb words before the object.
func (r *reading) lead() []token {
	var out []token
	for i, t := range r.toks {
		if r.roles[i] == objectRole {
			break
		}
		if r.roles[i] != regionRole {
			out = append(out, t)
		}
	}
	return out
}

// namesNoun reports whether a phrase says itself what it is done to: "blur the background".
func (p *phrase) namesNoun() bool {
	return p != nil && len(p.words) > 1 && !particles[p.words[len(p.words)-1].key]
}
