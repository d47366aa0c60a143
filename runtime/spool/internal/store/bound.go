package store

import (
	"slices"
	"time"

	onex "github.com/omninode-ai/onexevents/runtime"
)

// Bound is on the bytes of the events and of the operations that are not finished, and
// on when the events were accepted; the zero Time is no bound.
type Bound struct {
	Bytes  int64
	Before time.Time
}

// firstEver is before any event can have been accepted. What is older was stamped
// by a clock that had not been set, as that of a machine that has just booted.
var firstEver = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// isOld tells whether an event that was accepted at a time is too old.
func (b Bound) isOld(at time.Time) bool { return at.Before(b.Before) && !at.Before(firstEver) }

// HasOld tells whether the first event of a topic is too old.
func (b Bound) HasOld(backlog onex.Backlog) bool {
	return slices.ContainsFunc(backlog.Topics, func(t onex.TopicBacklog) bool { return b.isOld(t.Oldest) })
}
