// Package onexotel has a program's events in its traces and metrics, by the API of
// OpenTelemetry. It is a module of its own, so that who does not use it needs none of
// that; a release has the version of onexevents that it is for.
//
//	tel := onexotel.New()
//	pub, err := onex.NewPublisher(tel.Config(cfg), append(opts, tel.Hooks())...)
//	stop, err := tel.Observe(pub)
//
// # Traces
//
// Each Run of an operation is a span with the operation's name, the parent of what
// its function does. Events carry the trace of the context that they are published
// under in their headers, as the propagator writes it: traceparent, tracestate,
// baggage. Their delivery is a span "send {topic}" of the kind producer, from when the
// Kafka client is given the event until Kafka has answered. It is a child of the span
// that was active when the event was published, and has a link to it: also if the event has
// waited in the spool, and another process delivers it. An event that was sent several
// times has several such spans.
//
// Who reads the records goes on with [Extract], or with a span of [Telemetry.Process].
//
// # Metrics
//
// [Telemetry.Observe] gives what [onex.Publisher.Stats] has, under the names that
// runtime/onexprom has too (which puts _ for the dots, and the unit behind):
//
//	onex.events.accepted, .rejected, .delivered    what has become of events
//	onex.events.dead_lettered                      by code, Kafka's name of the reason
//	onex.events.lost                               by reason
//	onex.queue.events, .events.limit               in flight, and how many may be
//	onex.queue.size, .size.limit                   the same in bytes
//	onex.spool.events, .size, .oldest.timestamp    in the spool; the time only if there are any
//	onex.health.up, .cause, .since.timestamp       1 or 0; the cause while it is 0
//	onex.health.topics                             topics that suffer alone, by cause
//	onex.delivery.duration                         a histogram, in seconds
//
// # Mistakes
//
// A provider or propagator that panics ends nothing: the publisher logs it, and the
// event is published.
//
// The package imports OpenTelemetry's API, franz-go, and of onexevents runtime and
// envelope.
package onexotel
