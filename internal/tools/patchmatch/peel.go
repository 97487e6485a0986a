package patchmatch

import "context"

// peel makes the first guess at the coarsest level, from the hole's border
// inwards: each ring of unknown pixels is filled with the centres of the source
// patches that agree best with what is known around it, found exhaustively.
// Starting from a smooth fill instead would favour flat sources. Where the hole
// could not be made small enough, only every so many sources are compared.
func (l *level) peel(ctx context.Context) error {
	known := make([]bool, len(l.unknown))
	for i, u := range l.unknown {
		known[i] = !u
	}
	depth := l.depth()
	step := 1 + l.peelWork()/peelBudget
	for ring := int32(1); ; ring++ {
		var filled []int
		for i, d := range depth {
			if d != ring {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			filled = append(filled, i)
			s := l.bestPartial(i, known, step)
			copy(l.px[channels*i:channels*(i+1)], l.px[channels*s:channels*(s+1)])
		}
		if len(filled) == 0 {
			break
		}
		for _, i := range filled {
			known[i] = true
		}
	}
	for _, t := range l.targets {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.nn[t] = int32(l.bestPartial(int(t), known, step))
	}
	return nil
}

// peelWork is how many patches peel would compare exhaustively.
func (l *level) peelWork() int { return (len(l.targets) + l.holeSize()) * len(l.sources) }

// bestPartial returns the source, of every step-th, whose patch differs least
// from the known part of the patch around pixel t.
func (l *level) bestPartial(t int, known []bool, step int) int {
	x, y := t%l.w, t/l.w
	offsets := make([]int, 0, (2*radius+1)*(2*radius+1))
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if xx, yy := x+dx, y+dy; xx >= 0 && yy >= 0 && xx < l.w && yy < l.h && known[yy*l.w+xx] {
				offsets = append(offsets, dy*l.w+dx)
			}
		}
	}
	best, least := int(l.sources[0]), float32(infinite)
	for k := 0; k < len(l.sources); k += step {
		s := l.sources[k]
		var sum float32
		for _, o := range offsets {
			a, b := l.px[channels*(t+o):], l.px[channels*(int(s)+o):]
			for c := range channels {
				d := a[c] - b[c]
				sum += d * d
			}
			if sum >= least {
				break
			}
		}
		if sum < least {
			best, least = int(s), sum
		}
	}
	return best
}
