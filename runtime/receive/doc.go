// Package receive is the other half of publishing: typed handlers for events that
// were read from Kafka, by whatever client.
//
//	mux := receive.NewMux(receive.Deduplicate(10_000), receive.Retry(5, time.Second, time.Minute), receive.DeadLetters(send))
//	receive.On(mux, stamping.StamperEventStampFailed, func(ctx context.Context, e receive.Event[envelope.OperationFailed]) error {
//		return alert(ctx, e.NodeID, e.Payload.ErrorType)
//	})
//	// for each record that the client reads:
//	err := mux.Dispatch(ctx, receive.Record{Topic: r.Topic, Key: r.Key, Value: r.Value})
//
// It reads both envelopes, Go's and Python's. The context of a handler is
// [onex.ContextWithEvent]: what a node does there names the event as its cause.
//
// # At least once, in order
//
// [Mux.Dispatch] returns nil when the program is done with a record, so that its offset
// can be committed; with an error it is not, and has to be given the record again. It
// waits while a handler is tried again, so whoever dispatches the records of a
// partition one after the other keeps the order of each key.
//
// An event may come again, with the same id. [Deduplicate] drops what was handled
// before, as far as this process remembers; [DeduplicateIn] asks a store of the
// program's, which remembers longer. If a process is killed between a handler's effect
// and the store's note of it, the event is handled again: only a store that is written
// in the effect's own transaction makes effects happen once.
//
// The package imports runtime, runtime/topics and envelope, and nothing else beside the
// standard library and google/uuid.
package receive
