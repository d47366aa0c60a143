// Package onextest shows which events a node publishes, in a test that needs no
// Kafka, no network, no goroutine and no waiting:
//
//	rec := onextest.New(t)
//	s := Stamper{NewStamperEvents(rec.Publisher(), "s-1")}
//	_, err := s.Stamp(ctx, doc)
//	rec.Require(onextest.Started("stamp"), onextest.Metric("document_size", 16), onextest.Completed("stamp"))
//
// A [Recorder] has a publisher that checks and encodes events as every publisher
// does, and then keeps them. Its ids and its clock are the same in every run.
//
//   - [Recorder.Require] wants events in an order, and allows others between them;
//     [Recorder.RequireExactly] allows none, [Recorder.RequireAnyOrder] no order, and
//     [Recorder.RequireNone] none of what it is given
//   - a [Want] says which events are meant: by operation, type, correlation, error
//     type, states, metadata and so on
//   - [Recorder.RequireEnds] is for fuzz and property tests: each started has one end
//   - [Recorder.Tree] draws what caused what, for golden files
//   - [Recorder.Events] has the events themselves, with what would be sent
//   - [Recorder.Fail] has publish methods fail
//
// It works inside of a synctest bubble. What a test wants in vain is shown as a table
// of the wanted and of what came instead, with the first difference.
//
// The package imports runtime and envelope, and nothing else beside the standard
// library and google/uuid. A program whose events are switched off does not need it:
// see [onex.Config].
package onextest
