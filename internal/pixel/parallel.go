package pixel

import (
	"runtime"
	"sync"
)

// minBand is the least number of rows worth a goroutine of its own.
const minBand = 16

// Rows splits [0,h) into bands and calls f(y0, y1) for each, in parallel. It
// returns when all bands are done. Each row belongs to exactly one band, so a
// result that depends only on its row does not depend on the number of cores.
// A panic in f is raised again in the caller's goroutine, where it can be recovered.
func Rows(h int, f func(y0, y1 int)) {
	n := min(runtime.GOMAXPROCS(0), (h+minBand-1)/minBand)
	if n <= 1 {
		if h > 0 {
			f(0, h)
		}
		return
	}
	var (
		wg     sync.WaitGroup
		once   sync.Once
		raised any
	)
	for i := range n {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { raised = r })
				}
			}()
			f(i*h/n, (i+1)*h/n)
		})
	}
	wg.Wait()
	if raised != nil {
		panic(raised)
	}
}
