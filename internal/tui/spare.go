package tui

import "runtime"

// SpareThread lets one goroutine more run at a time than there are cores. Tools
// take every core they are given; the update loop then has a thread of its own,
// which the system wakes at once, and no key waits for a tool to yield. It returns what takes that back.
func SpareThread() (undo func()) {
	was := runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	return func() { runtime.GOMAXPROCS(was) }
}
