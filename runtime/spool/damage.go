package spool

import "github.com/omninode-ai/onexevents/runtime/spool/internal/boltfile"

// ErrDamaged: the file of the spool is not as it was written.
var ErrDamaged = boltfile.ErrDamaged

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
