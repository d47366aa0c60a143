// Package health works out from what arrives whether events get to Kafka, and
// if not, why. Up means that what is published now would be acknowledged.
//
// [Causes] is the one table of what can be wrong: the errors that tell of it, a
// title, a remedy, and how long it has to last before it shows. A [Monitor]
// takes what a client sees and what a spool answers, and composes a [Snapshot].
// Its times are durations by a monotonic clock that is injected.
//
// It may import the standard library and franz-go.
package health
