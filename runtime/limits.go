package onex

import (
	"errors"
	"fmt"
)

// What the parts of an event may have. Names stand in an event several times,
// in logs and in other people's tables.
const (
	maxNameBytes   = 1 << 10 // ids, keys, names, units and states
	maxReasonBytes = 4 << 10 // of a state change
)

// short reports a name that is too long. what begins the sentence.
func short(what, name string) error { return within(what, len(name), maxNameBytes) }

func within(what string, size, limit int) error {
	if size <= limit {
		return nil
	}
	return fmt.Errorf("%w: %s has %d bytes, and %d are the limit", ErrTooLarge, what, size, limit)
}

// check reports the options that are too long.
func (o *eventOptions) check() error {
	return errors.Join(
		short("the causation id", o.causationID),
		short("the partition key", o.partitionKey),
	)
}
