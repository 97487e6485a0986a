package astar

// entry is a label in the open list. Less is taken out first: by weak, then
// by first, then by second, then the older label.
type entry struct {
	weak, first, second float64
	label               int32
}

func (a *entry) before(b *entry) bool {
	switch {
	case a.weak != b.weak:
		return a.weak < b.weak
	case a.first != b.first:
		return a.first < b.first
	case a.second != b.second:
		return a.second < b.second
	}
	return a.label < b.label
}

// heap is a binary heap of entries.
type heap []entry

func (h *heap) push(e entry) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(&s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

func (h *heap) pop() entry {
	s := *h
	top, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for {
		down := 2*i + 1
		if down >= len(s) {
			break
		}
		if down+1 < len(s) && s[down+1].before(&s[down]) {
			down++
		}
		if !s[down].before(&last) {
			break
		}
		s[i] = s[down]
		i = down
	}
	if len(s) > 0 {
		s[i] = last
	}
	return top
}
