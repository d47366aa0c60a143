package guest

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

type panics struct{}

func (panics) Error() string { panic(panics{}) }

func TestApart(t *testing.T) {
	for want, f := range map[string]func(){
		"":                      func() {},
		"panic: boom":           func() { panic("boom") },
		"panic: a guest.panics": func() { panic(panics{}) },
		"it ended its goroutine (runtime.Goexit)": func() { runtime.Goexit() },
	} {
		got := ""
		if err := Apart(f); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestInside(t *testing.T) {
	var deep func(n int) bool
	deep = func(n int) bool {
		if n == 0 {
			return Inside()
		}
		return deep(n - 1)
	}
	for _, n := range []int{0, 10, 61, 62, 63, 64, 200, 10_000} {
		is := false
		Within(func() { is = deep(n) })
		if !is || deep(n) {
			t.Errorf("%d calls deep: inside is %t, outside %t", n, is, deep(n))
		}
	}
	_ = Apart(func() {
		if Inside() {
			t.Error("a goroutine of its own is inside")
		}
	})
}

// A call that does not return holds up those behind it, and nobody else.
func TestCallerDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var made []int
		var failures []string
		leftOut := 0
		c := Caller{
			Limit:   3,
			Failed:  func(err error) { mu.Lock(); failures = append(failures, err.Error()); mu.Unlock() },
			LeftOut: func(n int) { leftOut += n },
		}
		goOn := make(chan struct{})
		call := func(i int, before func()) (time.Duration, error) {
			begun := time.Now()
			err := c.Call(func() {
				before()
				mu.Lock()
				defer mu.Unlock()
				made = append(made, i)
				if i%2 == 1 {
					panic(i)
				}
			})
			return time.Since(begun), err
		}
		if took, err := call(1, func() { time.Sleep(Patience / 2) }); err == nil || err.Error() != "panic: 1" || took != Patience/2 {
			t.Errorf("a call that fails in time: %v after %v", err, took)
		}
		if took, err := call(2, func() { <-goOn }); err != ErrLate || took != Patience {
			t.Errorf("a late call: %v after %v", err, took)
		}
		for i := 3; i < 9; i++ {
			if took, err := call(i, func() {}); err != ErrBusy || took != 0 {
				t.Errorf("a call behind it: %v after %v", err, took)
			}
		}
		close(goOn)
		synctest.Wait()
		if _, err := call(10, func() {}); err != nil {
			t.Errorf("after all: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		if want := []int{1, 2, 6, 7, 8, 10}; !slices.Equal(made, want) || leftOut != 3 {
			t.Errorf("calls %v, %d left out; want %v", made, leftOut, want)
		}
		if len(failures) != 1 || failures[0] != "panic: 7" {
			t.Errorf("failures %q", failures)
		}
	})
}

// selfish is an error that wraps itself; many holds itself, several times; endless
// wraps another one each time.
type (
	selfish struct{ text string }
	many    struct{ all []error }
	endless struct{ n int }
	moody   struct{ in string }
)

func (s *selfish) Error() string { return s.text }
func (s *selfish) Unwrap() error { return s }
func (m *many) Error() string    { return "many" }
func (m *many) Unwrap() []error  { return m.all }
func (e endless) Error() string  { return "endless" }
func (e endless) Unwrap() []error {
	return []error{endless{e.n + 1}, endless{e.n + 2}, nil}
}

func (m moody) on(in string) {
	if m.in == in {
		panic("moody")
	}
}
func (m moody) Error() string   { m.on("Error"); return "moody" }
func (m moody) Unwrap() error   { m.on("Unwrap"); return syscall.ENOSPC }
func (m moody) Is(error) bool   { m.on("Is"); return false }
func (m moody) As(any) bool     { m.on("As"); return false }
func (m moody) Timeout() bool   { m.on("Timeout"); return true }
func (m moody) Temporary() bool { panic("nobody asks") }

func odd() map[string]error {
	m := &many{}
	m.all = []error{m, nil, m, syscall.EPIPE}
	all := map[string]error{
		"itself": &selfish{"s"}, "itself in a list": m, "endless": endless{},
		"nil pointer": (*selfish)(nil), "not comparable": fmt.Errorf("%w", uncomparable{syscall.EPIPE}),
	}
	for _, in := range []string{"Error", "Unwrap", "Is", "As", "Timeout"} {
		all[in+" panics"] = moody{in}
		all[in+" panics inside"] = &net.OpError{Op: "dial", Err: moody{in}}
	}
	return all
}

type uncomparable []error

func (uncomparable) Error() string     { return "list" }
func (u uncomparable) Unwrap() []error { return u }

func TestTame(t *testing.T) {
	for name, err := range odd() {
		tame := Tame(err)
		if tame == err {
			t.Errorf("%s: it is as it was", name)
		}
		timeout, _ := errors.AsType[net.Error](tame)
		_, isPath := errors.AsType[*fs.PathError](tame)
		if errors.Is(tame, os.ErrClosed) || isPath || errors.Is(tame, uncomparable{}) || timeout != nil && timeout.Timeout() && !strings.Contains(name, "panics") {
			t.Errorf("%s: it is what it is not", name)
		}
		if _, ok := tame.(interface{ Unwrap() error }); ok || tame.Error() == "" {
			t.Errorf("%s: %q", name, tame.Error())
		}
		Is(err, os.ErrClosed)
	}
	if !errors.Is(Tame(moody{}), syscall.ENOSPC) {
		t.Error("what is wrapped is not found")
	}
	if _, ok := errors.AsType[moody](Tame(fmt.Errorf("%w", moody{"Error"}))); !ok {
		t.Error("the program's own type is not found")
	}
	if !errors.Is(Tame(fmt.Errorf("%w, %w", moody{}, &fs.PathError{Err: syscall.ENOENT})), fs.ErrNotExist) {
		t.Error("what the system says is not found")
	}
	for _, err := range []error{nil, os.ErrClosed, fmt.Errorf("x: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})} {
		if Tame(err) != err {
			t.Errorf("%v is changed", err)
		}
	}
	if long := Tame(&selfish{strings.Repeat("ü", maxText)}).Error(); len(long) > maxText || !strings.HasSuffix(long, "ü") {
		t.Errorf("a text of %d bytes", len(long))
	}
}

// However an error wraps others, the walk ends soon.
func TestWalkEnds(t *testing.T) {
	for name, err := range odd() {
		n := 0
		if Walk(err, func(error) bool { n++; return false }) || n == 0 || n > maxErrors {
			t.Errorf("%s: %d errors", name, n)
		}
		if !Walk(err, func(error) bool { return true }) {
			t.Errorf("%s: the walk goes on", name)
		}
	}
}
