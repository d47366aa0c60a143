package onex

import (
	"errors"
	"maps"

	"github.com/google/uuid"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// EventOption adds to one event what its publish method has no argument for, or
// with [ContextWith] to all events that are published under a context. What an event
// has been given itself comes before what its context says.
type EventOption func(*eventOptions)

type eventOptions struct {
	metadata      map[string]any
	correlationID *uuid.UUID
	causationID   string
	partitionKey  string
	durable       bool
}

// collect adds what the options say to o. It is on the heap meanwhile.
func collect(o eventOptions, opts []EventOption) eventOptions {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// WithMetadata sets the payload's "metadata": the caller's own facts, encoded
// by encoding/json with sorted keys. Several of them add up; of a key that
// comes twice the last value counts. An empty map leaves metadata out.
func WithMetadata(m map[string]any) EventOption {
	return func(o *eventOptions) {
		// A new map, since the one that is there may be a context's.
		all := make(map[string]any, len(o.metadata)+len(m))
		maps.Copy(all, o.metadata)
		maps.Copy(all, m)
		o.metadata = all
	}
}

// WithCorrelationID gives a metric a correlation id, in place of the one in
// its context. The other events take theirs as an argument: with them, another
// id in the option than in the argument is an error, unless the argument is
// uuid.Nil.
func WithCorrelationID(id uuid.UUID) EventOption {
	return func(o *eventOptions) { o.correlationID = &id }
}

// WithCausationID names the event that caused this one, in place of the run
// in whose context it is published. "" changes nothing.
func WithCausationID(id string) EventOption {
	return func(o *eventOptions) { o.causationID = id }
}

// WithPartitionKey sets the envelope's partition_key, which then is the
// record's key in place of the correlation id. "" changes nothing.
func WithPartitionKey(key string) EventOption {
	return func(o *eventOptions) { o.partitionKey = key }
}

// Durable makes the publish method return only when the event is on disk, in
// the spool: from then on it survives the process and the machine. It waits for
// the disk, not for Kafka, and whatever becomes of its context, but for no more than
// about five seconds. Without
// Config.Spool the method returns [ErrNoSpool]; if the event cannot be written,
// it returns the reason, and the publisher has not taken responsibility.
//
// An operation whose started event is durable is reported as failed, with the
// error type ProcessLost, by the next publisher with the same spool, if the
// process ends before the operation does; and by this one, if nobody has ended the operation
// a week later.
func Durable() EventOption {
	return func(o *eventOptions) { o.durable = true }
}

// check reports the options that are too long.
func (o *eventOptions) check() error {
	return errors.Join(
		encode.Name("the causation id", o.causationID),
		encode.Name("the partition key", o.partitionKey),
	)
}
