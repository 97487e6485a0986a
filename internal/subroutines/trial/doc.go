// Package trial holds the statistics that a subroutine's life hangs on: bounds
// of rates, the sequential test by which a candidate is verified, and the
// change detector that suspends a rule that turned bad. It is pure, does no I/O, and knows nothing of subroutines.
//
// The sequential test may be looked at after every pair and stopped at any
// time without spending its error budget twice: it bets against the candidate
// being useless, with bets whose capital is a supermartingale where that is
// true, so that by Ville's inequality (1939) it ever grows to 1/ε with
// probability at most ε. The method is that of Waudby-Smith and Ramdas,
// "Estimating means of bounded random variables by betting" (JRSS B, 2024). It
// replaces testing again on a fresh sample until one passes, whose error has no bound.
package trial
