package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// interrupts are the signals that ask the program to end. The first cancels the
// context, unless a command has asked to be told of it first.
type interrupts struct {
	mu    sync.Mutex
	first func() // nil: nobody asked
}

type interruptsKey struct{}

// withInterrupts has signals cancel the context.
func withInterrupts(ctx context.Context, cancel func()) (context.Context, func()) {
	in := &interrupts{}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range signals {
			if first := in.take(); first != nil {
				first()
				continue
			}
			signal.Stop(signals) // a further one ends the process at once
			cancel()
			// What does not watch the context, such as a read from an idle pipe, must not hold it.
			time.AfterFunc(900*time.Millisecond, func() { os.Exit(int(exitCancelled)) })
			return
		}
	}()
	return context.WithValue(ctx, interruptsKey{}, in), func() { signal.Stop(signals) }
}

func (in *interrupts) take() func() {
	in.mu.Lock()
	defer in.mu.Unlock()
	first := in.first
	in.first = nil
	return first
}

// onFirstInterrupt has the first signal call f and only the second cancel the context.
func onFirstInterrupt(ctx context.Context, f func()) {
	if in, ok := ctx.Value(interruptsKey{}).(*interrupts); ok {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.first = f
	}
}
