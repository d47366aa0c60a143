package spool

import (
	"errors"
	"fmt"
	"strings"
)

// ErrDamaged: the file of the spool is not as it was written.
var ErrDamaged = errors.New("the file is damaged")

// Damage is something in a spool's file that is not as it was written.
type Damage struct {
	// MovedTo is where the damaged file is now: the spool has gone on with a
	// new one. It is "" if only single events were damaged, and the spool goes
	// on without them. A file that was moved is never touched again; it takes up
	// room until somebody deletes it.
	MovedTo string

	// Err says what is wrong.
	Err error

	// Kept is how many events of the file that was moved are in the new one.
	// Some of them may have been removed before, if what said so is damaged too,
	// or if events with a lower Seq came after that.
	Kept int

	// Lost is how many events are known to be gone. There may have been others,
	// if a page is damaged that said which there are.
	Lost int
}

// faults are what is wrong with a file; the first of them, and how many.
type faults struct {
	list  []string
	count int
}

const maxFaults = 10

func (f *faults) add(format string, args ...any) {
	if f.count++; f.count <= maxFaults {
		f.list = append(f.list, fmt.Sprintf(format, args...))
	}
}

// err returns nil if there are none.
func (f *faults) err() error {
	if f.count == 0 {
		return nil
	}
	text := strings.Join(f.list, "; ")
	if more := f.count - len(f.list); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return fmt.Errorf("%w: %s", ErrDamaged, text)
}
