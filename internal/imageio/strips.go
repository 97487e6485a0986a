package imageio

import "runtime"

// inOrder calls work for the strips 0 to n-1 on all cores, and done with each strip's result in their order, in the
// caller's goroutine. work gets a result that done is finished with, or the zero value, to use its memory again.
// Few strips are worked on ahead of done; after done's first error no more are begun. A panic of work comes out here.
func inOrder[T any](n int, work func(i int, old T) T, done func(T) error) error {
	type result struct {
		v      T
		raised any
	}
	type job struct {
		i   int
		old T
	}
	ahead := min(n, 2*runtime.GOMAXPROCS(0))
	jobs, results := make(chan job, ahead), make([]chan result, ahead)
	for i := range results {
		results[i] = make(chan result, 1)
		jobs <- job{i: i}
	}
	defer close(jobs)
	one := func(j job) (r result) {
		defer func() { r.raised = recover() }()
		r.v = work(j.i, j.old)
		return r
	}
	for range min(ahead, runtime.GOMAXPROCS(0)) {
		go func() {
			for j := range jobs {
				results[j.i%ahead] <- one(j)
			}
		}()
	}
	var err error
	var raised any
	for i, begun := 0, ahead; i < begun; i++ { // to the last strip begun, so that no goroutine outlives the call
		r := <-results[i%ahead]
		if raised == nil {
			raised = r.raised
		}
		if err != nil || raised != nil {
			continue
		}
		if err = done(r.v); err == nil && begun < n {
			jobs <- job{begun, r.v}
			begun++
		}
	}
	if raised != nil {
		panic(raised)
	}
	return err
}
