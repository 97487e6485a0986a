package pixel_test

import (
	"image"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

// draw makes a mask from rows of text: '#' inside, '+' half, '-' just below half, anything else outside.
func draw(rows ...string) *pixel.Mask {
	m := pixel.NewMask(len(rows[0]), len(rows))
	value := map[byte]uint8{'#': 255, '+': 128, '-': 127}
	for y, row := range rows {
		for x := range row {
			m.Pix[y*m.W+x] = value[row[x]]
		}
	}
	return m
}

func same(t *testing.T, got, want *pixel.Mask) {
	t.Helper()
	if got.W != want.W || got.H != want.H {
		t.Fatalf("size %d×%d, want %d×%d", got.W, got.H, want.W, want.H)
	}
	for y := range got.H {
		if a, b := got.Pix[y*got.W:(y+1)*got.W], want.Pix[y*got.W:(y+1)*got.W]; !slices.Equal(a, b) {
			t.Fatalf("row %d: %v, want %v", y, a, b)
		}
	}
}

// masks draws small masks, hard or soft, sometimes empty or full.
func masks(maxSide int) *rapid.Generator[*pixel.Mask] {
	return rapid.Custom(func(t *rapid.T) *pixel.Mask {
		w, h := rapid.IntRange(1, maxSide).Draw(t, "w"), rapid.IntRange(1, maxSide).Draw(t, "h")
		m := pixel.NewMask(w, h)
		values := rapid.SampledFrom([][]uint8{{0}, {255}, {0, 255}, {0, 0, 0, 0, 255}, {0, 1, 127, 128, 254, 255}}).Draw(t, "values")
		for i := range m.Pix {
			m.Pix[i] = rapid.SampledFrom(values).Draw(t, "v")
		}
		return m
	})
}

func sized(t *rapid.T, w, h int, name string) *pixel.Mask {
	m := pixel.NewMask(w, h)
	copy(m.Pix, rapid.SliceOfN(rapid.Uint8(), w*h, w*h).Draw(t, name))
	return m
}

func TestMaskAlgebraLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 6).Draw(t, "w"), rapid.IntRange(1, 6).Draw(t, "h")
		a, b, c := sized(t, w, h, "a"), sized(t, w, h, "b"), sized(t, w, h, "c")
		equal := func(law string, x, y *pixel.Mask) {
			if !slices.Equal(x.Pix, y.Pix) {
				t.Fatalf("%s fails: %v and %v", law, x.Pix, y.Pix)
			}
		}
		inv := pixel.Invert
		equal("de Morgan", inv(pixel.Union(a, b)), pixel.Intersect(inv(a), inv(b)))
		equal("absorption", pixel.Union(a, pixel.Intersect(a, b)), a)
		equal("distribution", pixel.Intersect(a, pixel.Union(b, c)), pixel.Union(pixel.Intersect(a, b), pixel.Intersect(a, c)))
		equal("difference", pixel.Subtract(a, b), pixel.Intersect(a, inv(b)))
		equal("double inversion", inv(inv(a)), a)
	})
}

func TestMismatchedSizesPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a union of different sizes did not panic")
		}
	}()
	pixel.Union(pixel.NewMask(2, 3), pixel.NewMask(3, 2))
}

func TestBoundsAndCounts(t *testing.T) {
	m := draw("......", "..-+..", "....#.", "......")
	if got, want := m.Bounds(pixel.Half), image.Rect(3, 1, 5, 3); got != want {
		t.Errorf("bounds %v, want %v", got, want)
	}
	if got, want := m.Bounds(1), image.Rect(2, 1, 5, 3); got != want {
		t.Errorf("bounds of any matte %v, want %v", got, want)
	}
	if got := pixel.NewMask(3, 3).Bounds(1); !got.Empty() {
		t.Errorf("an empty mask has bounds %v", got)
	}
	if m.Count(pixel.Half) != 2 || m.Count(1) != 3 || m.Empty() {
		t.Errorf("counts %d and %d, empty %v", m.Count(pixel.Half), m.Count(1), m.Empty())
	}
	if got, want := m.Area(), (127.0+128+255)/255; math.Abs(got-want) > 1e-9 {
		t.Errorf("area %v, want %v", got, want)
	}
	same(t, pixel.Threshold(m, pixel.Half), draw("......", "...#..", "....#.", "......"))
}

