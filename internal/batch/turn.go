package batch

import (
	"context"
	"errors"
	"sync"
)

// errNotBegun ends an item that was read ahead when no further one is to be begun.
var errNotBegun = errors.New("not begun")

// turn has an item compute only when fewer than AtOnce others do, so that reading one and saving another go on beside
// the inference of those; nil where none is ahead. The time that it waits is none of the item's.
func (r *running) turn(a *attempt) func(context.Context) (func(), error) {
	if r.Ahead == 0 {
		return nil
	}
	return func(context.Context) (func(), error) {
		from := r.Now()
		defer func() { a.waited += r.Now().Sub(from) }()
		select {
		case r.turns <- struct{}{}:
			if !r.stopped() {
				a.over = sync.OnceFunc(func() { <-r.turns })
				return a.over, nil
			}
			<-r.turns
		case <-r.soft.Done():
		}
		return nil, errNotBegun
	}
}
