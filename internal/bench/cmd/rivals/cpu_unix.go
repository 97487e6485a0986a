//go:build unix

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// worked is what this process has had of all cores.
func worked() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