func TestIoU(t *testing.T) {
	truth := draw("##+...")
	for _, tc := range []struct {
		name   string
		m      *pixel.Mask
		ignore func(uint8) bool
		want   float64
	}{
		{"same, grey scored", draw("###..."), nil, 1},
		{"grey ignored", draw("##...."), pixel.IgnoreGrey, 1},
		{"grey scored", draw("##...."), nil, 2.0 / 3},
		{"half", draw("#....."), pixel.IgnoreGrey, 0.5},
		{"disjoint", draw("...###"), pixel.IgnoreGrey, 0},
		{"one too many", draw("##.#.."), pixel.IgnoreGrey, 2.0 / 3},
	} {
		if got := pixel.IoU(tc.m, truth, tc.ignore); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	if got := pixel.IoU(draw("..."), draw("..."), nil); got != 1 {
		t.Errorf("two empty masks: %v, want 1", got)
	}
}

func TestGrowIsAnExactDisc(t *testing.T) {
	m := pixel.NewMask(21, 17)
	m.Pix[8*21+10] = 255
	for _, r := range []float64{0, 0.9, 1, 1.5, 2, math.Sqrt(5), 5, 7.3} {
		got := pixel.Grow(m, r)
		for y := range m.H {
			for x := range m.W {
				in := float64((x-10)*(x-10)+(y-8)*(y-8)) <= r*r
				if (got.At(x, y) == 255) != in {
					t.Errorf("radius %v: pixel (%d,%d) is %d", r, x, y, got.At(x, y))
				}
			}
		}
	}
}

func TestDistanceMatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := masks(12).Draw(t, "mask")
		got := pixel.Distance(m, pixel.Half)
		for y := range m.H {
			for x := range m.W {
				want := math.Inf(1)
				for j := range m.H {
					for i := range m.W {
						if m.At(i, j) >= pixel.Half {
							want = math.Min(want, math.Hypot(float64(x-i), float64(y-j)))
						}
					}
				}
				if got.At(x, y) != float32(want) {
					t.Fatalf("(%d,%d): %v, want %v", x, y, got.At(x, y), want)
				}
			}
		}
	})
}

func TestGrowShrinkLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := masks(14).Draw(t, "mask")
		r := rapid.Float64Range(0, 5).Draw(t, "r")
		more := r + rapid.Float64Range(0, 3).Draw(t, "more")
		below := func(law string, a, b *pixel.Mask) {
			for i := range a.Pix {
				if a.Pix[i] > b.Pix[i] {
					t.Fatalf("%s fails at %d: %d > %d", law, i, a.Pix[i], b.Pix[i])
				}
			}
		}
		below("growing adds", m, pixel.Grow(m, r))
		below("growing is monotonic", pixel.Grow(m, r), pixel.Grow(m, more))
		below("shrinking takes away", pixel.Shrink(m, r), m)
		hard := pixel.Threshold(m, pixel.Half)
		below("opening takes away", pixel.Open(hard, r), hard)
		below("closing adds", hard, pixel.Close(hard, r))
	})
}

func TestShrinkKeepsTheSideThatTheBorderCuts(t *testing.T) {
	same(t, pixel.Shrink(draw("####..", "####..", "####.."), 1), draw("###...", "###...", "###..."))
}

func TestFillHoles(t *testing.T) {
	m := draw(
		"########..",
		"#..##..#..",
		"#..#...#..",
		"########..",
		"#.#.......",
	)
	same(t, pixel.FillHoles(m, 4), draw(
		"########..",
		"####"+"#..#..",
		"####...#..",
		"########..",
		"#.#.......",
	))
	same(t, pixel.FillHoles(m, 0), draw(
		"########..",
		"########..",
		"########..",
		"########..",
		"#.#.......",
	))
	// A diagonal slit does not let a hole out: the outside is 4-connected.
	same(t, pixel.FillHoles(draw("....", ".##.", ".#.#", "..##"), 0), draw("....", ".##.", ".###", "..##"))
}

