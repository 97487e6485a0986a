// Package mine finds subroutines in traces: toolpaths that keep succeeding at a
// task type, each with the condition on the picture under which it succeeds and
// pays. It is pure and deterministic: no I/O, no clock, no randomness; the
// same traces give the same candidates in whatever order they came. The method,
// its formulas and their sources are told in docs/mining.md.
//
// # What traces can tell, and what not
//
// A trace shows the outcome of the paths that were tried on that picture and of
// no other. So these are identified:
//
//   - How often a path passed the judge among the pictures it was tried on: a
//     path's attempt counts as failed where one of its calls, run on what the path
//     would have run it on, did not pass, and as passed where its last call did.
//   - What the search really spent on those pictures, failed attempts included.
//
// These are not:
//
//   - The outcome of a path on pictures it was not tried on. The rate under a
//     condition is carried over from tried pictures to the others that meet the
//     same condition. That is right if, given the conditions of the rule, whether
//     the path was tried says nothing about whether it would pass. The search
//     tries what it thinks best and goes on only after failures, so a path that
//     comes second is tried on harder pictures than average (its rate is then too
//     low), and a path may be tried only where it is known to be good (too high).
//   - Anything about a path that was never tried: no trace tells it, only a replay.
//   - Quality beyond what the judge sees: a judge that errs errs here too.
//   - Calls that broke off with an error. Traces do not mark them; they are no
//     evidence for or against a path, but their seconds are counted as spent.
//
// Therefore nothing that is mined is used before it has been verified: what is
// found here are candidates, with evidence from pictures that had no part in finding them.
package mine
