// Package planner turns a request in plain words into a plan of subtasks.
//
// The grammar planner knows English, not image editing: its own words are the
// small closed classes (articles, prepositions, conjunctions, numbers, units,
// degree words, politeness) in words.go and the colour names of package edit.
// Every verb, task type, label and adjective comes from the tool docs it is
// given, so that a doc dropped into a folder is understood with no code change.
//
// A request passes through these steps, each in a file of its own:
//
//	token.go      normalise, refuse what hides, cut into tokens
//	mend.go       typing slips, by the docs' words and those of package english
//	adverbial.go  when, why and for whom, which ask for nothing
//	statement.go, remark.go  sentences that only state something
//	clause.go     one clause per order, polite.go: politeness off
//	plain.go      what is said first, last or apart put where an order has it
//	coordinate.go "the dog and the bench", "red and the wall yellow"
//	match.go      which words of a clause are a task's words
//	interpret.go  what the other words are to that task
//	ladder.go     a clause that does not fit is read in other words
//	construct.go  those words: "y in place of x", "x should become y", ...
//	correct.go    what a person takes back: "no wait, ..."
//	bear.go       what remarks tell of which task is meant
//	looking.go    questions, and clauses of which the gist is enough
//	plan.go       pronouns, dependencies, numbering
//	validate_cover.go  every clause is served, nothing invented
//	reread.go     all of it again, without words that ask for nothing
//
// thesaurus.txt holds words of general English that mean nearly the same, so
// that a doc which knows one of them is understood by the others.
//
// Each clause gets every interpretation its words allow. One that leaves a word
// unexplained, or lacks what its tools need, is never taken: the error names
// the words and the nearest task types instead.
package planner
