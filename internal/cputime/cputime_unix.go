//go:build unix

// Package cputime tells how long this process has computed.
package cputime

import (
	"time"

	"golang.org/x/sys/unix"
)

// Process is what all threads of this process have had of the cores since it began; 0 where that is not known.
func Process() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
