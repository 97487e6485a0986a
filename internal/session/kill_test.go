package session_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"pentimento/internal/session"
	"pentimento/internal/store"
)

const (
	envChild = "PENTIMENTO_TEST_SESSION"
	kills    = 50
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envChild); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// pictureOf is what turn n of the killed session shows.
func pictureOf(n int) (x, y int, seed uint64) { return n * 37 % 200, n * 53 % 200, uint64(n) }

// child goes on with the session until it is killed and says what it has finished:
// a turn, or a name that it gave to one.
func child(dir string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	st, err := store.Open(ctx, dir, store.Options{})
	fail(err)
	all := session.Open(st, session.Options{})
	s, err := all.Load(ctx, "killed")
	fail(err)
	base, err := s.State(ctx, session.Original)
	fail(err)
	fmt.Println("ready")
	for {
		x, y, seed := pictureOf(s.Len())
		id, err := s.Commit(ctx, s.Head(), session.Turn{Request: fmt.Sprint(s.Len())}, session.Result{Image: patched(base, x, y, 60, 60, seed)})
		fail(err)
		fmt.Println("turn", id)
		if id%3 == 0 {
			_, err = s.Undo(ctx)
			fail(err)
			fmt.Println("head", s.Head())
		}
		if id%5 == 0 {
			_, err = all.GC(ctx)
			fail(err)
		}
	}
}

// TestKilledAtAnyMoment kills the program again and again and looks whether what
// it said it had finished is there, whole.
func TestKilledAtAnyMoment(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	base := photo(300, 300, 1)
	st := openStore(t, dir)
	all := session.Open(st, session.Options{})
	if err := begin(t, all, "killed", base).Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	checked := 0
	for round := range kills {
		turn, head := killOne(t, dir, time.Duration(r.IntN(40_000))*time.Microsecond)
		s, err := all.Load(ctx, "killed")
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if s.Len()-1 < turn || turn == 0 && s.Len() == 1 && round > 10 {
			t.Errorf("round %d: %d turns are left of %d", round, s.Len()-1, turn)
		}
		// One more pointer may have moved than was told.
		if head >= 0 && s.Len()-1 == turn && int(s.Head()) != head && int(s.Head()) != turn && turn%3 != 0 {
			t.Errorf("round %d: the head is %d and was %d", round, s.Head(), head)
		}
		for ; checked < s.Len(); checked++ {
			want := base
			if checked > 0 {
				x, y, seed := pictureOf(checked)
				want = patched(base, x, y, 60, 60, seed)
			}
			if !same(state(t, s, session.TurnID(checked)), want) {
				t.Errorf("round %d: the picture of turn %d is another", round, checked)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	report, err := all.Verify(ctx, "")
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("Verify says %v, %v", report.Problems, err)
	}
	t.Logf("%d turns after %d kills", checked-1, kills)
	if checked < kills/5 {
		t.Errorf("only %d turns were made", checked-1)
	}
}

// killOne starts a child, lets it work for a while and kills it. It returns the
// last turn and the last head that it told, -1 for a head that it did not.
func killOne(t *testing.T, dir string, after time.Duration) (turn, head int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	if !in.Scan() || in.Text() != "ready" {
		t.Errorf("the child says %q", in.Text())
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	head = -1
	for in.Scan() {
		word, number, _ := strings.Cut(in.Text(), " ")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil:
			t.Errorf("the child says %q", in.Text())
		case word == "turn":
			turn, head = n, n
		default:
			head = n
		}
	}
	_ = cmd.Wait() // it was killed, which is an error here
	return turn, head
}
