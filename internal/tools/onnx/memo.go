package onnx

import (
	"container/list"
	"fmt"
	"slices"
	"sync"
	"weak"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// The memo keeps few and small answers: a request asks for a handful of objects
// in one picture, and a picture-sized answer is made once only.
const (
	memoEntries = 8
	memoBytes   = 8 << 20
)

// memo remembers what a network said of a picture. Pictures are never written
// to, so their identity stands for their contents; the weak pointer neither
// keeps a picture alive nor ever equals that of another.
type memo struct {
	mu    sync.Mutex
	order *list.List // of memoEntry, most recently used first
	at    map[memoKey]*list.Element
}

type memoKey struct {
	img   weak.Pointer[pixel.Image]
	model sessionKey
	input string // the pre-processing, written out
}

type memoEntry struct {
	key     memoKey
	out     []tensorData
	seconds float64 // that it took to make
}

func newMemo() *memo { return &memo{order: list.New(), at: make(map[memoKey]*list.Element)} }

// memoKey names this job's inference; false when its answer depends on more than the picture.
func (j *job) memoKey() (memoKey, bool) {
	if slices.ContainsFunc(j.extra, func(e edit.ExtraInput) bool { return e.From != "" }) {
		return memoKey{}, false
	}
	return memoKey{weak.Make(j.img), j.key, fmt.Sprintf("%v %v", j.in, j.extra)}, true
}

// get returns an answer and the seconds that it took.
func (m *memo) get(k memoKey) ([]tensorData, float64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.at[k]
	if !ok {
		return nil, 0, false
	}
	m.order.MoveToFront(e)
	entry := e.Value.(memoEntry)
	return entry.out, entry.seconds, true
}

func (m *memo) put(k memoKey, out []tensorData, seconds float64) {
	var size int64
	for _, t := range out {
		size += t.bytes()
	}
	if size > memoBytes {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.at[k]; ok {
		m.order.MoveToFront(e)
		return
	}
	m.at[k] = m.order.PushFront(memoEntry{k, out, seconds})
	for m.order.Len() > memoEntries {
		last := m.order.Back()
		delete(m.at, m.order.Remove(last).(memoEntry).key)
	}
}
