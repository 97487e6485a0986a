//go:build !unix

package main

import (
	"os"
	"time"
)

func worked() time.Duration { return 0 }

func peak(*os.ProcessState) float64 { return 0 }
