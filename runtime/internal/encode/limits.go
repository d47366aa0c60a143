package encode

import (
	"errors"
	"fmt"
)

// ErrTooLarge: the event, or a part of it, is larger than it may be.
var ErrTooLarge = errors.New("the event is too large")

// What the parts of an event may have. Names stand in an event several times,
// in logs and in other people's tables.
const MaxName = 1 << 10 // bytes of ids, keys, names, units and states

// Name reports a name that is too long. what begins the sentence.
func Name(what, name string) error { return Within(what, len(name), MaxName) }

// Within reports a part of an event that is larger than its limit.
func Within(what string, size, limit int) error {
	if size <= limit {
		return nil
	}
	return fmt.Errorf("%w: %s has %d bytes, and %d are the limit", ErrTooLarge, what, size, limit)
}
