package onex

import (
	"errors"

	"github.com/omninode-ai/onexevents/runtime/internal/encode"
)

// What a publish method can answer if it does not take an event. Other errors
// say what is wrong with the event itself.
var (
	// ErrClosed: the publisher is closed, or is being closed.
	ErrClosed = errors.New("the publisher is closed")

	// ErrQueueFull: as many events are in flight as [Config] allows, because
	// Kafka does not take them, or not as fast as they come.
	ErrQueueFull = errors.New("the publisher's queue is full")

	// ErrTooLarge: the event, or a part of it, is larger than [Config] or this
	// package allows.
	ErrTooLarge = encode.ErrTooLarge

	// ErrNoPublisher: the events were made without a publisher, or not made by
	// their constructor at all.
	ErrNoPublisher = errors.New("there is no publisher")

	// ErrNoCorrelation: the event needs a correlation id and got the nil UUID.
	ErrNoCorrelation = errors.New("the correlation id is missing")

	// ErrNoSpool: the event is to be durable, and [Config] has no spool.
	ErrNoSpool = errors.New("there is no spool for a durable event; set Config.Spool")
)
