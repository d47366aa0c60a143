package guest

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
)

// ErrGoexit: a call has ended its goroutine.
var ErrGoexit = errors.New("it ended its goroutine (runtime.Goexit)")

// Safely runs f, and returns its panic as an error.
func Safely(f func()) (failure error) {
	defer func() {
		if cause := recover(); cause != nil {
			failure = errors.New("panic: " + Text(cause))
		}
	}()
	f()
	return nil
}

// Text describes a panic's value, which may panic when it is asked.
func Text(cause any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", cause)
		}
	}()
	return fmt.Sprint(cause)
}

// Apart runs f on a goroutine of its own, so that runtime.Goexit, as of a failing
// test, ends nothing else, and returns how it ended if it did not return.
func Apart(f func()) (failure error) {
	done := make(chan error)
	go func() {
		failure := ErrGoexit
		defer func() { done <- failure }()
		failure = Safely(f)
	}()
	return <-done
}

// Within runs f where the publisher's own work waits for it, and must not wait for
// that work in turn: [Inside] tells what f calls that it is so.
//
//go:noinline
func Within(f func()) { f() }

var within = nameOf(Within)

// Inside tells whether the caller was called by [Within].
func Inside() bool { return calls(within, 1) == 1 }

func nameOf(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }

// calls returns how many calls of a function the caller is in, and not more than most.
func calls(name string, most int) (n int) {
	var some [64]uintptr
	for skip := 3; ; skip += len(some) {
		got := runtime.Callers(skip, some[:])
		frames := runtime.CallersFrames(some[:got])
		for more := got > 0; more && n < most; {
			var frame runtime.Frame
			if frame, more = frames.Next(); frame.Function == name {
				n++
			}
		}
		if got < len(some) || n == most {
			return n
		}
	}
}

// Nested calls one of the program's functions that may call what it is called by.
type Nested struct{ running atomic.Int32 }

// ErrNested: a function was called in itself, again and again.
var ErrNested = errors.New("it does what it is called for")

// deepest bounds how often a function is called in itself. A stack without a bound ends
// the program.
const deepest = 10

// Call is [Safely], unless f is called in itself too often: then it is [ErrNested].
//
//go:noinline
func (n *Nested) Call(f func()) error {
	defer n.running.Add(-1)
	if n.running.Add(1) > deepest && calls(nested, deepest) == deepest {
		return ErrNested
	}
	return Safely(f)
}

var nested string

func init() { nested = nameOf((*Nested).Call) }
