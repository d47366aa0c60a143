package guest

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
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

var within = runtime.FuncForPC(reflect.ValueOf(Within).Pointer()).Name()

// Inside tells whether the caller was called by [Within].
func Inside() bool {
	var some [64]uintptr
	for skip := 2; ; skip += len(some) {
		n := runtime.Callers(skip, some[:])
		frames := runtime.CallersFrames(some[:n])
		for more := n > 0; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); frame.Function == within {
				return true
			}
		}
		if n < len(some) {
			return false
		}
	}
}