func TestFeather(t *testing.T) {
	m := pixel.RectMask(60, 40, image.Rect(20, 10, 40, 30))
	soft := pixel.Feather(m, 2)
	if soft.At(30, 20) != 255 || soft.At(2, 2) != 0 {
		t.Errorf("inside %d, outside %d", soft.At(30, 20), soft.At(2, 2))
	}
	if v := soft.At(20, 20); v < 128 || v > 160 {
		t.Errorf("the first pixel inside is %d, want a little over half", v)
	}
	if math.Abs(soft.Area()-m.Area()) > 1 {
		t.Errorf("area went from %v to %v", m.Area(), soft.Area())
	}
}

func TestComponents(t *testing.T) {
	m := draw(
		"##...#",
		"#...#.",
		"...#..",
		".-....",
		"###.##",
	)
	for _, tc := range []struct {
		name  string
		eight bool
		areas []int
	}{
		{"sides", false, []int{3, 3, 2, 1, 1, 1}},
		{"corners too", true, []int{3, 3, 3, 2}},
	} {
		var areas []int
		for _, c := range pixel.Components(m, pixel.Half, tc.eight) {
			areas = append(areas, c.Area)
		}
		if !slices.Equal(areas, tc.areas) {
			t.Errorf("%s: areas %v, want %v", tc.name, areas, tc.areas)
		}
	}
	l := pixel.Label(m, pixel.Half, true)
	if c := l.Components[1]; c.Box != image.Rect(3, 0, 6, 3) || c.X != 4 || c.Y != 1 {
		t.Errorf("the diagonal is %+v", c)
	}
	same(t, l.Mask(1), draw(".....#", "....#.", "...#..", "......", "......"))
	if n := len(pixel.Components(pixel.NewMask(5, 5), 1, true)); n != 0 {
		t.Errorf("an empty mask has %d components", n)
	}
}

// Two pixels share a component exactly when a walk over inside neighbours joins them.
func TestLabelMatchesFloodFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := masks(12).Draw(t, "mask")
		eight := rapid.Bool().Draw(t, "eight")
		l := pixel.Label(m, pixel.Half, eight)
		total := 0
		for i, c := range l.Components {
			total += c.Area
			if i > 0 && c.Area > l.Components[i-1].Area {
				t.Fatalf("component %d is larger than the one before", i)
			}
			part := l.Mask(i)
			if part.Bounds(1) != c.Box || part.Count(1) != c.Area {
				t.Fatalf("component %d: %v with %d pixels, says %+v", i, part.Bounds(1), part.Count(1), c)
			}
			if flood(part, eight) != c.Area {
				t.Fatalf("component %d is not connected", i)
			}
			for j := range i {
				if touches(part, l.Mask(j), eight) {
					t.Fatalf("components %d and %d touch", i, j)
				}
			}
		}
		if total != m.Count(pixel.Half) {
			t.Fatalf("components hold %d pixels of %d", total, m.Count(pixel.Half))
		}
	})
}

func neighbours(m *pixel.Mask, i int, eight bool) (list []int) {
	x, y := i%m.W, i/m.W
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			corner := dx != 0 && dy != 0
			if nx, ny := x+dx, y+dy; (eight || !corner) && nx >= 0 && ny >= 0 && nx < m.W && ny < m.H {
				list = append(list, ny*m.W+nx)
			}
		}
	}
	return list
}

// flood counts the pixels that a walk from the first inside pixel reaches.
func flood(m *pixel.Mask, eight bool) int {
	seen := make(map[int]bool)
	todo := []int{slices.IndexFunc(m.Pix, func(v uint8) bool { return v > 0 })}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if m.Pix[i] == 0 || seen[i] {
			continue
		}
		seen[i] = true
		todo = append(todo, neighbours(m, i, eight)...)
	}
	return len(seen)
}

func touches(a, b *pixel.Mask, eight bool) bool {
	for i, v := range a.Pix {
		if v > 0 && slices.ContainsFunc(neighbours(a, i, eight), func(j int) bool { return b.Pix[j] > 0 }) {
			return true
		}
	}
	return false
}

func BenchmarkDistance(b *testing.B) {
	m := pixel.RectMask(1280, 1280, image.Rect(400, 300, 900, 1000))
	b.SetBytes(int64(len(m.Pix)))
	for b.Loop() {
		pixel.Distance(m, pixel.Half)
	}
}

func BenchmarkLabel(b *testing.B) {
	m := noise(1280, 1280, 1).Alpha()
	b.SetBytes(int64(len(m.Pix)))
	for b.Loop() {
		pixel.Label(m, pixel.Half, true)
	}
}
