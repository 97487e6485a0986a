// Package astar finds the toolpath that completes a subtask at the best
// trade of cost and quality. It is pure: it sees calls with the slots they
// need and make, knows no tool, task or object by name, and does no I/O.
//
// # The problem
//
// A path is a set of calls that can be run in some order from the slots held
// at the start and whose last call completes the subtask. Its cost C is the
// sum of its calls' seconds, its quality Q the product of their qualities;
// each call counts once. With the dial α in [0,2] the value to minimise is
//
//	f = C^α · (2 − Q)^(2−α)
//
// (CoSTA*, arXiv 2503.10613; FaSTA*, arXiv 2506.20911). A call may need
// several slots at once and make several, so a path is a hyperpath. Finding
// the cheapest is what planners call h⁺ (a problem whose actions delete
// nothing): NP-hard in general, and easy where few slots are needed at a time,
// as between real tools.
//
// # The search
//
// It runs backwards. A state is the set of slots that the calls chosen so far
// still need; it starts with the subtask's completion and ends with the empty
// set. Taking the call p as the last one before those chosen turns the state O
// into (O \ makes(p)) ∪ (needs(p) \ held). Backwards, a shared step
// counts once by itself, since a slot that two calls need stands in O once;
// nothing that no one asked for is ever made; and cycles between tools need
// no special case, since a path that goes round one is longer than the same
// path without.
//
// f is not additive, so one label per state is not enough: a state keeps
// every pair (C, Q) that no other dominates. Since f rises with C and falls
// with Q, a dominated label can never become the better one.
//
// Independent calls can be put in any order, and trying every order costs
// exponential time. So a state branches only on the makers of one of its
// slots where some order of every minimal path ends with such a maker: where
// nothing those makers make is on the way to another slot of O. Only where
// cycles or calls with several outputs leave no such slot does it branch on
// the makers of all.
//
// # The bound
//
// need(a) is 0 if a is held, else the least over makers of a of the maker's
// cost plus the bound of the set of its inputs. The bound of a set is the
// greatest need of its slots, plus for each other slot what it takes beyond
// calls that may already be counted: those that make something on the way to
// a slot before it. Plain sums would count shared steps twice; this counts
// none twice, and is far closer than the greatest need alone where calls need
// several artifacts. The same holds for −log Q. Since every state is a
// question of its own about the slots held at the start, need is computed
// once, not for each state. Then
//
//	(C + need_C)^α · (2 − Q·need_Q)^(2−α)
//
// never overestimates, for every α in [0,2], and the search ends when no open
// label can beat the best path found. It is A* with bi-criteria labels, as in
// NAMOA* (Mandow and Pérez de la Cruz, JACM 2010), over an AND-OR graph whose
// one-slot bounds are Knuth's (IPL 1977).
//
// # What is promised
//
//   - Search is optimal under the estimates at every α; Frontier returns every
//     undominated (C, Q).
//   - Ties in f: undominated first (at α = 0 the cheaper, at α = 2 the better),
//     then fewer calls that are not cached, then fewer calls, then names.
//     Values within a relative 1e-12 are taken as equal, since sums
//     in another order differ by rounding.
//   - The result depends on the set of calls, not on their order.
//   - A path holds no call whose output nothing uses.
//   - A call whose quality is below the threshold is taken only when no path is
//     left without such calls; then the product of those qualities is made
//     as great as it can be before f is looked at.
//   - Estimates that are NaN, infinite or out of range are errors; every search
//     ends, early when its context does, and gives up with an error before it
//     takes more than about half a gigabyte.
//
// # Running as little as can be
//
// Lazy runs the first call not yet run of the best path, puts the measurement
// in the place of the estimate, and searches again. It asks one of two questions:
//
//   - Without LazyOptions.Sunk: which path has the least f? With estimates that are
//     optimistic (a call costs no less and is no better) the answer is the true
//     optimum over all calls on all inputs, whatever it takes to find it: a result a
//     little worse than was hoped for is left for the next that still promises
//     more. That is right where a path is looked for once and followed often.
//   - With it: how does one get there with the least f of all that will have been
//     spent? What has run is free to a plan, and every completion bears all that
//     was spent, in vain or not. That is right where an edit is made once, since
//     those seconds are gone either way; so the agent sets it. The result need not
//     be the path of least f any more. In its place: with estimates that promise no
//     more than what is (a call costs no more, is no worse and does not fail) the f of
//     what was spent and reached is no worse than that of the first plan, since a
//     plan is re-planned only to something at least as good and each measurement betters it.
//
// Either way it ends; no call runs twice; none runs that was not on a path
// optimal, in the sense of the question, under the estimates of that moment;
// and with exact estimates the result is the optimum and nothing else was run:
// what ran is then a part of the best path, so that charging it to all paths alike
// leaves the best one the best. Each is a property test.
//
// LazyOptions.Alike is a model, not a promise: a picture that is hard for a tool is
// hard for it with other parameters too. Half of what a judged quality is off by is
// taken to lie in the picture (common), so one result at 0.3 of a tool
// expected at 0.93 lowers the tool's other calls to 0.62, and another tool is tried first.
//
// Published re-enacts the search of the CoSTA* paper, so that the two can be compared.
package astar
