package edit

// Slips is the number of single-letter slips between two words: a letter left
// out, added, changed, or two neighbours swapped (optimal string alignment).
// Words whose lengths differ by more than three, or that are longer than 64
// letters, are not compared: they count as 64 apart.
func Slips(a, b string) int {
	const apart = 64
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 3 || d < -3 || len(x) > apart || len(y) > apart {
		return apart
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(y)]
}
